"""Packs read directly agree with git, and touched lines miss none."""

import contextlib
import itertools
import mmap
import os
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leaksieve.errors import GitError
from leaksieve.git.cat_file import Object
from leaksieve.git.delta import apply_delta, touched_lines
from leaksieve.git.delta_trees import delta_trees, walk
from leaksieve.git.objects import open_objects
from leaksieve.git.pack import BLOB, COMMIT, TAG, TREE, Pack
from leaksieve.git.repository import open_repository
from leaksieve.sources.objects import is_intact
from makers import Repo

LINES = st.lists(
    st.sampled_from([b"a", b"b", b"token", b"", b"\r", b"longer line of text", b"\xff\0", b"x" * 150, b"y" * 400]),
    max_size=30,
)
TEXT = LINES.map(b"\n".join)


def size(number: int) -> bytes:
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def copy(offset: int, length: int, *, dense: bool) -> bytes:
    """Encode a copy as git does, leaving zero bytes out, or with all bytes there."""
    code, tail = 0x80, b""
    for bit, byte in enumerate(offset.to_bytes(4, "little") + (length % 0x10000).to_bytes(3, "little")):
        if byte or dense:
            code |= 1 << bit
            tail += bytes([byte])
    return bytes([code]) + tail


@st.composite
def deltas(draw: st.DrawFn) -> tuple[bytes, bytes, bytes]:
    """Draw a base, a delta upon it, and what it makes."""
    base = draw(TEXT)
    made, code = b"", b""
    for _ in range(draw(st.integers(0, 12))):
        if base and draw(st.booleans()):
            begin = draw(st.integers(0, len(base) - 1))
            length = draw(st.integers(1, len(base) - begin))
            code += copy(begin, length, dense=draw(st.booleans()))
            made += base[begin : begin + length]
        else:
            piece = draw(TEXT.filter(lambda text: 0 < len(text) < 128))
            code += bytes([len(piece)]) + piece
            made += piece
    return base, size(len(base)) + size(len(made)) + code, made


@settings(max_examples=400, deadline=None)
@given(deltas())
def test_deltas_are_applied_and_every_new_line_is_touched(drawn: tuple[bytes, bytes, bytes]) -> None:
    base, delta, wanted = drawn
    made = apply_delta(base, delta)
    assert made == wanted
    assert set(made.split(b"\n")) <= set(touched_lines(made, delta).split(b"\n")) | set(base.split(b"\n"))


def test_a_copy_of_64_kilobytes() -> None:
    base = bytes(range(256)) * 300
    delta = size(len(base)) + size(0x10000) + copy(0, 0x10000, dense=False)
    assert apply_delta(base, delta) == base[:0x10000]


