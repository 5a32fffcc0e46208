"""Text out of bytes: UTF-16 and UTF-32 become UTF-8, then one character per byte.

Rules see Latin-1, so that every offset in the text is an offset in the (transcoded) bytes.
"""

from typing import NamedTuple

# The order matters: the UTF-32 little-endian mark begins with the UTF-16 one.
# Source: The Unicode Standard, section 23.8, "Byte Order Mark (BOM)".
_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_MARK_STARTS = {mark[:2] for mark, _ in _MARKS}
_SAMPLE = 512
# Text of mostly ASCII has a NUL in every second byte; a tenth of other characters may break the pattern.
_MOSTLY = 0.9


class Decoded(NamedTuple):
    """Text with one character per byte, and what it was transcoded from ("" when it was not)."""

    text: str
    encoding: str


def wide_encoding(data: bytes) -> str:
    """Name the UTF-16 or UTF-32 encoding that `data` is in, or "" for anything else."""
    # Asked of every object of a history: nearly all are answered here.
    if data.find(b"\0", 0, _SAMPLE) < 0 and data[:2] not in _MARK_STARTS:
        return ""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    sample = data[:_SAMPLE]
    if len(sample) < 4:  # noqa: PLR2004 - a shorter text holds no credential
        return ""
    pairs = len(sample) // 2
    odd_nuls, even_nuls = sample[1::2].count(0), sample[0::2].count(0)
    for encoding, nuls, others in (("utf-16-le", odd_nuls, even_nuls), ("utf-16-be", even_nuls, odd_nuls)):
        # In another alphabet, only spaces and ends of lines have them.
        if (nuls >= _MOSTLY * pairs and others <= (1 - _MOSTLY) * pairs) or (not others and _is_text(sample, encoding)):
            return encoding
    return ""


def _is_text(sample: bytes, encoding: str) -> bool:
    """Tell whether the beginning of a file is text in this encoding: no character in it is unassigned or a control."""
    # The last character may be cut in two.
    characters = sample[: len(sample) // 2 * 2].decode(encoding, "replace")[:-1]
    return all(character.isprintable() or character in "\t\r\n" for character in characters)


def decode(data: bytes) -> Decoded:
    """Turn a blob into the text that rules see."""
    encoding = wide_encoding(data)
    if not encoding:
        return Decoded(data.decode("latin-1"), "")
    wide = data.decode(encoding, "replace").removeprefix("\ufeff")
    return Decoded(wide.encode("utf-8", "replace").decode("latin-1"), encoding)


def characters(text: str) -> str:
    """Give the characters of Latin-1 `text` whose bytes are most likely UTF-8, and stand-ins for bytes that are not.

    Encoded with "surrogateescape" it has the same bytes again.
    """
    return text if text.isascii() else text.encode("latin-1").decode("utf-8", "surrogateescape")


def display(text: str) -> str:
    """Give the characters that a person would see for Latin-1 `text` whose bytes are most likely UTF-8."""
    return text.encode("latin-1").decode("utf-8", "replace")
