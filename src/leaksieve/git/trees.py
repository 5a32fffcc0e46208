"""Trees: the names in one, and which blob each of many has at some paths.

Source of the format: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects#_tree_objects
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from leaksieve.errors import GitError
from leaksieve.git.cat_file import fail, read_objects
from leaksieve.git.command import Git

# An entry: mode, name, and a binary object name of 20 or 32 bytes; by the hexadecimal digits of such names.
_NAMES = {2 * size: re.compile(rb"[0-7]{5,6} ([^\0]+)\0.{%d}" % size, re.DOTALL) for size in (20, 32)}
_ENTRIES = {2 * size: re.compile(rb"[0-7]{5,6} ([^\0]+)\0(.{%d})" % size, re.DOTALL) for size in (20, 32)}


def entry_names(digits: int, tree: bytes) -> list[bytes]:
    """Give the names of the files and folders in a tree of a repository whose object names have so many digits."""
    names: list[bytes] = _NAMES[digits].findall(tree)
    return names


def blobs_of(git: Git, tree: str) -> dict[str, str]:
    """Map each path of a tree, or of the tree of a commit, to its blob; empty when there is no such tree."""
    try:
        listing = git.run("ls-tree", "-r", "-z", "--full-tree", tree)
    except GitError:
        return {}
    blobs = {}
    for entry in listing.split(b"\0"):
        if entry:
            facts, _, path = entry.partition(b"\t")
            blobs[path.decode("utf-8", "surrogateescape")] = facts.decode().split(" ")[2]
    return blobs


def holders(git: Git, trees: Mapping[str, str], paths: Iterable[str]) -> Iterator[tuple[str, str, set[str]]]:
    """Yield, for each path and each blob that stands there, who has it. Each tree is read once, level by level.

    Args:
        git: the repository.
        trees: the root tree of each holder, by the holder's name.
        paths: slash-separated.

    Raises:
        GitError: a tree cannot be read.
    """
    whole = {tuple(path.encode("utf-8", "surrogateescape").split(b"/")) for path in paths}
    wanted: dict[tuple[bytes, ...], set[bytes]] = {}
    for parts in whole:
        for depth in range(len(parts)):
            wanted.setdefault(parts[:depth], set()).add(parts[depth])
    level: dict[tuple[tuple[bytes, ...], str], set[str]] = {}
    for holder, tree in trees.items() if whole else ():
        level.setdefault(((), tree), set()).add(holder)
    while level:
        deeper: dict[tuple[tuple[bytes, ...], str], set[str]] = {}
        entries = _read(git, sorted({tree for _, tree in level}))
        for (prefix, tree), having in level.items():
            for part in wanted[prefix] & entries[tree].keys():
                path, oid = (*prefix, part), entries[tree][part].hex()
                if path in whole:
                    yield b"/".join(path).decode("utf-8", "surrogateescape"), oid, having
                if path in wanted:
                    deeper.setdefault((path, oid), set()).update(having)
        level = deeper


def _read(git: Git, oids: Sequence[str]) -> dict[str, dict[bytes, bytes]]:
    """Read the entries of objects; one that is no tree has none."""
    return {
        found.oid: dict(_ENTRIES[len(found.oid)].findall(found.data)) if found.type == "tree" else {}
        for found in read_objects(git, oids, fail)
    }
