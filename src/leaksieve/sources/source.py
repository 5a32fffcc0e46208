"""The one shape that every source has."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from leaksieve.core.coverage import Coverage
from leaksieve.core.finding import Blob, Occurrence, Place, PlacedMatch
from leaksieve.core.screen import LineScreen

if TYPE_CHECKING:
    # A hook that compares the index with HEAD has no use for the log of commits.
    from leaksieve.git.attribution import Commit


class Shard(Protocol):
    """A share of a source for one worker: small, and picklable.

    Attributes:
        size: how much work it is, in a unit of its source's.
    """

    @property
    def size(self) -> int: ...  # noqa: D102 - see the class

    def blobs(self, coverage: Coverage, screen: LineScreen) -> Iterator[Blob]:
        """Read the texts of this share, and give those that may hold a match.

        Args:
            coverage: counts what was read, and what could not be.
            screen: tells lines that may be part of a match from those that cannot; a source need not ask.
        """
        ...


class Located(NamedTuple):
    """Where matches live, and the paths that path rules ask for, as occurrences to report."""

    matches: list[Place]
    paths: list[Occurrence]


class Source(Protocol):
    """Something that gives text to scan.

    Attributes:
        target: what is scanned, for the report.
    """

    @property
    def target(self) -> str: ...  # noqa: D102 - see the class

    def shards(self, coverage: Coverage) -> Iterable[Shard]:
        """Divide the work, the largest shares first; count in `coverage` what is known to be unreadable."""
        ...

    def locate(self, matches: Sequence[PlacedMatch], wanted: Callable[[str], bool], coverage: Coverage) -> Located:
        """Say where matches live: once or more for each of them.

        Args:
            matches: what was found in the texts.
            wanted: accepts the paths that a path rule asks for.
            coverage: told of what could not be attributed.
        """
        ...


def occurrence_of(match: PlacedMatch, path: str | None) -> Occurrence:
    """Make an occurrence of a match with what every source knows."""
    return Occurrence(
        path=path,
        line=match.line,
        column=match.column,
        end_line=match.end_line,
        end_column=match.end_column,
        where=match.where,
        suppressed_by=match.excuse,
    )


def occurrence_of_path(path: str) -> Occurrence:
    """Make the occurrence of a file name."""
    return Occurrence(path=path, line=1, column=1, end_line=1, end_column=1, where="file name")


def occurrences_in_refs(match: PlacedMatch, names: Iterable[str]) -> Iterator[Place]:
    """Give the occurrences of a match in names of refs: each name that holds it."""
    for name in names:
        if match.secret in name:
            yield match, occurrence_of_path(name)._replace(where="ref name", ref=name)


def by_commit(occurrence: Occurrence, commit: "Commit") -> Occurrence:
    """Say which commit introduced an occurrence."""
    return occurrence._replace(commit=commit.oid, author=commit.author, email=commit.email, date=commit.date)
