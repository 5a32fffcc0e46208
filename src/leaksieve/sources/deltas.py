"""Objects straight from a pack, along the trees that deltas form.

Most of a blob's lines are those of its base. Only the lines that a delta touches are looked up, and a blob is
given to be scanned when one of them, or a line of a base that had one, may hold a match. What cannot be read this
way git reads.
"""

import mmap
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from leaksieve.core.coverage import Coverage
from leaksieve.core.decode import wide_encoding
from leaksieve.core.finding import Blob
from leaksieve.core.screen import HotLine, LineScreen
from leaksieve.errors import GitError
from leaksieve.git.cat_file import Object, is_none
from leaksieve.git.command import Git
from leaksieve.git.delta import touched_lines
from leaksieve.git.delta_trees import DeltaTrees, TreeObject, delta_trees, walk
from leaksieve.git.pack import BLOB, COMMIT, TAG, TREE, Pack
from leaksieve.git.trees import entry_names
from leaksieve.sources.objects import ObjectShard, text_of_names, texts_of

# Enough shares to keep any number of workers busy to the end, few enough to cost nothing.
_SHARES = {BLOB: 48, TREE: 8, COMMIT: 4, TAG: 1}
_KIND_NAMES = {BLOB: "blob", TREE: "tree", COMMIT: "commit", TAG: "tag"}
# Texts of commits are screened together up to so many bytes: a few hundred at a time.
_BATCH_BYTES = 1 << 18
_LINE_ENDS = (b"", b"\n")


