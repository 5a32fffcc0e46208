"""What a regex's parse tree tells: its longest match, its lookahead, and where its keywords stand.

The tree is that of Python's `re` (`re._parser`, unchanged from 3.11 to 3.14 in what is used here).
"""

import re
import re._constants as op  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from leaksieve.core.rule import Anchor

# Alternatives of a pattern are listed up to this number; more are cut to gaps that match anything.
_MOST_VARIANTS = 4000
# A character class of up to this many letters is tried letter by letter.
_SMALL_CLASS = 4

#: A stretch of a match: literal text, or a gap of some least and most width.
Part = str | tuple[int, int]
Variant = tuple[Part, ...]


class UnboundedError(ValueError):
    """A construct that may match any number of characters; the message names it."""


class Shape(NamedTuple):
    """The facts that the detector needs of a regex.

    Attributes:
        longest: characters of the longest possible match.
        ahead: characters after the match that lookaheads may read.
        newline: whether a match may contain a newline, or an assertion ask for one.
        text_end: an assertion of the begin or end of the whole text, as it is written, or "".
        groups: number of capture groups.
    """

    longest: int
    ahead: int
    newline: bool
    text_end: str
    groups: int
    variants: tuple[Variant, ...]


def shape_of(regex: str) -> Shape:
    """Analyse a regex.

    Raises:
        re.error: it is not a regex.
        UnboundedError: it has no longest match.
    """
    tree = parser.parse(regex, re.ASCII)
    widths: dict[int, int] = {}
    return Shape(
        longest=_longest(tree, widths),
        ahead=_ahead(tree, widths),
        newline=_reads_newline(tree, tree.state.flags),
        text_end=_text_end(tree, tree.state.flags | re.MULTILINE),
        groups=tree.state.groups - 1,
        variants=tuple(_merge(variant) for variant in _variants(tree)),
    )


def anchors_of(shape: Shape, keywords: Iterable[str]) -> tuple[tuple[Anchor, ...], str]:
    """Find where the keywords stand in every variant of a regex's matches.

    Returns:
        The anchors, and "" or, when some match holds no keyword, a description of such a match.
    """
    spans: dict[str, list[int]] = {}
    for variant in shape.variants:
        places = list(_keyword_places(variant, tuple(keywords)))
        if not places:
            return (), _describe(variant)
        # The keyword whose place is best known serves; ties go to the longer one, which hits less often.
        keyword, earliest, latest = min(places, key=lambda p: (p[2] - p[1], -len(p[0]), p[1]))
        span = spans.setdefault(keyword, [earliest, latest])
        span[:] = min(span[0], earliest), max(span[1], latest)
    return tuple(Anchor(keyword, *span) for keyword, span in spans.items()), ""


def _keyword_places(variant: Variant, keywords: tuple[str, ...]) -> Iterator[tuple[str, int, int]]:
    earliest = latest = 0
    for part in variant:
        if isinstance(part, str):
            for keyword in keywords:
                at = part.find(keyword)
                if at >= 0:
                    yield keyword, earliest + at, latest + at
            earliest, latest = earliest + len(part), latest + len(part)
        else:
            earliest, latest = earliest + part[0], latest + part[1]


def _describe(variant: Variant) -> str:
    return "".join(part if isinstance(part, str) else "..." for part in variant)


def _merge(variant: Variant) -> Variant:
    """Join neighbouring literals, and neighbouring gaps."""
    merged: list[Part] = []
    for part in variant:
        last = merged[-1] if merged else None
        if isinstance(part, str) and isinstance(last, str):
            merged[-1] = last + part
        elif isinstance(part, tuple) and isinstance(last, tuple):
            merged[-1] = (last[0] + part[0], last[1] + part[1])
        else:
            merged.append(part)
    return tuple(merged)


#: Nodes that repeat what is in them.
REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)


def inner(code: Any, value: Any) -> list[Any]:  # noqa: ANN401, PLR0911 - a table of untyped parse tree nodes
    """Give the sequences that a node is made of."""
    if code is op.SUBPATTERN:
        return [value[3]]
    if code is op.ATOMIC_GROUP:
        return [value]
    if code in REPEATS:
        return [value[2]]
    if code is op.BRANCH:
        return list(value[1])
    if code in (op.ASSERT, op.ASSERT_NOT):
        return [value[1]]
    if code is op.GROUPREF_EXISTS:
        return [branch for branch in value[1:] if branch is not None]
    return []


def _longest(tree: Any, widths: dict[int, int]) -> int:  # noqa: ANN401
    """Characters of the longest match of a sequence; fills `widths` with that of each group."""
    total = 0
    for code, value in tree:
        if code in (op.ASSERT, op.ASSERT_NOT):
            # It takes no room, but what is after it may refer to groups in it.
            _longest(value[1], widths)
        if code in (op.AT, op.ASSERT, op.ASSERT_NOT, op.FAILURE):
            continue
        if code is op.GROUPREF:
            total += widths[value]
            continue
        width = max((_longest(part, widths) for part in inner(code, value)), default=1)
        if code in REPEATS:
            if value[1] is op.MAXREPEAT and width:
                raise UnboundedError(f"unbounded repeat of {_name(value[2])}; write {{0,N}} or {{1,N}}")
            width = width * int(value[1]) if width else 0
        elif code is op.SUBPATTERN and value[0] is not None:
            widths[value[0]] = width
        total += width
    return total


def _name(tree: Any) -> str:  # noqa: ANN401
    """Name what is repeated, for a person: the text of a literal, or the kind of node."""
    code, value = tree[0]
    if code is op.LITERAL:
        return repr(chr(value))
    names = {op.ANY: "'.'", op.IN: "a character class", op.NOT_LITERAL: "a character class", op.SUBPATTERN: "a group"}
    return names.get(code, "a group")


