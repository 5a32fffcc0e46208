"""What a scan is set to: the command line, then the environment, then the configuration file, then defaults."""

import argparse
import contextlib
import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from leaksieve.baseline.excuses import Excuses, ReadFile, load_excuses
from leaksieve.cli.options import rules_of
from leaksieve.core.rule import CONFIDENCES, LOW
from leaksieve.core.rulebook import RuleBook
from leaksieve.errors import GitError
from leaksieve.git.command import Git, neutral_environment


class Settings(NamedTuple):
    """What was decided before a scan begins.

    Attributes:
        excuses: the findings that are accepted.
        fail_on: the least confidence that makes the exit code 1.
        notes: what the report must tell of the settings, a line each.
    """

    rules: RuleBook
    excuses: Excuses
    fail_on: int
    notes: tuple[str, ...]


def settings_of(
    arguments: argparse.Namespace, environment: Mapping[str, str], read: ReadFile, *, gate: bool = False
) -> Settings:
    """Settle what the options leave open, and load the rules. Options that were not given are filled in.

    Args:
        arguments: the parsed options.
        environment: the process's environment variables.
        read: reads a file of the tree that is trusted to configure the scan.
        gate: whether only findings that fail the command matter.

    Raises:
        InputError: a setting cannot be used.
        RuleError: a rule is refused.
    """
    # A name from the command line counts from the current folder.
    baseline = os.path.abspath(arguments.baseline) if arguments.baseline else None
    rules = rules_of(arguments, environment)
    fail_on = CONFIDENCES[arguments.fail_on]
    excuses = load_excuses(
        read,
        baseline,
        time.strftime("%Y-%m-%d"),
        rules,
        least=fail_on if gate else LOW,
        allowed=lambda: git_secrets_patterns(os.curdir, environment),
    )
    return Settings(rules, excuses, fail_on, ())


def work_tree(directory: str, environment: Mapping[str, str]) -> ReadFile:
    """Give the reader of the files of the work tree that `directory` is in, or of `directory` itself outside of one."""
    top = top_of(directory, environment)

    def read(path: str) -> bytes | None:
        missing = (FileNotFoundError, NotADirectoryError, IsADirectoryError)
        with contextlib.suppress(*missing), open(os.path.join(top, path), "rb") as file:
            return file.read()
        return None

    return read


def from_top(directory: str, environment: Mapping[str, str]) -> Callable[[str], str]:
    """Give what turns a path from `directory` to a slash path from the top of its work tree."""
    top = top_of(directory, environment)
    return lambda path: os.path.relpath(os.path.join(directory, path), top).replace(os.sep, "/")


def git_secrets_patterns(directory: str, environment: Mapping[str, str]) -> Sequence[str]:
    """Read what `git secrets --add --allowed` has put in the repository's configuration."""
    try:
        values = Git(directory, neutral_environment(environment, located=True)).run(
            "config", "--local", "--get-all", "-z", "secrets.allowed"
        )
    except GitError:
        return ()
    return values.decode("utf-8", "replace").split("\0")[:-1]


def top_of(directory: str, environment: Mapping[str, str]) -> str:
    """Find the folder that has `.git`, or give `directory` itself; asking git would take 2 ms."""
    if environment.get("GIT_WORK_TREE"):
        return os.path.abspath(environment["GIT_WORK_TREE"])
    folder = directory = os.path.abspath(directory)
    while not os.path.lexists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return directory
        folder = parent
    return folder
