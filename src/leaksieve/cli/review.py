"""What a change does to its own check: excuses, baselines, configuration and skipped hooks that it brings."""

import os
import re
from collections.abc import Collection, Iterator, Sequence

from leaksieve.baseline.comments import MARKS
from leaksieve.cli.settings import configures_us
from leaksieve.cli.skip import TRAILER
from leaksieve.core.decode import decode, display
from leaksieve.core.finding import Finding, ReviewItem
from leaksieve.git.cat_file import is_none, read_objects
from leaksieve.git.command import Git
from leaksieve.git.diff import LINK_MODE, SUBMODULE_MODE, Change, added_lines, tree_changes
from leaksieve.report.words import counted

# Files that say what is looked for, and what is accepted, here and in other tools.
_FILES = re.compile(
    r"(?:.*/)?(?:\.?(?:leaksieve|gitleaks|betterleaks)\.toml|\.leaksieve-baseline|\.gitleaksignore|\.secrets\.baseline"
    r"|\.gitallowed|\.gitguardian(?:\.ya?ml)?|\.secretsignore|\.secretlintrc.*|\.secretlintignore"
    r"|\.github/secret_scanning\.yml|\.pre-commit-config\.yaml)",
    re.ASCII,
)
_SHARED_FILE = re.compile(r"(?:.*/)?pyproject\.toml", re.ASCII)
_TRAILER_LINE = re.compile(rf"^{TRAILER}: (.*)$".encode(), re.MULTILINE)
_LONGEST = 160
_LEAST_SECRET = 6


def skipped_hooks(git: Git, commits: Sequence[str]) -> dict[str, str]:
    """Give the reason of each commit whose message says that a hook was skipped for it.

    Raises:
        GitError: a commit cannot be read.
    """
    reasons = {}
    for found in read_objects(git, commits, lambda _: None):
        trailers = _TRAILER_LINE.findall(found.data.partition(b"\n\n")[2])
        if trailers:
            reasons[found.oid] = trailers[-1].decode("utf-8", "replace").strip()[:_LONGEST]
    return reasons


def review_items(  # noqa: PLR0913, PLR0917 - what a person should know of
    git: Git, base: str | None, head: str, skips: dict[str, str], findings: Sequence[Finding], files: Collection[str]
) -> tuple[ReviewItem, ...]:
    """List what a person should look at, without any of the secrets that were found.

    Args:
        git: the repository.
        base: what the change is compared with; None for nothing.
        head: the commit at its end.
        skips: the reason of each commit for which a hook was skipped.
        findings: what was found.
        files: the configuration and the baseline in force, as they were named.

    Raises:
        GitError: git failed.
    """
    changes = tree_changes(git, base, head) if base is not None else []
    items = [*_in_files(git, changes, _ends(files)), *_accepted(findings)]
    items += [ReviewItem("skipped hook", None, 0, commit, reason) for commit, reason in skips.items()]
    secrets = sorted((f.secret for f in findings if len(f.secret) >= _LEAST_SECRET), key=len, reverse=True)
    return tuple(item._replace(text=_masked(item.text, secrets)) for item in dict.fromkeys(items))


def _masked(text: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "****")
    return text[:_LONGEST]


def _ends(files: Collection[str]) -> tuple[str, ...]:
    """Give the ends of slash-separated paths that may be these files, wherever they were named from."""
    names = (os.path.basename(file) if os.path.isabs(file) else os.path.normpath(file) for file in files)
    return tuple(f"/{name.replace(os.sep, '/').replace('../', '')}" for name in names)


def _in_files(git: Git, changes: Sequence[Change], ends: tuple[str, ...]) -> Iterator[ReviewItem]:
    """Find changed files that configure the check, and comments that excuse something, in what the change adds."""
    there = [change for change in changes if change.mode != SUBMODULE_MODE]
    new = [change.new for change in there if not is_none(change.new)]
    texts = {found.oid: found.data for found in read_objects(git, list(dict.fromkeys(new)), lambda _: None)}
    for change in there:
        text = texts.get(change.new, b"")
        ours = _SHARED_FILE.fullmatch(change.path) and (configures_us(text) or change.mode == LINK_MODE)
        if ours or _FILES.fullmatch(change.path) or f"/{change.path}".endswith(ends):
            yield _configuration(git, change)
        else:
            yield from _excuses(git, change, text)


def _configuration(git: Git, change: Change) -> ReviewItem:
    if is_none(change.new):
        return ReviewItem("configuration", change.path, 0, None, "deleted")
    if change.mode == LINK_MODE:
        return ReviewItem("configuration", change.path, 1, None, "a symbolic link")
    if is_none(change.old):
        return ReviewItem("configuration", change.path, 1, None, "new")
    added = added_lines(git, change.old, change.new)
    number = sum(end - begin + 1 for begin, end in added)
    lines = counted(number, "line")
    return ReviewItem("configuration", change.path, added[0][0] if added else 1, None, f"changed: {lines} added")


def _excuses(git: Git, change: Change, data: bytes) -> Iterator[ReviewItem]:
    text, encoding = decode(data)
    lowered = text.lower()
    if not any(mark in lowered for mark in MARKS):
        return
    lines = display(text).split("\n")
    # Git counts the lines of a wide text otherwise.
    whole = is_none(change.old) or encoding
    added = [(1, len(lines))] if whole else added_lines(git, change.old, change.new)
    for begin, end in added:
        for number in range(begin, end + 1):
            line = lines[number - 1] if number <= len(lines) else ""
            starts = [at for mark in MARKS if (at := line.lower().find(mark)) >= 0]
            if starts:
                yield ReviewItem("excuse", change.path, number, None, line[min(starts) :].strip())


def _accepted(findings: Sequence[Finding]) -> Iterator[ReviewItem]:
    """Give new places of credentials that something accepts which was there before, or was asked for."""
    for finding in findings:
        for place in finding.occurrences:
            if place.suppressed_by is not None:
                text = f"{finding.rule.id}: {place.suppressed_by or 'no reason given'}"
                yield ReviewItem("accepted", place.path, place.line, place.commit, text)
