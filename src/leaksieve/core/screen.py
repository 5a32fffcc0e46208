"""Which lines of a history are worth a second look: each distinct line is sieved once.

A match of a line rule is a function of its line, so what was found in a line holds in whatever file and version
it stands.
"""

from itertools import filterfalse
from typing import NamedTuple

from leaksieve.core.detector import Detector
from leaksieve.core.finding import Match

# Lines are remembered up to so many bytes of memory; then the memory starts afresh, which costs time and no findings.
_MOST_REMEMBERED = 192 << 20
_LINE_OVERHEAD = 100
# A large text is taken in parts, so that its lines need not be there all at once.
_CHUNK = 1 << 20
_SAMPLE = 8000
# A longer line is seldom seen twice unchanged, and would fill the memory.
_LONGEST_REMEMBERED = 20_000


class HotLine(NamedTuple):
    """What a line brings to every text it stands in.

    Attributes:
        matches: those of line rules, with offsets from the beginning of the line.
        anchors: whether it holds an anchor of a block rule, so that the lines around it decide.
    """

    matches: tuple[Match, ...]
    anchors: bool


class LineScreen:
    """Tells lines that may be part of a match from those that cannot."""

    def __init__(self, detector: Detector) -> None:
        """Begin with no line seen."""
        self.detector = detector
        self._cold: set[bytes] = set()
        self._hot: dict[bytes, HotLine] = {}
        self._remembered = 0
        #: How many lines were looked up, and how many of them were new; whoever reads them may start afresh.
        self.lines = self.distinct_lines = 0

    def hot(self, text: bytes, *, remember: bool = True) -> dict[bytes, HotLine]:
        """Give those lines of `text` that hold a match of a line rule or an anchor of a block rule.

        Args:
            text: the lines.
            remember: whether they may be met again.
        """
        remember = remember and b"\0" not in text[:_SAMPLE]
        found: dict[bytes, HotLine] = {}
        begin = 0
        while begin < len(text):
            end = text.find(b"\n", begin + _CHUNK)
            part = text[begin:end] if end >= 0 else text[begin:]
            lines = part.split(b"\n")
            self.lines += len(lines)
            fresh = set(filterfalse(self._cold.__contains__, lines))
            begin = end + 1 if end >= 0 else len(text)
            if fresh:
                known = fresh & self._hot.keys()
                found.update((line, self._hot[line]) for line in known)
                fresh -= known
                if fresh:
                    self.distinct_lines += len(fresh)
                    found |= self._sieve(fresh, remember=remember)
        return found

    def _sieve(self, lines: set[bytes], *, remember: bool) -> dict[bytes, HotLine]:
        """Sieve lines not seen before; give the hot ones."""
        text = b"\n".join(lines).decode("latin-1")
        matches, anchors = self.detector.line_matches(text)
        held: dict[tuple[int, int], list[Match]] = {_line_around(text, at): [] for at in anchors}
        anchored = set(held)
        for match in matches:
            held.setdefault(_line_around(text, match.start), []).append(match)
        hot = {
            text[begin:end].encode("latin-1"): HotLine(
                tuple(match.moved(-begin) for match in its_matches), (begin, end) in anchored
            )
            for (begin, end), its_matches in held.items()
        }
        if remember:
            self._remember(lines, hot, len(text))
        return hot

    def _remember(self, lines: set[bytes], hot: dict[bytes, HotLine], size: int) -> None:
        if self._remembered > _MOST_REMEMBERED:
            self._cold.clear()
            self._hot.clear()
            self._remembered = 0
        if size > _LONGEST_REMEMBERED:
            lines = {line for line in lines if len(line) <= _LONGEST_REMEMBERED}
            size = sum(map(len, lines))
        self._cold |= lines - hot.keys()
        self._hot.update((line, found) for line, found in hot.items() if line in lines)
        # An object of Python's takes about fifty bytes, and its place in the set as many.
        self._remembered += size + _LINE_OVERHEAD * len(lines)


def _line_around(text: str, at: int) -> tuple[int, int]:
    """Give the span of the line that an offset lies in."""
    end = text.find("\n", at)
    return text.rfind("\n", 0, at) + 1, len(text) if end < 0 else end
