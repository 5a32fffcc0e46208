"""What leads to a match of a history, and since when: matches become occurrences.

Commits come in ranks: those that branches, tags and other refs lead to; those that only stashes, notes and reflogs
keep; and those that nothing leads to. The first rank that held a secret speaks of it.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from leaksieve.core.finding import Occurrence, Place, PlacedMatch
from leaksieve.git.attribution import Commit, PathChange
from leaksieve.git.diff import LINK_MODE
from leaksieve.git.index import staged_blobs
from leaksieve.git.refs import Ref, keepers_of, tags_behind
from leaksieve.git.repository import Repository
from leaksieve.git.trees import blobs_of, holders
from leaksieve.sources.limits import Limits
from leaksieve.sources.objects import TAG_PLACES
from leaksieve.sources.source import Located, by_commit, occurrence_of, occurrence_of_path, occurrences_in_refs

REFERRED, KEPT, LOST = range(3)


class RankedChange(NamedTuple):
    """A change, and the rank of its commit."""

    rank: int
    change: PathChange

    @property
    def age(self) -> tuple[int, int, str]:
        """Sort the first commit of the best rank first."""
        return self.rank, self.change.commit.time, self.change.commit.oid


class Told(NamedTuple):
    """What the history told of matches.

    Attributes:
        changes: those that brought or removed them, or concern paths that are asked for.
        ranks: the rank of every commit.
        commits: those with a match in their own text.
    """

    changes: Sequence[RankedChange]
    ranks: dict[str, int]
    commits: dict[str, Commit]


class Placer:
    """Turns matches into occurrences."""

    def __init__(self, repository: Repository, refs: Sequence[Ref], told: Told, limits: Limits) -> None:
        """Sort the changes, and look up what keeps commits of the second rank.

        Raises:
            GitError: git failed.
        """
        self._repository = repository
        self._git = git = repository.git
        self._refs = refs
        self._changes = sorted(told.changes, key=lambda ranked: ranked.age)
        self._ranks = told.ranks
        self._commits = told.commits
        self._limits = limits
        self._head = blobs_of(git, "HEAD")
        self._keepers = keepers_of(git, refs, {oid for oid, rank in told.ranks.items() if rank == KEPT})

    def locate(self, matches: Sequence[PlacedMatch], wanted: Callable[[str], bool]) -> Located:
        """Say where matches live; `wanted` accepts the paths that a path rule asks for.

        Raises:
            GitError: git failed.
        """
        files = [match for match in matches if match.where == "file"]
        names = [match for match in matches if match.where == "file name"]
        others = [match for match in matches if match.where not in ("file", "file name")]
        located = [*self._files(files), *self._names(names), *self._others(others)]
        first: dict[str, RankedChange] = {}
        for ranked in self._changes:
            if wanted(ranked.change.path):
                first.setdefault(ranked.change.path, ranked)
        paths = [self._named(path, ranked) for path, ranked in first.items()]
        return Located(located, paths)

    def _leads_to(self, rank: int, commit: Commit) -> tuple[str | None, str]:
        """Name what leads to a commit, and the kind of place that its files are."""
        if rank == REFERRED:
            return commit.ref or None, "file"
        if rank == LOST:
            return None, "unreachable commit"
        return self._keepers.get(commit.oid, (commit.ref or None, "reflog"))

    def _by(self, occurrence: Occurrence, rank: int, commit: Commit) -> Occurrence:
        ref, _ = self._leads_to(rank, commit)
        return by_commit(occurrence, commit)._replace(ref=ref)

    def _named(self, path: str, ranked: RankedChange) -> Occurrence:
        """Place a file name at the first commit that has it."""
        occurrence = self._by(occurrence_of_path(path), ranked.rank, ranked.change.commit)
        return occurrence._replace(blob=ranked.change.new, in_head=path in self._head)

    def _files(self, matches: Sequence[PlacedMatch]) -> Iterator[Place]:
        """Attribute each finding on each path that held it."""
        by_path: dict[str, list[RankedChange]] = {}
        paths_of: dict[str, set[str]] = {}
        for ranked in self._changes:
            by_path.setdefault(ranked.change.path, []).append(ranked)
            paths_of.setdefault(ranked.change.new, set()).add(ranked.change.path)
        by_finding: dict[tuple[str, str], dict[str, list[PlacedMatch]]] = {}
        alone: list[PlacedMatch] = []
        for match in matches:
            by_finding.setdefault((match.rule, match.secret), {}).setdefault(match.key, []).append(match)
            if match.key not in paths_of:
                alone.append(match)
        held_paths = {path for match in matches for path in paths_of.get(match.key, ())}
        branches: dict[tuple[str, str], set[str]] = {}
        for path, blob, having in holders(self._git, {r.name: r.tree for r in self._refs if r.is_branch}, held_paths):
            branches.setdefault((path, blob), set()).update(having)
        yield from self._without_commit(alone)
        for by_blob in by_finding.values():
            for path in sorted({path for blob in by_blob for path in paths_of.get(blob, ())}):
                still = tuple(sorted(set().union(*(branches.get((path, blob), ()) for blob in by_blob))))
                for match, occurrence in self._attribute(by_blob, path, by_path[path]):
                    yield match, occurrence._replace(branches=still)

    def _attribute(
        self, by_blob: dict[str, list[PlacedMatch]], path: str, changes: Sequence[RankedChange]
    ) -> Iterator[Place]:
        """Attribute one finding on one path: the first version that held it speaks for all of them."""

        def held_before(ranked: RankedChange) -> bool:
            return not by_blob.keys().isdisjoint(ranked.change.olds)

        in_head = self._head.get(path) in by_blob
        arrivals = [ranked for ranked in changes if ranked.change.new in by_blob]
        departures = [ranked for ranked in changes if ranked.change.new not in by_blob and held_before(ranked)]
        first = min(arrivals, key=lambda ranked: (ranked.rank, held_before(ranked), ranked.age))
        removed = None
        if departures and not in_head:
            # The last commit that took it out, of the best rank that did.
            best = min(ranked.rank for ranked in departures)
            last = max((ranked for ranked in departures if ranked.rank == best), key=lambda ranked: ranked.age)
            removed = last.change.commit.oid
        change = first.change
        _, where = self._leads_to(first.rank, change.commit)
        for match in by_blob[change.new]:
            yield (
                match,
                self._by(occurrence_of(match, path), first.rank, change.commit)._replace(
                    where="symlink target" if change.mode == LINK_MODE and first.rank == REFERRED else where,
                    blob=change.new,
                    in_head=in_head,
                    removed_in=removed,
                    versions=len({ranked.change.new for ranked in arrivals}),
                ),
            )

    @cached_property
    def _tagged_files(self) -> list[tuple[str, str, str]]:
        """The path and the blob of each file in a tree that a ref names, and the ref."""
        trees = {ref.oid: ref.name for ref in reversed(self._refs) if ref.type == "tree"}
        return [(path, blob, ref) for tree, ref in trees.items() for path, blob in blobs_of(self._git, tree).items()]

    def _without_commit(self, matches: Sequence[PlacedMatch]) -> Iterator[Place]:
        """Place what stands in no commit: a ref or the index may lead to it all the same."""
        if not matches or self._limits.only_commits:
            return
        tagged = {ref.oid: ref.name for ref in reversed(self._refs) if ref.type == "blob"}
        tagged = {blob: ref for _, blob, ref in reversed(self._tagged_files)} | tagged
        staged = {} if self._limits.reachable_only else staged_blobs(self._repository)
        for match in matches:
            occurrence = occurrence_of(match, None)._replace(blob=match.key, in_head=False)
            if match.key in tagged:
                yield match, occurrence._replace(where="tagged blob", ref=tagged[match.key])
            elif match.key in staged:
                yield match, occurrence._replace(where="index", path=staged[match.key])
            elif not self._limits.reachable_only:
                yield match, occurrence._replace(where="unreachable blob")

    def _names(self, matches: Sequence[PlacedMatch]) -> Iterator[Place]:
        """Attribute a credential in a file name to the first commit with each path that holds it."""
        trees: dict[tuple[str, str], PlacedMatch] = {}
        for match in matches:
            known = trees.setdefault((match.rule, match.secret), match)
            if match.key < known.key:
                trees[match.rule, match.secret] = match
        for match in trees.values():
            first: dict[str, RankedChange] = {}
            for ranked in self._changes:
                if match.secret in ranked.change.path:
                    first.setdefault(ranked.change.path, ranked)
            for path, ranked in first.items():
                placed = self._by(occurrence_of_path(path), ranked.rank, ranked.change.commit)
                yield match, placed._replace(suppressed_by=match.excuse)
            if not first and not self._limits.only_commits:
                yield from self._names_without_commit(match)

    def _names_without_commit(self, match: PlacedMatch) -> Iterator[Place]:
        tagged = [(path, ref) for path, _, ref in self._tagged_files if match.secret in path]
        for path, ref in tagged:
            yield match, occurrence_of_path(path)._replace(ref=ref, suppressed_by=match.excuse)
        if not tagged and not self._limits.reachable_only:
            occurrence = occurrence_of_path(match.secret)._replace(path=None, blob=match.key)
            yield match, occurrence._replace(where="unreachable file name")

    def _others(self, matches: Sequence[PlacedMatch]) -> Iterator[Place]:
        """Place what is in commits, tags and ref names: they say themselves where they are."""
        has_tag = any(match.where in TAG_PLACES for match in matches)
        tags = tags_behind(self._git, self._refs) if has_tag else {}
        for match in matches:
            if self._limits.paths or (self._limits.chosen is not None and match.key not in self._ranks):
                # Messages and names of refs stand on no path, and only commits are chosen.
                continue
            if match.where == "ref name":
                yield from occurrences_in_refs(match, (ref.name for ref in self._refs))
                continue
            occurrence = occurrence_of(match, None)._replace(blob=match.key)
            commit = self._commits.get(match.key)
            if commit:
                rank = self._ranks.get(commit.oid, LOST)
                if rank == LOST and self._limits.hides_unreachable:
                    continue
                occurrence = self._by(occurrence, rank, commit)
                if rank == LOST:
                    occurrence = occurrence._replace(where=f"unreachable {match.where}")
            elif match.key in tags:
                occurrence = occurrence._replace(ref=tags[match.key])
            elif self._limits.reachable_only:
                continue
            elif match.where in TAG_PLACES:
                occurrence = occurrence._replace(where=f"unreachable {match.where}")
            yield match, occurrence
