"""Who brought a blob to a path, and who took it away: one pass of `git log --raw` over many commits.

Source of the format: https://git-scm.com/docs/diff-format ("Raw output format" and "diff format for merges").
"""

import os
import re
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import IO, NamedTuple, Self

from leaksieve.errors import GitError
from leaksieve.git.command import Git, as_lines, last_line
from leaksieve.git.diff import old_blob

_FORMAT = "%x01%H%x00%S%x00%ct%x00%aI%x00%an%x00%ae%x00"
_OPTIONS = (f"-O{os.devnull}", "--raw", "-c", "-r", "--no-abbrev", "--no-renames", "--ignore-submodules=none")
# One commit: what _FORMAT gives, a newline (a NUL for merges) if it changed anything, then facts and path in turn.
_RECORD = re.compile(rb"\x01([^\0]+)\0" + rb"([^\0]*)\0" * 5 + rb"\0*\n?((?::[^\0]*\0[^\0]*\0)*)\0?")
_ENTRY = re.compile(rb":([^\0]*)\0([^\0]*)\0")
# The blob after a change, unless it is a deletion or a submodule; an entry's last mode is the new one.
_NEW_BLOB = re.compile(rb":+(?:[0-7]{6} )+(?<!000000 )(?<!160000 )(?:[0-9a-f]{40,64} )+(?<= )([0-9a-f]{40,64}) [A-Z]")
_CHUNK = 4 << 20


class Commit(NamedTuple):
    """The part of a commit that a report shows.

    Attributes:
        time: the committer's, in seconds since 1970.
        ref: the ref through which it was reached, "" when it was named by itself.
    """

    oid: str
    ref: str
    time: int
    date: str
    author: str
    email: str


class PathChange(NamedTuple):
    """One path that a commit changed against every one of its parents.

    Attributes:
        olds: the blobs it had there in the parents; zeros where there was none, or a submodule.
        new: the blob it has; zeros when it was deleted.
        mode: the new mode, six octal digits.
    """

    commit: Commit
    path: str
    olds: tuple[str, ...]
    new: str
    mode: str


class Changes(NamedTuple):
    """What commits changed.

    Attributes:
        commits: the names of all of them.
        brought: the names of all blobs that they brought, as ASCII.
        wanted: the changes asked for, in no order.
        named: the commits asked for by name.
        failure: why git could not go on, in its words; "" when it came to the end.
    """

    commits: set[str]
    brought: set[bytes]
    wanted: list[PathChange]
    named: dict[str, Commit]
    failure: str


class ChangeLog:
    """A `git log --raw` that runs while the caller does something else, and is read afterwards.

    Merges count only where they differ from all their parents.
    """

    def __init__(self, git: Git, *arguments: str, commits: Sequence[str] | None = None) -> None:
        """Start git.

        Args:
            git: the repository.
            arguments: what `git log` shall walk, in its own words.
            commits: exactly these instead.
        """
        walk = arguments if commits is None else ("--stdin", "--no-walk=unsorted")
        # Into a file: a thread that emptied a pipe would be copied into workers that are forked.
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - read by other methods
        with tempfile.TemporaryFile() as names:
            names.write(as_lines(commits or ()))
            names.seek(0)
            self._process = git.start(
                "log", "-z", f"--format={_FORMAT}", *_OPTIONS, *walk, stdin=names, stdout=self._output
            )

    def __enter__(self) -> Self:
        """Leave it running."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop git, if it still runs, and forget what it printed."""
        with self._process as process:
            process.kill()
        self._output.close()

    def read(
        self,
        blobs: Collection[str] | None = None,
        wanted_path: Callable[[str], bool] | None = None,
        commits: Collection[str] = (),
    ) -> Changes:
        """Wait for git, and read what it printed.

        Args:
            blobs: only changes from or to one of these are given, and those on wanted paths; None wants all.
            wanted_path: accepts further paths.
            commits: names of commits to give, whatever they changed.

        Raises:
            GitError: what git printed cannot be understood.
        """
        _, errors = self._process.communicate()
        code = self._process.returncode
        failure = f"git log: {last_line(errors) or f'exit code {code}'}" if code else ""
        self._output.seek(0)
        wanted_oids = None if blobs is None else {oid.encode() for oid in blobs}
        cold_paths: set[bytes] = set()

        def is_wanted(facts: bytes, path: bytes) -> bool:
            if wanted_oids is None or not wanted_oids.isdisjoint(facts.split(b" ")):
                return True
            if path in cold_paths:
                return False
            if wanted_path is None or not wanted_path(_text(path)):
                cold_paths.add(path)
                return False
            return True

        found = Changes(set(), set(), [], {}, failure)
        for record in _records(self._output, cut_short=bool(failure)):
            oid = record[1].decode()
            found.commits.add(oid)
            if oid in commits:
                found.named[oid] = _commit(record)
            entries = _ENTRY.findall(record[7])
            found.brought.update(_NEW_BLOB.findall(record[7]))
            wanted = [(facts, path) for facts, path in entries if is_wanted(facts, path)]
            if wanted:
                commit = _commit(record)
                found.wanted.extend(_change(commit, facts, path) for facts, path in wanted)
        return found


def _records(file: IO[bytes], *, cut_short: bool) -> Iterator[re.Match[bytes]]:
    """Cut git's output into commits; the last in a chunk may go on in the next, and in a log cut short be torn."""
    rest = b""
    while chunk := file.read(_CHUNK):
        rest += chunk
        at = 0
        last = None
        for record in _RECORD.finditer(rest):
            if record.start() != at:
                break
            if last is not None:
                yield last
            last, at = record, record.end()
        rest = rest[last.start() :] if last is not None else rest
    last = None if cut_short else _RECORD.fullmatch(rest)
    if last is not None:
        yield last
    elif rest and not cut_short:
        raise GitError("git log: its output cannot be understood")


def _commit(record: re.Match[bytes]) -> Commit:
    oid, ref, time, date, author, email = map(_text, record.groups()[:6])
    # A damaged commit may name no time.
    return Commit(oid, "" if ref == oid else ref, int(time or 0), date, author, email)


def _change(commit: Commit, facts: bytes, path: bytes) -> PathChange:
    parents = len(facts) - len(facts.lstrip(b":")) + 1
    fields = facts.lstrip(b":").decode().split(" ")
    modes, oids = fields[: parents + 1], fields[parents + 1 : 2 * parents + 2]
    return PathChange(commit, _text(path), tuple(map(old_blob, modes, oids[:-1])), oids[-1], modes[-1])


def _text(token: bytes) -> str:
    return token.decode("utf-8", "surrogateescape")
