"""Files for a gate that must not be told by what it checks how to check it.

Whoever opens a pull request or pushes may write configuration into it. So a gate reads such files as they were before:
at the base commit.
"""

import argparse
import os
from collections.abc import Iterable, Iterator, Mapping

from leaksieve.baseline.excuses import ReadFile
from leaksieve.cli.settings import Settings, read_file, settings_of, settle
from leaksieve.errors import GitError, InputError, RuleError
from leaksieve.git.command import Git
from leaksieve.git.revisions import tree_reader


def trusted_settings(
    git: Git, base: str | None, arguments: argparse.Namespace, environment: Mapping[str, str]
) -> Settings:
    """Settle the options of a gate as its base commit says; None says nothing.

    Raises:
        InputError: a setting cannot be used.
    """
    read = trusted_files(git, tree_reader(git, base), "at the base commit, which is where configuration is read")
    try:
        return settings_of(arguments, environment, read, gate=True)
    except (InputError, RuleError) as error:
        commit = f" (in the base commit {base[:12]}; --no-config checks without it)" if base else ""
        raise InputError(f"{error}{commit}") from None


def broken_settings(
    git: Git, paths: Iterable[str], head: str, arguments: argparse.Namespace, environment: Mapping[str, str]
) -> Iterator[str]:
    """Say what makes the configuration unusable that a change leaves: it would stop every check after this one.

    Args:
        git: the repository.
        paths: what the change touches.
        head: the commit at its end.
        arguments: the options as they were given.
        environment: the process's environment variables.
    """
    if any(path.endswith(".toml") for path in paths):
        try:
            settle(arguments, environment, trusted_files(git, tree_reader(git, head), "any more"))
        except (InputError, RuleError) as error:
            yield f"{error} (in {head[:12]}, and would stop every check to come)"


def trusted_files(git: Git, tree: ReadFile, missing: str) -> ReadFile:
    """Give a reader of the files of the repository as `tree` has them, and of others as they are.

    Others lie elsewhere, or in the work tree without being tracked: no change brings those, an environment of the CI
    job does.

    Args:
        git: the repository.
        tree: reads a file of a commit by its slash-separated path.
        missing: where or when a file that was named is not there.

    The reader raises:
        InputError: a file of the repository that was named is not in that commit.
    """

    def read(path: str) -> bytes | None:
        if not os.path.isabs(path):
            return tree(path)
        inside = _inside(git, path)
        if inside is None:
            return read_file(path)
        data = tree(inside)
        if data is None and not git.run("ls-files", "--", os.path.realpath(path)):
            data = read_file(path)
        if data is None:
            raise InputError(f"{inside}: not there {missing}")
        return data

    return read


def _inside(git: Git, path: str) -> str | None:
    """Give the slash-separated path of a file in the work tree, or None for one elsewhere."""
    try:
        top = os.fsdecode(git.run("rev-parse", "--show-toplevel")).removesuffix("\n")
    except GitError:
        return None
    below = os.path.relpath(os.path.realpath(path), os.path.realpath(top)).replace(os.sep, "/")
    return None if below.startswith("../") else below
