"""Deltas: how a pack stores an object as changes to another, and which lines such changes touch.

Source of the format: https://git-scm.com/docs/gitformat-pack, "Deltified representation".
"""

import re
import sys

from dulwich.errors import ApplyDeltaError
from dulwich.pack import apply_delta as apply_in_rust

from leaksieve.errors import GitError

# Two sizes, the second of at least 256 MB: reading both of every delta in Python would take longer than applying it.
_LONG_SIZE = re.compile(rb"[\x80-\xff]{0,9}[\x00-\x7f][\x80-\xff]{4}")
_COPY = 0x80
_WHOLE = 0x10000
# How many bytes an instruction takes, by its first one: an insert brings its text, a copy one byte for each bit set.
_STEPS = tuple(code + 1 if code < _COPY else (code & 0x7F).bit_count() + 1 for code in range(256))
# Bits that announce the bytes of a copy's length.
_LENGTH_BITS, _ONE_BYTE, _TWO_BYTES = 0x70, 0x10, 0x30


def read_size(data: bytes, at: int) -> tuple[int, int]:
    """Read a size of seven bits a byte, least first; give it and where it ends."""
    byte = data[at]
    size, shift = byte & 0x7F, 7
    at += 1
    while byte & 0x80:
        byte = data[at]
        size |= (byte & 0x7F) << shift
        shift += 7
        at += 1
    return size, at


def apply_delta(base: bytes, delta: bytes, largest: int = sys.maxsize) -> bytes:
    """Rebuild an object from its base.

    Raises:
        GitError: the delta is damaged, or is for another base, or makes more than `largest` bytes.
    """
    if _LONG_SIZE.match(delta) and read_size(delta, read_size(delta, 0)[1])[0] > largest:
        raise GitError("a delta makes too large an object")
    try:
        return b"".join(apply_in_rust(base, delta))
    except (ApplyDeltaError, MemoryError) as error:
        raise GitError(f"a delta cannot be applied: {error}") from None


def touched_lines(text: bytes, delta: bytes) -> bytes:
    """Give every line of `text` that may not stand in the base, one after the other.

    A line that lies within one copied piece, with the newlines around it, is a line of the base too. Copies whose
    length takes one byte count as new, as inserts do; so all that is new lies between longer copies or at their ends:
    those stretches, widened to whole lines, are what may be new. A few old lines among them do no harm.

    Args:
        text: the object.
        delta: the delta that made it, without error.
    """
    _, at = read_size(delta, 0)
    _, at = read_size(delta, at)
    end = len(delta)
    steps = _STEPS
    find, rfind = text.find, text.rfind
    runs = []
    # Where the piece begins in the text; where the last long copy ends; up to where lines have been taken.
    place = begin = reached = 0
    # Runs for every instruction of a history, eleven million times in one of 27,000 commits: no calls for most.
    while at < end:
        code = delta[at]
        at += steps[code]
        if code < _COPY:
            place += code
            continue
        length = delta[at - 1]
        sizes = code & _LENGTH_BITS
        if sizes == _ONE_BYTE and length:
            place += length
            continue
        both = sizes == _TWO_BYTES
        length = (length << 8 | delta[at - 2] if both else _copied_length(delta, at, sizes)) or _WHOLE
        # Several stretches may fall on one very long line, which is taken once.
        if place >= reached:
            last = find(b"\n", place)
            last = len(text) if last < 0 else last
            runs.append(text[max(reached, rfind(b"\n", 0, begin) + 1) : last])
            reached = last
        place += length
        begin = place
    runs.append(text[max(reached, rfind(b"\n", 0, begin) + 1) :])
    return b"\n".join(runs)


def _copied_length(delta: bytes, end: int, sizes: int) -> int:
    """Read the length of a copy whose bytes end at `end`, of the sizes that are rare."""
    length, at = 0, end - sizes.bit_count()
    for shift, bit in ((0, 0x10), (8, 0x20), (16, 0x40)):
        if sizes & bit:
            length |= delta[at] << shift
            at += 1
    return length
