"""Blobs straight from a pack, along the trees that deltas form.

Most of a blob's lines are those of its base. Only the lines that a delta touches are looked up, and a blob is
given to be scanned when one of them, or a line of a base that had one, may hold a match. What cannot be read this
way git reads.
"""

import heapq
import mmap
import zlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from leaksieve.core.coverage import Coverage
from leaksieve.core.decode import wide_encoding
from leaksieve.core.finding import Blob, Match
from leaksieve.core.screen import HotLine, LineScreen
from leaksieve.errors import GitError
from leaksieve.git.cat_file import read_objects
from leaksieve.git.command import Git
from leaksieve.git.pack import BLOB, DeltaTree, Pack, TreeObject, delta_trees, walk

# Enough shares to keep any number of workers busy to the end, few enough to cost nothing.
_SHARES = 48
_NEWLINE = ord("\n")


class DeltaShard(NamedTuple):
    """Delta trees of one pack."""

    git: Git
    path: str
    hash_size: int
    trees: tuple[DeltaTree, ...]

    def blobs(self, coverage: Coverage, screen: LineScreen) -> Iterator[Blob]:
        """Rebuild every blob, and give those that may hold a match."""
        try:
            with open(self.path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                for tree in self.trees:
                    yield from self._tree(data, tree, coverage, screen)
        except (OSError, ValueError):
            # Repacked meanwhile, most likely: the objects are in another pack now.
            for tree in self.trees:
                yield from self._through_git(tree, 0, coverage)

    def _tree(self, data: mmap.mmap, tree: DeltaTree, coverage: Coverage, screen: LineScreen) -> Iterator[Blob]:
        hot = _HotLines(screen)
        done = 0
        try:
            for found in walk(data, tree, self.hash_size):
                blob = hot.blob(found)
                if found.name.strip("0"):
                    coverage.count("blob", len(found.data))
                    if blob is not None:
                        yield blob
                done += 1
        except (GitError, zlib.error, IndexError):
            yield from self._through_git(tree, done, coverage)

    def _through_git(self, tree: DeltaTree, first: int, coverage: Coverage) -> Iterator[Blob]:
        size = self.hash_size
        names = [tree.names[at : at + size].hex() for at in range(first * size, len(tree.names), size)]
        for found in read_objects(self.git, [name for name in names if name.strip("0")], coverage.problems.append):
            coverage.count(found.type, len(found.data))
            yield Blob(found.oid, "file", found.data)


class _HotLines:
    """The lines of each object of a tree that may be part of a match, as far as its children need them."""

    def __init__(self, screen: LineScreen) -> None:
        self._screen = screen
        self._hot: dict[int, dict[bytes, HotLine]] = {}
        self._wide: set[int] = set()

    def blob(self, found: TreeObject) -> Blob | None:
        """Give an object as a text to scan, or None when nothing in it can be part of a match.

        Its hot lines are those among the lines that its delta touches, and those of its base that still stand. A
        base in UTF-16 or UTF-32 tells nothing of lines.
        """
        if wide_encoding(found.data):
            self._wide.add(found.number)
            return Blob(found.name, "file", found.data)
        candidates = self._screen.hot(found.data if found.base in self._wide else found.lines)
        inherited = self._hot.get(found.base)
        if inherited:
            candidates |= inherited
        if not candidates:
            return None
        places = [(*place, hot) for line, hot in candidates.items() for place in _places(found.data, line)]
        if not places:
            return None
        places.sort()
        self._hot[found.number] = {found.data[begin:end]: hot for begin, end, hot in places}
        if any(hot.anchors for *_, hot in places):
            return Blob(found.name, "file", found.data, spans=tuple((begin, end) for begin, end, _ in places))
        matches = [
            Match(rule, begin + start, begin + end, begin + secret_start, begin + secret_end, confidence, checks)
            for begin, _, hot in places
            for rule, start, end, secret_start, secret_end, confidence, checks in hot.matches
        ]
        return Blob(found.name, "file", found.data, matches=matches)


def _places(data: bytes, line: bytes) -> Iterator[tuple[int, int]]:
    """Find every place where `line` stands as a whole line."""
    at = data.find(line)
    while at >= 0:
        end = at + len(line)
        if (at == 0 or data[at - 1] == _NEWLINE) and (end == len(data) or data[end] == _NEWLINE):
            yield at, end
        at = data.find(line, end)


def delta_shards(git: Git, packs: Sequence[Pack]) -> list[DeltaShard]:
    """Share out the blobs of all packs, largest trees first, in shares of like size; a blob in two packs once."""
    shards: list[DeltaShard] = []
    for number, pack in enumerate(packs):
        trees = [_without_known(tree, pack.hash_size, packs[:number]) for tree in delta_trees(pack, BLOB)]
        shares: list[tuple[int, int, list[DeltaTree]]] = [(0, share, []) for share in range(_SHARES)]
        for tree in sorted(trees, key=lambda tree: -tree.size):
            size, share, members = shares[0]
            members.append(tree)
            heapq.heapreplace(shares, (size + tree.size, share, members))
        filled = sorted((share for share in shares if share[2]), key=lambda share: -share[0])
        shards += [DeltaShard(git, pack.path, pack.hash_size, tuple(members)) for _, _, members in filled]
    return shards


def _without_known(tree: DeltaTree, hash_size: int, earlier: Sequence[Pack]) -> DeltaTree:
    """Blank the names of objects that an earlier pack has: they are rebuilt as bases, and not scanned again."""
    if not earlier:
        return tree
    names = [tree.names[at : at + hash_size] for at in range(0, len(tree.names), hash_size)]
    blank = bytes(hash_size)
    kept = (blank if any(name in pack for pack in earlier) else name for name in names)
    return tree._replace(names=b"".join(kept))
