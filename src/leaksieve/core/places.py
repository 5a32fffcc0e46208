"""What the place of a match decides: conditions on paths and commits, and rules that give way to others at one place.

Applied when matches have been located, on all of them at once.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from leaksieve.core.allowlists import Allowlists
from leaksieve.core.finding import Occurrence, Place, PlacedMatch
from leaksieve.core.pattern import path_search
from leaksieve.core.regexes import UserRegex, compiled
from leaksieve.core.rulebook import RuleBook

Search = Callable[[str], object]

_GENERIC = "generic"


class Held(NamedTuple):
    """The matches that count at their places, and how many places were left out for their paths."""

    places: list[Place]
    left_out: int


def held(rules: RuleBook, places: Iterable[Place]) -> Held:
    """Keep the matches that count where they are."""
    excluded = [UserRegex(pattern).finds_in_path for pattern in rules.excluded]
    conditions = _Conditions(rules)
    kept: list[Place] = []
    left_out = 0
    for match, occurrence in places:
        path = occurrence.path or ""
        if any(search(path) for search in excluded):
            left_out += 1
        elif conditions.hold(match, path, occurrence.commit):
            kept.append((match, occurrence))
    kept = _not_claimed(rules, kept)
    return Held(list(_not_generic(kept)) if rules.fragment_rules else kept, left_out)


class _Conditions:
    """The conditions of each rule, compiled when a match of it is met."""

    def __init__(self, rules: RuleBook) -> None:
        self._rules = rules
        self._allowlists = Allowlists(rules.allowlists)
        self._searches: dict[str, tuple[Search, list[Search]]] = {}

    def hold(self, match: PlacedMatch, path: str, commit: str | None) -> bool:
        return self._rule_holds(match.rule, match.satisfied, path, commit) and all(
            # What a rule requires stands in the same text, so at the same place.
            self._rule_holds(wanted.rule, (), path, commit)
            for wanted in self._rules.named(match.rule).requires
        )

    def _rule_holds(self, rule: str, satisfied: tuple[int, ...], path: str, commit: str | None) -> bool:
        own, allowed = self._searches_of(rule)
        return (
            bool(own(path))
            and not any(search(path) for search in allowed)
            and not self._allowlists.by_place(rule, satisfied, path, commit)
        )

    def _searches_of(self, rule_id: str) -> tuple[Search, list[Search]]:
        if rule_id not in self._searches:
            rule = self._rules.named(rule_id)
            allowed: list[Search] = [
                compiled(path, int(re.ASCII)).search for allow in rule.allow for path in allow.paths
            ]
            self._searches[rule_id] = path_search(rule), allowed
        return self._searches[rule_id]


def _not_claimed(rules: RuleBook, places: list[Place]) -> list[Place]:
    """Drop what a rule for all files found where one made for this kind of file found the same: it knows more of it."""
    ours = [rule for rule in map(rules.named, {match.rule for match, _ in places}) if rule.fragment is None]
    narrow = {rule.id for rule in ours if rule.path}
    wide = {rule.id for rule in ours} - narrow
    claimed = {(match.secret, occurrence) for match, occurrence in places if match.rule in narrow}
    return [place for place in places if place[0].rule not in wide or (place[0].secret, place[1]) not in claimed]


def _not_generic(places: list[Place]) -> Iterator[Place]:
    """Drop what a generic rule found where another rule found as much on the same line: gitleaks' own condition."""
    known: dict[tuple[str | int | None, ...], list[str]] = {}
    for match, occurrence in places:
        if _GENERIC not in match.rule:
            known.setdefault(_line(match, occurrence), []).append(match.secret)
    for match, occurrence in places:
        others = known.get(_line(match, occurrence), []) if _GENERIC in match.rule else []
        if not any(match.secret in other for other in others):
            yield match, occurrence


def _line(match: PlacedMatch, occurrence: Occurrence) -> tuple[str | int | None, ...]:
    return match.key, match.where, match.first_line, occurrence.path, occurrence.commit
