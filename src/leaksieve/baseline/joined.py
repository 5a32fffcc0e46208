"""Excuses made of others."""

from collections.abc import Callable, Iterable, Sequence

from leaksieve.baseline.excuses import Excuses
from leaksieve.baseline.others import Accepts
from leaksieve.core.finding import Occurrence, Place, PlacedMatch


class Joined:
    """Several things that accept findings; the first that does so speaks.

    Args:
        told: notes of what could not be read.
    """

    def __init__(self, baseline: Excuses | None, others: Iterable[Accepts], told: Sequence[str]) -> None:
        """Put the baseline first."""
        self._baseline = baseline
        self._accepting = [*([baseline] if baseline else ()), *others]
        self._told = told

    def excuse(self, match: PlacedMatch, occurrence: Occurrence) -> str | None:
        """Ask one after the other."""
        return next(filter(None, (one.excuse(match, occurrence) for one in self._accepting)), None)

    def expect(self, places: Sequence[Place]) -> None:
        """Prepare the baseline."""
        if self._baseline:
            self._baseline.expect(places)

    def notes(self) -> Sequence[str]:
        """Give the notes of all."""
        return [*self._told, *(self._baseline.notes() if self._baseline else ())]


class FromFolder:
    """Excuses for a scan that names files from another folder than the repository's top.

    Args:
        inner: the excuses, whose paths count from the top.
        from_top: turns a path of the scan to one from the top.
    """

    def __init__(self, inner: Excuses, from_top: Callable[[str], str]) -> None:
        """Keep both."""
        self._inner = inner
        self._from_top = from_top

    def excuse(self, match: PlacedMatch, occurrence: Occurrence) -> str | None:
        """Ask for the place as the top sees it."""
        return self._inner.excuse(match, self._moved(occurrence))

    def expect(self, places: Sequence[Place]) -> None:
        """Prepare for the places as the top sees them."""
        self._inner.expect([(match, self._moved(occurrence)) for match, occurrence in places])

    def notes(self) -> Sequence[str]:
        """Give the notes."""
        return self._inner.notes()

    def _moved(self, occurrence: Occurrence) -> Occurrence:
        return occurrence._replace(path=self._from_top(occurrence.path)) if occurrence.path else occurrence
