"""The trees that the deltas of a pack form, shared out among workers and walked, each object inflated once."""

from __future__ import annotations

import heapq
import sys
from array import array
from typing import TYPE_CHECKING, NamedTuple

from leaksieve.git.delta import apply_delta
from leaksieve.git.pack import NO_BASE, Pack, inflate

if TYPE_CHECKING:
    import mmap
    from collections.abc import Iterator


class DeltaTrees(NamedTuple):
    """Whole objects, each followed by the deltas upon it; compact, and picklable.

    Attributes:
        spans: where each entry begins and ends in the pack, in pairs.
        bases: the number, in this list, of each entry's base; -1 for a whole object, which begins a tree.
        names: the object names, one after the other.
    """

    spans: array[int]
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
        name: its object name in hexadecimal.
        delta: the delta that made it; None for a whole object.
        base: the number of its base, -1 for a whole object.
    """

    number: int
    name: str
    data: bytes
    delta: bytes | None
    base: int


def delta_trees(pack: Pack, kind: int, shares: int) -> list[DeltaTrees]:
    """Form the delta trees of all objects of one kind, and share them out evenly by size, largest first."""
    trees = sorted(_trees(pack, kind), key=lambda tree: -tree[0])
    heap: list[tuple[int, int, list[int], list[int]]] = [(0, share, [], []) for share in range(shares)]
    for size, order, bases in trees:
        filled, share, members, their_bases = heap[0]
        shift = len(members)
        members += order
        their_bases += [base if base == NO_BASE else base + shift for base in bases]
        heapq.heapreplace(heap, (filled + size, share, members, their_bases))
    return [
        DeltaTrees(_spans(pack, members), array("i", bases), b"".join(map(pack.name, members)))
        for _, _, members, bases in sorted(heap, key=lambda share: -share[0])
        if members
    ]


def _spans(pack: Pack, entries: list[int]) -> array[int]:
    spans = array("Q", bytes(16 * len(entries)))
    spans[0::2] = array("Q", map(pack.offsets.__getitem__, entries))
    spans[1::2] = array("Q", (pack.offsets[entry + 1] for entry in entries))
    return spans


def _trees(pack: Pack, kind: int) -> Iterator[tuple[int, list[int], list[int]]]:
    """Give each tree's bytes in the pack, its entries, and the number within it of each entry's base."""
    children: dict[int, list[int]] = {}
    roots = []
    for entry, (its_kind, base) in enumerate(zip(pack.kinds, pack.bases, strict=True)):
        if its_kind == kind:
            if base == NO_BASE:
                roots.append(entry)
            else:
                children.setdefault(base, []).append(entry)
    offsets = pack.offsets
    for root in roots:
        order, bases = [root], [NO_BASE]
        size = offsets[root + 1] - offsets[root]
        # Depth first, so that a walk holds one chain of bases at a time.
        stack = [(child, 0) for child in children.pop(root, ())]
        while stack:
            entry, base = stack.pop()
            size += offsets[entry + 1] - offsets[entry]
            if entry in children:
                number = len(order)
                stack += [(child, number) for child in children.pop(entry)]
            order.append(entry)
            bases.append(base)
        yield size, order, bases


def walk(
    data: mmap.mmap, trees: DeltaTrees, hash_size: int, first: int = 0, largest: int = sys.maxsize
) -> Iterator[TreeObject]:
    """Rebuild each object of some trees, once; from the entry `first` on, which begins a tree.

    Raises:
        GitError, zlib.error, IndexError: an entry cannot be read, or is larger than `largest` bytes.
    """
    spans, bases, names = trees
    last_use = array("i", bytes(4 * len(bases)))
    for number in range(first, len(bases)):
        if bases[number] != NO_BASE:
            last_use[bases[number]] = number
    held: dict[int, bytes] = {}
    for number in range(first, len(bases)):
        base = bases[number]
        delta = None
        text = inflate(data, spans[2 * number], spans[2 * number + 1], hash_size, largest)
        if base != NO_BASE:
            delta = text
            text = apply_delta(held[base], delta, largest)
            if last_use[base] == number:
                del held[base]
        if last_use[number]:
            held[number] = text
        yield TreeObject(number, names[number * hash_size : (number + 1) * hash_size].hex(), text, delta, base)
