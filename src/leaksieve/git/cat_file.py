"""Objects by name, through `git cat-file --batch`. Source: https://git-scm.com/docs/git-cat-file."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, NamedTuple, NoReturn

from leaksieve.errors import GitError
from leaksieve.git.command import Git, as_lines, last_line

# What is passed over is read in pieces of so many bytes.
_SKIPPED = 1 << 20


class ObjectInfo(NamedTuple):
    """An object's name (hexadecimal), its type ("blob", "tree", "commit", "tag") and its size in bytes."""

    oid: str
    type: str
    size: int


class Object(NamedTuple):
    """An object with its content."""

    oid: str
    type: str
    data: bytes


def is_none(oid: str) -> bool:
    """Tell whether a name is the one that git writes where there is no object: all zeros, or nothing at all."""
    return not oid.strip("0")


def fail(problem: str) -> NoReturn:
    """Raise a problem with an object, for those who can spare none.

    Raises:
        GitError: always.
    """
    raise GitError(problem)


def list_objects(git: Git, problem: Callable[[str], None]) -> list[ObjectInfo]:
    """List every object that the repository holds, reachable or not, alternates included.

    Args:
        git: the repository.
        problem: told of each object that cannot be read, and of an early end.
    """
    return _described(git, ("--batch-all-objects", "--unordered"), b"", problem)


def describe_objects(git: Git, oids: Sequence[str], problem: Callable[[str], None]) -> list[ObjectInfo]:
    """Tell the type and size of objects; those that cannot be read are told to `problem`."""
    return _described(git, (), as_lines(oids), problem) if oids else []


def _described(git: Git, options: Sequence[str], names: bytes, problem: Callable[[str], None]) -> list[ObjectInfo]:
    with git.start("cat-file", "--batch-check", "--buffer", *options, stdin=subprocess.PIPE) as process:
        output, errors = process.communicate(names)
    infos = []
    for line in output.decode().splitlines():
        oid, kind, *size = line.split(" ")
        if size:
            infos.append(ObjectInfo(oid, kind, int(size[0])))
        else:
            problem(f"object {oid} is {kind}")
    if process.returncode:
        problem(f"git cat-file ended early: {last_line(errors)}")
    elif not names:
        # Of a folder that it may not read git only complains, and lists nothing further.
        for line in errors.decode("utf-8", "replace").splitlines():
            if line.startswith("error: "):
                problem(f"git cat-file: {line}")
    return infos


def missing_objects(git: Git, oids: Iterable[str]) -> list[str]:
    """Give those of some object names that the repository has no object for.

    Raises:
        GitError: git failed.
    """
    output = git.run("cat-file", "--batch-check=", "--buffer", data=as_lines(oids))
    return [line.split(b" ")[0].decode() for line in output.splitlines() if line.endswith(b" missing")]


def missing_links(git: Git) -> list[str]:
    """Give the names of objects that others name and that are not there. Slow and thorough: `git fsck` looks."""
    with git.start("fsck", "--connectivity-only", "--no-dangling", "--no-progress") as process:
        output, _ = process.communicate()
    return [line.split(" ")[-1] for line in output.decode().splitlines() if line.startswith("missing ")]


def read_objects(
    git: Git, oids: Sequence[str], problem: Callable[[str], None], largest: int = sys.maxsize
) -> Iterator[Object]:
    """Read objects in the order asked for.

    One that is missing or has more than `largest` bytes is told to `problem` and passed over. When git gives up on a
    corrupt one, that too is told, and reading goes on with the one after it.
    """
    done = 0
    while done < len(oids):
        rest = oids[done:]
        read = 0
        with git.start("cat-file", "--batch", "--buffer", stdin=subprocess.PIPE) as process:
            assert process.stdin is not None and process.stdout is not None and process.stderr is not None  # noqa: PT018, S101 - pipes
            feeder = threading.Thread(target=feed, args=(process.stdin, rest), daemon=True)
            feeder.start()
            try:
                for found in _answers(process.stdout, largest):
                    read += 1
                    if isinstance(found, Object):
                        yield found
                    else:
                        problem(f"object {rest[read - 1]} is {found}")
                errors = process.stderr.read()
            finally:
                # Reached early when the caller stops reading: git must not wait for it.
                process.kill()
                feeder.join()
        done += read
        if read < len(rest):
            problem(f"object {rest[read]} cannot be read: {last_line(errors)}")
            done += 1


def feed(stdin: IO[bytes], oids: Sequence[str]) -> None:
    """Write object names, a line each, and close the pipe; in a thread, since git answers meanwhile."""
    try:
        stdin.write(as_lines(oids))
        stdin.close()
    except BrokenPipeError:
        pass


def _answers(stdout: IO[bytes], largest: int) -> Iterator[Object | str]:
    """Read git's answers; a string says why there is no object."""
    while header := stdout.readline():
        oid, kind, *size = header.decode().split()
        if not size:
            yield kind
            continue
        wanted = int(size[0])
        if wanted > largest:
            for left in range(wanted + 1, 0, -_SKIPPED):
                stdout.read(min(left, _SKIPPED))
            yield f"too large to scan: {wanted:,} bytes"
            continue
        data = stdout.read(wanted + 1)
        if len(data) != wanted + 1:
            return
        yield Object(oid, kind, data[:-1])
