"""Files and directories as they are on disk."""

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from leaksieve.core.coverage import Coverage
from leaksieve.core.finding import Blob, PlacedMatch
from leaksieve.core.screen import LineScreen
from leaksieve.errors import GitError, InputError
from leaksieve.git.command import Git, neutral_environment
from leaksieve.sources.message import TextShard
from leaksieve.sources.source import Located, occurrence_of, occurrence_of_path

_SHARD_FILES = 200
STDIN = "-"


class FilesShard(NamedTuple):
    """Files to read."""

    names: tuple[str, ...]

    @property
    def size(self) -> int:
        """Count the files."""
        return len(self.names)

    def blobs(self, coverage: Coverage, _: LineScreen) -> Iterator[Blob]:
        """Read each file, or what a symbolic link says."""
        for name in self.names:
            try:
                mode = os.lstat(name).st_mode
                if stat.S_ISLNK(mode):
                    data, where = os.fsencode(os.readlink(name)), "symlink target"
                elif stat.S_ISREG(mode):
                    with open(name, "rb") as file:
                        data, where = file.read(), "file"
                else:
                    coverage.notes.append(f"{name} is no regular file and was not scanned")
                    continue
            except OSError as error:
                coverage.problems.append(f"{name}: cannot be read: {error.strerror}")
                continue
            coverage.count("file", len(data))
            yield Blob(name, where, data, _slashes(name))


class FilesSource:
    """Files and the files below directories.

    Args:
        names: what the user named; the text that was piped in goes with `-`.
        environment: the process's environment variables, for git.
        ignore: whether to leave out what .gitignore names, inside a repository.
        piped: what standard input held.

    Raises:
        InputError: a name does not exist or cannot be read.
    """

    def __init__(
        self, names: Sequence[str], environment: Mapping[str, str], *, ignore: bool = True, piped: bytes = b""
    ) -> None:
        """Check the names; directories are walked when the scan begins."""
        self.target = ", ".join(names)
        self._names = names
        self._piped = piped
        self._ignore = ignore
        self._environment = neutral_environment(environment, located=False)
        self._files: list[str] = []
        for name in names:
            if name != STDIN:
                _check_readable(name)

    def shards(self, coverage: Coverage) -> Sequence[FilesShard | TextShard]:
        """List the files and divide them."""
        found = (file for name in self._names if name != STDIN for file in self._files_of(name, coverage))
        self._files = list(dict.fromkeys(found))
        starts = range(0, len(self._files), _SHARD_FILES)
        shards: list[FilesShard | TextShard] = [FilesShard(tuple(self._files[at : at + _SHARD_FILES])) for at in starts]
        if STDIN in self._names:
            shards.append(TextShard(Blob(STDIN, "standard input", self._piped, STDIN), "stdin"))
        return shards

    def locate(self, matches: Sequence[PlacedMatch], wanted: Callable[[str], bool], _: Coverage) -> Located:
        """Give each match its file's path."""
        located = [(match, occurrence_of(match, _slashes(match.key))) for match in matches]
        paths = [occurrence_of_path(_slashes(name)) for name in self._files if wanted(_slashes(name))]
        return Located(located, paths)

    def _files_of(self, name: str, coverage: Coverage) -> Iterator[str]:
        if os.path.islink(name) or not os.path.isdir(name):
            yield name
            return
        listed = self._listed_by_git(name) if self._ignore else None
        if listed is None:
            yield from _walk(name, coverage)
            return
        for entry in listed:
            path = os.path.normpath(os.path.join(name, entry))
            if os.path.isdir(path) and not os.path.islink(path):
                # A submodule, or a repository inside the repository.
                yield from self._files_of(path, coverage) if path != name else ()
            elif os.path.lexists(path):
                yield path

    def _listed_by_git(self, directory: str) -> list[str] | None:
        """List the files that git tracks or does not ignore; None outside a repository."""
        git = Git(directory, self._environment)
        options = ("-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
        try:
            listing = git.run("ls-files", *options)
        except GitError:
            return None
        return sorted(os.fsdecode(entry) for entry in listing.split(b"\0") if entry)


def _walk(directory: str, coverage: Coverage) -> Iterator[str]:
    """List every file below a directory, but nothing of git's own."""

    def unreadable(error: OSError) -> None:
        coverage.problems.append(f"{error.filename}: cannot be read: {error.strerror}")

    for folder, folders, files in os.walk(directory, onerror=unreadable):
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        folders[:] = sorted(name for name in folders if name != ".git" and name not in links)
        for name in sorted(files + links):
            if name != ".git":
                yield os.path.normpath(os.path.join(folder, name))


def _check_readable(name: str) -> None:
    if not os.path.lexists(name):
        raise InputError(f"{name}: no such file or directory")
    if not os.path.islink(name) and not os.access(name, os.R_OK):
        raise InputError(f"{name}: cannot be read: permission denied")


def _slashes(name: str) -> str:
    return name.replace(os.sep, "/")
