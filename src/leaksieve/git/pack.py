"""Packs read directly: index, entry headers, and the trees that deltas form.

Sources of the formats: https://git-scm.com/docs/gitformat-pack ("pack-*.pack files have the following format"
and "Version 2 pack-*.idx files").
"""

from __future__ import annotations

import heapq
import mmap
import os
import struct
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterator  # noqa: TC003 - as in every other file
from typing import NamedTuple

from leaksieve.errors import GitError
from leaksieve.git.delta import apply_delta

_IDX_MAGIC = b"\xfftOc\x00\x00\x00\x02"
_PACK_MAGIC = b"PACK"
_FANOUT = 256 * 4
_LARGE = 0x80000000
COMMIT, TREE, BLOB, TAG, OFS_DELTA, REF_DELTA = 1, 2, 3, 4, 6, 7
_NO_BASE = -1


class UnsupportedPackError(GitError):
    """A pack in a version that is not read here; git reads it."""


class Pack:
    """A pack's index and the kind and base of each of its entries, in arrays of a few bytes an entry.

    Attributes:
        path: the pack file.
        hash_size: bytes of an object name: 20, or 32 with SHA-256.
        offsets: where each entry begins, ascending, and last where the entries end.
        kinds: each entry's own kind, or for a delta that of the object at the root of its tree.
        bases: the number of each entry's base, or -1.
    """

    def __init__(self, idx_path: str, hash_size: int) -> None:
        """Read the index, and the header of every entry.

        Raises:
            UnsupportedPackError: the index is of another version, or a base is not in the pack.
            GitError: index and pack do not fit.
            OSError: a file cannot be read.
        """
        self.path = idx_path.removesuffix(".idx") + ".pack"
        self.hash_size = hash_size
        with open(idx_path, "rb") as file:
            self._idx = file.read()
        if not self._idx.startswith(_IDX_MAGIC):
            raise UnsupportedPackError(f"{idx_path}: not a version 2 index")
        self._count: int = struct.unpack_from(">I", self._idx, 8 + _FANOUT - 4)[0]
        self._names = 8 + _FANOUT
        if len(self._idx) < self._names + self._count * (hash_size + 8) + 2 * hash_size:
            raise GitError(f"{idx_path}: the index is cut short")
        self.offsets, self._positions = self._read_offsets()
        self.kinds = bytearray(self._count)
        self.bases = array("i", [_NO_BASE]) * self._count
        with open(self.path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            self.offsets.append(size - hash_size)
            if self._count:
                with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                    self._read_headers(data)
        self._settle_kinds()

    def __len__(self) -> int:
        """Count the entries."""
        return self._count

    def name(self, entry: int) -> bytes:
        """Give an entry's object name."""
        begin = self._names + self._positions[entry] * self.hash_size
        return self._idx[begin : begin + self.hash_size]

    def entries(self, kind: int) -> Iterator[int]:
        """Give the numbers of all entries of one kind."""
        at = self.kinds.find(kind)
        while at >= 0:
            yield at
            at = self.kinds.find(kind, at + 1)

    def __contains__(self, name: bytes) -> bool:
        """Tell whether the pack has an object of this name."""
        low, high = 0, self._count
        while low < high:
            middle = (low + high) // 2
            begin = self._names + middle * self.hash_size
            found = self._idx[begin : begin + self.hash_size]
            if found == name:
                return True
            if found < name:
                low = middle + 1
            else:
                high = middle
        return False

    def _read_offsets(self) -> tuple[array[int], array[int]]:
        """Sort the offsets; give them with, for each, the place of its name in the index."""
        begin = self._names + self._count * (self.hash_size + 4)
        small = array("I", self._idx[begin : begin + 4 * self._count])
        if struct.pack("=I", 1) != struct.pack(">I", 1):
            small.byteswap()
        large_at = begin + 4 * self._count
        offsets = array("Q", small)
        for place, offset in enumerate(small):
            if offset & _LARGE:
                offsets[place] = struct.unpack_from(">Q", self._idx, large_at + 8 * (offset ^ _LARGE))[0]
        positions = array("I", sorted(range(self._count), key=offsets.__getitem__))
        return array("Q", map(offsets.__getitem__, positions)), positions

    def _read_headers(self, data: mmap.mmap) -> None:
        if data[:4] != _PACK_MAGIC:
            raise GitError(f"{self.path}: not a pack")
        offsets, kinds, bases, count = self.offsets, self.kinds, self.bases, self._count
        by_name: dict[bytes, int] | None = None
        try:
            for entry in range(count):
                begin = offsets[entry]
                at = begin + 1
                byte = data[begin]
                kind = byte >> 4 & 7
                kinds[entry] = kind
                if kind == OFS_DELTA:
                    while byte & 0x80:
                        byte = data[at]
                        at += 1
                    base = bisect_left(offsets, begin - _read_distance(data, at), 0, entry)
                    bases[entry] = base if offsets[base] < begin else entry
                elif kind == REF_DELTA:
                    while byte & 0x80:
                        byte = data[at]
                        at += 1
                    by_name = by_name or {self.name(each): each for each in range(count)}
                    base = by_name.get(data[at : at + self.hash_size], _NO_BASE)
                    if base == _NO_BASE:
                        raise UnsupportedPackError(f"{self.path}: a delta's base is in another pack")
                    bases[entry] = base
        except IndexError:
            raise GitError(f"{self.path}: the pack is cut short") from None

    def _settle_kinds(self) -> None:
        """Give each delta the kind of the object at the root of its tree."""
        kinds, bases = self.kinds, self.bases
        for entry in range(self._count):
            if kinds[entry] >= OFS_DELTA:
                chain = [entry]
                while kinds[bases[chain[-1]]] >= OFS_DELTA:
                    chain.append(bases[chain[-1]])
                    if len(chain) > self._count:
                        raise GitError(f"{self.path}: deltas form a circle")
                kind = kinds[bases[chain[-1]]]
                for each in chain:
                    kinds[each] = kind


def _read_distance(data: mmap.mmap, at: int) -> int:
    """Read how far before a delta its base stands. Source: gitformat-pack, "offset encoding"."""
    byte = data[at]
    distance = byte & 0x7F
    while byte & 0x80:
        at += 1
        byte = data[at]
        distance = (distance + 1) << 7 | byte & 0x7F
    return distance


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
        return next((each for each in following if self.bases[each] == _NO_BASE), len(self.bases))


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
        their_bases += [base if base == _NO_BASE else base + shift for base in bases]
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
            if base == _NO_BASE:
                roots.append(entry)
            else:
                children.setdefault(base, []).append(entry)
    offsets = pack.offsets
    for root in roots:
        order, bases = [root], [_NO_BASE]
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


def walk(data: mmap.mmap, trees: DeltaTrees, hash_size: int, first: int = 0) -> Iterator[TreeObject]:
    """Rebuild each object of some trees, once; from the entry `first` on, which begins a tree.

    Raises:
        GitError, zlib.error, IndexError: an entry cannot be read.
    """
    spans, bases, names = trees
    last_use = array("i", bytes(4 * len(bases)))
    for number in range(first, len(bases)):
        if bases[number] != _NO_BASE:
            last_use[bases[number]] = number
    held: dict[int, bytes] = {}
    for number in range(first, len(bases)):
        base = bases[number]
        delta = None
        text = inflate(data, spans[2 * number], spans[2 * number + 1], hash_size)
        if base != _NO_BASE:
            delta = text
            text = apply_delta(held[base], delta)
            if last_use[base] == number:
                del held[base]
        if last_use[number]:
            held[number] = text
        yield TreeObject(number, names[number * hash_size : (number + 1) * hash_size].hex(), text, delta, base)


def inflate(data: mmap.mmap, begin: int, end: int, hash_size: int) -> bytes:
    """Inflate the entry between two offsets, a delta or a whole object.

    Raises:
        GitError, zlib.error, IndexError: the entry is damaged.
    """
    byte = data[begin]
    at = begin + 1
    kind = byte >> 4 & 7
    size, shift = byte & 15, 4
    while byte & 0x80:
        byte = data[at]
        size |= (byte & 0x7F) << shift
        shift += 7
        at += 1
    if kind == OFS_DELTA:
        while data[at] & 0x80:
            at += 1
        at += 1
    elif kind == REF_DELTA:
        at += hash_size
    raw = zlib.decompress(data[at:end], bufsize=size or 1)
    if len(raw) != size:
        raise GitError("an entry of a pack has the wrong size")
    return raw
