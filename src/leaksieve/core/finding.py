"""The values of the pipeline after a match: where it stands, and what is reported.

None of them shows a secret in its `repr`: a traceback or a debugger's log must not leak one.
"""

from collections.abc import Sequence
from typing import NamedTuple

from leaksieve.core.coverage import Coverage
from leaksieve.core.rule import Rule


class Blob(NamedTuple):
    """A piece of text to scan.

    Attributes:
        key: what its source knows it by, such as an object id.
        where: the kind of place it is, as docs/output.md lists them: "file", "commit message", ...
        data: its bytes.
        path: its slash-separated path, or "" where it has none or many.
        spans: where the lines are that may be part of a match, `(begin, end)` in bytes; None for all of them.
        matches: all that there are in it, in order of place, when its source knows them; None when it must be sieved.
        added: inclusive line ranges (from 1) outside which nothing is reported; None reports everything.
    """

    key: str
    where: str
    data: bytes
    path: str = ""
    added: tuple[tuple[int, int], ...] | None = None
    spans: tuple[tuple[int, int], ...] | None = None
    matches: Sequence["Match"] | None = None

    def __repr__(self) -> str:
        """Leave the bytes out."""
        return f"Blob({self.key}, {self.where}, {len(self.data)} bytes)"


class Match(NamedTuple):
    """A rule satisfied by a span of text; offsets count characters of Latin-1 text, so bytes.

    Attributes:
        rule: the rule's number in the detector's list.
        confidence: what the proofs left of the rule's confidence.
        checks: what was proven.
    """

    rule: int
    start: int
    end: int
    secret_start: int
    secret_end: int
    confidence: int
    checks: tuple[str, ...]

    def moved(self, shift: int) -> "Match":
        """Give the same match in a text where it stands so much later."""
        rule, start, end, secret_start, secret_end, confidence, checks = self
        return Match(rule, start + shift, end + shift, secret_start + shift, secret_end + shift, confidence, checks)


class PlacedMatch(NamedTuple):
    """A match with its secret and its place in one blob. Lines and columns count from 1, characters as shown.

    Attributes:
        rule: the rule's id.
        secret: the credential, decoded for display.
        end_column: one past the secret's last character.
        first_line: the line that the match begins on; its secret may stand on a later one.
        text: the line that the secret begins on, never reported: what accepts findings may ask for it.
        excuse: the comment in the text that excuses it, or None.
        satisfied: the allowlists of the rule book that the text satisfies, and that ask for a path or commit besides.
    """

    key: str
    where: str
    rule: str
    secret: str
    confidence: int
    checks: tuple[str, ...]
    line: int
    column: int
    end_line: int
    end_column: int
    first_line: int
    text: str
    excuse: str | None
    satisfied: tuple[int, ...] = ()

    def __repr__(self) -> str:
        """Leave the secret out."""
        return f"PlacedMatch({self.rule} at {self.key}:{self.line}:{self.column})"


class Occurrence(NamedTuple):
    """One place of a finding. Fields that a source cannot know are None.

    Attributes:
        commit: the commit that introduced it; author, email and date are that commit's.
        blob: the object it stands in.
        in_head: whether the current commit still has it at this path.
        removed_in: the commit that took it out.
        url: where a browser shows it.
        versions: how many versions of the file hold it.
        suppressed_by: how this place is excused, or None.
        ref: the ref, stash or reflog entry that leads there.
        branches: those that still have it at this path.
    """

    path: str | None
    line: int
    column: int
    end_line: int
    end_column: int
    where: str
    commit: str | None = None
    author: str | None = None
    email: str | None = None
    date: str | None = None
    blob: str | None = None
    in_head: bool | None = None
    removed_in: str | None = None
    url: str | None = None
    versions: int | None = None
    suppressed_by: str | None = None
    ref: str | None = None
    branches: tuple[str, ...] | None = None


#: A match and one of its places.
Place = tuple[PlacedMatch, Occurrence]


class Finding(NamedTuple):
    """A secret that one rule found, with every place it was found in."""

    rule: Rule
    secret: str
    confidence: int
    checks: tuple[str, ...]
    fingerprint: str
    occurrences: tuple[Occurrence, ...]

    @property
    def suppressed_by(self) -> str | None:
        """How the finding is excused: it is when each of its places is."""
        excuses = [occurrence.suppressed_by for occurrence in self.occurrences]
        return excuses[0] if excuses and all(excuse is not None for excuse in excuses) else None

    def __repr__(self) -> str:
        """Leave the secret out."""
        return f"Finding({self.rule.id}, {self.fingerprint}, {len(self.occurrences)} places)"


class ReviewItem(NamedTuple):
    """Something by which a change has a say in its own check, so that a person should look at it.

    Attributes:
        kind: "excuse", "accepted", "configuration" or "skipped hook".
        path: the file, or None.
        line: a line of it, from 1; 0 for none.
        commit: the commit that it is about, or None.
        text: what there is to see.
    """

    kind: str
    path: str | None
    line: int
    commit: str | None
    text: str


class Result(NamedTuple):
    """A finished scan of `target` with so many rules, and what a reviewer of it should look at."""

    target: str
    findings: list[Finding]
    coverage: Coverage
    rules: int
    review: tuple[ReviewItem, ...] = ()


# A report may be public while the secret is a weak password: each guess should cost something. One
# fingerprint takes 0.3 ms, so a thousand findings take a third of a second.
_ROUNDS = 1000
_FINGERPRINT_BYTES = 16
# Fewer are done before threads have started.
_WORTH_THREADS = 50


def fingerprint(rule: str, secret: str) -> str:
    """Identify a finding by rule and secret alone, so that it survives moves, renames and squashes.

    Returns 32 hexadecimal digits: PBKDF2-HMAC-SHA256 (RFC 8018) of the secret, salted with the rule's id.
    """
    import hashlib  # noqa: PLC0415 - 2 ms that a hook without findings never needs

    salt = b"leaksieve 1 " + rule.encode()
    return hashlib.pbkdf2_hmac("sha256", secret.encode("utf-8", "replace"), salt, _ROUNDS, _FINGERPRINT_BYTES).hex()


def fingerprints(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Fingerprint many pairs of rule and secret on all cores: hashing does not hold Python's lock."""
    if len(pairs) < _WORTH_THREADS:
        return [fingerprint(rule, secret) for rule, secret in pairs]
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - a hook has no use for it

    with ThreadPoolExecutor() as threads:
        return list(threads.map(fingerprint, *zip(*pairs, strict=True)))
