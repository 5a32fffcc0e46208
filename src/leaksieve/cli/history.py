"""`leaksieve history`: the audit."""

import argparse
import posixpath
import sys
import time
from collections.abc import Mapping, Sequence

from leaksieve.cli.options import finish, report_options
from leaksieve.cli.parsing import add_jobs, parser, positive
from leaksieve.cli.progress import Progress
from leaksieve.cli.settings import settings_of, work_tree
from leaksieve.errors import GitError, InputError
from leaksieve.git.command import Git
from leaksieve.git.repository import Repository, open_repository
from leaksieve.git.revisions import find_object
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
    names = [_revision(name, repository.git) for name in names]
    paths = tuple(_path(path, repository) for path in arguments.path)
    chosen = (*dates, "--end-of-options", *names, "--") if names else (*dates, "--all") if dates else None
    return Limits(chosen, paths, arguments.reachable_only)


def _revision(name: str, git: Git) -> str:
    """Write the name of a ref in full, as reports do; that of another commit or of a range stays as it is.

    Raises:
        InputError: it names no commits. Git would walk from a tree or a blob, and find nothing.
    """
    try:
        # Without --end-of-options, which rev-parse prints as well; names of refs begin with no dash.
        oids = [] if name.startswith("-") else git.run("rev-parse", "--revs-only", name, "--").decode().split()
        full = git.run("rev-parse", "--symbolic-full-name", name) if len(oids) == 1 else b""
    except GitError:
        oids = []
    if not oids or any(find_object(git, f"{oid.lstrip('^')}^{{commit}}") is None for oid in oids):
        raise InputError(f"{name}: git knows no such commit, branch or range here")
    return full.decode("utf-8", "surrogateescape").strip() or name


def _path(value: str, repository: Repository) -> str:
    """Write a path as git does, from the top of the repository; "" is the top itself.

    Raises:
        InputError: no commit has such a path, which would pass for a clean one.
    """
    path = posixpath.normpath(value).lstrip("/") if value else value
    if path == ".":
        return ""
    # From the git directory, where paths begin at the top.
    git = repository.git._replace(directory=repository.git_dir)
    try:
        found = path and git.run("log", "--max-count=1", "--format=%H", "--all", "--reflog", "--", path)
    except GitError:
        # The audit will tell what is amiss.
        return path
    if not found:
        raise InputError(f"--path={value}: no commit has such a file or folder; paths begin at the repository's top")
    return path


def _date(name: str, value: str, repository: Repository) -> str:
    """Let git understand a date. It takes what it does not understand for this moment, which would hide everything.

    Raises:
        InputError: it is no date.
    """
    option, _, moment = repository.git.run("rev-parse", f"--{name}={value}").decode().strip().partition("=")
    if int(moment) >= int(time.time()) - 1 and value not in ("now", "today"):
        raise InputError(f"--{name}={value}: git understands no date before now in it; try 2024-12-31 or '2 weeks ago'")
    return f"{option}={moment}"
