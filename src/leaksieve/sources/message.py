"""Texts that are at hand: a commit's message before there is a commit, and what was piped in."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from leaksieve.core.coverage import Coverage
from leaksieve.core.finding import Blob, PlacedMatch
from leaksieve.core.screen import LineScreen
from leaksieve.sources.source import Located, occurrence_of


class TextShard(NamedTuple):
    """A text, and the kind of piece that it counts as."""

    text: Blob
    kind: str

    @property
    def size(self) -> int:
        """Count it once."""
        return 1

    def blobs(self, coverage: Coverage, _: LineScreen) -> Iterator[Blob]:
        """Give the text."""
        coverage.count(self.kind, len(self.text.data))
        yield self.text


class MessageSource:
    """A message as git would store it."""

    target = "commit message"

    def __init__(self, text: bytes) -> None:
        """Remember the message."""
        self._text = text

    def shards(self, _: Coverage) -> Sequence[TextShard]:
        """Give the message in one share."""
        return [TextShard(Blob("message", "commit message", self._text), "message")]

    def locate(self, matches: Sequence[PlacedMatch], wanted: Callable[[str], bool], _: Coverage) -> Located:  # noqa: ARG002 - no paths
        """Say that everything stands in the message."""
        return Located([(match, occurrence_of(match, None)) for match in matches], [])
