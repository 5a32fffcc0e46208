"""What a check looks at, and what it says."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

PASSED, FAILED, IMPOSSIBLE, SILENT = "passed", "failed", "impossible", "silent"


class Candidate(NamedTuple):
    """A span of text that a rule's regex matched: all that a check may look at.

    The text around the span is there for context on the same line (a line rule) or within reach (a
    block rule); looking further would break the promise that a match is a function of its line.

    Attributes:
        groups: the spans of the groups that the regex names, such as the `rest` of a name.
    """

    text: str
    start: int
    end: int
    secret_start: int
    secret_end: int
    groups: Mapping[str, tuple[int, int]] = MappingProxyType({})

    @property
    def secret(self) -> str:
        """The credential itself."""
        return self.text[self.secret_start : self.secret_end]

    def __repr__(self) -> str:
        """Show where the candidate stands, never what it says."""
        return f"Candidate({self.start}:{self.end})"


class Verdict(NamedTuple):
    """What a check found.

    Attributes:
        outcome: PASSED raises the finding to high confidence, FAILED lowers it to low, IMPOSSIBLE drops
            it, SILENT leaves it as it is.
        label: what was proven, for the report's `checks`; never part of the secret.
    """

    outcome: str
    label: str


Check = Callable[[Candidate], Verdict]
