"""Which commits are meant, and files as a commit has them.

Source: https://git-scm.com/docs/git-rev-list and https://git-scm.com/docs/gitrevisions.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from leaksieve.errors import GitError, InputError
from leaksieve.git.cat_file import describe_objects, fail, read_objects
from leaksieve.git.command import Git, as_lines
from leaksieve.git.refs import tagged_by
from leaksieve.git.repository import Repository


class Tips(NamedTuple):
    """Objects that a push or a range leads to, told apart.

    Attributes:
        commits: those that they lead to.
        tags: annotated tags on the way, which have texts of their own.
        others: trees and blobs that a tag or a ref names.
    """

    commits: tuple[str, ...]
    tags: tuple[str, ...]
    others: tuple[str, ...]


def commit_of(git: Git, name: str) -> str:
    """Give the commit that a name of any kind leads to.

    Raises:
        InputError: there is none here.
    """
    commit = find_object(git, f"{name}^{{commit}}")
    if commit is None:
        raise InputError(f"{name}: not a commit of this repository")
    return commit


def find_object(git: Git, name: str) -> str | None:
    """Give the object that an expression of git's names, or None when there is none here."""
    try:
        return git.run("rev-parse", "--verify", "--quiet", "--end-of-options", name).decode().strip()
    except GitError:
        return None


def has_name(git: Git, commit: str, path: str, text: str) -> bool:
    """Tell whether a commit has that part of `path` already in whose last name `text` ends."""
    held = path[: (path + "/").index("/", path.index(text) + len(text))]
    return find_object(git, f"{commit}:{held}") is not None


def follow_tips(git: Git, oids: Iterable[str]) -> Tips:
    """Follow annotated tags to what they tag.

    Raises:
        GitError: an object is missing or corrupt.
    """
    found: dict[str, list[str]] = {"commit": [], "tag": [], "tree": [], "blob": []}
    waiting = list(dict.fromkeys(oids))
    while waiting:
        for info in describe_objects(git, waiting, fail):
            found[info.type].append(info.oid)
        known = {oid for some in found.values() for oid in some}
        tags = [oid for oid in waiting if oid in found["tag"]]
        found_tags = read_objects(git, tags, fail)
        tagged = [tagged_by(tag.data) or fail(f"object {tag.oid} is a damaged tag") for tag in found_tags]
        waiting = [oid for oid in dict.fromkeys(oid for oid, _ in tagged) if oid not in known]
    return Tips(tuple(found["commit"]), tuple(found["tag"]), (*found["tree"], *found["blob"]))


def list_commits(git: Git, tips: Sequence[str], known: Sequence[str]) -> list[str]:
    """List the commits that `tips` lead to and `known` do not, oldest first.

    Args:
        git: the repository.
        tips: names of commits.
        known: commits, or options such as `--all`, as they may follow `--not`.

    Raises:
        GitError: git failed.
    """
    if not tips:
        return []
    options = ("--reverse", "--topo-order", "--stdin", "--not", *known)
    return git.run("rev-list", *options, data=as_lines(tips)).decode().split()


def merge_base(git: Git, one: str, other: str) -> str | None:
    """Give the best common ancestor of two commits, or None when they have none."""
    try:
        return git.run("merge-base", one, other).decode().split("\n")[0]
    except GitError:
        return None


def cut_off(repository: Repository, commits: Sequence[str]) -> list[str]:
    """Give those commits whose parents a shallow clone left out. Source: https://git-scm.com/docs/shallow."""
    try:
        with open(os.path.join(repository.common_dir, "shallow"), encoding="ascii") as file:
            ends = set(file.read().split())
    except FileNotFoundError:
        return []
    return [commit for commit in commits if commit in ends]


def tree_reader(git: Git, commit: str | None) -> Callable[[str], bytes | None]:
    """Give a function that reads files as a commit has them, by slash-separated path; None has no files.

    The function follows symbolic links inside the commit, as a work tree does. It gives None where the commit has no
    such file, and raises GitError when it cannot be read.
    """

    def read(path: str) -> bytes | None:
        if commit is None:
            return None
        answer = git.run("cat-file", "--batch", "--follow-symlinks", data=os.fsencode(f"{commit}:{path}\n"))
        header, _, content = answer.partition(b"\n")
        match header.split(b" "):
            case [_, b"blob", size]:
                return content[: int(size)]
        return None

    return read
