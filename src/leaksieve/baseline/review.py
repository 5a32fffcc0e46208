"""What has become of the entries of a baseline, and how it is brought up to date."""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import NamedTuple

from leaksieve.baseline.accepted import place_of
from leaksieve.baseline.entries import Baseline, Entry, Key, fingerprints
from leaksieve.baseline.globs import is_literal, literal, scope
from leaksieve.core.finding import Finding

EXPIRED, STALE, UNUSED = "expired", "stale", "unused"
# How the kind of a place begins that only this clone has.
_LOCAL = "unreachable"


class Terms(NamedTuple):
    """On what terms findings are accepted.

    Attributes:
        date: when; expires: until when, or "" for ever.
        scope: where, instead of the places at which they stand; None for those.
    """

    reason: str
    who: str
    date: str
    expires: str = ""
    scope: str | None = None


class Update(NamedTuple):
    """A baseline brought up to date: its entries, and the findings that no entry speaks of."""

    entries: tuple[Entry, ...]
    unknown: tuple[Finding, ...]


def accept(key: Key, findings: Collection[Finding], terms: Terms) -> Iterator[Entry]:
    """Yield an entry for each path at which findings stand without an excuse, or one for the scope of the terms."""
    made = fingerprints([key], {(finding.rule.id, finding.secret) for finding in findings})
    for finding in findings:
        (fingerprint,) = made[finding.rule.id, finding.secret]
        for path in [terms.scope] if terms.scope is not None else map(literal, _open_places(finding)):
            yield Entry(fingerprint, finding.rule.id, path, terms.reason, terms.who, terms.date, terms.expires)


def judge(
    baseline: Baseline, used: Collection[Entry], today: str, knows: Callable[[str], bool], exists: Callable[[str], bool]
) -> Iterator[tuple[str, Entry]]:
    """Yield the entries that accept nothing, and why: they have expired, their rule or file is gone, or the finding is.

    Args:
        baseline: the file.
        used: the entries that accepted something in a scan.
        today: the date.
        knows: tells whether there is a rule.
        exists: tells whether there is a file.
    """
    for entry in sorted(baseline.entries):
        if entry.expires and entry.expires < today:
            yield EXPIRED, entry
        elif entry not in used:
            is_path = is_literal(entry.path) and not entry.path.startswith("(")
            yield (STALE if not knows(entry.rule) or (is_path and not exists(entry.path)) else UNUSED), entry


def update(baseline: Baseline, findings: Collection[Finding], today: str) -> Update:
    """Keep what is still found, at the paths where it stands now; doubles and what has expired go.

    All entries that are kept get fingerprints of the first key, so that a merge's second one need not stay.

    Args:
        baseline: the file.
        findings: what a scan finds without it.
        today: the date.
    """
    rules = {entry.rule for entry in baseline.entries}
    pairs = {(finding.rule.id, finding.secret) for finding in findings if finding.rule.id in rules}
    made = fingerprints(baseline.keys, pairs)
    first = made if len(baseline.keys) == 1 else fingerprints(baseline.keys[:1], pairs)
    valid = [entry for entry in baseline.entries if not entry.expires or entry.expires >= today]
    kept: dict[tuple[str, str, str], Entry] = {}
    unknown = []
    for finding in findings:
        own = made.get((finding.rule.id, finding.secret), frozenset())
        entries = sorted(
            (entry for entry in valid if entry.rule == finding.rule.id and entry.fingerprint in own), key=_age
        )
        if entries:
            (fingerprint,) = first[finding.rule.id, finding.secret]
            for entry in _moved(entries, finding):
                kept[fingerprint, entry.rule, entry.path] = entry._replace(fingerprint=fingerprint)
        else:
            unknown.append(finding)
    return Update(tuple(sorted(kept.values())), tuple(unknown))


def _moved(entries: Iterable[Entry], finding: Finding) -> Iterator[Entry]:
    """Yield the entries of one finding for the paths where it stands; of doubles, the newest comes last."""
    entries = list(entries)
    shared = _open_places(finding)
    for place in sorted({place_of(place) for place in finding.occurrences if place.suppressed_by is None}):
        fitting = [entry for entry in entries if scope(entry.path).fullmatch(place)]
        yield from fitting or ([entries[-1]._replace(path=literal(place))] if place in shared else [])


def _age(entry: Entry) -> tuple[str, Entry]:
    return entry.date, entry


def is_shared(finding: Finding) -> bool:
    """Tell whether a finding stands, without an excuse, where other clones have it, too: something leads there."""
    return any(place.suppressed_by is None and not place.where.startswith(_LOCAL) for place in finding.occurrences)


def _open_places(finding: Finding) -> list[str]:
    """Give the places that nothing excuses, as path scopes see them.

    Those that nothing leads to count only if there are no others: no other clone has them, and a file that all share
    must not change with them.
    """
    shared = is_shared(finding)
    places = (place for place in finding.occurrences if place.suppressed_by is None)
    return sorted({place_of(place) for place in places if not (shared and place.where.startswith(_LOCAL))})
