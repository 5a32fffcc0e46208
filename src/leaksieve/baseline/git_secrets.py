"""What users of git-secrets allow: patterns searched in `path:line:text`, in a history in `commit:path:line:text`."""

import re
from collections.abc import Iterable

from leaksieve.core.finding import Occurrence, PlacedMatch
from leaksieve.core.posix import python_of
from leaksieve.errors import InputError


def patterns_of(data: bytes) -> list[str]:
    """Give the patterns of `.gitallowed`: a line each, but no blank ones and none whose first word begins with `#`."""
    lines = data.decode("utf-8", "replace").split("\n")
    return [line for line in lines if line.strip() and not line.lstrip().startswith("#")]


class Allowed:
    """POSIX extended regular expressions for what is allowed."""

    def __init__(self, patterns: Iterable[str], name: str) -> None:
        """Translate and compile the patterns.

        Raises:
            InputError: one is no extended regular expression.
        """
        self._name = name
        self._patterns = []
        for pattern in patterns:
            try:
                self._patterns.append((pattern, re.compile(python_of(pattern))))
            except (re.error, ValueError) as error:
                raise InputError(f"{name}: the pattern {pattern!r} is refused: {error}") from None

    def excuse(self, match: PlacedMatch, occurrence: Occurrence) -> str | None:
        """Say which pattern allows this line."""
        if occurrence.path is None:
            return None
        shown = f"{occurrence.path}:{match.line}:{match.text}"
        line = f"{occurrence.commit}:{shown}" if occurrence.commit else shown
        for number, (_, pattern) in enumerate(self._patterns, 1):
            if pattern.search(line):
                # The pattern itself may quote the secret.
                return f"{self._name}: pattern {number}"
        return None
