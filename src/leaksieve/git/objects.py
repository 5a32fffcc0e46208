"""What an object database holds: packs read directly, and the loose objects that only git reads.

Source: https://git-scm.com/docs/gitrepository-layout ("objects").
"""

import os
import re
from collections.abc import Iterator
from typing import NamedTuple

from leaksieve.errors import GitError
from leaksieve.git.pack import Pack
from leaksieve.git.repository import Repository

_FOLDER = re.compile(r"[0-9a-f]{2}", re.ASCII)
_REST = re.compile(r"[0-9a-f]{38}|[0-9a-f]{62}", re.ASCII)
# Set in the quarantine of a push, and by those who share objects in ways of their own: git knows best.
_ELSEWHERE = ("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES")


class ObjectDatabase(NamedTuple):
    """The packs of a repository and its alternates, and the names of their loose objects."""

    packs: list[Pack]
    loose: list[str]


def open_objects(repository: Repository) -> ObjectDatabase:
    """Open every pack, and list the loose objects that no pack has.

    Raises:
        GitError: something in the database is of a kind that only git reads; let git list the objects.
    """
    if any(name in repository.git.environment for name in _ELSEWHERE):
        raise GitError("objects lie elsewhere")
    packs: list[Pack] = []
    loose: set[str] = set()
    try:
        for folder in object_folders(_root(repository)):
            packs += (Pack(path, repository.hash_size) for path in _packs(folder) if path.endswith(".idx"))
            loose.update(_loose(folder))
    except OSError as error:
        raise GitError(f"{error.filename}: {error.strerror}") from None
    alone = (oid for oid in loose if not any(bytes.fromhex(oid) in pack for pack in packs))
    return ObjectDatabase(packs, sorted(alone))


def packs_without_index(repository: Repository) -> list[str]:
    """Give the pack files that have no index: neither we nor git can see their objects."""
    try:
        names = {path for folder in object_folders(_root(repository)) for path in _packs(folder)}
    except (OSError, GitError):
        # Git will tell what is amiss, or knows better.
        return []
    return sorted(path for path in names if path.endswith(".pack") and f"{path.removesuffix('.pack')}.idx" not in names)


def _root(repository: Repository) -> str:
    return os.path.join(repository.common_dir, "objects")


def _packs(folder: str) -> list[str]:
    """Give the packs and indexes in an object folder."""
    pack_folder = os.path.join(folder, "pack")
    names = sorted(os.listdir(pack_folder)) if os.path.isdir(pack_folder) else []
    return [os.path.join(pack_folder, name) for name in names if name.endswith((".pack", ".idx"))]


def object_folders(folder: str) -> Iterator[str]:
    """Give an object folder and, through info/alternates, those that it borrows from.

    Raises:
        GitError: one is not there, or only git can tell what it borrows.
        OSError: a list of alternates cannot be read.
    """
    waiting, known = [folder], set()
    while waiting:
        current = os.path.realpath(waiting.pop())
        if current in known:
            continue
        if not os.path.isdir(current):
            raise GitError(f"{current}: no such directory")
        known.add(current)
        yield current
        path = os.path.join(current, "info", "alternates")
        if os.path.exists(path):
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                lines = [line.rstrip("\n") for line in file]
            if any(line.startswith('"') for line in lines):
                raise GitError(f"{path} names a quoted path")
            waiting += [os.path.join(current, line) for line in lines if line and not line.startswith("#")]


def _loose(folder: str) -> Iterator[str]:
    for name in os.listdir(folder):
        if _FOLDER.fullmatch(name):
            for rest in os.listdir(os.path.join(folder, name)):
                if _REST.fullmatch(rest):
                    yield name + rest
