"""Versions of files that commits make, and the lines of each that did not stand there before."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from leaksieve.core.coverage import Coverage
from leaksieve.core.decode import wide_encoding
from leaksieve.core.finding import Blob
from leaksieve.core.screen import LineScreen
from leaksieve.git.attribution import Commit, PathChange
from leaksieve.git.cat_file import is_none, read_objects
from leaksieve.git.command import Git
from leaksieve.git.diff import LINK_MODE, SUBMODULE_MODE, added_lines, tree_changes


class NewVersion(NamedTuple):
    """A version of a file that a commit made.

    Attributes:
        change: the path and its blobs.
        before: blobs whose lines were there before it: its own, and those that the same commit deleted, from
            which it may have been renamed.
    """

    change: PathChange
    before: tuple[str, ...]


class Doubt(NamedTuple):
    """Excuses that are not to count, since the same change brings them.

    Attributes:
        marks: literals of which every comment holds one that excuses something, in small letters.
        trusted: the blob that each path has at the base; comments that stand there count.
    """

    marks: tuple[str, ...]
    trusted: dict[str, str]


def new_versions(changes: Sequence[PathChange]) -> Iterator[NewVersion]:
    """Pair each new blob with the ones before it; a blob deleted by the same commit may have been renamed."""
    deleted: dict[str, list[str]] = {}
    for change in changes:
        if is_none(change.new):
            deleted.setdefault(change.commit.oid, []).extend(change.olds)
    for change in changes:
        if not is_none(change.new) and change.mode != SUBMODULE_MODE:
            before = [*change.olds, *deleted.get(change.commit.oid, [])]
            yield NewVersion(change, tuple(oid for oid in dict.fromkeys(before) if not is_none(oid)))


def net_versions(git: Git, base: str, head: Commit) -> Iterator[NewVersion]:
    """Pair what stands at the end of a range with what stood at its beginning.

    A merge that takes the old side's file brings back what the other side had taken out, and no commit shows that.
    """
    return new_versions(
        [
            PathChange(head, change.path, (change.old,), change.new, change.mode)
            for change in tree_changes(git, base, head.oid)
        ]
    )


class VersionShard(NamedTuple):
    """Versions to scan; `first` is the number of the first of them in the whole range."""

    git: Git
    first: int
    versions: tuple[NewVersion, ...]
    doubt: Doubt | None = None

    @property
    def size(self) -> int:
        """Count the versions."""
        return len(self.versions)

    def blobs(self, coverage: Coverage, screen: LineScreen) -> Iterator[Blob]:
        """Give the versions that may hold a match, without the lines that were there before them.

        Each new blob is read once; what was there before, only for the few blobs with lines worth a second look.
        """
        problem = coverage.problems.append
        hot: dict[str, bytes] = {}
        for found in read_objects(self.git, list(dict.fromkeys(v.change.new for v in self.versions)), problem):
            coverage.count("blob", len(found.data))
            if wide_encoding(found.data) or screen.hot(found.data):
                hot[found.oid] = found.data
        versions = [(number, v) for number, v in enumerate(self.versions, self.first) if v.change.new in hot]
        before = list(dict.fromkeys(oid for _, version in versions for oid in version.before))
        known = {found.oid: found.data for found in read_objects(self.git, before, problem)}
        for number, version in versions:
            new = hot[version.change.new]
            where = "symlink target" if version.change.mode == LINK_MODE else "file"
            added = _added(new, [known[oid] for oid in version.before if oid in known])
            yield Blob(str(number), where, self._doubted(version.change, new), version.change.path, added)

    def _doubted(self, change: PathChange, data: bytes) -> bytes:
        """Spoil the excuses on lines that the base does not have, without moving anything."""
        if self.doubt is None:
            return data
        encoding = wide_encoding(data) or "latin-1"
        # What is no text in its encoding is replaced in the same way when it is scanned.
        text = data.decode(encoding, "replace")
        lowered = text.lower()
        if not any(mark in lowered for mark in self.doubt.marks):
            return data
        # A search for one of many, in letters of any case, is too slow for texts that hold none.
        marks = re.compile("|".join(map(re.escape, self.doubt.marks)), re.IGNORECASE | re.ASCII)
        lines = text.split("\n")
        old = self.doubt.trusted.get(change.path)
        whole = ((1, len(lines)),)
        for begin, end in whole if old is None or encoding != "latin-1" else added_lines(self.git, old, change.new):
            lines[begin - 1 : end] = [marks.sub(_spoilt, line) for line in lines[begin - 1 : end]]
        return "\n".join(lines).encode(encoding)


def _spoilt(mark: re.Match[str]) -> str:
    return f"{mark[0][:-1]}_"


def _added(new: bytes, before: Sequence[bytes]) -> tuple[tuple[int, int], ...]:
    """Give the ranges of lines of `new` that stand in none of the blobs before it, wherever they stood there."""
    known = {line for data in before for line in data.split(b"\n")}
    ranges: list[tuple[int, int]] = []
    for number, line in enumerate(new.split(b"\n"), 1):
        if line in known:
            continue
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return tuple(ranges)
