"""What accepts a finding from outside its text: the baseline, and the files of other tools."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from leaksieve.core.finding import Occurrence, Place, PlacedMatch
from leaksieve.core.rule import LOW
from leaksieve.core.rulebook import RuleBook
from leaksieve.errors import InputError

if TYPE_CHECKING:
    from leaksieve.baseline.others import Accepts

#: Reads a file of the tree that is trusted to excuse findings, by its slash path from the repository's top; None when
#: there is no such file. For a developer that is the work tree, on a server the commit that a change is based on.
ReadFile = Callable[[str], bytes | None]

#: The baseline that is used when none is named.
BASELINE = ".leaksieve-baseline"


class Excuses(Protocol):
    """All that accepts findings in a scan."""

    def excuse(self, match: PlacedMatch, occurrence: Occurrence, /) -> str | None:
        """Say what accepts a match at one of its places, or None when nothing does."""
        ...

    def expect(self, places: Sequence[Place]) -> None:
        """Prepare for being asked about these: slow fingerprints are made on all cores."""
        ...

    def notes(self) -> Sequence[str]:
        """Give what the report must tell: files that could not be understood, entries that have expired."""
        ...


class _Deferred:
    """Excuses that are loaded when a finding asks for the first time: a hook without one never looks for files."""

    def __init__(self, load: Callable[[], Excuses]) -> None:
        self._load = load
        self._loaded: Excuses | None = None

    def excuse(self, match: PlacedMatch, occurrence: Occurrence) -> str | None:
        return self._excuses().excuse(match, occurrence)

    def expect(self, places: Sequence[Place]) -> None:
        if places:
            self._excuses().expect(places)

    def notes(self) -> Sequence[str]:
        return self._loaded.notes() if self._loaded else ()

    def _excuses(self) -> Excuses:
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded


def load_excuses(  # noqa: PLR0913 - what is trusted, and for which scan
    read: ReadFile,
    baseline: str | None,
    today: str,
    rules: RuleBook,
    *,
    least: int = LOW,
    allowed: Callable[[], Sequence[str]] = tuple,
) -> Excuses:
    """Gather what is accepted.

    Args:
        read: reads a file of the trusted tree.
        baseline: the file that the user named: ours, which counts instead of `.leaksieve-baseline`, or one of gitleaks
            or detect-secrets, which counts beside it.
        today: the date, as in 2026-01-31: an entry of the baseline may expire.
        rules: the rules of the scan.
        least: the least confidence for which the baseline's slow fingerprints are worth their time.
        allowed: reads the patterns that git-secrets keeps in git's configuration.

    Raises:
        InputError: the file that the user named is not there, or is no baseline.
    """
    named = None if baseline is None else read(baseline)
    if baseline is not None and named is None:
        raise InputError(f"{baseline}: no such file; `leaksieve baseline create --baseline FILE` makes one")
    # Everything else is imported and read when a finding asks for the first time.
    foreign = foreign_baseline(named, baseline or "", rules) if named is not None else None
    name = baseline if baseline is not None and foreign is None else BASELINE

    def load() -> Excuses:
        from leaksieve.baseline.joined import Joined  # noqa: PLC0415
        from leaksieve.baseline.others import other_tools  # noqa: PLC0415

        told: list[str] = []
        others = [*([foreign] if foreign else ()), *other_tools(read, rules, allowed, told.append)]
        data = named if name == baseline else read(BASELINE)
        return Joined(_own_baseline(data, name, today, least), others, told)

    return _Deferred(load)


def foreign_baseline(data: bytes, name: str, rules: RuleBook) -> "Accepts | None":
    """Read a baseline of another tool: gitleaks' is a JSON list, detect-secrets' a JSON object. None for ours.

    Raises:
        InputError: it is none of theirs either.
    """
    if not data.lstrip().startswith((b"[", b"{")):
        return None
    from leaksieve.baseline.others import read_baseline_of_others  # noqa: PLC0415 - as above

    return read_baseline_of_others(data, name, rules)


def _own_baseline(data: bytes | None, name: str, today: str, least: int) -> Excuses | None:
    if data is None:
        return None
    from leaksieve.baseline.accepted import Accepted  # noqa: PLC0415 - as above
    from leaksieve.baseline.entries import read_baseline  # noqa: PLC0415

    return Accepted(read_baseline(data), name, today, least)
