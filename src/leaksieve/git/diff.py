"""Which paths of the index or of a tree differ from those of a commit, and which lines were added.

Source of the formats: https://git-scm.com/docs/diff-format ("Raw output format") and
https://git-scm.com/docs/diff-generate-patch.
"""

import os
import re
from collections.abc import Iterator
from typing import NamedTuple

from leaksieve.errors import GitError
from leaksieve.git.command import Git

LINK_MODE = "120000"
SUBMODULE_MODE = "160000"
_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.ASCII)
_PATCHED = "AMTRCD"


class Change(NamedTuple):
    """One path that differs.

    Attributes:
        path: the new path (bytes decoded with surrogateescape).
        mode: the new mode, six octal digits.
        old, new: object names; all zeros where there is none. An old submodule counts as none, see `old_blob`.
        status: A, D, M, T, R, C or U.
        added: inclusive line ranges of the new blob that are not in the old one.
    """

    path: str
    mode: str
    old: str
    new: str
    status: str
    added: tuple[tuple[int, int], ...] = ()


def staged_changes(git: Git, against: str = "HEAD") -> list[Change]:
    """Compare the index with a commit (or with nothing, before the first commit).

    One call of git prints the raw list and then one patch for each of its entries, in the same order, so
    file names never need to be read from the patch.

    Raises:
        GitError: git failed.
    """
    options = ("--cached", "--raw", "--patch", "-z", "--no-abbrev", "--unified=0", "--text", "--find-renames")
    safety = (
        f"-O{os.devnull}",
        "--no-ext-diff",
        "--no-textconv",
        "--no-color",
        "--ignore-submodules=none",
        "--submodule=short",
    )
    commits = () if against == "HEAD" else (against,)
    output = git.run("diff", *options, *safety, *commits, "--")
    changes, patch = _raw_entries(output)
    patches = _added_ranges(patch)
    return [_with_added(change, patches) for change in changes]


def tree_changes(git: Git, old: str, new: str) -> list[Change]:
    """Compare the trees of two commits, without renames and without lines.

    Raises:
        GitError: git failed.
    """
    output = git.run("diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", old, new, "--")
    return _raw_entries(output)[0]


def added_lines(git: Git, old: str, new: str) -> tuple[tuple[int, int], ...]:
    """Give the inclusive ranges of lines that blob `new` has and blob `old` has not, as git's diff sees them.

    Raises:
        GitError: git failed.
    """
    options = ("--unified=0", "--text", "--no-ext-diff", "--no-textconv", "--no-color")
    return next(_added_ranges(git.run("diff", *options, old, new, "--")), ())


def _with_added(change: Change, patches: Iterator[tuple[tuple[int, int], ...]]) -> Change:
    if change.status not in _PATCHED:
        return change
    try:
        added = next(patches)
        if change.status == "T":
            # A change of type is printed as a deletion and an addition.
            added = next(patches)
    except StopIteration:
        raise GitError(f"git diff printed no patch for {change.path!r}") from None
    return change._replace(added=added)


def _raw_entries(output: bytes) -> tuple[list[Change], bytes]:
    """Parse the raw list; what follows it is the patch."""
    changes = []
    at = 0
    while output[at : at + 1] == b":":
        end = output.index(b"\0", at)
        old_mode, mode, old, new, status = output[at + 1 : end].decode().split(" ")
        names = 2 if status[0] in "RC" else 1
        for _ in range(names):
            begin = end + 1
            end = output.index(b"\0", begin)
        path = output[begin:end].decode("utf-8", "surrogateescape")
        changes.append(Change(path, mode, old_blob(old_mode, old), new, status[0]))
        at = end + 1
    # An empty record stands between the list and the patch.
    return changes, output[at:].removeprefix(b"\0")


def _added_ranges(patch: bytes) -> Iterator[tuple[tuple[int, int], ...]]:
    """Yield, for each file of a patch without context lines, the ranges of its new lines."""
    at = 0
    size = len(patch)
    ranges: list[tuple[int, int]] | None = None
    while at < size:
        end = patch.find(b"\n", at)
        end = size if end < 0 else end
        if patch.startswith(b"diff --git ", at):
            if ranges is not None:
                yield tuple(ranges)
            ranges = []
        elif ranges is not None and (hunk := _HUNK.match(patch, at, end)):
            removed, first, added = int(hunk[1] or 1), int(hunk[2]), int(hunk[3] or 1)
            if added:
                ranges.append((first, first + added - 1))
            end = _after_lines(patch, end, removed + added)
        at = end + 1
    if ranges is not None:
        yield tuple(ranges)


def old_blob(mode: str, oid: str) -> str:
    """Give what a path held before as a blob: none, all zeros, for a submodule, whose commit lies elsewhere."""
    return "0" * len(oid) if mode == SUBMODULE_MODE else oid


def _after_lines(patch: bytes, end: int, count: int) -> int:
    """Step over a hunk's lines, whatever they say; give the end of the last one."""
    for _ in range(count):
        end = patch.find(b"\n", end + 1)
        if end < 0:
            return len(patch)
    return end
