"""The trees that the deltas of a pack form, shared out among workers and walked, each object inflated once."""

from __future__ import annotations

import sys
from array import array
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from leaksieve.git.delta import apply_delta
from leaksieve.git.pack import BLOB, NO_BASE, Pack, inflate

if TYPE_CHECKING:
    import mmap
    from collections.abc import Iterator


# The first bytes of a blob, by which those that resemble one another come together.
_OPENING = 256


class DeltaTrees(NamedTuple):
    """Whole objects, each followed by the deltas upon it; compact, and picklable.

    Attributes:
        spans: where each entry begins and ends in the pack, in pairs.
        checksums: the CRC-32 of each entry's bytes there.
        bases: the number, in this list, of each entry's base; -1 for a whole object, which begins a tree.
        names: the object names, one after the other.
    """

    spans: array[int]
    checksums: array[int]
    bases: array[int]
    names: bytes

    def next_tree(self, number: int) -> int:
        """Give the number of the first whole object after an entry."""
        following = range(number + 1, len(self.bases))
        return next((each for each in following if self.bases[each] == NO_BASE), len(self.bases))


class TreeObject(NamedTuple):
    """An object of a delta tree.

    Attributes:
        number: its number among the entries of its trees.
        oid: its object name in hexadecimal.
        delta: the delta that made it; None for a whole object.
        base: the number of its base, -1 for a whole object.
    """

    number: int
    oid: str
    data: bytes
    delta: bytes | None
    base: int


class _Tree(NamedTuple):
    """A tree's entries in the order of a walk, the number within it of each one's base, and its bytes in the pack."""

    entries: array[int]
    bases: array[int]
    size: int


def delta_trees(pack: Pack, kind: int, shares: int) -> list[DeltaTrees]:
    """Form the delta trees of all objects of one kind, and share them out evenly by size, largest first.

    Trees of blobs that begin alike, most often the versions of one file, come together: who scans one of them
    remembers the lines of the others.
    """
    trees = list(_trees(pack, kind))
    if kind == BLOB:
        openings = pack.openings([tree.entries[0] for tree in trees], _OPENING)
        trees = [trees[number] for number in sorted(range(len(trees)), key=openings.__getitem__)]
    total = sum(tree.size for tree in trees)
    made: list[tuple[int, DeltaTrees]] = []
    share: list[_Tree] = []
    size = 0
    for tree in trees:
        share.append(tree)
        size += tree.size
        if size * shares >= total:
            made.append((size, _joined(pack, share)))
            share, size = [], 0
    if share:
        made.append((size, _joined(pack, share)))
    return [share for _, share in sorted(made, key=itemgetter(0), reverse=True)]


def _joined(pack: Pack, trees: list[_Tree]) -> DeltaTrees:
    entries, bases = array("i"), array("i")
    for tree in trees:
        shift = len(entries)
        entries += tree.entries
        bases.extend(base if base == NO_BASE else base + shift for base in tree.bases)
    spans = array("Q", bytes(16 * len(entries)))
    spans[0::2] = array("Q", map(pack.offsets.__getitem__, entries))
    spans[1::2] = array("Q", (pack.offsets[entry + 1] for entry in entries))
    checksums = array("I", map(pack.checksums.__getitem__, entries))
    return DeltaTrees(spans, checksums, bases, b"".join(map(pack.name, entries)))


def _trees(pack: Pack, kind: int) -> Iterator[_Tree]:
    """Follow the deltas from every whole object of a kind."""
    # Children as linked lists in two arrays: a dictionary of lists would take two hundred bytes for each of millions.
    first_child = array("i", [NO_BASE]) * len(pack)
    next_child = array("i", [NO_BASE]) * len(pack)
    for entry, base in enumerate(pack.bases):
        if base != NO_BASE:
            next_child[entry] = first_child[base]
            first_child[base] = entry
    offsets = pack.offsets
    for root in pack.entries(kind):
        if pack.bases[root] != NO_BASE:
            continue
        entries, bases = array("i", [root]), array("i", [NO_BASE])
        size = offsets[root + 1] - offsets[root]
        # Depth first, so that a walk holds one chain of bases at a time.
        stack = [(first_child[root], 0)] if first_child[root] != NO_BASE else []
        while stack:
            entry, base = stack.pop()
            number = len(entries)
            entries.append(entry)
            bases.append(base)
            size += offsets[entry + 1] - offsets[entry]
            if next_child[entry] != NO_BASE:
                stack.append((next_child[entry], base))
            if first_child[entry] != NO_BASE:
                stack.append((first_child[entry], number))
        yield _Tree(entries, bases, size)


def walk(
    data: mmap.mmap | bytes, trees: DeltaTrees, hash_size: int, first: int = 0, largest: int = sys.maxsize
) -> Iterator[TreeObject]:
    """Rebuild each object of some trees, once; from the entry `first` on, which begins a tree.

    Raises:
        GitError, zlib.error, IndexError: an entry cannot be read, or is larger than `largest` bytes.
    """
    spans, checksums, bases, names = trees
    last_use = array("i", bytes(4 * len(bases)))
    for number in range(first, len(bases)):
        if bases[number] != NO_BASE:
            last_use[bases[number]] = number
    held: dict[int, bytes] = {}
    for number in range(first, len(bases)):
        base = bases[number]
        delta = None
        text = inflate(data[spans[2 * number] : spans[2 * number + 1]], checksums[number], hash_size, largest)
        if base != NO_BASE:
            delta = text
            text = apply_delta(held[base], delta, largest)
            if last_use[base] == number:
                del held[base]
        if last_use[number]:
            held[number] = text
        yield TreeObject(number, names[number * hash_size : (number + 1) * hash_size].hex(), text, delta, base)
