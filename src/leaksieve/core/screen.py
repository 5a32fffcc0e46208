"""Which lines of a history are worth a second look: each distinct line is sieved once.

A match of a line rule is a function of its line, so a line that was sieved before needs no sieve again,
in whatever file and version it stands.
"""

from collections.abc import Set as AbstractSet

from leaksieve.core.detector import Detector

# Lines are remembered up to so many bytes of text; then the memory starts afresh, which costs time and no findings.
_MOST_REMEMBERED = 96 << 20
# A longer line is seldom seen twice unchanged, and would fill the memory.
_LONGEST_REMEMBERED = 1000


class LineScreen:
    """Tells lines that may be part of a match from those that cannot."""

    def __init__(self, detector: Detector) -> None:
        """Begin with no line seen."""
        self.detector = detector
        self._seen: set[bytes] = set()
        self._hot: set[bytes] = set()
        self._remembered = 0

    def hot(self, lines: AbstractSet[bytes]) -> AbstractSet[bytes]:
        """Give those of these lines that hold a match of a line rule or the anchor of a block rule."""
        fresh = lines - self._seen
        if fresh:
            self._sieve(fresh)
        return self._hot & lines

    def _sieve(self, lines: AbstractSet[bytes]) -> None:
        text = b"\n".join(lines).decode("latin-1")
        for at in self.detector.hot_places(text):
            begin = text.rfind("\n", 0, at) + 1
            end = text.find("\n", at)
            self._hot.add((text[begin:] if end < 0 else text[begin:end]).encode("latin-1"))
        if self._remembered > _MOST_REMEMBERED:
            self._seen.clear()
            self._remembered = 0
        if len(text) > _LONGEST_REMEMBERED:
            lines = {line for line in lines if len(line) <= _LONGEST_REMEMBERED}
        self._seen |= lines
        self._remembered += len(text)
