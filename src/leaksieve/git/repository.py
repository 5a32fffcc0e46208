"""Find a repository and say what kind it is."""

import os
from collections.abc import Mapping
from typing import NamedTuple

from leaksieve.errors import GitError, InputError
from leaksieve.git.command import Git, neutral_environment, user_safe_directories


class Repository(NamedTuple):
    """A repository that git accepted.

    Attributes:
        git: how to run git on it.
        git_dir: its absolute git directory (a worktree's own one).
        common_dir: the git directory that its worktrees share.
        hash_size: bytes of an object name, 20 or, with SHA-256, 32.
        bare: whether it has no work tree.
        shallow: whether its history was cut off when it was cloned.
    """

    git: Git
    git_dir: str
    common_dir: str
    hash_size: int
    bare: bool
    shallow: bool

    def merge_heads(self) -> list[str]:
        """Give the commits being merged into HEAD, none when no merge is in progress."""
        try:
            with open(os.path.join(self.git_dir, "MERGE_HEAD"), encoding="ascii") as file:
                return file.read().split()
        except FileNotFoundError:
            return []

    def is_partial(self) -> bool:
        """Tell whether the clone left out objects that a remote promised to keep."""
        try:
            found = self.git.run(
                "config", "--local", "--get-regexp", r"^(extensions\.partialclone|remote\..*\.promisor)$"
            )
        except GitError:
            return False
        return bool(found)


def open_repository(directory: str, environment: Mapping[str, str], *, located: bool = False) -> Repository:
    """Open the repository that holds `directory`.

    Args:
        directory: a path in a work tree, a git directory, or a bare repository.
        environment: the process's environment variables.
        located: whether git's own variables (GIT_DIR, GIT_INDEX_FILE) say which repository is meant, as
            they do in a hook.

    Raises:
        InputError: there is no repository, or git does not trust its owner.
        GitError: git is missing or fails.
    """
    if not os.path.isdir(directory):
        raise InputError(f"{directory}: no such directory")
    git = Git(directory, neutral_environment(environment, located=located))
    try:
        return _open(git)
    except GitError as error:
        if "dubious ownership" in str(error):
            git = git._replace(safe_directories=user_safe_directories(environment))
            return _open_trusted(git)
        if "not a git repository" in str(error):
            raise InputError(f"{directory}: not a git repository (nor any of its parents)") from None
        raise


def _open(git: Git) -> Repository:
    questions = ("--is-bare-repository", "--is-shallow-repository", "--show-object-format", "--path-format=absolute")
    answers = os.fsdecode(git.run("rev-parse", *questions, "--git-dir", "--git-common-dir"))
    bare, shallow, hash_name, folders = answers.split("\n", 3)
    git_dir, common_dir, *rest = folders.split("\n")
    if rest != [""]:
        # A folder's name may hold a newline: then each is asked for alone.
        git_dir, common_dir = (_path(git, name) for name in ("--git-dir", "--git-common-dir"))
    hash_size = 32 if hash_name == "sha256" else 20
    return Repository(git, git_dir, common_dir, hash_size, bare == "true", shallow == "true")


def _path(git: Git, name: str) -> str:
    return os.fsdecode(git.run("rev-parse", "--path-format=absolute", name)).removesuffix("\n")


def _open_trusted(git: Git) -> Repository:
    try:
        return _open(git)
    except GitError as error:
        if "dubious ownership" not in str(error):
            raise
        path = os.path.abspath(git.directory)
        remedy = f"if you trust it, run: git config --global --add safe.directory {path}"
        raise InputError(f"{path}: another user owns this repository; {remedy}") from None
