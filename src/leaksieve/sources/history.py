"""Everything that a repository's object database holds.

There are two engines. The full one is slow and obvious: each object is read whole through `git cat-file` and
scanned once. The delta one reads blobs straight from the packs and scans what may hold a match; commits, trees,
tags and loose objects still come through git. Both must report the same, and the full one is right.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from leaksieve.core.coverage import Coverage
from leaksieve.core.finding import Blob, Occurrence, PlacedMatch
from leaksieve.core.screen import LineScreen
from leaksieve.errors import GitError
from leaksieve.git.attribution import Commit, PathChange, head_blobs, path_changes, read_commits
from leaksieve.git.cat_file import Object, ObjectInfo, describe_objects, list_objects, read_objects
from leaksieve.git.command import Git
from leaksieve.git.diff import LINK_MODE
from leaksieve.git.objects import open_objects
from leaksieve.git.pack import BLOB, COMMIT, TAG, TREE
from leaksieve.git.remote import browser_of
from leaksieve.git.repository import Repository
from leaksieve.sources.deltas import DeltaShard, delta_shards
from leaksieve.sources.source import Located, occurrence_of, occurrence_of_path

# A share of about this many bytes keeps a worker busy for half a second.
_SHARD_BYTES = 16 << 20
_SHARD_OBJECTS = 4000
# What a commit or tree takes, for dividing the work; the pack says it only after inflating.
_TYPICAL_BYTES = 700
_KINDS = {COMMIT: "commit", TREE: "tree", TAG: "tag"}
# An entry of a tree: mode, name, and a binary object id of 20 or 32 bytes.
# Source: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects#_tree_objects
_TREE_ENTRY = {
    40: re.compile(rb"[0-7]{5,6} ([^\0]+)\0.{20}", re.DOTALL),
    64: re.compile(rb"[0-7]{5,6} ([^\0]+)\0.{32}", re.DOTALL),
}
_SIGNATURE = re.compile(rb"^gpgsig(?:-sha256)? .*\n(?: .*\n)*", re.MULTILINE)

_COMMIT_PLACES = ("commit message", "commit header")
_TAG_PLACES = ("tag message", "tag header")


class HistoryShard(NamedTuple):
    """Objects to read."""

    git: Git
    oids: tuple[str, ...]

    def blobs(self, coverage: Coverage, _: LineScreen) -> Iterator[Blob]:
        """Read the objects and give the texts in them."""
        names: set[bytes] = set()
        for found in read_objects(self.git, self.oids, coverage.problems.append):
            coverage.count(found.type, len(found.data))
            if found.type == "blob":
                yield Blob(found.oid, "file", found.data)
            elif found.type == "tree":
                fresh = set(_TREE_ENTRY[len(found.oid)].findall(found.data)) - names
                names |= fresh
                yield Blob(found.oid, "file name", b"\n".join(sorted(fresh)))
            else:
                yield from _message_and_header(found)


class RefShard(NamedTuple):
    """The names of all branches, tags and other refs."""

    names: tuple[str, ...]

    def blobs(self, coverage: Coverage, _: LineScreen) -> Iterator[Blob]:
        """Give the names as one text, a line each."""
        data = "\n".join(self.names).encode("utf-8", "surrogateescape")
        coverage.objects["ref"] += len(self.names)
        yield Blob("refs", "ref name", data)


def _message_and_header(found: Object) -> Iterator[Blob]:
    """Split a commit or tag; a signature is no place where people leave credentials."""
    header, _, message = found.data.partition(b"\n\n")
    message_place, header_place = _COMMIT_PLACES if found.type == "commit" else _TAG_PLACES
    yield Blob(found.oid, message_place, message)
    yield Blob(found.oid, header_place, _SIGNATURE.sub(b"", header + b"\n"))


class HistorySource:
    """A repository's whole object database: every blob, tree, commit and tag, reachable or not."""

    def __init__(self, repository: Repository, target: str, *, deltas: bool = True) -> None:
        """Remember the repository; `target` is what the user called it, `deltas` chooses the engine."""
        self.target = target
        self._deltas = deltas
        self._repository = repository
        self._git = repository.git
        self._commits: list[str] = []
        self._refs: tuple[str, ...] = ()

    def shards(self, coverage: Coverage) -> Sequence[HistoryShard | DeltaShard | RefShard]:
        """Divide all objects: blobs in packs by delta trees, the others in the order of the packs; then the refs."""
        if self._repository.shallow:
            coverage.notes.append("the clone is shallow: older commits are not here to scan")
        if self._repository.is_partial():
            coverage.notes.append("the clone is partial: objects that were left out are not here to scan")
        listing = self._git.run("for-each-ref", "--format=%(refname)").decode("utf-8", "surrogateescape")
        self._refs = tuple(listing.splitlines())
        return [*self._object_shards(coverage), RefShard(self._refs)]

    def _object_shards(self, coverage: Coverage) -> Sequence[HistoryShard | DeltaShard]:
        try:
            return self._delta_shards(coverage) if self._deltas else self._full_shards(coverage)
        except GitError:
            # Something in the database is of a kind that only git reads.
            return self._full_shards(coverage)

    def _full_shards(self, coverage: Coverage) -> list[HistoryShard]:
        return self._cut(list_objects(self._git, coverage.problems.append))

    def _delta_shards(self, coverage: Coverage) -> list[HistoryShard | DeltaShard]:
        database = open_objects(self._repository, coverage.problems.append)
        others = describe_objects(self._git, database.loose, coverage.problems.append)
        for number, pack in enumerate(database.packs):
            earlier = database.packs[:number]
            for entry in range(len(pack)):
                kind = pack.kinds[entry]
                if kind != BLOB and not any(pack.name(entry) in other for other in earlier):
                    others.append(ObjectInfo(pack.name(entry).hex(), _KINDS[kind], _TYPICAL_BYTES))
        return [*delta_shards(self._git, database.packs), *self._cut(others)]

    def _cut(self, infos: Iterable[ObjectInfo]) -> list[HistoryShard]:
        """Cut a list of objects to shares of like size."""
        shards: list[HistoryShard] = []
        oids: list[str] = []
        size = 0
        for info in infos:
            if info.type == "commit":
                self._commits.append(info.oid)
            oids.append(info.oid)
            size += info.size
            if size > _SHARD_BYTES or len(oids) >= _SHARD_OBJECTS:
                shards.append(HistoryShard(self._git, tuple(oids)))
                oids, size = [], 0
        return [*shards, HistoryShard(self._git, tuple(oids))] if oids else shards

    def locate(self, matches: Sequence[PlacedMatch], wanted: Callable[[str], bool], coverage: Coverage) -> Located:
        """Attribute matches to the commits that brought them, in one pass over all commits."""
        files = [match for match in matches if match.where == "file"]
        names = [match for match in matches if match.where == "file name"]
        others = [match for match in matches if match.where not in ("file", "file name")]
        secrets = {match.secret for match in names}

        def wanted_path(path: str) -> bool:
            return wanted(path) or any(secret in path for secret in secrets)

        changes = self._changes({match.key for match in files}, wanted_path, coverage)
        head = head_blobs(self._git)
        located = [
            *_attribute_files(files, changes, head),
            *_attribute_names(names, changes),
            *self._place_others(others, coverage),
        ]
        paths = _first_on_each_path([change for change in changes if wanted(change.path)], head)
        return Located(self._with_links(located), paths)

    def _with_links(self, located: list[tuple[PlacedMatch, Occurrence]]) -> list[tuple[PlacedMatch, Occurrence]]:
        """Add where a browser shows each place, when the remote is a hosting service."""
        browser = browser_of(self._repository) if located else None
        if browser is None:
            return located
        return [
            (match, place._replace(url=browser.url(place.commit, place.path, place.line)))
            if place.commit is not None and place.path is not None
            else (match, place)
            for match, place in located
        ]

    def _changes(self, blobs: set[str], wanted_path: Callable[[str], bool], coverage: Coverage) -> list[PathChange]:
        changes: list[PathChange] = []
        try:
            if self._commits:
                changes.extend(path_changes(self._git, self._commits, blobs, wanted_path))
        except GitError as error:
            coverage.problems.append(f"attribution is incomplete: {error}")
        return changes

    def _place_others(
        self, matches: Sequence[PlacedMatch], coverage: Coverage
    ) -> Iterator[tuple[PlacedMatch, Occurrence]]:
        """Place what is in commits, tags and ref names: they say themselves where they are."""
        wanted = {match.key for match in matches if match.where in _COMMIT_PLACES}
        commits: dict[str, Commit] = {}
        try:
            commits = {commit.oid: commit for commit in read_commits(self._git, sorted(wanted))} if wanted else {}
        except GitError as error:
            coverage.problems.append(f"attribution is incomplete: {error}")
        for match in matches:
            if match.where == "ref name":
                named = (ref for ref in self._refs if match.secret in ref)
                yield from ((match, occurrence_of_path(ref)._replace(where="ref name")) for ref in named)
                continue
            occurrence = occurrence_of(match, None)._replace(blob=match.key)
            commit = commits.get(match.key)
            yield match, _by(occurrence, commit) if commit else occurrence