class PackShard(NamedTuple):
    """Delta trees of one kind of objects in one pack; objects of more than `largest` bytes are too large to scan."""

    git: Git
    path: str
    hash_size: int
    kind: int
    trees: DeltaTrees
    largest: int

    @property
    def size(self) -> int:
        """Count the bytes that its objects take in the pack."""
        return sum(self.trees.spans[1::2]) - sum(self.trees.spans[::2])

    def blobs(self, coverage: Coverage, screen: LineScreen) -> Iterator[Blob]:
        """Rebuild every object, and give the texts that may hold a match."""
        if self.kind == BLOB:
            yield from self._files(coverage, screen)
        elif self.kind == TREE:
            yield from self._names(coverage, screen)
        else:
            yield from _hot_texts(self._texts(coverage), screen)

    def _objects(self, coverage: Coverage) -> Iterator[TreeObject | Object]:
        """Walk the trees; from where one cannot be walked, git reads the rest of it.

        One that an earlier pack has comes without its name: only the deltas upon it are of use.
        """
        done, end = 0, len(self.trees.bases)
        try:
            with open(self.path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                while done < end:
                    try:
                        for found in walk(data, self.trees, self.hash_size, done, self.largest):
                            done = found.number + 1
                            if is_none(found.oid):
                                yield found._replace(oid="")
                                continue
                            coverage.count(_KIND_NAMES[self.kind], len(found.data))
                            coverage.read_by["pack"] += 1
                            yield found
                    except (GitError, zlib.error, IndexError):
                        following = self.trees.next_tree(done)
                        yield from self._through_git(done, following, coverage)
                        done = following
        except (OSError, ValueError):
            # Repacked meanwhile, most likely: the objects are in another pack now.
            yield from self._through_git(done, end, coverage)

    def _through_git(self, first: int, end: int, coverage: Coverage) -> Iterator[Object]:
        size = self.hash_size
        names = (self.trees.names[at : at + size].hex() for at in range(first * size, end * size, size))
        shard = ObjectShard(self.git, tuple(name for name in names if not is_none(name)), 0, self.largest)
        return shard.objects(coverage)

    def _files(self, coverage: Coverage, screen: LineScreen) -> Iterator[Blob]:
        hot = _HotLines(screen)
        for found in self._objects(coverage):
            if isinstance(found, Object):
                yield from texts_of(found)
            else:
                blob = hot.blob(found)
                if blob is not None and found.oid:
                    yield blob

    def _names(self, coverage: Coverage, screen: LineScreen) -> Iterator[Blob]:
        """Collect the names first; only if one is hot, look for the trees that have it."""
        names: set[bytes] = set()
        for found in self._objects(coverage):
            names.update(entry_names(2 * self.hash_size, found.data))
        hot_lines = screen.hot(b"\n".join(names))
        hot = {name for name in names if not hot_lines.keys().isdisjoint(name.split(b"\n"))}
        if hot:
            for found in self._objects(Coverage()):
                held = hot.intersection(entry_names(2 * self.hash_size, found.data))
                if held and found.oid:
                    yield text_of_names(found.oid, held)

    def _texts(self, coverage: Coverage) -> Iterator[Blob]:
        for found in self._objects(coverage):
            if isinstance(found, Object):
                yield from texts_of(found)
            elif found.oid:
                yield from texts_of(Object(found.oid, _KIND_NAMES[self.kind], found.data))


def _hot_texts(texts: Iterable[Blob], screen: LineScreen) -> Iterator[Blob]:
    """Give those of many small texts that have a hot line."""
    batch: list[Blob] = []
    size = 0
    for text in texts:
        if wide_encoding(text.data):
            yield text
            continue
        batch.append(text)
        size += len(text.data)
        if size > _BATCH_BYTES:
            yield from _hot_ones(batch, screen)
            batch, size = [], 0
    yield from _hot_ones(batch, screen)


def _hot_ones(batch: Sequence[Blob], screen: LineScreen) -> Iterator[Blob]:
    lines = screen.hot(b"\n".join(text.data for text in batch), remember=False)
    if lines:
        yield from (text for text in batch if not lines.keys().isdisjoint(text.data.split(b"\n")))


class _HotLines:
    """The lines of each object of a tree that may be part of a match, as far as its children need them."""

    def __init__(self, screen: LineScreen) -> None:
        self._screen = screen
        self._hot: dict[int, dict[bytes, HotLine]] = {}
        self._wide: set[int] = set()

    def blob(self, found: TreeObject) -> Blob | None:
        """Give an object as a text to scan, or None when nothing in it can be part of a match.

        Its hot lines are those among the lines that its delta touches, and those of its base that still stand. A
        base in UTF-16 or UTF-32 tells nothing of lines.
        """
        if found.delta is None:
            self._hot.clear()
            self._wide.clear()
        if wide_encoding(found.data):
            self._wide.add(found.number)
            return Blob(found.oid, "file", found.data)
        if found.delta is None or found.base in self._wide:
            candidates = self._screen.hot(found.data)
        else:
            candidates = self._screen.hot(touched_lines(found.data, found.delta))
            candidates |= self._hot.get(found.base, {})
        places = [(*place, hot) for line, hot in candidates.items() for place in _places(found.data, line)]
        if not places:
            return None
        places.sort(key=lambda place: place[0])
        self._hot[found.number] = {found.data[begin:end]: hot for begin, end, hot in places}
        anchors = [(begin, end) for begin, end, hot in places if hot.anchors]
        # Anchors are words such as `token",`: few of them lead to a match, which settles with those of the lines.
        if anchors and self._screen.detector.finds_block(found.data.decode("latin-1"), anchors):
            return Blob(found.oid, "file", found.data, spans=tuple((begin, end) for begin, end, _ in places))
        matches = [match.moved(begin) for begin, _, hot in places for match in hot.matches]
        return Blob(found.oid, "file", found.data, matches=matches)


def _places(data: bytes, line: bytes) -> Iterator[tuple[int, int]]:
    """Find every place where `line` stands as a whole line."""
    size = len(line)
    if data.startswith(line) and data[size : size + 1] in _LINE_ENDS:
        yield 0, size
    # With its newlines, since a short line may be a part of many others.
    at = data.find(b"\n" + line + b"\n")
    while at >= 0:
        yield at + 1, at + 1 + size
        at = data.find(b"\n" + line + b"\n", at + 1 + size)
    if data.endswith(b"\n" + line):
        yield len(data) - size, len(data)


def pack_shards(git: Git, packs: Sequence[Pack], largest: int) -> Iterator[PackShard]:
    """Share out all objects of all packs, the most work first; an object in two packs once."""
    for kind, shares in _SHARES.items():
        for number, pack in enumerate(packs):
            for trees in delta_trees(pack, kind, shares):
                known = _without_known(trees, pack.hash_size, packs[:number])
                yield PackShard(git, pack.path, pack.hash_size, kind, known, largest)


def _without_known(trees: DeltaTrees, hash_size: int, earlier: Sequence[Pack]) -> DeltaTrees:
    """Blank the names of objects that an earlier pack has: they are rebuilt as bases, and not scanned again."""
    if not earlier:
        return trees
    names = [trees.names[at : at + hash_size] for at in range(0, len(trees.names), hash_size)]
    blank = bytes(hash_size)
    kept = (blank if any(name in pack for pack in earlier) else name for name in names)
    return trees._replace(names=b"".join(kept))
