"""What users of detect-secrets accepted: `.secrets.baseline`.

There, a finding is its file, the SHA-1 of its secret and its type. Types are that tool's own: file and secret decide.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

from leaksieve.baseline.extents import extents
from leaksieve.core.finding import Occurrence, PlacedMatch
from leaksieve.errors import InputError

# Filters that users set: the last part of the `path` of each, and what its patterns are searched in.
_FILTERS = {"should_exclude_file": "file", "should_exclude_line": "line", "should_exclude_secret": "secret"}


class SecretsBaseline:
    """The results and the exclusion patterns of a baseline of detect-secrets."""

    def __init__(self, data: bytes, name: str) -> None:
        """Read the file.

        Raises:
            InputError: this is no such baseline.
        """
        self._name = name
        self._types: dict[tuple[str, str], str] = {}
        self._filters: list[tuple[str, re.Pattern[str]]] = []
        try:
            document = json.loads(data)
            for path, results in document["results"].items():
                for result in results:
                    hint = ", audited as a real secret" if result.get("is_secret") else ""
                    self._types[path.replace("\\", "/"), result["hashed_secret"]] = f"{result['type']}{hint}"
            self._filters += _filters(document.get("filters_used", []))
        except re.error as error:
            raise InputError(f"{name}: a pattern of a filter is refused: {error}") from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(f"{name}: no baseline of detect-secrets: {error}") from None

    def excuse(self, match: PlacedMatch, occurrence: Occurrence) -> str | None:
        """Say which result this is, or which filter leaves it out."""
        path = occurrence.path or ""
        for secret in extents(match.secret, match.text):
            digest = hashlib.sha1(secret.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
            if (path, digest) in self._types:
                return f"{self._name}: {self._types[path, digest]}"
        targets = {"file": path, "line": match.text, "secret": match.secret}
        for target, pattern in self._filters:
            if pattern.search(targets[target]):
                return f"{self._name}: excluded by the {target}"
        return None


def _filters(used: list[dict[str, Any]]) -> Iterator[tuple[str, re.Pattern[str]]]:
    for one in used:
        target = _FILTERS.get(one["path"].rpartition(".")[2])
        if target:
            patterns = one.get("pattern", [])
            for pattern in [patterns] if isinstance(patterns, str) else patterns:
                yield target, re.compile(pattern)
