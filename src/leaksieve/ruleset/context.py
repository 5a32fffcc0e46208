"""Rules from a table: credentials that have no anchor of their own, only a provider's name nearby.

A thousand services give keys that are merely so many characters of some alphabet. One shape serves all of them:

    PROVIDER ... NAME = VALUE

the provider's word, within forty characters on the same line a name that ends in a word for a credential, an
assignment (`leaksieve.ruleset.assignment`), and a value of exactly the provider's alphabet and length. The first
argument of a call that the word begins, `new Provider("...")`, is as good a place.
`patterns/context.csv` has a line for each credential, and this module makes of it what a TOML file would have said;
from there on it is a rule like any other.

Columns of the table, apart from those that rules in TOML have too:

    words   the provider's words; an underscore inside one stands for any separator or none. One that ends with an
            underscore is a common word: it must be a word of its own, and joined to the name by a separator.
    names   what the name must end in: key, token, secret, auth, id
    whole   names that need no word beside them: rails_master_key. One that begins with an underscore must be a word
            of its own.
    value   alphabets with counts, texts in quotes, alternatives: `hex{8} "-" base62+"_"{20,24} | uuid`
    checks  those beside the judge of names and values that every row but a client's id has
    confidence  where it is not medium for a value of at least sixteen characters, and low for a shorter one, a UUID
            and a client's id
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
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
    "base32lower": ("a-z2-7", "", "base32lower"),
}
_UUIDS = {"uuid": "hex", "uuidupper": "hexupper"}
_UUID_PARTS = (8, 4, 4, 4, 12)
_TOKEN = re.compile(r'\s*(?:"([^"]*)"|([a-z0-9]+)(?:\+"([^"]*)")?(?:\{(\d+)(?:,(\d+))?\})?|(\|))', re.ASCII)

# A shorter value, or a UUID, is low confidence whatever its name; see `leaksieve.core.values`.
_LEAST_STRONG = 16
# Less than rules that know their credential by more than its context (`leaksieve.core.rule.BY_CONTEXT`).
_LEAST_SPECIFIC = 15
# What may stand between the parts of a word or name; between those of whole names no blank.
_SEPARATORS = ("", ".", "_", "-", " ")
_OF_WORDS, _OF_WHOLE = "[ ._-]?", "[._-]?"
_ID = "(?:[ ._-]?(?i:id))?"
# The rest of a constructor's name, such as `.NewClient(`, and what opens its first argument. A setter of an id has one.
_CALL = r"""(?P<call>[0-9A-Za-z_.:\\]{0,30}(?<![Ii]d)\(["'`])"""
# What may stand between a common word and the name without a separator, as in `boxAccessToken`.
_FIRST = ("access", "api", "app", "auth", "client")
# Where a common word may begin: a setter's name goes on with a capital.
_BOUNDARY = "(?:(?<![0-9A-Za-z])|(?<=[Ss]et)(?=[A-Z]))"


def context_tables(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Read the table, and give the family of each line and the rule that it would be in TOML.

    Raises:
        InputError: the table cannot be read, or a value is not in its notation.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield row["family"], _rule(path, row)
    except OSError as error:
        raise InputError(f"{path}: cannot read the table: {error.strerror}") from None


def _rule(path: Path, row: Mapping[str, str]) -> dict[str, Any]:
    words, names, whole = (row[column].split() for column in ("words", "names", "whole"))
    try:
        value, example = _value(row["value"])
    except ValueError as error:
        raise InputError(f"{path}: rule {row['id']!r}: {error}") from None
    is_secret = row["kind"] != "client-id-pair"
    id_checks = ["credential-name", *(["mixed-case-and-digits"] if "base62" in row["value"] else [])]
    judges = ["context-token"] if is_secret else id_checks
    # That it is an id, a client's id may say itself.
    rest = "" if is_secret else _ID
    default = "medium" if is_secret and _least(row["value"]) >= _LEAST_STRONG else "low"
    name = f"{words[0].removesuffix('_')}_api_{names[0]}".upper() if words else whole[0].strip("_").upper()
    rule = {
        "id": row["id"],
        "description": row["description"],
        "provider": row["provider"],
        "kind": row["kind"],
        "regex": f"(?:(?:{'|'.join(_places(words, names, whole))}){rest}{{{{assigned}}}}{_call(words)}){value}",
        "keywords": list(_keywords(words, names, whole)),
        "checks": judges + row["checks"].split(),
        "severity": row["severity"],
        "confidence": row["confidence"] or default,
        "specificity": _specificity(names) if is_secret else _LEAST_SPECIFIC,
        "references": row["references"].split(),
        "examples": [f'{name}="{example}"'],
        "negatives": [
            f'{name}="{example[:-1]}!"',
            f'CHECKSUM_OF_{name.rpartition("_")[2]}="{example}"',
            f'{name}_HASH="{example}"',
        ],
    }
    if row["revoke"]:
        rule["revoke"] = row["revoke"]
    return rule


def _specificity(names: list[str]) -> int:
    """Of two rows that claim the same value the one with longer or fewer names knows more."""
    by_number = max(18 - len(names), _LEAST_SPECIFIC)
    return by_number if any("_" not in name for name in names) else 19


def _places(words: list[str], names: list[str], whole: list[str]) -> Iterator[str]:
    """Make the patterns from the provider's word to the end of the name; `core.context` asks for their groups."""
    ends, first = f"(?i:{_any(names)})", f"(?i:{'|'.join(_FIRST)})[._-]?"
    if rare := [word for word in words if not word.endswith("_")]:
        yield rf"(?i:{_any(rare)})(?P<between>[^\r\n]{{0,40}}?){ends}"
    if common := [word[:-1] for word in words if word.endswith("_")]:
        yield rf"{_BOUNDARY}(?i:{_any(common)})(?P<joined>[._-][0-9A-Za-z_.-]{{0,24}}?|(?:{first})?){ends}"
    if bound := [name[1:] for name in whole if name.startswith("_")]:
        yield rf"{_BOUNDARY}(?i:{_any(bound, _OF_WHOLE)})"
    if free := [name for name in whole if not name.startswith("_")]:
        yield rf"(?i:{_any(free, _OF_WHOLE)})"


def _call(words: list[str]) -> str:
    """Make the pattern of a call whose name begins with the provider's word, up to its first argument."""
    kinds = [_any([word.removesuffix("_")]) + ("[._-]" if word.endswith("_") else "") for word in words]
    return f"|(?i:{'|'.join(kinds)}){_CALL}" if kinds else ""


def _any(words: list[str], separator: str = _OF_WORDS) -> str:
    return "|".join(separator.join(re.escape(part) for part in word.split("_")) for word in words)


def _keywords(words: list[str], names: list[str], whole: list[str]) -> Iterator[str]:
    for name in whole:
        yield from _starts(name.removeprefix("_"), _SEPARATORS[:-1])
    # A letter behind a common word is enough: `boxa` of `boxApiKey` is rare.
    behind = dict.fromkeys((*"._-", *(word[0] for word in (*_FIRST, *names))))
    for word in words:
        bare = word.removesuffix("_")
        letters = behind if word != bare and bare.count("_") <= 1 else [""]
        yield from (start + letter for start in _starts(bare, _SEPARATORS) for letter in letters)


def _starts(word: str, separators: Iterable[str]) -> list[str]:
    """Give the ways to write the first two parts of a word, which are rare enough: each separator makes one more."""
    first, separator, second = word.partition("_")
    return [first + between + second.partition("_")[0] for between in separators] if separator else [first]


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
    behind = f"{marks}=" if name == "base64" else marks
    counts = f"{{{least},{most}}}" if most else f"{{{least}}}"
    return f"[{ranges}{_escaped(marks)}]{counts}", f"{{{{{made} {least}}}}}", behind


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
