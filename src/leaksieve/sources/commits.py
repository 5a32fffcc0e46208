"""New commits, as a push, a pull request or a range names them: what each adds, although a later one removes it."""

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from leaksieve.core.coverage import Coverage
from leaksieve.core.finding import Occurrence, Place, PlacedMatch
from leaksieve.errors import GitError
from leaksieve.git.attribution import ChangeLog, Commit, PathChange
from leaksieve.git.cat_file import is_none
from leaksieve.git.command import Git
from leaksieve.git.repository import Repository
from leaksieve.git.revisions import commit_of, follow_tips, has_name, list_commits
from leaksieve.git.trees import blobs_of
from leaksieve.sources.objects import NameShard, ObjectShard, RefShard
from leaksieve.sources.source import Located, Shard, by_commit, occurrence_of, occurrence_of_path, occurrences_in_refs
from leaksieve.sources.versions import Doubt, NewVersion, VersionShard, net_versions, new_versions

# A share of about so many versions of files keeps a worker busy for some tenths of a second.
_SHARD_VERSIONS = 400


class Known(NamedTuple):
    """A commit range's other half: what was there before it.

    Attributes:
        revisions: commits, or options such as `--all`, as they may follow `--not`.
        base: the commit against which the range as a whole is compared, too; None leaves that out.
        doubted: literals of which every comment holds one that excuses something; those do not count that the
            range brings. None when they do.
    """

    revisions: tuple[str, ...] = ()
    base: str | None = None
    doubted: tuple[str, ...] | None = None


