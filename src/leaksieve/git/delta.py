"""Deltas: how a pack stores an object as changes to another, and which lines such changes touch.

Source of the format: https://git-scm.com/docs/gitformat-pack, "Deltified representation".
"""

from itertools import accumulate

from leaksieve.errors import GitError

_COPY = 0x80
_WHOLE = 0x10000


# Which byte of the offset and of the length follows a copy instruction, by the bit that announces it.
_OFFSET_BITS = ((0, 0x01), (8, 0x02), (16, 0x04), (24, 0x08))
_LENGTH_BITS = ((0, 0x10), (8, 0x20), (16, 0x40))
_LONGEST_INSERT = 127


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


def apply_delta(base: bytes, delta: bytes) -> tuple[bytes, list[int]]:  # noqa: C901, PLR0912 - see the loop
    """Rebuild an object from its base.

    Returns:
        The object, and the lengths of the pieces that it was put together from.

    Raises:
        GitError: the delta does not fit its base, or makes no object of the size that it promises.
        IndexError: the delta is cut short.
    """
    wanted_base, at = read_size(delta, 0)
    size, at = read_size(delta, at)
    if wanted_base != len(base):
        raise GitError("a delta is for a base of another size")
    pieces: list[bytes] = []
    append = pieces.append
    end = len(delta)
    # This loop runs for every instruction of a history, eleven million times in one of 27,000 commits; a call or
    # a tuple more in it costs seconds. The four commonest copies are spelled out for that.
    while at < end:
        code = delta[at]
        at += 1
        if code == 0x93:  # noqa: PLR2004 - a copy with two bytes of offset and one of length
            offset = delta[at] | delta[at + 1] << 8
            append(base[offset : offset + delta[at + 2]])
            at += 3
        elif code == 0x97:  # noqa: PLR2004 - three and one
            offset = delta[at] | delta[at + 1] << 8 | delta[at + 2] << 16
            append(base[offset : offset + delta[at + 3]])
            at += 4
        elif 0 < code < _COPY:
            stop = at + code
            append(delta[at:stop])
            at = stop
        elif code == 0xB3:  # noqa: PLR2004 - two and two
            offset = delta[at] | delta[at + 1] << 8
            append(base[offset : offset + (delta[at + 2] | delta[at + 3] << 8)])
            at += 4
        elif code == 0xB7:  # noqa: PLR2004 - three and two
            offset = delta[at] | delta[at + 1] << 8 | delta[at + 2] << 16
            append(base[offset : offset + (delta[at + 3] | delta[at + 4] << 8)])
            at += 5
        elif code:
            offset = length = 0
            for shift, bit in _OFFSET_BITS:
                if code & bit:
                    offset |= delta[at] << shift
                    at += 1
            for shift, bit in _LENGTH_BITS:
                if code & bit:
                    length |= delta[at] << shift
                    at += 1
            append(base[offset : offset + (length or _WHOLE)])
        else:
            raise GitError("a delta has a reserved instruction")
    made = b"".join(pieces)
    if len(made) != size:
        raise GitError("a delta makes an object of the wrong size")
    return made, list(map(len, pieces))


def touched_lines(text: bytes, lengths: list[int]) -> bytes:
    """Give every line of `text` that may not stand in the base, one after the other.

    A line that lies within one copied piece, with the newlines around it, is a line of the base too. What is
    inserted is in pieces of at most 127 bytes, so all that is new lies between longer pieces or at their ends:
    those stretches, widened to whole lines, are what may be new. A few old lines among them do no harm.

    Args:
        text: the object.
        lengths: those of its pieces.
    """
    runs = []
    find, rfind = text.find, text.rfind
    begin = reached = 0
    for length, end in zip(lengths, accumulate(lengths), strict=True):
        if length > _LONGEST_INSERT:
            # Stretches may fall on one very long line, which is taken once.
            if end - length >= reached:
                last = find(b"\n", end - length)
                last = len(text) if last < 0 else last
                runs.append(text[max(reached, rfind(b"\n", 0, begin) + 1) : last])
                reached = last
            begin = end
    runs.append(text[max(reached, rfind(b"\n", 0, begin) + 1) :])
    return b"\n".join(runs)
