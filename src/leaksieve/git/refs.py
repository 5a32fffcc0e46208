"""Refs and reflogs: what leads to commits and other objects."""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from leaksieve.errors import GitError
from leaksieve.git.cat_file import read_objects
from leaksieve.git.command import Git

# How a tag begins. Source: https://git-scm.com/docs/git-mktag ("Tag format"); git takes digits of either case.
_TAG = re.compile(rb"object ([0-9A-Fa-f]{40,64})\ntype ([a-z]+)\n")
STASH, NOTES = "refs/stash", "refs/notes/"
#: What git is told to walk from all refs but those that keep things aside.
ORDINARY = (f"--exclude={STASH}", f"--exclude={NOTES}*", "--all")


class Ref(NamedTuple):
    """A branch, tag or other ref.

    Attributes:
        name: its full name, such as refs/heads/main.
        named: the object that it names: an annotated tag, maybe.
        type: the type of the object that it leads to in the end ("commit", "tree", "blob").
        oid: that object's name.
        tree: the root tree of the commit that it names directly, or "".
    """

    name: str
    named: str
    type: str
    oid: str
    tree: str

    @property
    def is_branch(self) -> bool:
        """Whether it is a local or remote branch."""
        return self.name.startswith(("refs/heads/", "refs/remotes/")) and bool(self.tree)


def list_refs(git: Git) -> list[Ref]:
    """List all refs; annotated tags are followed to what they tag, unless an object is missing.

    Raises:
        GitError: git failed.
    """
    names = "%(refname)%00{}%00%(objectname)%00{}%00{}%00{}"
    try:
        output = git.run(
            "for-each-ref",
            "--format=" + names.format("%(objecttype)", "%(*objecttype)", "%(*objectname)", "%(tree)"),
        )
    except GitError:
        output = git.run("for-each-ref", "--format=" + names.format("", "", "", ""))
    refs = []
    # Names may hold what Python takes for the end of a line, such as U+2028.
    for line in output.decode("utf-8", "surrogateescape").split("\n")[:-1]:
        name, kind, oid, tagged_kind, tagged_oid, tree = line.split("\0")
        refs.append(Ref(name, oid, tagged_kind or kind, tagged_oid or oid, tree))
    # Before Git 2.45 only the first tag of a tag is followed.
    tagged = follow_tags(git, {ref.oid for ref in refs if ref.type == "tag"})
    return [_followed(ref, tagged) for ref in refs]


def _followed(ref: Ref, tagged: dict[str, tuple[str, str]]) -> Ref:
    passed: set[str] = set()
    # In a damaged repository tags may form a circle.
    while ref.oid in tagged and ref.oid not in passed:
        passed.add(ref.oid)
        oid, kind = tagged[ref.oid]
        ref = ref._replace(oid=oid, type=kind)
    return ref


class ReflogEntry(NamedTuple):
    """A commit that a ref once named, and what git calls that: `HEAD@{3}`, `refs/stash@{0}`."""

    oid: str
    name: str
    parents: tuple[str, ...]


def reflog_entries(git: Git, *refs: str) -> Iterator[ReflogEntry]:
    """List the entries of the reflogs of some refs, newest first; of all of them when none is named.

    Raises:
        GitError: git failed.
    """
    output = git.run("log", "--walk-reflogs", "-z", "--format=%H%x09%gD%x09%P", *(refs or ("--all",)), "--")
    for line in output.decode("utf-8", "surrogateescape").split("\0"):
        if line:
            oid, name, parents = line.split("\t")
            yield ReflogEntry(oid, name, tuple(parents.split()))


def commits_behind(git: Git, tip: str) -> set[str]:
    """Give a commit and its ancestors, as far as no ordinary ref leads to them.

    Raises:
        GitError: git failed.
    """
    return set(git.run("rev-list", tip, "--not", *ORDINARY).decode().split())


class Keeper(NamedTuple):
    """What keeps a commit that no ordinary ref leads to.

    Attributes:
        name: such as `refs/stash@{0}`.
        kind: "stash", "stash (untracked)", "note" or "reflog".
    """

    name: str
    kind: str


def keepers_of(git: Git, refs: Sequence[Ref], kept: set[str]) -> dict[str, Keeper]:
    """Name what leads to each commit that only stashes, notes and reflogs keep.

    Args:
        git: the repository.
        refs: all refs.
        kept: the commits in question.

    Raises:
        GitError: git failed.
    """
    keepers: dict[str, Keeper] = {}
    if not kept:
        return keepers
    if any(ref.name == STASH for ref in refs):
        for entry in reflog_entries(git, STASH):
            keepers.setdefault(entry.oid, Keeper(entry.name, "stash"))
            # Source: https://git-scm.com/docs/git-stash ("Discussion"): the index, and with -u the untracked files.
            for parent, kind in zip(entry.parents[1:], ("stash", "stash (untracked)"), strict=False):
                keepers.setdefault(parent, Keeper(entry.name, kind))
    for ref in (ref for ref in refs if ref.name.startswith(NOTES)):
        keepers |= dict.fromkeys(commits_behind(git, ref.oid), Keeper(ref.name, "note"))
    for entry in reflog_entries(git):
        if entry.oid in kept and entry.oid not in keepers:
            keepers = dict.fromkeys(commits_behind(git, entry.oid), Keeper(entry.name, "reflog")) | keepers
    return keepers


def tagged_by(tag: bytes) -> tuple[str, str] | None:
    """Give the name and the type of the object that an annotated tag names, or None when the tag is damaged."""
    found = _TAG.match(tag)
    return (found[1].decode().lower(), found[2].decode()) if found else None


def follow_tags(git: Git, oids: Collection[str]) -> dict[str, tuple[str, str]]:
    """Give the name and the type of what each annotated tag among some objects names, and each tag that one names.

    Objects that cannot be read lead no further: whoever reads all of them tells.
    """
    found: dict[str, tuple[str, str]] = {}
    asked: set[str] = set()
    level = set(oids)
    while level:
        asked |= level
        tags = (each for each in read_objects(git, sorted(level), lambda _: None) if each.type == "tag")
        targets = {tag.oid: target for tag in tags if (target := tagged_by(tag.data))}
        found |= targets
        level = {oid for oid, kind in targets.values() if kind == "tag"} - asked
    return found


def tags_behind(git: Git, refs: Sequence[Ref]) -> dict[str, str]:
    """Name the ref that leads to each object which a ref names, directly or through annotated tags."""
    found = {ref.named: ref.name for ref in refs}
    tagged = follow_tags(git, found)
    for ref in refs:
        oid = ref.named
        while oid in tagged and (oid := tagged[oid][0]) not in found:
            found[oid] = ref.name
    return found
