"""Files of other tools that leave out paths: what stands there is found, and excused."""

import re
from collections.abc import Iterable, Iterator

from leaksieve.baseline.extents import extents
from leaksieve.baseline.globs import IgnoreList
from leaksieve.baseline.yaml_files import read_mapping, strings
from leaksieve.core.finding import Occurrence, PlacedMatch

# GitHub reads no more entries, and no larger file.
# Source: https://docs.github.com/en/code-security/secret-scanning (excluding folders and files from secret scanning)
_MOST_PATHS = 1000
_MOST_BYTES = 1_000_000
_GITHUB_PARTS = re.compile(r"(\*\*)|(\*)|(\[[a-zA-Z0-9-]+\])|([?+])|(.)", re.DOTALL)


class GitHubPaths:
    """`paths-ignore` of `.github/secret_scanning.yml`, in the pattern language of GitHub's workflows."""

    def __init__(self, data: bytes, name: str) -> None:
        """Read the file.

        Raises:
            InputError: it is no YAML, or holds something else.
        """
        self._name = name
        globs = strings(read_mapping(data, name), "paths-ignore", name) if len(data) <= _MOST_BYTES else []
        self._patterns = [
            (not glob.startswith("!"), re.compile(github_pattern(glob.removeprefix("!")), re.DOTALL))
            for glob in globs[:_MOST_PATHS]
        ]

    def excuse(self, _: PlacedMatch, occurrence: Occurrence) -> str | None:
        """Say whether the path is left out: the last pattern that fits decides."""
        path = occurrence.path
        fitting = [out for out, pattern in self._patterns if path is not None and pattern.fullmatch(path)]
        return f"{self._name}: paths-ignore" if fitting and fitting[-1] else None


def github_pattern(glob: str) -> str:
    """Translate a filter pattern: `*` stays in a folder, `**` does not, `?` and `+` repeat what stands before them.

    Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
    """
    return "".join(_github_parts(glob))


def _github_parts(glob: str) -> Iterator[str]:
    repeatable = False
    for deep, star, group, repeat, other in _GITHUB_PARTS.findall(glob):
        yield (deep and ".*") or (star and "[^/]*") or group or (repeat if repeatable else "") or re.escape(other)
        repeatable = bool(group or other)


class SecretsIgnore:
    """`.secretsignore` of ripsecrets: lines as in .gitignore, and after `[secrets]` literal secrets."""

    def __init__(self, data: bytes, name: str) -> None:
        """Read the file."""
        self._name = name
        lines = [line.rstrip("\r") for line in data.decode("utf-8", "replace").split("\n")]
        begin = lines.index("[secrets]") if "[secrets]" in lines else len(lines)
        self._paths = IgnoreList(lines[:begin])
        self._secrets = {line.strip() for line in lines[begin + 1 :] if line.strip() and not line.startswith("#")}

    def excuse(self, match: PlacedMatch, occurrence: Occurrence) -> str | None:
        """Say whether the path or the secret is listed."""
        if occurrence.path is not None and self._paths.ignores(occurrence.path):
            return f"{self._name}: the path"
        return f"{self._name}: the secret" if holds(self._secrets, match) else None


def holds(secrets: Iterable[str], match: PlacedMatch) -> bool:
    """Tell whether a match's secret, as one tool or another would cut it, is among those that are accepted."""
    accepted = set(secrets)
    return bool(accepted) and any(extent in accepted for extent in extents(match.secret, match.text))


def path_patterns(data: bytes) -> list[str]:
    """Give the patterns of a file for TruffleHog's options: lines as they are, but no blank ones and no comments."""
    lines = data.decode("utf-8", "replace").split("\n")
    return [line.removesuffix("\r") for line in lines if line.strip() and not line.lstrip().startswith("#")]
