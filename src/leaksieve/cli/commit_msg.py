"""`leaksieve commit-msg`: what git runs when a commit's message is written."""

import os
import sys
from collections.abc import Mapping, Sequence

from leaksieve.cli.options import finish, report_options
from leaksieve.cli.parsing import parser
from leaksieve.cli.settings import settings_of, work_tree
from leaksieve.cli.skip import TRAILER, VARIABLE, record_skip, skip_reason
from leaksieve.errors import InputError
from leaksieve.git.command import plain_git, setting
from leaksieve.git.message import Cleanup, stored_part, with_trailer
from leaksieve.git.repository import Repository, open_repository
from leaksieve.scan import scan
from leaksieve.sources.message import MessageSource

_DESCRIPTION = """\
Check a commit's message as git would store it: without comments, and without what stands below the scissors."""


def run(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the command."""
    made = parser("commit-msg", _DESCRIPTION)
    made.add_argument("file", help="the file with the message, as git names it")
    arguments = made.parse_args(argv)
    repository = open_repository(os.curdir, environment, located=True)
    cleanup = _cleanup(repository, environment)
    message = _read(arguments.file)
    if VARIABLE in environment:
        reason = skip_reason(environment)
        _write(arguments.file, with_trailer(message, cleanup, f"{TRAILER}: {reason}".encode()))
        record_skip(repository, "commit-msg", reason, environment)
        return 0
    settings = settings_of(arguments, environment, work_tree(os.curdir, environment), gate=True)
    options = report_options(arguments, environment, "Blocked", show_all=False)
    source = MessageSource(stored_part(message, cleanup))
    code = finish(scan(source, settings.rules, excuses=settings.excuses), options)
    if code:
        sys.stderr.write(f"leaksieve: your message is kept: git commit -e -F {arguments.file}\n")
    return code


def _cleanup(repository: Repository, environment: Mapping[str, str]) -> Cleanup:
    user = plain_git(repository.git.directory, environment)
    # Git tells its hooks of an editor that is none when the message did not go through one.
    edited = environment.get("GIT_EDITOR") != ":"
    comment = setting(user, "core.commentString") or setting(user, "core.commentChar") or "#"
    return Cleanup(setting(user, "commit.cleanup") or "default", comment, edited)


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise InputError(f"{path}: cannot read the message: {error.strerror}") from None


def _write(path: str, message: bytes) -> None:
    with open(path, "wb") as file:
        file.write(message)
