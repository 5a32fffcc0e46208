"""Where matches of a history live: the commits that brought them and took them out, and what leads there.

Commits come in ranks: those that branches, tags and other refs lead to; those that notes and stashes keep; those
that only a reflog remembers; and those that nothing leads to. The first rank that held a secret speaks of it.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from leaksieve.core.coverage import Coverage
from leaksieve.core.finding import Occurrence, PlacedMatch
from leaksieve.errors import GitError
from leaksieve.git.attribution import ChangeLog, Commit, PathChange, head_blobs, read_commits
from leaksieve.git.cat_file import missing_objects
from leaksieve.git.command import Git
from leaksieve.git.diff import LINK_MODE
from leaksieve.git.refs import NOTES, ORDINARY, STASH, Ref, commits_behind, reflog_entries
from leaksieve.git.trees import holders
from leaksieve.sources.objects import COMMIT_PLACES
from leaksieve.sources.source import Located, occurrence_of, occurrence_of_path

_REFERRED, _KEPT, _LOST = range(3)


class Limits(NamedTuple):
    """Which part of a history is reported.

    Attributes:
        chosen: the commits, as arguments of `git log`; None for all.
        paths: only files at or below one of these; all when there are none.
        reachable_only: whether what no ref leads to is left out.
    """

    chosen: tuple[str, ...] | None = None
    paths: tuple[str, ...] = ()
    reachable_only: bool = False

    @property
    def only_commits(self) -> bool:
        """Whether only what stands in commits is reported."""
        return self.chosen is not None or bool(self.paths)

    @property
    def hides_unreachable(self) -> bool:
        """Whether what no ref leads to is left out."""
        return self.reachable_only or self.only_commits

    def has_path(self, path: str) -> bool:
        """Tell whether a path is among those wanted."""
        return not self.paths or any(path == wanted or path.startswith(f"{wanted}/") for wanted in self.paths)


EVERYTHING = Limits()


class RankedChange(NamedTuple):
    """A change, and the rank of its commit."""

    rank: int
    change: PathChange

    @property
    def age(self) -> tuple[int, int, str]:
        """Sort the first commit of the best rank first."""
        return self.rank, self.change.commit.time, self.change.commit.oid


class Provenance:
    """A repository's history as far as it tells where matches come from."""

    def __init__(self, git: Git, refs: Sequence[Ref], limits: Limits, *, partial: bool) -> None:
        """Start git on everything that refs and reflogs lead to, or on what the limits choose.

        Args:
            git: the repository.
            refs: all refs.
            limits: which commits and paths count.
            partial: whether the clone misses objects on purpose.
        """
        self._git = git
        self._partial = partial
        self._limits = limits
        self._brought: set[str] = set()
        self._refs = refs
        if limits.chosen is not None:
            self._logs = [ChangeLog(git, *limits.chosen)]
            return
        keepers = [ref.name for ref in refs if ref.name == STASH or ref.name.startswith(NOTES)]
        reflogs = [] if limits.reachable_only else ["--reflog"]
        self._logs = [ChangeLog(git, *ORDINARY)]
        if keepers or reflogs:
            self._logs.append(ChangeLog(git, *reflogs, *keepers, "--not", *ORDINARY))

    def locate(
        self, matches: Sequence[PlacedMatch], wanted: Callable[[str], bool], commits: Sequence[str], coverage: Coverage
    ) -> Located:
        """Say where matches live.

        Args:
            matches: what was found.
            wanted: accepts the paths that a path rule asks for.
            commits: the names of all commits, those that nothing leads to as well.
            coverage: told when attribution fails.
        """
        secrets = {match.secret for match in matches if match.where == "file name"}

        def wanted_path(path: str) -> bool:
            return wanted(path) or any(secret in path for secret in secrets)

        changes: list[RankedChange] = []
        ranks: dict[str, int] = {}
        blobs = {match.key for match in matches if match.where == "file"}
        try:
            self._read(commits, lambda log: log.changes(blobs, wanted_path), changes, ranks)
            self._tell_missing(coverage)
        except GitError as error:
            coverage.problems.append(f"attribution is incomplete: {error}")
        changes = [ranked for ranked in changes if self._limits.has_path(ranked.change.path)]
        placer = _Placer(self._git, self._refs, changes, ranks, self._limits)
        try:
            return placer.locate(matches, wanted)
        except GitError as error:
            coverage.problems.append(f"attribution is incomplete: {error}")
            return Located([(match, occurrence_of(match, None)._replace(blob=match.key)) for match in matches], [])

    def _read(
        self,
        commits: Sequence[str],
        changes_of: Callable[[ChangeLog], Iterable[PathChange]],
        changes: list[RankedChange],
        ranks: dict[str, int],
    ) -> None:
        """Read the logs, and one of the commits that they leave out."""
        with contextlib.ExitStack() as stack:
            for rank, log in enumerate([stack.enter_context(log) for log in self._logs]):
                ranks.update((oid, rank) for oid in log.commits() if oid not in ranks)
                changes += (RankedChange(rank, change) for change in changes_of(log))
                self._brought |= log.blobs()
        lost = [oid for oid in commits if oid not in ranks]
        if lost and not self._limits.hides_unreachable:
            ranks.update((oid, _LOST) for oid in lost)
            with ChangeLog(self._git, commits=lost) as log:
                changes += (RankedChange(_LOST, change) for change in changes_of(log))
                self._brought |= log.blobs()

    def _tell_missing(self, coverage: Coverage) -> None:
        """Tell of blobs that the history names and that are not there: scanning all that is there does not notice."""
        missing = sorted(missing_objects(self._git, self._brought))
        if missing and self._partial:
            coverage.problems.append(
                f"{len(missing)} objects, such as {missing[0]}, are not in this partial clone and were not scanned"
            )
        else:
            coverage.problems += (f"object {oid} is missing" for oid in missing)


