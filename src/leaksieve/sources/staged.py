"""What a commit is about to record: the changed entries of the index, and the lines they add."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from leaksieve.core.coverage import Coverage
from leaksieve.core.finding import Blob, Place, PlacedMatch
from leaksieve.core.screen import LineScreen
from leaksieve.git.cat_file import is_none, read_objects
from leaksieve.git.diff import LINK_MODE, SUBMODULE_MODE, Change, staged_changes
from leaksieve.git.repository import Repository
from leaksieve.sources.source import Located, occurrence_of, occurrence_of_path

_NEW_NAMES = "ACRT"


class StagedShard(NamedTuple):
    """The changed entries of the index that have text to scan, that text, and the paths that are new."""

    changes: tuple[Change, ...]
    paths: tuple[str, ...]
    contents: dict[str, bytes]
    problems: list[str]

    @property
    def size(self) -> int:
        """Count the changes."""
        return len(self.changes)

    def blobs(self, coverage: Coverage, _: LineScreen) -> Iterator[Blob]:
        """Give the index's blobs; whole ones for context, although only added lines count."""
        coverage.problems += self.problems
        for number, change in enumerate(self.changes):
            data = self.contents.get(change.new)
            if data is not None:
                coverage.count("blob", len(data))
                where = "symlink target" if change.mode == LINK_MODE else "file"
                yield Blob(str(number), where, data, change.path, change.added)
        if self.paths:
            coverage.objects["file name"] += len(self.paths)
            names = dict.fromkeys(name.replace("\n", " ") for path in self.paths for name in path.split("/"))
            # None comes first, lest it be taken for a byte order mark.
            yield Blob("names", "file name", "\n".join(("", *names)).encode("utf-8", "surrogateescape"))


class StagedSource:
    """The index, compared with HEAD and, during a merge, with what is merged."""

    target = "staged changes"

    def __init__(self, repository: Repository) -> None:
        """Compare the index, and read what it adds: the hook does so while it loads its rules.

        Raises:
            GitError: git failed.
        """
        self._git = git = repository.git
        changes = staged_changes(git)
        for head in repository.merge_heads():
            changes = list(_new_to_both(changes, staged_changes(git, head)))
        self._all = changes
        self._changes = tuple(change for change in changes if _has_text(change))
        self._new_paths = tuple(change.path for change in changes if change.status in _NEW_NAMES)
        self._problems: list[str] = []
        oids = list(dict.fromkeys(change.new for change in self._changes))
        self._contents = {found.oid: found.data for found in read_objects(git, oids, self._problems.append)}

    def staged_paths(self) -> set[str]:
        """Give every path whose index entry differs from HEAD."""
        return {change.path for change in self._all}

    def shards(self, coverage: Coverage) -> Sequence[StagedShard]:
        """Give everything in one share: a hook has no time for more processes."""
        for change in self._all:
            if change.status == "U":
                coverage.notes.append(f"{change.path} has an unresolved conflict and was not scanned")
        shard = StagedShard(self._changes, self._new_paths, self._contents, self._problems)
        return [shard] if self._changes or self._new_paths else []

    def locate(self, matches: Sequence[PlacedMatch], wanted: Callable[[str], bool], _: Coverage) -> Located:
        """Give each match the path of its index entry; path rules see the paths that this commit would add."""
        located: list[Place] = []
        for match in matches:
            if match.where == "file name":
                located += ((match, occurrence_of_path(path)) for path in self._named(match.secret))
                continue
            change = self._changes[int(match.key)]
            located.append((match, occurrence_of(match, change.path)._replace(blob=change.new)))
        paths = [
            occurrence_of_path(change.path)._replace(blob=change.new)
            for change in self._changes
            if change.status in _NEW_NAMES and wanted(change.path)
        ]
        return Located(located, paths)

    def _named(self, secret: str) -> Iterator[str]:
        """Find the new paths that hold a secret, unless it stands in the name of a folder that was there."""
        from leaksieve.git.revisions import has_name  # noqa: PLC0415 - hardly a commit needs it

        for path in self._new_paths:
            if secret in path and not has_name(self._git, "HEAD", path, secret):
                yield path


def _has_text(change: Change) -> bool:
    return change.status not in "DU" and change.mode != SUBMODULE_MODE and not is_none(change.new)


def _new_to_both(ours: Iterable[Change], theirs: Iterable[Change]) -> Iterator[Change]:
    """Keep what differs from both sides of a merge, and of its lines those that neither side has."""
    by_path = {change.path: change for change in theirs}
    for change in ours:
        other = by_path.get(change.path)
        if other is not None:
            yield change._replace(added=tuple(_intersection(change.added, other.added)))


def _intersection(first: Sequence[tuple[int, int]], second: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for begin, end in first:
        for other_begin, other_end in second:
            if begin <= other_end and other_begin <= end:
                yield max(begin, other_begin), min(end, other_end)
