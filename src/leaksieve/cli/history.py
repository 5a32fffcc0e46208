"""`leaksieve history`: the audit."""

import argparse
import sys
import time
from collections.abc import Mapping, Sequence

from leaksieve.cli.options import finish, report_options
from leaksieve.cli.parsing import add_jobs, parser, positive
from leaksieve.cli.progress import Progress
from leaksieve.cli.settings import settings_of, work_tree
from leaksieve.errors import GitError, InputError
from leaksieve.git.repository import Repository, open_repository
from leaksieve.scan import scan
from leaksieve.sources.history import LARGEST, HistorySource
from leaksieve.sources.limits import Limits

_DESCRIPTION = """\
Audit everything that a repository still holds: every object of its database, whether a branch leads to it
or not. Reports each credential once, with the commit that brought it and whether HEAD still has it."""


def run(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the command."""
    made = parser("history", _DESCRIPTION)
    made.add_argument(
        "repository", nargs="?", metavar="REPO", help="a repository (default: the one around this folder)"
    )
    made.add_argument(
        "--engine",
        choices=("delta", "full"),
        default="delta",
        help="delta reads packs directly (default); full has git print every object: slower, and the same report",
    )
    limits = made.add_argument_group("part of the history to report (default: everything, reachable or not)")
    limits.add_argument("--all", action="store_true", help="everything that the repository holds (default)")
    limits.add_argument("--reachable-only", action="store_true", help="only what a branch, tag or other ref leads to")
    limits.add_argument("--branch", metavar="NAME", action="append", default=[], help="only commits of this branch")
    limits.add_argument("--rev-range", metavar="A..B", help="only commits that B has and A does not")
    limits.add_argument("--since", metavar="DATE", help="only commits after a date that git understands")
    limits.add_argument("--until", metavar="DATE", help="only commits before such a date")
    limits.add_argument("--path", metavar="PATH", action="append", default=[], help="only this file or folder")
    made.add_argument(
        "--max-object-size",
        type=positive,
        default=LARGEST >> 20,
        metavar="MB",
        help=f"larger objects are not scanned, which makes the audit incomplete (default: {LARGEST >> 20})",
    )
    add_jobs(made)
    arguments = made.parse_args(argv)
    named = arguments.repository
    settings = settings_of(arguments, environment, work_tree(named or ".", {} if named else environment))
    options = report_options(arguments, environment, "Found", show_all=True)
    repository = open_repository(named or ".", environment, located=named is None)
    source = HistorySource(
        repository,
        named or ".",
        _limits(arguments, repository),
        # Rules for whole texts are no function of lines.
        deltas=arguments.engine == "delta" and not settings.rules.fragment_rules,
        largest=arguments.max_object_size << 20,
    )
    progress = Progress(arguments.jobs, "B")
    result = scan(source, settings.rules, progress.runner, settings.excuses)
    sys.stderr.write(f"leaksieve: {progress.summary()}\n")
    return finish(result, options)


def _limits(arguments: argparse.Namespace, repository: Repository) -> Limits:
    """Turn the options into limits.

    Raises:
        InputError: options contradict one another, or git does not understand one.
    """
    dates = [_date(name, value, repository) for name in ("since", "until") if (value := getattr(arguments, name))]
    names = [*arguments.branch, *filter(None, [arguments.rev_range])]
    if arguments.all and (arguments.reachable_only or arguments.path or names or dates):
        raise InputError("--all audits everything: leave it out, or leave out what limits the audit")
    if arguments.branch and arguments.rev_range:
        raise InputError("--branch and --rev-range both name commits: give one of them")
    for number, name in enumerate(names):
        try:
            repository.git.run("rev-list", "--max-count=1", "--end-of-options", name, "--")
            # Reports name refs in full; a range has no such name.
            full = repository.git.run("rev-parse", "--symbolic-full-name", "--end-of-options", name)
        except GitError:
            raise InputError(f"{name}: git knows no such commit, branch or range here") from None
        names[number] = full.decode("utf-8", "surrogateescape").strip() if full.count(b"\n") == 1 else name
    paths = tuple(path.removeprefix("./").strip("/") for path in arguments.path)
    chosen = (*dates, "--end-of-options", *names, "--") if names else (*dates, "--all") if dates else None
    return Limits(chosen, paths, arguments.reachable_only)


def _date(name: str, value: str, repository: Repository) -> str:
    """Let git understand a date. It takes what it does not understand for this moment, which would hide everything.

    Raises:
        InputError: it is no date.
    """
    option, _, moment = repository.git.run("rev-parse", f"--{name}={value}").decode().strip().partition("=")
    if int(moment) >= int(time.time()) - 1 and value not in ("now", "today"):
        raise InputError(f"--{name}={value}: git understands no date before now in it; try 2024-12-31 or '2 weeks ago'")
    return f"{option}={moment}"
