"""A commit's message before there is a commit."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from leaksieve.core.coverage import Coverage
from leaksieve.core.finding import Blob, PlacedMatch
from leaksieve.core.screen import LineScreen
from leaksieve.sources.source import Located, occurrence_of


class MessageShard(NamedTuple):
    """The message."""

    text: bytes

    @property
    def size(self) -> int:
        """Count it once."""
        return 1

    def blobs(self, coverage: Coverage, _: LineScreen) -> Iterator[Blob]:
        """Give the message."""
        coverage.count("message", len(self.text))
        yield Blob("message", "commit message", self.text)


class MessageSource:
    """A message as git would store it."""

    target = "commit message"

    def __init__(self, text: bytes) -> None:
        """Remember the message."""
        self._text = text

    def shards(self, _: Coverage) -> Sequence[MessageShard]:
        """Give the message in one share."""
        return [MessageShard(self._text)]

    def locate(self, matches: Sequence[PlacedMatch], wanted: Callable[[str], bool], _: Coverage) -> Located:  # noqa: ARG002 - no paths
        """Say that everything stands in the message."""
        return Located([(match, occurrence_of(match, None)) for match in matches], [])
