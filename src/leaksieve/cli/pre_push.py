"""`leaksieve pre-push`: what git runs before a push. Source: https://git-scm.com/docs/githooks ("pre-push")."""

import os
from collections.abc import Mapping, Sequence

from leaksieve.cli.options import finish, report_options
from leaksieve.cli.parsing import parser
from leaksieve.cli.settings import settings_of, work_tree
from leaksieve.cli.skip import VARIABLE, record_skip, skip_reason
from leaksieve.cli.updates import Update, push_source, read_updates
from leaksieve.git.repository import Repository, open_repository
from leaksieve.git.revisions import commit_of
from leaksieve.scan import scan

_DESCRIPTION = """\
Check every commit that a push would send and that the remote does not have: files, file names, messages and
annotated tags. Finds what `git commit --no-verify` let through. Run by git or by pre-commit."""


def run(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the command."""
    made = parser("pre-push", _DESCRIPTION)
    made.set_defaults(format="push")
    made.add_argument("remote", nargs="?", help="the remote's name, as git gives it")
    made.add_argument("url", nargs="?", help="its address, as git gives it")
    arguments = made.parse_args(argv)
    repository = open_repository(os.curdir, environment, located=True)
    if VARIABLE in environment:
        record_skip(repository, "pre-push", skip_reason(environment), environment)
        return 0
    by_pre_commit = "PRE_COMMIT_REMOTE_NAME" in environment
    updates = _from_pre_commit(repository, environment) if by_pre_commit else read_updates(_update)
    if not updates:
        return 0
    remote = environment.get("PRE_COMMIT_REMOTE_NAME") or arguments.remote
    source = push_source(repository, updates, [f"--remotes={remote}"] if remote else [])
    settings = settings_of(arguments, environment, work_tree(os.curdir, environment), gate=True)
    options = report_options(arguments, environment, "Push refused", show_all=False)
    return finish(scan(source, settings.rules, excuses=settings.excuses), options)


def _update(line: str) -> Update:
    """Parse `<local ref> <local object> <remote ref> <remote object>`; only the first may hold spaces."""
    _, new, ref, old = line.rsplit(" ", 3)
    return Update(ref, old, new)


def _from_pre_commit(repository: Repository, environment: Mapping[str, str]) -> list[Update]:
    """Read the variables that pre-commit sets. Source: https://pre-commit.com/#pre-commit-during-push.

    It names no commits when the root commit is pushed: the local branch says what is.
    """
    tip = environment.get("PRE_COMMIT_TO_REF") or environment.get("PRE_COMMIT_LOCAL_BRANCH") or "HEAD"
    old = environment.get("PRE_COMMIT_FROM_REF") or ""
    return [Update(environment.get("PRE_COMMIT_REMOTE_BRANCH", tip), old, commit_of(repository.git, tip))]
