"""Packs read directly: index, entry headers, and single entries.

Sources of the formats: https://git-scm.com/docs/gitformat-pack ("pack-*.pack files have the following format"
and "Version 2 pack-*.idx files").
"""

from __future__ import annotations

import mmap
import os
import struct
import sys
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence  # noqa: TC003 - as in every other file

from leaksieve.errors import GitError

_IDX_MAGIC = b"\xfftOc\x00\x00\x00\x02"
_PACK_MAGIC = b"PACK"
_FANOUT = 256 * 4
_LARGE = 0x80000000
COMMIT, TREE, BLOB, TAG, OFS_DELTA, REF_DELTA = 1, 2, 3, 4, 6, 7
#: In place of a base's number: the entry is a whole object.
NO_BASE = -1


class UnsupportedPackError(GitError):
    """A pack in a version that is not read here; git reads it."""


class Pack:
    """A pack's index and the kind and base of each of its entries, in arrays of a few bytes an entry.

    Attributes:
        idx_path: the index.
        path: the pack file.
        hash_size: bytes of an object name: 20, or 32 with SHA-256.
        offsets: where each entry begins, ascending, and last where the entries end.
        kinds: each entry's own kind, or for a delta that of the object at the root of its tree.
        bases: the number of each entry's base, or -1.
        checksums: the CRC-32 of each entry's bytes in the pack.
    """

    def __init__(self, idx_path: str, hash_size: int) -> None:
        """Read the index, and the header of every entry.

        Raises:
            UnsupportedPackError: the index is of another version, or a base is not in the pack.
            GitError: index and pack do not fit.
            OSError: a file cannot be read.
        """
        self.idx_path = idx_path
        self.path = idx_path.removesuffix(".idx") + ".pack"
        self.hash_size = hash_size
        if not (os.path.isfile(idx_path) and os.path.isfile(self.path)):
            # A pipe or a device would never come to an end.
            raise GitError(f"{self.path}: pack and index are not both files")
        with open(idx_path, "rb") as file:
            self._idx = file.read()
        if not self._idx.startswith(_IDX_MAGIC):
            raise UnsupportedPackError(f"{idx_path}: not a version 2 index")
        self._count: int = struct.unpack_from(">I", self._idx, 8 + _FANOUT - 4)[0]
        self._names = 8 + _FANOUT
        if len(self._idx) < self._names + self._count * (hash_size + 8) + 2 * hash_size:
            raise GitError(f"{idx_path}: the index is cut short")
        self.offsets, self._positions = self._read_offsets()
        self.checksums = self._read_checksums()
        self.kinds = bytearray(self._count)
        self.bases = array("i", [NO_BASE]) * self._count
        with open(self.path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size < hash_size:
                raise GitError(f"{self.path}: the pack is cut short")
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

    def openings(self, entries: Sequence[int], most: int) -> list[bytes]:
        """Give up to so many of the first bytes of whole objects; b"" for those that cannot be read."""
        try:
            with open(self.path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return [self._opening(data, entry, most) for entry in entries]
        except (OSError, ValueError):
            # Repacked meanwhile, most likely.
            return [b""] * len(entries)

    def _opening(self, data: mmap.mmap, entry: int, most: int) -> bytes:
        at = self.offsets[entry]
        while data[at] & 0x80:
            at += 1
        packed = data[at + 1 : min(self.offsets[entry + 1], at + 1 + most)]
        try:
            return zlib.decompressobj().decompress(packed, most)
        except zlib.error:
            return b""

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

    def _table(self, begin: int) -> array[int]:
        """Read four bytes for each entry, in the order of the names."""
        table = array("I", self._idx[begin : begin + 4 * self._count])
        if sys.byteorder == "little":
            table.byteswap()
        return table

    def _read_checksums(self) -> array[int]:
        table = self._table(self._names + self._count * self.hash_size)
        return array("I", map(table.__getitem__, self._positions))

    def _read_offsets(self) -> tuple[array[int], array[int]]:
        """Sort the offsets; give them with, for each, the place of its name in the index."""
        begin = self._names + self._count * (self.hash_size + 4)
        small = self._table(begin)
        large_at = begin + 4 * self._count
        if any(large_at + 8 * (offset ^ _LARGE) + 8 > len(self._idx) for offset in small if offset & _LARGE):
            raise GitError(f"{self.idx_path}: the index is cut short")
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
                    base = by_name.get(data[at : at + self.hash_size], NO_BASE)
                    if base == NO_BASE:
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
        if kinds.translate(None, bytes((COMMIT, TREE, BLOB, TAG))):
            raise GitError(f"{self.path}: an entry is of no kind that there is")


def _read_distance(data: mmap.mmap, at: int) -> int:
    """Read how far before a delta its base stands. Source: gitformat-pack, "offset encoding"."""
    byte = data[at]
    distance = byte & 0x7F
    while byte & 0x80:
        at += 1
        byte = data[at]
        distance = (distance + 1) << 7 | byte & 0x7F
    return distance


def names_in(idx_path: str, hash_size: int) -> Iterator[bytes]:
    """Give the names of all objects in an index, in hexadecimal ASCII; none when it is gone or of another version."""
    try:
        with open(idx_path, "rb") as file:
            if file.read(len(_IDX_MAGIC)) != _IDX_MAGIC:
                return
            count = int.from_bytes(file.read(_FANOUT)[-4:])
            names = file.read(count * hash_size).hex().encode()
    except OSError:
        return
    yield from (names[at : at + 2 * hash_size] for at in range(0, len(names), 2 * hash_size))


def inflate(entry: bytes, checksum: int, hash_size: int, largest: int) -> bytes:
    """Inflate an entry, a delta or a whole object.

    The checksum guards what inflating does not: a delta upon another base of the same size would go unnoticed.

    Raises:
        GitError, zlib.error, IndexError: the entry is damaged, or has more than `largest` bytes.
    """
    if zlib.crc32(entry) != checksum:
        raise GitError("an entry of a pack is damaged")
    byte = entry[0]
    at = 1
    kind = byte >> 4 & 7
    size, shift = byte & 15, 4
    while byte & 0x80:
        byte = entry[at]
        size |= (byte & 0x7F) << shift
        shift += 7
        at += 1
    if kind == OFS_DELTA:
        while entry[at] & 0x80:
            at += 1
        at += 1
    elif kind == REF_DELTA:
        at += hash_size
    if size > largest:
        raise GitError("an entry of a pack is too large")
    # Never more than it says: a kilobyte may inflate to a megabyte.
    stream = zlib.decompressobj()
    raw = stream.decompress(memoryview(entry)[at:], size + 1)
    if len(raw) != size or not stream.eof:
        raise GitError("an entry of a pack has the wrong size")
    return raw
