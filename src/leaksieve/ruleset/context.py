"""Rules from a table: credentials that have no anchor of their own, only a provider's name nearby.

Five hundred services give keys that are merely so many characters of some alphabet. One shape serves all of them:

    PROVIDER ... NAME = VALUE

the provider's word, within forty characters on the same line a name that ends in a word for a credential, an
assignment, and a value of exactly the provider's alphabet and length. The first argument of a call that the word
begins, `new Provider("...")`, is as good a place. `patterns/context.csv` has a line for each
credential, and this module makes of it what a TOML file would have said; from there on it is a rule like any other.

Columns of the table, apart from those that rules in TOML have too:

    words   the provider's words; an underscore inside one stands for any separator or none. One that ends with an
            underscore is a common word: it must be a word of its own, and joined to the name by a separator.
    names   what the name must end in: key, token, secret, auth, id
    value   alphabets with counts, texts in quotes, alternatives: `hex{8} "-" base62+"_"{20,24} | uuid`
"""

import csv
import re
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

from leaksieve.errors import InputError

#: Each alphabet: its letters and digits as ranges, its other characters, and the alphabet that examples are made of.
_ALPHABETS = {
    "hex": ("0-9a-f", "", "hex"),
    "hexupper": ("0-9A-F", "", "hexupper"),
    "alnum": ("0-9a-z", "", "alnum"),
    "alnumupper": ("0-9A-Z", "", "alnumupper"),
    "base62": ("0-9A-Za-z", "", "base62"),
    "base32": ("A-Z2-7", "", "base32"),
    "base64": ("0-9A-Za-z", "+/", "base62"),
    "base64url": ("0-9A-Za-z", "_-", "base62"),
    "word": ("0-9A-Za-z", "_", "base62"),
    "base58": ("1-9A-HJ-NP-Za-km-z", "", "base58"),
    "letters": ("A-Za-z", "", "letters"),
    "letterslower": ("a-z", "", "letterslower"),
    "digits": ("0-9", "", "digits"),
}
_UUIDS = {"uuid": "hex", "uuidupper": "hexupper"}
_UUID_PARTS = (8, 4, 4, 4, 12)
_TOKEN = re.compile(r'\s*(?:"([^"]*)"|([a-z0-9]+)(?:\+"([^"]*)")?(?:\{(\d+)(?:,(\d+))?\})?|(\|))', re.ASCII)

# A shorter value, or a UUID, is low confidence whatever its name; see `leaksieve.core.values`.
_LEAST_STRONG = 16
# The rest of the name, what closes it, a type, the assignment, and what opens the value.
_ASSIGNED = (
    r"""[0-9A-Za-z_-]{0,12}["'`\\)\]]{0,3}[ \t]{0,8}(?::[ \t]{0,3}(?:[Ss]tring|str)[ \t]{0,3})?"""
    r"""(?:=>|:=|={1,3}|:|,|>)[ \t]{0,8}["'`\\(]{0,3}"""
)
# The rest of a constructor's name, such as `.NewClient(`, and what opens its first argument.
_CALL = r"""[0-9A-Za-z_.:\\]{0,30}\(["'`]"""
_SEPARATORS = ("", " ", ".", "_", "-")
_CLASS = "[ ._-]?"


def context_tables(path: Path) -> Iterator[dict[str, Any]]:
    """Read the table, and give each line as the rule that it would be in TOML.

    Raises:
        InputError: the table cannot be read, or a value is not in its notation.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield _rule(path, row)
    except OSError as error:
        raise InputError(f"{path}: cannot read the table: {error.strerror}") from None


def _rule(path: Path, row: Mapping[str, str]) -> dict[str, Any]:
    words, names = row["words"].split(), row["names"].split()
    try:
        value, example = _value(row["value"])
    except ValueError as error:
        raise InputError(f"{path}: rule {row['id']!r}: {error}") from None
    is_secret = row["kind"] != "client-id-pair"
    rule = {
        "id": row["id"],
        "description": row["description"],
        "provider": row["provider"],
        "kind": row["kind"],
        "regex": f"(?:{_places(words)}(?i:{'|'.join(names)}){_ASSIGNED}|{_call(words)}){value}",
        "keywords": list(_keywords(words)),
        "checks": ["context-token"] if is_secret else ["mixed-case-and-digits"] if "base62" in row["value"] else [],
        "severity": row["severity"],
        "confidence": "medium" if is_secret and _least(row["value"]) >= _LEAST_STRONG else "low",
        "specificity": 15,
        "references": [row["reference"]] if row["reference"] else [],
        "examples": [_example(words[0], names[0], example)],
        "negatives": [_example(words[0], names[0], example[:-1] + "!"), f'CHECKSUM_OF_{names[0].upper()}="{example}"'],
    }
    if row["revoke"]:
        rule["revoke"] = row["revoke"]
    return rule


def _places(words: list[str]) -> str:
    """Make the pattern from the provider's word up to the name."""
    rare = "|".join(_separated(word) for word in words if not word.endswith("_"))
    common = "|".join(_separated(word[:-1]) for word in words if word.endswith("_"))
    kinds = []
    if rare:
        kinds.append(rf"(?i:{rare})[^\r\n]{{0,40}}?")
    if common:
        kinds.append(rf"(?<![0-9A-Za-z])(?i:{common})[._-][0-9A-Za-z_.-]{{0,24}}?")
    return kinds[0] if len(kinds) == 1 else f"(?:{'|'.join(kinds)})"


