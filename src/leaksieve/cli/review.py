"""What a change does to its own check: excuses, baselines, configuration and skipped hooks that it brings."""

import re
from collections.abc import Iterator, Sequence

from leaksieve.baseline.comments import MARKS
from leaksieve.cli.skip import TRAILER
from leaksieve.core.finding import Finding, ReviewItem
from leaksieve.git.cat_file import is_none, read_objects
from leaksieve.git.command import Git
from leaksieve.git.diff import LINK_MODE, SUBMODULE_MODE, Change, added_lines, tree_changes

# Files that say what is looked for, and what is accepted, here and in other tools.
_FILES = re.compile(
    r"(?:.*/)?(?:\.?leaksieve\.toml|\.leaksieve-baseline|\.?gitleaks\.toml|\.gitleaksignore|\.secrets\.baseline"
    r"|\.gitallowed|\.gitguardian(?:\.ya?ml)?|\.secretsignore|\.secretlintrc.*|\.secretlintignore"
    r"|\.github/secret_scanning\.yml|\.pre-commit-config\.yaml)",
    re.ASCII,
)
_SHARED_FILE = re.compile(r"(?:.*/)?pyproject\.toml", re.ASCII)
_OWN_TABLE = b"[tool.leaksieve"
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


def review_items(
    git: Git, base: str | None, head: str, skips: dict[str, str], findings: Sequence[Finding]
) -> tuple[ReviewItem, ...]:
    """List what a person should look at, without any of the secrets that were found.

    Raises:
        GitError: git failed.
    """
    changes = tree_changes(git, base, head) if base is not None else []
    items = [*_in_files(git, changes), *_accepted(findings)]
    items += [ReviewItem("skipped hook", None, 0, commit, reason) for commit, reason in skips.items()]
    secrets = sorted((f.secret for f in findings if len(f.secret) >= _LEAST_SECRET), key=len, reverse=True)
    return tuple(item._replace(text=_masked(item.text, secrets)) for item in dict.fromkeys(items))


def _masked(text: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "****")
    return text[:_LONGEST]


def _in_files(git: Git, changes: Sequence[Change]) -> Iterator[ReviewItem]:
    """Find changed files that configure the check, and comments that excuse something, in what the change adds."""
    there = [change for change in changes if change.mode not in (LINK_MODE, SUBMODULE_MODE)]
    new = [change.new for change in there if not is_none(change.new)]
    texts = {found.oid: found.data for found in read_objects(git, list(dict.fromkeys(new)), lambda _: None)}
    for change in there:
        text = texts.get(change.new, b"")
        if _FILES.fullmatch(change.path) or (_SHARED_FILE.fullmatch(change.path) and _OWN_TABLE in text):
            yield _configuration(git, change)
        elif any(mark.encode() in text.lower() for mark in MARKS):
            yield from _excuses(git, change, text)


def _configuration(git: Git, change: Change) -> ReviewItem:
    if is_none(change.new):
        return ReviewItem("configuration", change.path, 0, None, "deleted")
    if is_none(change.old):
        return ReviewItem("configuration", change.path, 1, None, "new")
    added = added_lines(git, change.old, change.new)
    number = sum(end - begin + 1 for begin, end in added)
    return ReviewItem("configuration", change.path, added[0][0] if added else 1, None, f"changed: {number} lines added")


def _excuses(git: Git, change: Change, text: bytes) -> Iterator[ReviewItem]:
    lines = text.decode("utf-8", "replace").split("\n")
    added = [(1, len(lines))] if is_none(change.old) else added_lines(git, change.old, change.new)
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
