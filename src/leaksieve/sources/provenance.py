"""The commits of a history that tell where matches come from, read in one pass of git while the objects are scanned."""

import contextlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

from leaksieve.core.coverage import Coverage
from leaksieve.core.finding import PlacedMatch
from leaksieve.errors import GitError
from leaksieve.git.attribution import ChangeLog, Changes, Commit
from leaksieve.git.cat_file import list_objects, missing_links, missing_objects
from leaksieve.git.pack import names_in
from leaksieve.git.refs import NOTES, ORDINARY, STASH, Ref
from leaksieve.git.repository import Repository
from leaksieve.sources.limits import Limits
from leaksieve.sources.objects import COMMIT_PLACES
from leaksieve.sources.places import LOST, Placer, RankedChange, Told
from leaksieve.sources.source import Located, occurrence_of


class Inventory(NamedTuple):
    """What an object database holds, as far as provenance asks.

    Attributes:
        commits: the names of all commits, those that nothing leads to as well.
        idx_paths: the indexes of packs, which list most blobs.
    """

    commits: Sequence[str] = ()
    idx_paths: Sequence[str] = ()


class Provenance:
    """A repository's history as far as it tells where matches come from."""

    def __init__(self, repository: Repository, refs: Sequence[Ref], limits: Limits) -> None:
        """Start git on everything that refs and reflogs lead to, or on what the limits choose.

        Args:
            repository: the repository.
            refs: all refs.
            limits: which commits and paths count.
        """
        self._git = git = repository.git
        self._partial = repository.is_partial()
        self._repository = repository
        self._limits = limits
        self._brought: set[bytes] = set()
        self._ranks: dict[str, int] = {}
        self._changes: list[RankedChange] = []
        self._commits: dict[str, Commit] = {}
        self._failures: list[str] = []
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
        self, matches: Sequence[PlacedMatch], wanted: Callable[[str], bool], held: Inventory, coverage: Coverage
    ) -> Located:
        """Say where matches live.

        Args:
            matches: what was found.
            wanted: accepts the paths that a path rule asks for.
            held: what the object database holds.
            coverage: told when attribution fails.
        """
        secrets = {match.secret for match in matches if match.where == "file name"}

        def wanted_path(path: str) -> bool:
            return wanted(path) or any(secret in path for secret in secrets)

        blobs = {match.key for match in matches if match.where == "file"}
        named = {match.key for match in matches if match.where in COMMIT_PLACES}
        try:
            self._read(held.commits, lambda log: log.read(blobs, wanted_path, named))
            self._tell_missing(held.idx_paths, coverage)
        except GitError as error:
            coverage.problems.append(f"attribution is incomplete: {error}")
        changes = [ranked for ranked in self._changes if self._limits.has_path(ranked.change.path)]
        try:
            placer = Placer(self._repository, self._refs, Told(changes, self._ranks, self._commits), self._limits)
            return placer.locate(matches, wanted)
        except GitError as error:
            coverage.problems.append(f"attribution is incomplete: {error}")
            return Located([(match, occurrence_of(match, None)._replace(blob=match.key)) for match in matches], [])

    def _read(self, commits: Sequence[str], changes_of: Callable[[ChangeLog], Changes]) -> None:
        """Read the logs, and one of the commits that they leave out."""
        with contextlib.ExitStack() as stack:
            for rank, log in enumerate([stack.enter_context(log) for log in self._logs]):
                self._add(rank, changes_of(log))
        # In an order of its own, lest it depend on the engine where the log is cut short.
        lost = sorted(oid for oid in commits if oid not in self._ranks)
        # After a log that was cut short nobody knows what is lost.
        if lost and not self._failures and not self._limits.hides_unreachable:
            with ChangeLog(self._git, commits=lost) as log:
                self._add(LOST, changes_of(log))

    def _add(self, rank: int, found: Changes) -> None:
        self._failures += [found.failure] * bool(found.failure)
        self._ranks.update((oid, rank) for oid in found.commits if oid not in self._ranks)
        self._changes += (RankedChange(rank, change) for change in found.wanted)
        self._brought |= found.brought
        self._commits |= found.named

    def _tell_missing(self, idx_paths: Sequence[str], coverage: Coverage) -> None:
        """Tell of blobs that the history names and that are not there: scanning all that is there does not notice."""
        for path in idx_paths:
            # Git takes a quarter of a second for the blobs of 27,000 commits, and few are not in packs.
            self._brought.difference_update(names_in(path, self._repository.hash_size))
        brought = {oid.decode() for oid in self._brought}
        if self._partial:
            # Git dies of the first missing one that it is asked for, since it may not fetch it.
            missing = brought.difference(info.oid for info in list_objects(self._git, coverage.problems.append))
        else:
            missing = set(missing_objects(self._git, brought))
        if self._failures:
            missing.update(missing_links(self._git))
            coverage.problems += (f"attribution is incomplete: {failure}" for failure in self._failures)
        if missing and self._partial:
            coverage.problems.append(
                f"{len(missing)} objects, such as {min(missing)}, are not in this partial clone and were not scanned"
            )
        else:
            coverage.problems += (f"object {oid} is missing" for oid in sorted(missing))
