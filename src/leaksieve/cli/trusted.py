"""Files for a gate that must not be told by what it checks how to check it.

Whoever opens a pull request or pushes may write configuration into it. So a gate reads such files as they were before:
at the base commit.
"""

import os

from leaksieve.baseline.excuses import ReadFile
from leaksieve.cli.settings import read_file
from leaksieve.errors import GitError, InputError
from leaksieve.git.command import Git


def trusted_files(git: Git, tree: ReadFile) -> ReadFile:
    """Give a reader of the files of the repository as `tree` has them, and of those elsewhere as they are.

    Args:
        git: the repository.
        tree: reads a file of the base commit by its slash-separated path.

    The reader raises:
        InputError: a file of the repository that was named was not there before.
    """

    def read(path: str) -> bytes | None:
        if not os.path.isabs(path):
            return tree(path)
        inside = _inside(git, path)
        if inside is None:
            return read_file(path)
        if (data := tree(inside)) is None:
            raise InputError(f"{inside}: not there at the base commit, which is where configuration is read")
        return data

    return read


def _inside(git: Git, path: str) -> str | None:
    """Give the slash-separated path of a file in the work tree, or None for one elsewhere."""
    try:
        top = git.run("rev-parse", "--show-toplevel").decode("utf-8", "surrogateescape").removesuffix("\n")
    except GitError:
        return None
    below = os.path.relpath(os.path.realpath(path), os.path.realpath(top)).replace(os.sep, "/")
    return None if below.startswith("../") else below