def _ahead(tree: Any, widths: dict[int, int]) -> int:  # noqa: ANN401
    """Characters that lookaheads read; one more covers a boundary such as a word's end or `$`."""
    most = 1
    for code, value in tree:
        if code in (op.ASSERT, op.ASSERT_NOT) and value[0] > 0:
            most = max(most, _longest(value[1], widths) + 1)
        for part in inner(code, value):
            most = max(most, _ahead(part, widths))
    return most


def _reads_newline(tree: Any, flags: int, *, ahead: bool = False) -> bool:  # noqa: ANN401
    """Tell whether a sequence asks for a newline; `ahead`: in a lookahead, where `$` asks for it on any line."""
    for code, value in tree:
        if code is op.ANY and flags & re.DOTALL:
            return True
        if code is op.LITERAL and value == ord("\n"):
            return True
        if code is op.NOT_LITERAL and value != ord("\n"):
            return True
        if code is op.IN and _class_has_newline(value):
            return True
        ahead_here = value[0] > 0 if code in (op.ASSERT, op.ASSERT_NOT) else ahead
        parts = inner(code, value)
        if ahead_here and any(list(part) == [(op.AT, op.AT_END)] for part in parts):
            continue
        if any(_reads_newline(part, _flags_inside(code, value, flags), ahead=ahead_here) for part in parts):
            return True
    return False


def _flags_inside(code: Any, value: Any, flags: int) -> int:  # noqa: ANN401
    inside: int = (flags | value[1]) & ~value[2] if code is op.SUBPATTERN else flags
    return inside


# What each asks for depends on more than the line.
_TEXT_ENDS = {op.AT_BEGINNING_STRING: "\\A", op.AT_END_STRING: "\\Z"}


def _text_end(tree: Any, flags: int) -> str:  # noqa: ANN401
    for code, value in tree:
        if code is op.AT and value in _TEXT_ENDS:
            return _TEXT_ENDS[value]
        if code is op.AT and value is op.AT_BEGINNING and not flags & re.MULTILINE:
            return "(?-m:^)"
        inside = _flags_inside(code, value, flags)
        if found := next(filter(None, (_text_end(part, inside) for part in inner(code, value))), ""):
            return found
    return ""


def _class_has_newline(members: Any) -> bool:  # noqa: ANN401
    negated = members[0][0] is op.NEGATE
    holds_newline = {op.CATEGORY_SPACE, op.CATEGORY_NOT_DIGIT, op.CATEGORY_NOT_WORD}
    has = any(
        (code is op.LITERAL and value == ord("\n"))
        or (code is op.RANGE and value[0] <= ord("\n") <= value[1])
        or (code is op.CATEGORY and value in holds_newline)
        for code, value in members
    )
    return has != negated


def _variants(tree: Any) -> list[Variant]:  # noqa: ANN401
    """List the ways in which a sequence can match, as literals and gaps."""
    variants: list[Variant] = [()]
    for code, value in tree:
        choices = _choices(code, value)
        if len(variants) * len(choices) > _MOST_VARIANTS:
            choices = [(_gap(choices),)]
        variants = [(*variant, *choice) for variant in variants for choice in choices]
    return list(dict.fromkeys(variants))


def _gap(choices: list[Variant]) -> tuple[int, int]:
    widths = [_width(choice) for choice in choices]
    return min(width[0] for width in widths), max(width[1] for width in widths)


def _width(variant: Variant) -> tuple[int, int]:
    least = sum(len(part) if isinstance(part, str) else part[0] for part in variant)
    most = sum(len(part) if isinstance(part, str) else part[1] for part in variant)
    return least, most


def _choices(code: Any, value: Any) -> list[Variant]:  # noqa: ANN401, PLR0911 - a table of node kinds
    """List the ways in which one node can match."""
    if code in (op.AT, op.ASSERT, op.ASSERT_NOT):
        return [()]
    if code is op.LITERAL:
        return [(_lower(value),)]
    if code is op.IN:
        return _class_choices(value)
    if code in (op.SUBPATTERN, op.ATOMIC_GROUP):
        return _variants(inner(code, value)[0])
    if code is op.BRANCH:
        return list(dict.fromkeys(variant for branch in value[1] for variant in _variants(branch)))
    if code in REPEATS:
        return _repeat_choices(value)
    if code in (op.ANY, op.NOT_LITERAL):
        return [((1, 1),)]
    # A back reference repeats a group of any width that this walk does not know.
    return [((0, 1000),)]


def _lower(value: int) -> str:
    """Lower a letter as the sieve lowers text: other bytes than ASCII have no case."""
    return chr(value).lower() if value < 0x80 else chr(value)  # noqa: PLR2004 - ASCII


def _class_choices(members: Any) -> list[Variant]:  # noqa: ANN401
    literals = {_lower(value) for code, value in members if code is op.LITERAL}
    if len(literals) <= _SMALL_CLASS and all(code is op.LITERAL for code, _ in members):
        return [(letter,) for letter in sorted(literals)]
    return [((1, 1),)]


def _repeat_choices(value: Any) -> list[Variant]:  # noqa: ANN401
    least, most, repeated = int(value[0]), int(value[1]), value[2]
    once = _variants(repeated)
    gap = _gap(once)
    if most == 1:
        return [(), *once]
    if least == most and len(once) == 1 and all(isinstance(part, str) for part in once[0]):
        return [once[0] * least]
    if least == 0:
        return [((0, gap[1] * most),)]
    rest = (gap[0] * (least - 1), gap[1] * (most - 1))
    return [(*choice, rest) for choice in once]
