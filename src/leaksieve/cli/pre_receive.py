"""`leaksieve pre-receive`: what a server runs before it takes a push.

Source: https://git-scm.com/docs/githooks ("pre-receive") and https://git-scm.com/docs/git-receive-pack ("Quarantine
Environment"): the new objects lie apart, where git's own variables lead to, until every hook has agreed.
"""

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence

from leaksieve.cli.options import finish, report_options
from leaksieve.cli.parsing import add_jobs, parser
from leaksieve.cli.trusted import broken_settings, trusted_settings
from leaksieve.cli.updates import Update, push_source, read_updates, runner_for
from leaksieve.errors import InputError
from leaksieve.git.cat_file import is_none
from leaksieve.git.repository import Repository, open_repository
from leaksieve.git.revisions import find_object
from leaksieve.scan import scan

_DESCRIPTION = """\
Check every commit that a push brings to this server, before any ref changes. Configuration is read as the branch
had it before the push. Run by git as the pre-receive hook."""
_REFUSED = 2


class _TimeIsUpError(BaseException):
    """Raised wherever the check is when its time is up, and caught by nothing on the way."""


def run(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the command."""
    made = parser("pre-receive", _DESCRIPTION)
    made.set_defaults(format="push")
    made.add_argument("--time-budget", type=_seconds, metavar="SECONDS", help="give up after so long (default: never)")
    made.add_argument(
        "--on-timeout",
        choices=("refuse", "allow"),
        default="refuse",
        help="what becomes of a push when the time is up (default: refuse)",
    )
    add_jobs(made)
    arguments = made.parse_args(argv)
    updates = read_updates(_update)
    if not updates:
        return 0
    try:
        with _time_budget(arguments.time_budget):
            return _check(updates, arguments, environment)
    except _TimeIsUpError:
        return _out_of_time(arguments.time_budget, allow=arguments.on_timeout == "allow")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return seconds


def _update(line: str) -> Update:
    """Parse `<old object> <new object> <ref>`."""
    old, new, ref = line.split(" ", 2)
    return Update(ref, old, new)


def _check(updates: Sequence[Update], arguments: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Scan what the refs bring, together where the same commit says how."""
    repository = open_repository(os.curdir, environment, located=True)
    by_base: dict[str | None, list[Update]] = {}
    for update in updates:
        by_base.setdefault(_trusted(repository, update), []).append(update)
    codes = []
    for base, some in by_base.items():
        # What one branch sets must not hold for another.
        own = _copy(arguments)
        settings = trusted_settings(repository.git, base, own, environment)
        options = report_options(own, environment, "Push refused", show_all=False)
        source = push_source(repository, some, ["--all"])
        result = scan(source, settings.rules, runner_for(source, own.jobs), settings.excuses)
        paths = set(source.paths())
        for update in some:
            problems = broken_settings(repository.git, paths, update.new, _copy(arguments), environment)
            result.coverage.problems += problems
        codes.append(finish(result, options))
    # Findings win over an incomplete scan, which wins over nothing found.
    return 1 if 1 in codes else max(codes)


def _copy(arguments: argparse.Namespace) -> argparse.Namespace:
    return argparse.Namespace(**vars(arguments))


def _trusted(repository: Repository, update: Update) -> str | None:
    """Give the commit that says how to check: the branch's own before the push, else that of the server's HEAD."""
    name = "HEAD" if is_none(update.old) else update.old
    return find_object(repository.git, f"{name}^{{commit}}") or find_object(repository.git, "HEAD^{commit}")


@contextlib.contextmanager
def _time_budget(seconds: float | None) -> Iterator[None]:
    """Raise _TimeIsUpError when the time is up.

    Raises:
        InputError: this system has no timer for that.
    """
    if seconds is None:
        yield
        return
    if not hasattr(signal, "setitimer"):
        raise InputError("--time-budget needs a timer that this system does not have")
    is_up = False

    def time_is_up(*_: object) -> None:
        nonlocal is_up
        is_up = True
        raise _TimeIsUpError

    signal.signal(signal.SIGALRM, time_is_up)
    # Again each second: Python drops what is raised while it clears an object away.
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    if is_up:
        raise _TimeIsUpError


def _out_of_time(seconds: float, *, allow: bool) -> int:
    sys.stdout.write(f"leaksieve: the check of this push took longer than {seconds:g} s.\n")
    if allow:
        sys.stdout.write("leaksieve: it is let through UNCHECKED, as this server is set up.\n")
        return 0
    sys.stdout.write("leaksieve: it is refused unchecked. Push fewer commits at a time, or\n")
    sys.stdout.write("leaksieve: ask this server's administrator for a larger --time-budget.\n")
    return _REFUSED
