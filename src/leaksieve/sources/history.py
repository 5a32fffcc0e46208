"""Everything that a repository's object database holds.

There are two engines. The full one is slow and obvious: each object is read whole through `git cat-file` and
scanned once. The delta one reads objects straight from the packs and scans what may hold a match; loose objects
still come through git. Both must report the same, and the full one is right.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from leaksieve.core.coverage import Coverage
from leaksieve.core.finding import PlacedMatch
from leaksieve.errors import GitError
from leaksieve.git.cat_file import ObjectInfo, describe_objects, list_objects
from leaksieve.git.objects import open_objects, packs_without_index
from leaksieve.git.pack import COMMIT
from leaksieve.git.refs import list_refs
from leaksieve.git.remote import browser_of
from leaksieve.git.repository import Repository
from leaksieve.sources.deltas import PackShard, pack_shards
from leaksieve.sources.limits import EVERYTHING, Limits
from leaksieve.sources.objects import ObjectShard, RefShard
from leaksieve.sources.provenance import Inventory, Provenance
from leaksieve.sources.source import Located

# A share of about this many bytes keeps a worker busy for half a second.
_SHARD_BYTES = 16 << 20
_SHARD_OBJECTS = 4000
#: A worker holds an object several times over: its bytes, its text, its new lines.
LARGEST = 512 << 20


class HistorySource:
    """A repository's whole object database: every blob, tree, commit and tag, reachable or not."""

    def __init__(
        self,
        repository: Repository,
        target: str,
        limits: Limits = EVERYTHING,
        *,
        deltas: bool = True,
        largest: int = LARGEST,
    ) -> None:
        """Remember the repository.

        Args:
            repository: what to audit.
            target: what the user called it.
            limits: which part of the history is reported; all of it is scanned.
            deltas: whether to use the delta engine.
            largest: objects of more bytes are too large to scan, and named as a problem.
        """
        self._limits = limits
        self.target = target
        self._deltas = deltas
        self._largest = largest
        self._repository = repository
        self._git = repository.git
        self._held = Inventory()

    def shards(self, coverage: Coverage) -> Iterator[ObjectShard | PackShard | RefShard]:
        """Divide all objects: those in packs by delta trees, the others by size; then the refs."""
        if self._repository.shallow:
            coverage.notes.append("the clone is shallow: older commits are not here to scan; git fetch --unshallow")
        if self._repository.is_partial():
            left_out = "objects that were left out are not here to scan; git fetch --refetch --no-filter"
            coverage.notes.append(f"the clone is partial: {left_out}")
        refs = list_refs(self._git)
        # Git reads the history while the objects are listed and scanned.
        self._provenance = Provenance(self._repository, refs, self._limits)
        yield from self._object_shards(coverage)
        yield RefShard(tuple(ref.name for ref in refs))

    def _object_shards(self, coverage: Coverage) -> Iterator[ObjectShard | PackShard]:
        for path in packs_without_index(self._repository):
            coverage.problems.append(f"{path} has no index: run git index-pack on it")
        try:
            database = open_objects(self._repository) if self._deltas else None
        except GitError:
            # Something in the database is of a kind that only git reads.
            database = None
        if database is None:
            infos = list_objects(self._git, coverage.problems.append)
        else:
            yield from pack_shards(self._git, database.packs, self._largest)
            infos = describe_objects(self._git, database.loose, coverage.problems.append)
        packs = database.packs if database else ()
        packed = {pack.name(entry) for pack in packs for entry in pack.entries(COMMIT)}
        alone = (info.oid for info in infos if info.type == "commit")
        self._held = Inventory([*(name.hex() for name in packed), *alone], [pack.idx_path for pack in packs])
        yield from self._cut(infos)

    def _cut(self, infos: Iterable[ObjectInfo]) -> Iterator[ObjectShard]:
        """Cut a list of objects to shares of like size."""
        oids: list[str] = []
        size = 0
        for info in infos:
            oids.append(info.oid)
            size += info.size
            if size > _SHARD_BYTES or len(oids) >= _SHARD_OBJECTS:
                yield ObjectShard(self._git, tuple(oids), size, self._largest)
                oids, size = [], 0
        if oids:
            yield ObjectShard(self._git, tuple(oids), size, self._largest)

    def locate(self, matches: Sequence[PlacedMatch], wanted: Callable[[str], bool], coverage: Coverage) -> Located:
        """Attribute matches to the commits that brought them, in one pass over all commits."""
        located = self._provenance.locate(matches, wanted, self._held, coverage)
        browser = browser_of(self._repository) if located.matches else None
        if browser is None:
            return located
        # Where a browser shows each place, when the remote is a hosting service.
        linked = [
            (match, place._replace(url=browser.url(place.commit, place.path, place.line)))
            if place.commit is not None and place.path is not None
            else (match, place)
            for match, place in located.matches
        ]
        return Located(linked, located.paths)
