"""What users of other tools accepted."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from leaksieve.baseline.excuses import ReadFile
from leaksieve.core.finding import Occurrence, PlacedMatch
from leaksieve.core.rulebook import RuleBook
from leaksieve.errors import InputError


class Accepts(Protocol):
    """One thing that accepts findings."""

    def excuse(self, match: PlacedMatch, occurrence: Occurrence, /) -> str | None:
        """Say what accepts a match at one of its places, or None when nothing does."""
        ...


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
    ".gitallowed": "git-secrets",
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


def read_baseline_of_others(data: bytes, name: str, rules: RuleBook) -> Accepts:
    """Read a baseline of another tool: gitleaks' is a JSON list, detect-secrets' a JSON object.

    Raises:
        InputError: this is neither.
    """
    if data.lstrip().startswith(b"["):
        from leaksieve.baseline.gitleaks import read_report  # noqa: PLC0415

        return read_report(data, name, rules)
    return _reader("detect-secrets", rules)(data, name)
