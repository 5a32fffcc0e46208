"""The findings that the baseline file accepts."""

from collections.abc import Iterable, Sequence

from leaksieve.baseline.entries import Baseline, Entry, fingerprints
from leaksieve.baseline.globs import is_literal, scope
from leaksieve.core.finding import Occurrence, Place, PlacedMatch


class Accepted:
    """The baseline as excuses.

    A fingerprint takes 55 ms, so it is made only where the rule and the path fit an entry, and once for each secret.

    Args:
        baseline: the file.
        name: what to call it in notes.
        today: the date; entries that have expired accept nothing.
        least: the least confidence for which a fingerprint is worth its time.
    """

    def __init__(self, baseline: Baseline, name: str, today: str, least: int) -> None:
        """Sort the entries by rule and path."""
        self._keys = baseline.keys
        self._name = name
        self._today = today
        self._least = least
        self._fingerprints: dict[tuple[str, str], frozenset[str]] = {}
        self._expired: set[Entry] = set()
        self._problems = baseline.problems
        self.used: set[Entry] = set()
        self._at: dict[tuple[str, str], list[Entry]] = {}
        self._scopes: dict[str, list[Entry]] = {}
        for entry in baseline.entries:
            if is_literal(entry.path):
                self._at.setdefault((entry.rule, entry.path), []).append(entry)
            else:
                self._scopes.setdefault(entry.rule, []).append(entry)

    def excuse(self, match: PlacedMatch, occurrence: Occurrence) -> str | None:
        """Say why the baseline accepts a match at a place, or None when it does not."""
        if match.confidence < self._least:
            return None
        entries = self.entries_for(match, occurrence)
        valid = [entry for entry in entries if not entry.expires or entry.expires >= self._today]
        if not valid:
            self._expired.update(entries)
            return None
        self.used.update(valid)
        return f"baseline: {valid[0].reason}"

    def entries_for(self, match: PlacedMatch, occurrence: Occurrence) -> list[Entry]:
        """Give the entries that speak of a match at a place, expired ones too."""
        fitting = self._fitting(match, occurrence)
        if not fitting:
            return []
        pair = (match.rule, match.secret)
        if pair not in self._fingerprints:
            self._fingerprints |= fingerprints(self._keys, [pair])
        return [entry for entry in fitting if entry.fingerprint in self._fingerprints[pair]]

    def _fitting(self, match: PlacedMatch, occurrence: Occurrence) -> list[Entry]:
        place = place_of(occurrence)
        scoped = (entry for entry in self._scopes.get(match.rule, ()) if scope(entry.path).fullmatch(place))
        return [*self._at.get((match.rule, place), ()), *scoped]

    def expect(self, places: Iterable[Place]) -> None:
        """Make the fingerprints that will be asked for, on all cores."""
        needed = {
            (match.rule, match.secret)
            for match, occurrence in places
            if match.confidence >= self._least and occurrence.suppressed_by is None and self._fitting(match, occurrence)
        }
        self._fingerprints |= fingerprints(self._keys, needed)

    def notes(self) -> Sequence[str]:
        """Tell of entries that have expired, and of lines that are none."""
        expired = [
            f"{self._name}: the entry for {entry.rule} in {entry.path} expired on {entry.expires} and excuses nothing"
            for entry in sorted(self._expired)
        ]
        return [*expired, *(f"{self._name}:{number}: {why}; the line is left out" for number, why in self._problems)]


def place_of(occurrence: Occurrence) -> str:
    """Give what a path scope is compared with: the path, or what kind of place it is, as in `(commit message)`."""
    return occurrence.path if occurrence.path is not None else f"({occurrence.where})"