@pytest.mark.parametrize(
    "delta",
    [
        size(5) + size(1) + b"\x01a",
        size(3) + size(9) + b"\x01a",
        size(3) + size(3) + b"\x90",
        size(3) + size(1) + b"\x00",
        size(3) + size(1 << 60) + b"\x01a",
        b"\xff" * 20,
        b"",
    ],
)
def test_deltas_that_do_not_fit_are_refused(delta: bytes) -> None:
    with pytest.raises(GitError):
        apply_delta(b"abc", delta)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    versions=st.lists(st.tuples(st.sampled_from("xyz"), TEXT), min_size=1, max_size=25),
    depth=st.sampled_from([1, 5, 50]),
    reference=st.booleans(),
    sha=st.sampled_from(["sha1", "sha256"]),
)
def test_every_object_of_a_pack_is_rebuilt(
    tmp_path_factory: pytest.TempPathFactory,
    versions: list[tuple[str, bytes]],
    depth: int,
    sha: str,
    *,
    reference: bool,
) -> None:
    repo = Repo(tmp_path_factory.mktemp("repo"), f"--object-format={sha}")
    for name, text in versions:
        repo.add(name, text * 3)
        repo.commit()
    offsets = "false" if reference else "true"
    repo.git("-c", f"repack.useDeltaBaseOffset={offsets}", "repack", "-adfq", f"--depth={depth}", "--window=20")
    database = open_objects(open_repository(str(repo.path), repo.environment))
    (pack,) = database.packs
    assert database.loose == []
    listed = repo.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)").split()
    kinds = {"blob": BLOB, "commit": COMMIT, "tree": TREE}
    assert {pack.name(entry).hex(): pack.kinds[entry] for entry in range(len(pack))} == dict(
        zip(listed[::2], map(kinds.__getitem__, listed[1::2]), strict=True)
    )
    with open(pack.path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for kind in kinds.values():
            for trees in delta_trees(pack, kind, 2):
                for found in walk(data, trees, pack.hash_size):
                    # The name is the hash of the content: git itself is asked.
                    name = {BLOB: "blob", COMMIT: "commit", TREE: "tree"}[kind]
                    assert repo.git("hash-object", "-t", name, "--stdin", data=found.data) == found.oid


def test_a_flipped_bit_in_a_header_gives_no_wrong_object(repo: Repo) -> None:
    """Versions of one size: a delta upon the wrong one of them applies without an error."""
    lines = [f"{number:09}" for number in range(60)]
    for number in range(8):
        lines[7 * number] = f"{number + 1000:09}"
        repo.add("a", "\n".join(lines))
        repo.commit()
    repo.git("repack", "-adfq", "--depth=250", "--window=50")
    (idx,) = (repo.path / ".git" / "objects" / "pack").glob("*.idx")
    path = idx.with_suffix(".pack")
    path.chmod(0o644)
    whole = path.read_bytes()
    offsets = Pack(str(idx), 20).offsets[:-1]
    for at, bit in itertools.product((offset + byte for offset in offsets for byte in range(4)), range(8)):
        damaged = bytearray(whole)
        damaged[at] ^= 1 << bit
        path.write_bytes(damaged)
        with contextlib.suppress(GitError, zlib.error, IndexError):
            pack = Pack(str(idx), 20)
            for found in (found for trees in delta_trees(pack, BLOB, 1) for found in walk(bytes(damaged), trees, 20)):
                assert is_intact(Object(found.oid, "blob", found.data))


def test_a_flipped_bit_in_an_index_is_no_crash_and_hides_nothing(repo: Repo) -> None:
    repo.add("a", "line\n")
    repo.commit()
    repo.git("repack", "-adq")
    (idx,) = (repo.path / ".git" / "objects" / "pack").glob("*.idx")
    idx.chmod(0o644)
    whole = idx.read_bytes()
    data = idx.with_suffix(".pack").read_bytes()
    # From the last number of the fanout on: the others are not read.
    for at, bit in itertools.product(range(8 + 255 * 4, len(whole)), range(8)):
        damaged = bytearray(whole)
        damaged[at] ^= 1 << bit
        idx.write_bytes(damaged)
        with contextlib.suppress(GitError, zlib.error, IndexError):
            pack = Pack(str(idx), 20)
            assert sum(len(list(pack.entries(kind))) for kind in (BLOB, COMMIT, TREE, TAG)) == len(pack)
            for trees in delta_trees(pack, BLOB, 1):
                list(walk(data, trees, 20))


def test_alternates_and_loose_objects(repo: Repo, tmp_path: Path) -> None:
    repo.add("a", "a\n" * 50)
    repo.commit()
    repo.git("gc", "-q")
    repo.git("clone", "-q", "--shared", str(repo.path), str(tmp_path / "borrower"))
    borrower = Repo(tmp_path / "borrower")
    borrower.add("b", "b\n")
    database = open_objects(open_repository(str(borrower.path), borrower.environment))
    assert [len(pack) for pack in database.packs] == [3]
    assert database.loose == [borrower.git("rev-parse", ":b")]


def test_an_index_of_another_version_is_left_to_git(repo: Repo) -> None:
    repo.add("a", "a\n")
    repo.commit()
    repo.git("-c", "pack.indexVersion=1", "repack", "-adq")
    with pytest.raises(GitError, match="not a version 2 index"):
        open_objects(open_repository(str(repo.path), repo.environment))


def test_a_database_that_is_not_there_is_no_empty_one(repo: Repo) -> None:
    repository = open_repository(str(repo.path), repo.environment)
    with pytest.raises(GitError, match="no such directory"):
        open_objects(repository._replace(common_dir=str(repo.path / "elsewhere")))


@pytest.mark.parametrize("left", [0, 3, 20])
def test_a_damaged_pack_is_an_error(repo: Repo, left: int) -> None:
    repo.add("a", "a\n" * 500)
    repo.commit()
    repo.git("repack", "-adq")
    (idx,) = (repo.path / ".git" / "objects" / "pack").glob("*.idx")
    path = idx.with_suffix(".pack")
    path.chmod(0o644)
    os.truncate(path, left)
    with pytest.raises(GitError, match="cut short"):
        Pack(str(idx), 20)
