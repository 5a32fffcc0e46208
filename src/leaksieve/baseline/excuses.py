"""What accepts a finding from outside its text: a baseline, and the files of other tools."""

from collections.abc import Callable, Sequence
from typing import Protocol

from leaksieve.core.finding import Occurrence, PlacedMatch

#: Reads a file of the tree that is trusted to excuse findings, by its slash path from the repository's top; None when
#: there is no such file. For a developer that is the work tree, on a server the commit that a change is based on.
ReadFile = Callable[[str], bytes | None]

#: The baseline that is used when none is named.
BASELINE = ".leaksieve-baseline"


class Excuses(Protocol):
    """Findings that were accepted."""

    def excuse(self, match: PlacedMatch, occurrence: Occurrence) -> str | None:
        """Say what accepts a match at one of its places, or None when nothing does."""
        ...

    def notes(self) -> Sequence[str]:
        """Give what the report must tell: files that could not be understood, entries that have expired."""
        ...


def load_excuses(read: ReadFile, baseline: str | None, today: str) -> Excuses | None:
    """Gather what is accepted; None when nothing is.

    Args:
        read: reads a file of the trusted tree.
        baseline: the file that the user named, instead of `.leaksieve-baseline`.
        today: the date, as in 2026-01-31: an entry of the baseline may expire.

    Raises:
        InputError: the file that the user named is not there, or is no baseline.
    """
    del read, baseline, today  # no file accepts anything yet
    return None
