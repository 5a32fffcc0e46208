"""Which lines of a history are worth a second look: each distinct line is sieved once.

A match of a line rule is a function of its line, so a line that was sieved before needs no sieve again,
in whatever file and version it stands.
"""

from leaksieve.core.detector import Detector

# Lines are remembered up to so many bytes of memory; then the memory starts afresh, which costs time and no findings.
_MOST_REMEMBERED = 192 << 20
_LINE_OVERHEAD = 100
# A large text is taken in parts, so that its lines need not be there all at once.
_CHUNK = 1 << 20
_SAMPLE = 8000
# A longer line is seldom seen twice unchanged, and would fill the memory.
_LONGEST_REMEMBERED = 20_000


class LineScreen:
    """Tells lines that may be part of a match from those that cannot."""

    def __init__(self, detector: Detector) -> None:
        """Begin with no line seen."""
        self.detector = detector
        self._seen: set[bytes] = set()
        self._hot: set[bytes] = set()
        self._remembered = 0

    def hot(self, text: bytes) -> set[bytes]:
        """Give those lines of `text` that hold a match of a line rule or the anchor of a block rule."""
        found: set[bytes] = set()
        binary = b"\0" in text[:_SAMPLE]
        begin = 0
        while begin < len(text):
            end = text.find(b"\n", begin + _CHUNK)
            lines = set((text[begin:end] if end >= 0 else text[begin:]).split(b"\n"))
            begin = end + 1 if end >= 0 else len(text)
            fresh = lines - self._seen
            if fresh:
                self._sieve(fresh, remember=not binary)
            found |= self._hot & lines
        return found

    def _sieve(self, lines: set[bytes], *, remember: bool) -> None:
        text = b"\n".join(lines).decode("latin-1")
        end = -1
        for at in sorted(set(self.detector.hot_places(text))):
            if at > end:
                begin = text.rfind("\n", 0, at) + 1
                end = text.find("\n", at)
                end = len(text) if end < 0 else end
                self._hot.add(text[begin:end].encode("latin-1"))
        if remember:
            self._remember(lines, len(text))

    def _remember(self, lines: set[bytes], size: int) -> None:
        if self._remembered > _MOST_REMEMBERED:
            self._seen.clear()
            self._remembered = 0
        if size > _LONGEST_REMEMBERED:
            lines = {line for line in lines if len(line) <= _LONGEST_REMEMBERED}
            size = sum(map(len, lines))
        self._seen |= lines
        # An object of Python's takes about fifty bytes, and its place in the set as many.
        self._remembered += size + _LINE_OVERHEAD * len(lines)