def _by(occurrence: Occurrence, commit: Commit) -> Occurrence:
    return occurrence._replace(commit=commit.oid, author=commit.author, email=commit.email, date=commit.date)


def _attribute_files(
    matches: Sequence[PlacedMatch], changes: Sequence[PathChange], head: dict[str, str]
) -> Iterator[tuple[PlacedMatch, Occurrence]]:
    """Attribute each finding on each path that held it."""
    by_path: dict[str, list[PathChange]] = {}
    paths_of: dict[str, set[str]] = {}
    for change in changes:
        by_path.setdefault(change.path, []).append(change)
        paths_of.setdefault(change.new, set()).add(change.path)
    by_finding: dict[tuple[str, str], dict[str, list[PlacedMatch]]] = {}
    for match in matches:
        by_finding.setdefault((match.rule, match.secret), {}).setdefault(match.key, []).append(match)
        if match.key not in paths_of:
            occurrence = occurrence_of(match, None)
            yield match, occurrence._replace(blob=match.key, where="unreachable blob", in_head=False)
    for by_blob in by_finding.values():
        for path in sorted({path for blob in by_blob for path in paths_of.get(blob, ())}):
            yield from _attribute(by_blob, path, by_path[path], in_head=head.get(path) in by_blob)


def _attribute(
    by_blob: dict[str, list[PlacedMatch]], path: str, changes: Sequence[PathChange], *, in_head: bool
) -> Iterator[tuple[PlacedMatch, Occurrence]]:
    """Attribute one finding on one path: the first version that held it speaks for all of them."""

    def held_before(change: PathChange) -> bool:
        return not by_blob.keys().isdisjoint(change.olds)

    arrivals = [change for change in changes if change.new in by_blob]
    departures = [change for change in changes if change.new not in by_blob and held_before(change)]
    first = min(arrivals, key=lambda change: (held_before(change), _age(change)))
    removed = None if in_head or not departures else max(departures, key=_age).commit.oid
    for match in by_blob[first.new]:
        yield (
            match,
            _by(occurrence_of(match, path), first.commit)._replace(
                where="symlink target" if first.mode == LINK_MODE else "file",
                blob=first.new,
                in_head=in_head,
                removed_in=removed,
                versions=len({change.new for change in arrivals}),
            ),
        )


def _first_on_each_path(changes: Sequence[PathChange], head: dict[str, str]) -> list[Occurrence]:
    """Give each path with the first commit that had it."""
    first: dict[str, PathChange] = {}
    for change in sorted(changes, key=_age):
        first.setdefault(change.path, change)
    return [
        _by(occurrence_of_path(path), change.commit)._replace(blob=change.new, in_head=path in head)
        for path, change in first.items()
    ]


def _attribute_names(
    matches: Sequence[PlacedMatch], changes: Sequence[PathChange]
) -> Iterator[tuple[PlacedMatch, Occurrence]]:
    """Attribute a credential in a file name to the first commit with each path that holds it."""
    for match in matches:
        first: dict[str, PathChange] = {}
        for change in sorted(changes, key=_age):
            if match.secret in change.path:
                first.setdefault(change.path, change)
        for path, change in first.items():
            yield match, _by(occurrence_of_path(path), change.commit)._replace(suppressed_by=match.excuse)
        if not first:
            yield match, occurrence_of(match, None)._replace(blob=match.key)


def _age(change: PathChange) -> tuple[int, str]:
    return change.commit.time, change.commit.oid
