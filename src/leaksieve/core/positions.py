"""Where offsets in a text stand: lines and columns as people and git count them."""

from collections.abc import Callable, Iterable

from leaksieve.core.decode import display
from leaksieve.core.finding import Match
from leaksieve.core.rulebook import RuleBook


class Positions:
    """Lines and columns of ascending offsets, counted from the last one asked for."""

    def __init__(self, text: str) -> None:
        """Begin at the text's first character."""
        self._text = text
        self._lines = {0: 1}
        self._columns = {0: 1}
        self._last_line = self._last_column = 0

    def line(self, offset: int) -> int:
        """Give the line (from 1) of an offset."""
        if offset not in self._lines:
            begin = self._last_line if self._last_line <= offset else 0
            self._lines[offset] = self._lines[begin] + self._newlines(self._text[begin:offset])
            if self._begins_character(offset):
                self._last_line = offset
        return self._lines[offset]

    def column(self, offset: int) -> int:
        """Give the column (from 1, in characters as shown) of an offset."""
        if offset not in self._columns:
            last = self._last_column if self._last_column <= offset else 0
            begin = self._text.rfind("\n", last, offset) + 1
            known = 1 if begin or not last else self._columns[last]
            self._columns[offset] = known + len(display(self._text[begin or last : offset]))
            if self._begins_character(offset):
                self._last_column = offset
        return self._columns[offset]

    def _begins_character(self, offset: int) -> bool:
        """Tell whether counting can go on here: in the middle of a character of UTF-8, it cannot."""
        return not "\x80" <= self._text[offset : offset + 1] < "\xc0"

    def _newlines(self, part: str) -> int:
        return part.count("\n")


class RawPositions(Positions):
    """Positions whose lines are those that git sees in a UTF-16 or UTF-32 text: it knows only the byte 0x0A."""

    def __init__(self, text: str, encoding: str) -> None:
        """Begin at the first character of a text that was transcoded from `encoding`."""
        super().__init__(text)
        self._encoding = encoding

    def _newlines(self, part: str) -> int:
        return part.encode("latin-1").decode("utf-8", "replace").encode(self._encoding, "replace").count(b"\n")


def has_what_it_requires(rules: RuleBook, match: Match, found: Iterable[Match], positions: Positions) -> bool:
    """Tell whether each rule that a match's rule requires has a match near enough among those found in its text."""

    def is_near(position: Callable[[int], int], other: Match, most: int | None) -> bool:
        return most is None or abs(position(match.start) - position(other.start)) <= most

    return all(
        any(
            rules[other.rule].id == wanted.rule
            and is_near(positions.line, other, wanted.within_lines)
            and is_near(positions.column, other, wanted.within_columns)
            for other in found
        )
        for wanted in rules[match.rule].requires
    )
