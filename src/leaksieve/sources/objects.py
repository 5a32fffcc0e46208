"""The texts in git objects: what a blob, tree, commit or tag holds that a person may have written.

Objects are read whole through git here: the slow and obvious way, which everything faster must agree with.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from leaksieve.core.coverage import Coverage
from leaksieve.core.finding import Blob
from leaksieve.core.screen import LineScreen
from leaksieve.git.cat_file import Object, read_objects
from leaksieve.git.command import Git
from leaksieve.git.trees import entry_names

_SIGNATURE = re.compile(rb"^gpgsig(?:-sha256)? .*\n(?: .*\n)*", re.MULTILINE)
_BASE64_LINE = re.compile(rb"^ [A-Za-z0-9+/=]+$", re.MULTILINE)

_SHA1_DIGITS = 40

COMMIT_PLACES = ("commit message", "commit header")
TAG_PLACES = ("tag message", "tag header")


class ObjectShard(NamedTuple):
    """Objects to read through git.

    Attributes:
        size: their bytes.
        largest: those of more bytes are too large to scan.
    """

    git: Git
    oids: tuple[str, ...]
    size: int
    largest: int

    def blobs(self, coverage: Coverage, _: LineScreen) -> Iterator[Blob]:
        """Read the objects and give the texts in them."""
        for found in self.objects(coverage):
            yield from texts_of(found)

    def objects(self, coverage: Coverage) -> Iterator[Object]:
        """Read the objects."""
        for found in read_objects(self.git, self.oids, coverage.problems.append, self.largest):
            coverage.count(found.type, len(found.data))
            coverage.read_by["git"] += 1
            if not is_intact(found):
                coverage.problems.append(f"object {found.oid} is corrupt: its content is not what its name says")
            yield found


class RefShard(NamedTuple):
    """The names of all branches, tags and other refs."""

    names: tuple[str, ...]

    @property
    def size(self) -> int:
        """Count no bytes: it has none in the object database."""
        return 0

    def blobs(self, coverage: Coverage, _: LineScreen) -> Iterator[Blob]:
        """Give the names as one text, a line each."""
        data = "\n".join(self.names).encode("utf-8", "surrogateescape")
        coverage.objects["ref"] += len(self.names)
        yield Blob("refs", "ref name", data)


class NameShard(NamedTuple):
    """The names of files and folders that commits add."""

    names: tuple[bytes, ...]

    @property
    def size(self) -> int:
        """Count no versions: it has none."""
        return 0

    def blobs(self, coverage: Coverage, _: LineScreen) -> Iterator[Blob]:
        """Give the names as one text, a line each."""
        coverage.objects["file name"] += len(self.names)
        yield text_of_names("names", self.names)


def is_intact(found: Object) -> bool:
    """Tell whether an object's name is the hash of its content: git itself does not look when it reads a pack.

    Source: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects#_object_storage
    """
    hashed = hashlib.new("sha1" if len(found.oid) == _SHA1_DIGITS else "sha256", usedforsecurity=False)
    hashed.update(f"{found.type} {len(found.data)}\0".encode())
    hashed.update(found.data)
    return hashed.hexdigest() == found.oid


def texts_of(found: Object) -> Iterator[Blob]:
    """Give the texts in an object."""
    if found.type == "blob":
        yield Blob(found.oid, "file", found.data)
    elif found.type == "tree":
        yield text_of_names(found.oid, entry_names(len(found.oid), found.data))
    else:
        yield from _message_and_header(found)


def text_of_names(oid: str, names: Iterable[bytes]) -> Blob:
    """Make a text of names in a tree, a line each, and none first, lest it be taken for a byte order mark."""
    return Blob(oid, "file name", b"\n" + b"\n".join(names))


def _message_and_header(found: Object) -> Iterator[Blob]:
    """Split a commit or tag, without the digits of its signature; what else stands there anyone may have written."""
    header, _, message = found.data.partition(b"\n\n")
    message_place, header_place = COMMIT_PLACES if found.type == "commit" else TAG_PLACES
    yield Blob(found.oid, message_place, message)
    yield Blob(found.oid, header_place, _SIGNATURE.sub(_without_digits, header + b"\n"))


def _without_digits(signature: re.Match[bytes]) -> bytes:
    return _BASE64_LINE.sub(b"", signature[0])
