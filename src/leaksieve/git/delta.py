"""Deltas: how a pack stores an object as changes to another, and which lines such changes touch.

Source of the format: https://git-scm.com/docs/gitformat-pack, "Deltified representation".
"""

from leaksieve.errors import GitError

_COPY = 0x80
_WHOLE = 0x10000


# Which byte of the offset and of the size follows a copy instruction, by the bit that announces it.
_OFFSET_BITS = ((0, 0x01), (8, 0x02), (16, 0x04), (24, 0x08))
_SIZE_BITS = ((0, 0x10), (8, 0x20), (16, 0x40))
#: In place of an offset: wherever a copy begins, there is a seam already.
_ANYWHERE = -1


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


def apply_delta(base: bytes, delta: bytes) -> tuple[bytes, list[int]]:  # noqa: C901, PLR0912, PLR0915 - see the loop
    """Rebuild an object from its base.

    Returns:
        The object, and where its pieces meet: offsets in pairs, `[begin, end]` of each inserted run and of
        each seam between copies that do not follow one another in the base, ascending.

    Raises:
        GitError: the delta does not fit its base, or makes no object of the size that it promises.
    """
    wanted_base, at = read_size(delta, 0)
    size, at = read_size(delta, at)
    if wanted_base != len(base):
        raise GitError("a delta is for a base of another size")
    pieces: list[bytes] = []
    seams: list[int] = []
    end = len(delta)
    position = 0
    expected = 0  # where a copy must begin in the base to go on seamlessly
    append, seam = pieces.append, seams.append
    # This loop runs for every instruction of a history, eleven million times in one of 27,000 commits; a call or
    # a tuple more in it costs seconds. The five commonest copies are spelled out for that.
    while at < end:
        code = delta[at]
        at += 1
        if code < _COPY:
            stop = at + code
            append(delta[at:stop])
            at = stop
            seam(position)
            position += code
            seam(position)
            expected = _ANYWHERE  # the end of an inserted run is a seam already
            continue
        if code == 0x93:  # noqa: PLR2004 - two bytes of offset, one of size
            offset = delta[at] | delta[at + 1] << 8
            length = delta[at + 2]
            at += 3
        elif code == 0x91:  # noqa: PLR2004 - one and one
            offset = delta[at]
            length = delta[at + 1]
            at += 2
        elif code == 0xB3:  # noqa: PLR2004 - two and two
            offset = delta[at] | delta[at + 1] << 8
            length = delta[at + 2] | delta[at + 3] << 8
            at += 4
        elif code == 0x97:  # noqa: PLR2004 - three and one
            offset = delta[at] | delta[at + 1] << 8 | delta[at + 2] << 16
            length = delta[at + 3]
            at += 4
        elif code == 0xB7:  # noqa: PLR2004 - three and two
            offset = delta[at] | delta[at + 1] << 8 | delta[at + 2] << 16
            length = delta[at + 3] | delta[at + 4] << 8
            at += 5
        else:
            offset = length = 0
            for shift, bit in _OFFSET_BITS:
                if code & bit:
                    offset |= delta[at] << shift
                    at += 1
            for shift, bit in _SIZE_BITS:
                if code & bit:
                    length |= delta[at] << shift
                    at += 1
        length = length or _WHOLE
        if offset != expected and expected != _ANYWHERE:  # noqa: PLR1714 - a set would be made each time
            seam(position)
            seam(position)
        expected = offset + length
        append(base[offset:expected])
        position += length
    if expected not in {len(base), _ANYWHERE}:
        seams += (position, position)
    made = b"".join(pieces)
    if len(made) != size or position != size:
        raise GitError("a delta makes an object of the wrong size")
    return made, seams


def touched_lines(text: bytes, seams: list[int]) -> set[bytes]:
    """Give every line of `text` that may not stand in the base: those that a seam or an inserted run touches.

    A line that lies within one copy, with the newlines around it, is a line of the base too. So each run is
    widened to whole lines, and each seam to the line around it.
    """
    runs = []
    reached = -1
    find, rfind = text.find, text.rfind
    for last, begin in zip(seams[1::2], seams[::2], strict=True):
        if last > reached:  # otherwise within the lines that were taken already
            first = rfind(b"\n", 0, begin) + 1
            reached = find(b"\n", last)
            if reached < 0:
                reached = len(text)
            runs.append(text[first:reached])
    return set(b"\n".join(runs).split(b"\n")) if runs else set()