class _Placer:
    """Turns matches into occurrences."""

    def __init__(
        self, git: Git, refs: Sequence[Ref], changes: Sequence[RankedChange], ranks: dict[str, int], limits: Limits
    ) -> None:
        self._git = git
        self._refs = refs
        self._changes = sorted(changes, key=lambda ranked: ranked.age)
        self._ranks = ranks
        self._limits = limits
        self._head = head_blobs(git)
        self._keepers = _keepers(git, refs, {oid for oid, rank in ranks.items() if rank == _KEPT})

    def locate(self, matches: Sequence[PlacedMatch], wanted: Callable[[str], bool]) -> Located:
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
        if rank == _REFERRED:
            return commit.ref or None, "file"
        if rank == _LOST:
            return None, "unreachable commit"
        return self._keepers.get(commit.oid, (commit.ref or None, "reflog"))

    def _by(self, occurrence: Occurrence, rank: int, commit: Commit) -> Occurrence:
        ref, _ = self._leads_to(rank, commit)
        return occurrence._replace(
            commit=commit.oid, author=commit.author, email=commit.email, date=commit.date, ref=ref
        )

    def _named(self, path: str, ranked: RankedChange) -> Occurrence:
        """Place a file name at the first commit that has it."""
        occurrence = self._by(occurrence_of_path(path), ranked.rank, ranked.change.commit)
        return occurrence._replace(blob=ranked.change.new, in_head=path in self._head)

    def _files(self, matches: Sequence[PlacedMatch]) -> Iterator[tuple[PlacedMatch, Occurrence]]:
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
    ) -> Iterator[tuple[PlacedMatch, Occurrence]]:
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
                    where="symlink target" if change.mode == LINK_MODE and first.rank == _REFERRED else where,
                    blob=change.new,
                    in_head=in_head,
                    removed_in=removed,
                    versions=len({ranked.change.new for ranked in arrivals}),
                ),
            )

    def _without_commit(self, matches: Sequence[PlacedMatch]) -> Iterator[tuple[PlacedMatch, Occurrence]]:
        """Place what stands in no commit: a ref may lead to it all the same."""
        tagged: dict[str, str] = {}
        for ref in self._refs if matches else ():
            if ref.type == "blob":
                tagged.setdefault(ref.oid, ref.name)
            elif ref.type == "tree":
                for blob in head_blobs(self._git, ref.oid).values():
                    tagged.setdefault(blob, ref.name)
        for match in matches:
            ref_name = tagged.get(match.key)
            if self._limits.only_commits or (ref_name is None and self._limits.reachable_only):
                continue
            where = "unreachable blob" if ref_name is None else "tagged blob"
            yield match, occurrence_of(match, None)._replace(blob=match.key, where=where, ref=ref_name, in_head=False)

    def _names(self, matches: Sequence[PlacedMatch]) -> Iterator[tuple[PlacedMatch, Occurrence]]:
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
            if not first and not self._limits.hides_unreachable:
                occurrence = occurrence_of_path(match.secret)._replace(path=None, blob=match.key)
                yield match, occurrence._replace(where="unreachable file name")

    def _others(self, matches: Sequence[PlacedMatch]) -> Iterator[tuple[PlacedMatch, Occurrence]]:
        """Place what is in commits, tags and ref names: they say themselves where they are."""
        wanted = sorted({match.key for match in matches if match.where in COMMIT_PLACES})
        commits = {commit.oid: commit for commit in read_commits(self._git, wanted)} if wanted else {}
        tags = {ref.named: ref.name for ref in self._refs}
        for match in matches:
            if self._limits.paths or (self._limits.chosen is not None and match.key not in self._ranks):
                # Messages and names of refs stand on no path, and only commits are chosen.
                continue
            if match.where == "ref name":
                named = (ref.name for ref in self._refs if match.secret in ref.name)
                yield from ((match, occurrence_of_path(name)._replace(where="ref name", ref=name)) for name in named)
                continue
            occurrence = occurrence_of(match, None)._replace(blob=match.key)
            commit = commits.get(match.key)
            if commit:
                rank = self._ranks.get(commit.oid, _LOST)
                if rank == _LOST and self._limits.hides_unreachable:
                    continue
                occurrence = self._by(occurrence, rank, commit)
                if rank == _LOST:
                    occurrence = occurrence._replace(where=f"unreachable {match.where}")
            else:
                occurrence = occurrence._replace(ref=tags.get(match.key))
            yield match, occurrence


def _keepers(git: Git, refs: Sequence[Ref], kept: set[str]) -> dict[str, tuple[str, str]]:
    """Name what leads to each commit that only stashes, notes and reflogs keep, and the kind of place that it is."""
    keepers: dict[str, tuple[str, str]] = {}
    if not kept:
        return keepers
    if any(ref.name == STASH for ref in refs):
        for entry in reflog_entries(git, STASH):
            keepers.setdefault(entry.oid, (entry.name, "stash"))
            # Source: https://git-scm.com/docs/git-stash ("Discussion"): the index, and with -u the untracked files.
            for parent, kind in zip(entry.parents[1:], ("stash", "stash (untracked)"), strict=False):
                keepers.setdefault(parent, (entry.name, kind))
    for ref in (ref for ref in refs if ref.name.startswith(NOTES)):
        keepers |= dict.fromkeys(commits_behind(git, ref.oid), (ref.name, "note"))
    for entry in reflog_entries(git):
        if entry.oid in kept and entry.oid not in keepers:
            keepers = dict.fromkeys(commits_behind(git, entry.oid), (entry.name, "reflog")) | keepers
    return keepers
