"""A range of commits, as pre-commit and a push name it: what each of them adds, although a later one removes it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from leaksieve.core.coverage import Coverage
from leaksieve.core.finding import Blob, Occurrence, PlacedMatch
from leaksieve.core.screen import LineScreen
from leaksieve.errors import GitError, InputError
from leaksieve.git.attribution import PathChange, path_changes
from leaksieve.git.cat_file import read_objects
from leaksieve.git.command import Git
from leaksieve.git.diff import LINK_MODE, SUBMODULE_MODE
from leaksieve.git.repository import Repository
from leaksieve.sources.source import Located, occurrence_of, occurrence_of_path


class NewVersion(NamedTuple):
    """A version of a file that a commit made, and the blobs whose lines were there before it."""

    change: PathChange
    before: tuple[str, ...]


class RangeShard(NamedTuple):
    """Versions to scan; `first` is the number of the first of them in the whole range."""

    git: Git
    first: int
    versions: tuple[NewVersion, ...]

    @property
    def size(self) -> int:
        """Count the versions."""
        return len(self.versions)

    def blobs(self, coverage: Coverage, _: LineScreen) -> Iterator[Blob]:
        """Read each version together with the ones before it, and leave out the lines that those had."""
        for number, version in enumerate(self.versions, self.first):
            oids = [version.change.new, *version.before]
            new, *before = (found.data for found in read_objects(self.git, oids, coverage.problems.append))
            coverage.count("blob", len(new))
            where = "symlink target" if version.change.mode == LINK_MODE else "file"
            yield Blob(str(number), where, new, version.change.path, tuple(_added(new, before)))


def _added(new: bytes, before: Iterable[bytes]) -> Iterator[tuple[int, int]]:
    """Yield the lines of `new` that stand in none of the blobs before it, wherever they stood there."""
    known = {line for data in before for line in data.split(b"\n")}
    for number, line in enumerate(new.split(b"\n"), 1):
        if line not in known:
            yield number, number


class RangeSource:
    """The commits that `to` has and `from` does not."""

    def __init__(self, repository: Repository, from_ref: str, to_ref: str) -> None:
        """List the commits and what they changed.

        Raises:
            InputError: a ref names no commit.
            GitError: git failed.
        """
        self._git = repository.git
        self.target = f"commits {from_ref}..{to_ref}"
        begin, end = (_commit(self._git, ref) for ref in (from_ref, to_ref))
        commits = self._git.run("rev-list", end, f"^{begin}").decode().split()
        changes = list(path_changes(self._git, commits)) if commits else []
        self._versions = list(_new_versions(changes))

    def shards(self, _: Coverage) -> Sequence[RangeShard]:
        """Give everything in one share."""
        return [RangeShard(self._git, 0, tuple(self._versions))] if self._versions else []

    def locate(self, matches: Sequence[PlacedMatch], wanted: Callable[[str], bool], _: Coverage) -> Located:
        """Give each match its commit and path; path rules see the paths that the commits add."""
        located = []
        for match in matches:
            change = self._versions[int(match.key)].change
            located.append((match, _by_commit(occurrence_of(match, change.path), change)))
        paths = [
            _by_commit(occurrence_of_path(version.change.path), version.change)
            for version in self._versions
            if not any(old.strip("0") for old in version.change.olds) and wanted(version.change.path)
        ]
        return Located(located, paths)


def _by_commit(occurrence: Occurrence, change: PathChange) -> Occurrence:
    commit = change.commit
    return occurrence._replace(
        commit=commit.oid, author=commit.author, email=commit.email, date=commit.date, blob=change.new
    )


def _commit(git: Git, ref: str) -> str:
    try:
        return git.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}").decode().strip()
    except GitError:
        raise InputError(f"{ref}: not a commit of this repository") from None


def _new_versions(changes: Sequence[PathChange]) -> Iterator[NewVersion]:
    """Pair each new blob with the ones before it; a blob deleted by the same commit may have been renamed."""
    deleted: dict[str, list[str]] = {}
    for change in changes:
        if not change.new.strip("0"):
            deleted.setdefault(change.commit.oid, []).extend(change.olds)
    for change in changes:
        if change.new.strip("0") and change.mode != SUBMODULE_MODE:
            before = [*change.olds, *deleted.get(change.commit.oid, [])]
            yield NewVersion(change, tuple(oid for oid in dict.fromkeys(before) if oid.strip("0")))