def _call(words: list[str]) -> str:
    """Make the pattern of a call whose name begins with the provider's word, up to its first argument."""
    kinds = [rf"{_separated(word.removesuffix('_'))}{'[._-]' if word.endswith('_') else ''}" for word in words]
    return rf"(?i:{'|'.join(kinds)}){_CALL}"


def _separated(word: str) -> str:
    return _CLASS.join(re.escape(part) for part in word.split("_"))


def _keywords(words: list[str]) -> Iterator[str]:
    for word in words:
        bare = word.removesuffix("_")
        parts = bare.split("_")
        for separators in product(_SEPARATORS, repeat=len(parts) - 1):
            joined = "".join(part + separator for part, separator in zip(parts, (*separators, ""), strict=True))
            yield from [joined] if bare == word else [joined + end for end in "._-"]


def _value(notation: str) -> tuple[str, str]:
    """Turn the notation of a value into a pattern, and into an example of its first alternative.

    Raises:
        ValueError: it is not in the notation; the message says where.
    """
    pattern, example, edge, is_first = "", "", "", True
    at, notation = 0, notation.strip()
    while at < len(notation):
        token = _TOKEN.match(notation, at)
        if token is None or not (
            token[1] is not None or token[6] or token[2] in _UUIDS or (token[2] in _ALPHABETS and token[4])
        ):
            raise ValueError(f"value {notation!r} is not understood at {notation[at:]!r}")
        at = token.end()
        if token[6]:
            pattern, is_first = pattern + "|", False
            continue
        piece, made, more = _piece(token)
        pattern += piece
        example += made if is_first else ""
        edge += more
    return f"({pattern})(?![0-9A-Za-z{_escaped(edge)}])", example


def _piece(token: re.Match[str]) -> tuple[str, str, str]:
    """Give one piece of a value as a pattern and as an example, with characters that may not follow the value."""
    text, name, extra, least, most, _ = token.groups()
    if text is not None:
        return re.escape(text), text, "=" if text.endswith("=") else ""
    if name in _UUIDS:
        ranges, _, made = _ALPHABETS[_UUIDS[name]]
        parts = "-".join(f"[{ranges}]{{{size}}}" for size in _UUID_PARTS)
        return parts, "-".join(f"{{{{{made} {size}}}}}" for size in _UUID_PARTS), "-"
    ranges, marks, made = _ALPHABETS[name]
    marks += extra or ""
    counts = f"{{{least},{most}}}" if most else f"{{{least}}}"
    return f"[{ranges}{_escaped(marks)}]{counts}", f"{{{{{made} {least}}}}}", marks


def _escaped(characters: str) -> str:
    """Write characters for the inside of a character class, each once."""
    return "".join(f"\\{character}" for character in dict.fromkeys(characters))


def _least(notation: str) -> int:
    """Give the length of the shortest value; 0 for a UUID, which proves nothing."""
    least = [0]
    for text, name, _, count, _, bar in _TOKEN.findall(notation):
        if name in _UUIDS:
            return 0
        if bar:
            least.append(0)
        least[-1] += len(text) + int(count or 0)
    return min(least)


def _example(word: str, name: str, value: str) -> str:
    joined = word.removesuffix("_").upper()
    return f'{joined}_API_{name.upper()}="{value}"'
