"""What a push changes, as git tells its hooks, and the commits that it brings."""

import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple

from leaksieve.cli.progress import Progress
from leaksieve.errors import InputError
from leaksieve.git.cat_file import is_none
from leaksieve.git.repository import Repository
from leaksieve.git.revisions import find_object
from leaksieve.scan import Runner, run_here
from leaksieve.sources.commits import Known, RangeSource

# So many commits are scanned before a second process has started.
_FEW = 200


class Update(NamedTuple):
    """One ref that a push changes where it arrives.

    Attributes:
        ref: its full name there.
        old: what it named before; zeros for a new ref.
        new: what it shall name; zeros for a ref that is deleted.
    """

    ref: str
    old: str
    new: str


def read_updates(parse: Callable[[str], Update]) -> list[Update]:
    """Read the lines that git gives to a hook of a push; deletions bring nothing and are left out.

    Raises:
        InputError: nobody gives any, or one cannot be understood.
    """
    if sys.stdin.isatty():
        raise InputError("git gives this hook the refs of a push on standard input, and nothing comes from there")
    updates = []
    # Names of refs may hold what Python takes for the end of a line, such as U+2028.
    for line in filter(None, sys.stdin.buffer.read().decode("utf-8", "surrogateescape").split("\n")):
        try:
            update = parse(line)
        except ValueError:
            raise InputError(f"{line!r} is no line that git gives to a hook of a push") from None
        if not is_none(update.new):
            updates.append(update)
    return updates


def push_source(repository: Repository, updates: Sequence[Update], known: Sequence[str]) -> RangeSource:
    """Give what a push brings: what its refs lead to, but neither what they led to before nor what is known.

    Raises:
        GitError: git failed, or an object is missing.
    """
    before = (update.old for update in updates if not is_none(update.old))
    here = [commit for old in before if (commit := find_object(repository.git, f"{old}^{{commit}}")) is not None]
    new_names = [update.ref for update in updates if is_none(update.old)]
    tips = [update.new for update in updates]
    return RangeSource(repository, tips, Known((*known, *here)), "what is pushed", new_names)


def runner_for(source: RangeSource, jobs: int) -> Runner:
    """Give what scans a range: this process when it is short, otherwise as many as are wanted."""
    return run_here if len(source.commits) < _FEW else Progress(jobs, "file").runner
