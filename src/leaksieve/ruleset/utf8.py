"""Rules are written in characters, and the text that they see has one for each byte: these are the bytes of UTF-8."""

import re
import unicodedata

_CHARACTER = (
    r"\\(?:u(?P<four>[0-9A-Fa-f]{4})|U(?P<eight>[0-9A-Fa-f]{8})|N\{(?P<name>[^}]+)\}|(?P<escaped>.))"
    r"|(?P<other>[^\x00-\x7f])"
)
_IN_CLASS = re.compile(_CHARACTER, re.DOTALL)
_TOKEN = re.compile(rf"\(\?#[^)]*\)|\[\^?(?P<members>\]?(?:\\.|[^\]\\])*)\]|{_CHARACTER}", re.DOTALL)
# What may repeat the character before it; a comment, or a space in a verbose pattern, may stand in between.
_REPEATED = re.compile(r"[?*+{\s#]|\(\?#")


def bytes_of(text: str) -> str:
    """Give the bytes of a text in UTF-8, one character each."""
    return text.encode().decode("latin-1")


def bytes_pattern(pattern: str) -> str:
    r"""Translate a regex that Python takes: a character beyond ASCII becomes its bytes, grouped where repeated.

    Such letters have no case then. What is written as a byte, `\xe9`, stays one.

    Raises:
        ValueError: such a character stands in a character class, which matches one byte.
    """
    return _TOKEN.sub(_translated, pattern)


def _translated(token: re.Match[str]) -> str:
    if token["members"] is not None:
        for inside in filter(None, map(_wide_character, _IN_CLASS.finditer(token["members"]))):
            raise ValueError(f"a character class matches one byte, and {inside!r} has more: write (?:[...]|{inside})")
        return token[0]
    character = _wide_character(token)
    if not character:
        return token[0]
    return f"(?:{bytes_of(character)})" if _REPEATED.match(token.string, token.end()) else bytes_of(character)


def _wide_character(token: re.Match[str]) -> str:
    """Give the character beyond ASCII that a token writes or names, or ""."""
    code = token["four"] or token["eight"]
    named = unicodedata.lookup(token["name"]) if token["name"] else token["escaped"] or token["other"] or ""
    character = chr(int(code, 16)) if code else named
    return "" if character.isascii() else character
