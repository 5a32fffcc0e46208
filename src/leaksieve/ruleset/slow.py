"""What makes a rule slow, found in its keywords and its regex's parse tree before a repository does."""

import re
import re._constants as op  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Iterator
from typing import Any

from leaksieve.core.decode import display
from leaksieve.core.rule import Rule
from leaksieve.ruleset.shape import REPEATS, inner

# Three letters hit in ordinary words: `rev` 5,592 times in a million lines of Python, JavaScript and Java, `aha` 866.
_LEAST_KEYWORD = 4
# Characters in front of a keyword, all of which each hit of it searches for the begin of a match.
_FARTHEST_KEYWORD = 200
# Ways in which two neighbouring repeats can divide what both match.
_MOST_WAYS = 10_000


def slow_constructs(rule: Rule) -> Iterator[str]:
    """Name what may make a rule slow, each with its remedy; a rule may have good reasons for all of them."""
    for keyword, earliest, latest in rule.anchors:
        shown = f"keyword {display(keyword)!r}"
        if len(keyword) < _LEAST_KEYWORD and keyword.isalnum():
            yield f"{shown} is short and hits in ordinary words: name a longer one, or one with punctuation"
        if latest > _FARTHEST_KEYWORD and latest > earliest:
            yield f"{shown} stands up to {latest} characters into a match: begin the regex nearer to it"
    yield from dict.fromkeys(_slow(parser.parse(rule.regex, re.ASCII)))


def _slow(tree: Any) -> Iterator[str]:  # noqa: ANN401 - an untyped parse tree
    before: tuple[frozenset[int], int] | None = None
    for code, value in tree:
        repeat = _repeat(code, value)
        if repeat and before and before[0] & repeat[0] and before[1] * repeat[1] > _MOST_WAYS:
            yield "two repeats side by side match the same characters: shorten one, or put a literal between them"
        before = repeat
        if code in REPEATS and value[1] > 1 and _is_all_repeats(value[2]):
            yield "a repeat of nothing but a repeat matches the same text in many ways: write one of them"
        for part in inner(code, value):
            yield from _slow(part)


def _is_all_repeats(tree: Any) -> bool:  # noqa: ANN401
    """Tell whether a sequence is made of repeats of varying length only, through groups."""
    parts = list(tree)
    if len(parts) == 1 and parts[0][0] in (op.SUBPATTERN, op.ATOMIC_GROUP):
        return _is_all_repeats(inner(*parts[0])[0])
    return bool(parts) and all(code in REPEATS and value[0] < value[1] for code, value in parts)


def _repeat(code: Any, value: Any) -> tuple[frozenset[int], int] | None:  # noqa: ANN401
    """Give the characters that a repeat of one character matches, and in how many lengths."""
    if code not in REPEATS or code is op.POSSESSIVE_REPEAT or value[0] == value[1] or len(value[2]) != 1:
        return None
    characters = _characters(*value[2][0])
    return (characters, int(value[1]) - int(value[0])) if characters else None


_CATEGORIES = {
    op.CATEGORY_DIGIT: r"\d", op.CATEGORY_NOT_DIGIT: r"\D", op.CATEGORY_SPACE: r"\s",
    op.CATEGORY_NOT_SPACE: r"\S", op.CATEGORY_WORD: r"\w", op.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip
_ALL = frozenset(range(256))


def _characters(code: Any, value: Any) -> frozenset[int]:  # noqa: ANN401, PLR0911 - a table of node kinds
    """Give the characters that a node of one character matches; none for other nodes."""
    if code is op.LITERAL:
        return frozenset([value])
    if code is op.NOT_LITERAL:
        return _ALL - {value}
    if code is op.ANY:
        return _ALL - {ord("\n")}
    if code is op.RANGE:
        return frozenset(range(value[0], value[1] + 1))
    if code is op.CATEGORY:
        return frozenset(each for each in _ALL if re.match(_CATEGORIES[value], chr(each), re.ASCII))
    if code is op.IN:
        members = frozenset(each for member in value if member[0] is not op.NEGATE for each in _characters(*member))
        return _ALL - members if value[0][0] is op.NEGATE else members
    return frozenset()
