"""Who brought a blob to a path, and who took it away: one pass of `git log --raw` over all commits.

Source of the format: https://git-scm.com/docs/diff-format ("Raw output format" and "diff format for merges").
"""

import os
import subprocess
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import NamedTuple

from leaksieve.errors import GitError
from leaksieve.git.cat_file import feed
from leaksieve.git.command import Git, last_line

_FORMAT = "%x01%H%x00%ct%x00%aI%x00%an%x00%ae"


class Commit(NamedTuple):
    """The part of a commit that a report shows; `time` is the committer's, in seconds since 1970."""

    oid: str
    time: int
    date: str
    author: str
    email: str


class PathChange(NamedTuple):
    """One path that a commit changed against every one of its parents.

    Attributes:
        olds: the blobs it had there in the parents; zeros where there was none.
        new: the blob it has; zeros when it was deleted.
        mode: the new mode, six octal digits.
    """

    commit: Commit
    path: str
    olds: tuple[str, ...]
    new: str
    mode: str


def path_changes(
    git: Git,
    commits: Sequence[str],
    blobs: Collection[str] | None = None,
    wanted_path: Callable[[str], bool] | None = None,
) -> Iterator[PathChange]:
    """Yield what `commits` changed, in no order.

    Args:
        git: the repository.
        commits: ids of all commits to look at; merges count only where they differ from all parents.
        blobs: only changes from or to one of these are yielded, and those on wanted paths; None wants all.
        wanted_path: accepts further paths.

    Raises:
        GitError: git failed.
    """
    options = (f"-O{os.devnull}", "--raw", "-c", "-r", "--no-abbrev", "--no-renames", "--ignore-submodules=none")
    commit = Commit("", 0, "", "", "")
    wanted_oids = None if blobs is None else {oid.encode() for oid in blobs}
    tokens = _log(git, commits, options)
    for token in tokens:
        entry = token.lstrip(b"\n")
        if entry.startswith(b"\x01"):
            commit = _commit(entry, tokens)
        elif entry.startswith(b":"):
            path = next(tokens)
            if (
                wanted_oids is None
                or not wanted_oids.isdisjoint(entry.split(b" "))
                or (wanted_path is not None and wanted_path(_text(path)))
            ):
                yield _change(commit, entry, path)


def _change(commit: Commit, entry: bytes, path: bytes) -> PathChange:
    parents = len(entry) - len(entry.lstrip(b":"))
    fields = entry[parents:].decode().split(" ")
    modes, oids = fields[: parents + 1], fields[parents + 1 : 2 * parents + 2]
    return PathChange(commit, _text(path), tuple(oids[:-1]), oids[-1], modes[-1])


def read_commits(git: Git, commits: Sequence[str]) -> Iterator[Commit]:
    """Read who made each commit, and when.

    Raises:
        GitError: git failed.
    """
    tokens = _log(git, commits, ("--no-patch",))
    for token in tokens:
        if token.lstrip(b"\n").startswith(b"\x01"):
            yield _commit(token.lstrip(b"\n"), tokens)


def _log(git: Git, commits: Sequence[str], options: Sequence[str]) -> Iterator[bytes]:
    """Run `git log` on exactly these commits and yield the NUL-terminated tokens of its output."""
    walk = ("--stdin", "--no-walk=unsorted", "-z", f"--format={_FORMAT}")
    with git.start("log", *walk, *options, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None  # noqa: PT018, S101 - pipes
        feeder = threading.Thread(target=feed, args=(process.stdin, commits), daemon=True)
        feeder.start()
        yield from _tokens(process.stdout.read)
        errors = process.stderr.read()
        feeder.join()
    if process.returncode:
        raise GitError(f"git log: {last_line(errors)}")


def _tokens(read: Callable[[int], bytes]) -> Iterator[bytes]:
    rest = b""
    while chunk := read(1 << 20):
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole
    if rest:
        yield rest


def _commit(header: bytes, tokens: Iterator[bytes]) -> Commit:
    time, date, author, email = (_text(next(tokens)) for _ in range(4))
    return Commit(header[1:].decode(), int(time), date, author, email)


def _text(token: bytes) -> str:
    return token.decode("utf-8", "surrogateescape")


def head_blobs(git: Git) -> dict[str, str]:
    """Map each path of the current commit to its blob; empty before the first commit."""
    try:
        listing = git.run("ls-tree", "-r", "-z", "--full-tree", "HEAD")
    except GitError:
        return {}
    blobs = {}
    for entry in listing.split(b"\0"):
        if entry:
            facts, _, path = entry.partition(b"\t")
            blobs[_text(path)] = facts.decode().split(" ")[2]
    return blobs
