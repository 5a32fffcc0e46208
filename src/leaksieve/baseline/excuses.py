"""What accepts a finding from outside its text: the baseline, and the files of other tools."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from leaksieve.core.finding import Occurrence, PlacedMatch
from leaksieve.core.rule import LOW
from leaksieve.core.rulebook import RuleBook
from leaksieve.errors import InputError

#: Reads a file of the tree that is trusted to excuse findings, by its slash path from the repository's top; None when
#: there is no such file. For a developer that is the work tree, on a server the commit that a change is based on.
ReadFile = Callable[[str], bytes | None]

#: The baseline that is used when none is named.
BASELINE = ".leaksieve-baseline"

#: The file of git-secrets, which has patterns in git's configuration, too.
GITALLOWED = ".gitallowed"


class Accepts(Protocol):
    """One thing that accepts findings."""

    def excuse(self, match: PlacedMatch, occurrence: Occurrence, /) -> str | None:
        """Say what accepts a match at one of its places, or None when nothing does."""
        ...


class Excuses(Accepts, Protocol):
    """All that accepts findings in a scan."""

    def expect(self, places: Sequence[tuple[PlacedMatch, Occurrence]]) -> None:
        """Prepare for being asked about these: slow fingerprints are made on all cores."""
        ...

    def notes(self) -> Sequence[str]:
        """Give what the report must tell: files that could not be understood, entries that have expired."""
        ...


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

    def expect(self, places: Sequence[tuple[PlacedMatch, Occurrence]]) -> None:
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

    def expect(self, places: Sequence[tuple[PlacedMatch, Occurrence]]) -> None:
        """Prepare for the places as the top sees them."""
        self._inner.expect([(match, self._moved(occurrence)) for match, occurrence in places])

    def notes(self) -> Sequence[str]:
        """Give the notes."""
        return self._inner.notes()

    def _moved(self, occurrence: Occurrence) -> Occurrence:
        return occurrence._replace(path=self._from_top(occurrence.path)) if occurrence.path else occurrence


class _Deferred:
    """Excuses that are loaded when a finding asks for the first time: a hook without one never looks for files."""

    def __init__(self, load: Callable[[], Excuses]) -> None:
        self._load = load
        self._loaded: Excuses | None = None

    def excuse(self, match: PlacedMatch, occurrence: Occurrence) -> str | None:
        return self._excuses().excuse(match, occurrence)

    def expect(self, places: Sequence[tuple[PlacedMatch, Occurrence]]) -> None:
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
        baseline: the file that the user named, instead of `.leaksieve-baseline`: ours, gitleaks' or detect-secrets'.
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
    foreign = _foreign_baseline(named, baseline or "", rules) if named is not None else None

    def load() -> Excuses:
        told: list[str] = []
        others = [*([foreign] if foreign else ()), *other_tools(read, rules, allowed, told.append)]
        data = None if foreign else read(BASELINE) if named is None else named
        return Joined(_own_baseline(data, baseline or BASELINE, today, least), others, told)

    return _Deferred(load)


def other_tools(
    read: ReadFile, rules: RuleBook, allowed: Callable[[], Sequence[str]], tell: Callable[[str], None]
) -> Iterator[Accepts]:
    """Yield what users of other tools accepted. A file that cannot be understood accepts nothing, and is told.

    Args:
        read: reads a file of the trusted tree.
        rules: the rules of the scan.
        allowed: reads the patterns that git-secrets keeps in git's configuration.
        tell: called with a line for each file that cannot be understood.
    """
    for name, kind in OTHER_FILES.items():
        data = read(name)
        try:
            if data is not None:
                yield _reader(kind, rules)(data, name)
        except InputError as error:
            tell(f"{error}; it excuses nothing")
    configured = allowed()
    if configured:
        from leaksieve.baseline.git_secrets import Allowed  # noqa: PLC0415 - as below

        try:
            yield Allowed(configured, "git config secrets.allowed")
        except InputError as error:
            tell(f"{error}; it excuses nothing")


#: What users of other tools accepted, by its usual name.
OTHER_FILES = {
    ".gitleaksignore": "gitleaks",
    ".secrets.baseline": "detect-secrets",
    GITALLOWED: "git-secrets",
    ".gitguardian": "ggshield",
    ".gitguardian.yml": "ggshield",
    ".gitguardian.yaml": "ggshield",
    ".github/secret_scanning.yml": "github",
    ".secretsignore": "ripsecrets",
}


def _reader(kind: str, rules: RuleBook) -> Callable[[bytes, str], Accepts]:
    # Each format is imported when its file is there: YAML alone would cost a hook 25 ms.
    if kind == "gitleaks":
        from leaksieve.baseline.gitleaks import IgnoreFile  # noqa: PLC0415

        return lambda data, _: IgnoreFile(data, rules)
    if kind == "detect-secrets":
        from leaksieve.baseline.detect_secrets import SecretsBaseline  # noqa: PLC0415

        return SecretsBaseline
    if kind == "git-secrets":
        from leaksieve.baseline.git_secrets import Allowed, patterns_of  # noqa: PLC0415

        return lambda data, name: Allowed(patterns_of(data), name)
    if kind == "ggshield":
        from leaksieve.baseline.gitguardian import GitGuardian  # noqa: PLC0415

        return GitGuardian
    from leaksieve.baseline.paths import GitHubPaths, SecretsIgnore  # noqa: PLC0415

    return GitHubPaths if kind == "github" else SecretsIgnore


def _foreign_baseline(data: bytes, name: str, rules: RuleBook) -> Accepts | None:
    """Read a baseline of another tool: gitleaks' is a JSON list, detect-secrets' a JSON object."""
    if data.lstrip().startswith(b"["):
        from leaksieve.baseline.gitleaks import read_report  # noqa: PLC0415

        return read_report(data, name, rules)
    return _reader("detect-secrets", rules)(data, name) if data.lstrip().startswith(b"{") else None


def _own_baseline(data: bytes | None, name: str, today: str, least: int) -> Excuses | None:
    if data is None:
        return None
    from leaksieve.baseline.accepted import Accepted  # noqa: PLC0415 - as above
    from leaksieve.baseline.entries import read_baseline  # noqa: PLC0415

    return Accepted(read_baseline(data), name, today, least)