class RangeSource:
    """The commits that `tips` lead to and that are not known: their files, names and messages, and tags on the way."""

    def __init__(
        self, repository: Repository, tips: Sequence[str], known: Known, target: str, refs: Sequence[str] = ()
    ) -> None:
        """List the commits and what they changed.

        Args:
            repository: the repository.
            tips: names of commits or of annotated tags.
            known: what is not new.
            target: what the report calls it.
            refs: names of refs that are new.

        Raises:
            GitError: git failed, or an object is missing.
        """
        self.target = target
        self._git = repository.git
        self._refs = tuple(refs)
        self._tips = follow_tips(self._git, tips)
        self.commits = list_commits(self._git, self._tips.commits, known.revisions)
        changes, self._by_oid = _read_changes(self._git, self.commits)
        age = {commit: number for number, commit in enumerate(self.commits)}
        changes.sort(key=lambda change: (age[change.commit.oid], change.path))
        self._versions = list(new_versions(changes))
        self._first_net = len(self._versions)
        self._compared = known.base is not None
        self._doubt: Doubt | None = None
        if known.doubted is not None:
            self._doubt = Doubt(known.doubted, blobs_of(self._git, known.base) if known.base else {})
        if known.base is not None and self.commits:
            self._versions += net_versions(self._git, known.base, self._by_oid[self._tips.commits[0]])

    def shards(self, _: Coverage) -> Sequence[Shard]:
        """Divide the versions; texts of commits and names make shares of their own."""
        versions = tuple(self._versions)
        starts = range(0, len(versions), _SHARD_VERSIONS)
        shards: list[Shard] = [
            VersionShard(self._git, at, versions[at : at + _SHARD_VERSIONS], self._doubt) for at in starts
        ]
        names = {name: None for path in self._new_paths() for name in _bytes(path.change.path).split(b"/")}
        texts = (*self.commits, *self._tips.tags, *self._other_blobs())
        shards += [NameShard(tuple(names))] if names else []
        shards += [ObjectShard(self._git, texts, 0, sys.maxsize)] if texts else []
        return shards + ([RefShard(self._refs)] if self._refs else [])

    def paths(self) -> Iterator[str]:
        """Give the path of each version, some of them often."""
        return (version.change.path for version in self._versions)

    def _other_blobs(self) -> Iterator[str]:
        """Give blobs that are tagged themselves or stand in a tree that is."""
        for oid in self._tips.others:
            yield from blobs_of(self._git, oid).values() or (oid,)

    def _new_paths(self) -> Iterator[NewVersion]:
        for version in self._versions[: self._first_net]:
            if all(map(is_none, version.change.olds)):
                yield version

    def blob_of(self, match: PlacedMatch) -> tuple[str, str] | None:
        """Give the path and the blob that a match in a file stands in; None for a match elsewhere."""
        if not match.key.isdigit() or int(match.key) >= len(self._versions):
            return None
        change = self._versions[int(match.key)].change
        return change.path, change.new

    def locate(self, matches: Sequence[PlacedMatch], wanted: Callable[[str], bool], _: Coverage) -> Located:
        """Give each match its commit and path; path rules see the paths that the commits add."""
        in_files = [match for match in matches if self.blob_of(match) is not None]
        elsewhere = [match for match in matches if self.blob_of(match) is None]
        located = [*self._in_files(in_files), *self._elsewhere(elsewhere)]
        paths = [
            by_commit(occurrence_of_path(version.change.path), version.change.commit)._replace(blob=version.change.new)
            for version in self._new_paths()
            if wanted(version.change.path)
        ]
        return Located(located, paths)

    def _in_files(self, matches: Sequence[PlacedMatch]) -> Iterator[Place]:
        """Place what is in files. The newest version that has a secret says whether it is excused there.

        What the range as a whole adds is shown where it stands at its end, with the commit that brought it.
        """
        places: dict[tuple[str, str, str], list[PlacedMatch]] = {}
        for match in sorted(matches, key=lambda match: int(match.key)):
            path = self._versions[int(match.key)].change.path
            places.setdefault((match.rule, match.secret, path), []).append(match)
        for found in places.values():
            newest = found[-1].key
            excuses = [match.excuse for match in found if match.key == newest]
            excuse = None if None in excuses else excuses[0]
            stays = int(newest) >= self._first_net
            for match in found:
                if not stays or match.key == newest:
                    place = self._place(match, found[0] if stays else match)
                    yield match, place if place.suppressed_by is not None else place._replace(suppressed_by=excuse)

    def _place(self, match: PlacedMatch, brought: PlacedMatch) -> Occurrence:
        change = self._versions[int(match.key)].change
        place = by_commit(occurrence_of(match, change.path), self._versions[int(brought.key)].change.commit)
        in_head = int(match.key) >= self._first_net if self._compared else None
        return place._replace(blob=change.new, in_head=in_head)

    def _elsewhere(self, matches: Sequence[PlacedMatch]) -> Iterator[Place]:
        """Place what is in texts of commits and tags, in names, and in blobs that no commit holds."""
        for match in matches:
            if match.where == "file name":
                yield from ((match, place) for place in self._named(match.secret))
            elif match.where == "ref name":
                yield from occurrences_in_refs(match, self._refs)
            else:
                place = occurrence_of(match, None)._replace(blob=match.key)
                if self._doubt is not None:
                    place = place._replace(suppressed_by=None)
                commit = self._by_oid.get(match.key)
                where = "tagged blob" if match.where == "file" else match.where
                yield match, (by_commit(place, commit) if commit else place)._replace(where=where)

    def _named(self, secret: str) -> Iterator[Occurrence]:
        """Find the first path that a commit adds and that holds a secret, unless it lies in a folder that was there."""
        for version in self._new_paths():
            path, commit = version.change.path, version.change.commit
            if secret in path and not has_name(self._git, f"{commit.oid}^", path, secret):
                yield by_commit(occurrence_of_path(path), commit)._replace(blob=version.change.new)
                return


def commits_between(repository: Repository, begin: str, end: str) -> RangeSource:
    """Give the commits that `end` has and `begin` has not.

    Raises:
        InputError: one of them names no commit.
        GitError: git failed.
    """
    known = Known((commit_of(repository.git, begin),))
    return RangeSource(repository, [commit_of(repository.git, end)], known, f"commits {begin}..{end}")


def _read_changes(git: Git, commits: Sequence[str]) -> tuple[list[PathChange], dict[str, Commit]]:
    """Read what commits changed, and who made them.

    Raises:
        GitError: git failed.
    """
    if not commits:
        return [], {}
    with ChangeLog(git, commits=commits) as log:
        changes = log.read(commits=commits)
    if changes.failure:
        raise GitError(changes.failure)
    return changes.wanted, changes.named


def _bytes(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape").replace(b"\n", b" ")
