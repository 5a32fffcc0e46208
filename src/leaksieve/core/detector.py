"""The sieve: keywords, then regexes around their hits, then proof.

Line rules are a function of one line, so `line_matches` gives the same matches for a line whatever
stands around it. Block rules see the whole text. `resolve` settles rules that claim the same bytes.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from leaksieve.core.finding import Match
from leaksieve.core.keywords import KeywordIndex
from leaksieve.core.pattern import Pattern
from leaksieve.core.rule import Rule
from leaksieve.core.rulebook import RuleBook, targets_of

# Text is sieved in slices of about this size, cut between lines, to keep the lowered copy small.
_SLICE = 4 << 20
#: Where a match around a hit may begin: at the earliest, at the latest.
Place = tuple[int, int]


class Detector:
    """All rules, ready to scan text."""

    def __init__(self, rules: RuleBook) -> None:
        """Build the keyword automaton; rules are read and regexes compiled on first use."""
        self.rules = rules
        self._patterns: dict[int, Pattern] = {}
        #: Ids of rules whose pattern took too long on some text: their part of the scan is incomplete.
        self.timed_out: set[str] = set()
        self._index = KeywordIndex(rules.keywords)

    def pattern(self, number: int) -> Pattern:
        """Give the regexes of the rule with this number."""
        if number not in self._patterns:
            self._patterns[number] = Pattern(self.rules[number])
        return self._patterns[number]

    def matches(
        self,
        text: str,
        spans: Iterable[tuple[int, int]] | None = None,
        lines: Sequence[tuple[int, int]] | None = None,
    ) -> list[Match]:
        """Find every match in a whole text: line rules, block rules, overlaps resolved, sorted by place.

        Args:
            text: the text.
            spans: whole lines outside which no keyword can lead to a match; None when all must be looked at.
            lines: whole lines, ascending, outside which line rules need not match; None for everywhere. Block
                rules see the whole text all the same.
        """
        found: list[Match] = []
        blocks: dict[int, list[Place]] = {}
        for begin, end in _slices(text) if spans is None else spans:
            for number, places in self._hits(lower_ascii(text[begin:end]), begin).items():
                if self.rules.is_block(number):
                    blocks.setdefault(number, []).extend(places)
                elif lines is None or (places := [place for place in places if _stands_in(lines, place[1])]):
                    found += self._in_time(number, self._line_matches(text, number, places))
        for number, places in blocks.items():
            found += self._in_time(number, self._block_matches(text, number, places))
        return resolve(self.rules, found)

    def line_matches(self, text: str) -> tuple[list[Match], list[int]]:
        """Find every match of line rules in `text`, overlaps resolved, and where anchors of block rules stand.

        Lines with neither cannot take part in any match.
        """
        found: list[Match] = []
        anchors: list[int] = []
        for begin, end in _slices(text):
            lowered = lower_ascii(text[begin:end])
            for number, places in self._hits(lowered, begin).items():
                if self.rules.is_block(number):
                    anchors += (at + begin for at in self._anchor_offsets(number, lowered))
                else:
                    found += self._in_time(number, self._line_matches(text, number, places))
        return resolve(self.rules, found), anchors

    def finds_block(self, text: str, lines: Iterable[tuple[int, int]]) -> bool:
        """Tell whether a block rule matches around its anchors on these lines of `text`."""
        blocks: dict[int, list[Place]] = {}
        for begin, end in lines:
            for number, places in self._hits(lower_ascii(text[begin:end]), begin).items():
                if self.rules.is_block(number):
                    blocks.setdefault(number, []).extend(places)
        return any(self._in_time(number, self._block_matches(text, number, blocks[number])) for number in blocks)

    def _anchor_offsets(self, number: int, lowered: str) -> Iterator[int]:
        for anchor in self.rules[number].anchors:
            at = lowered.find(anchor.keyword)
            while at >= 0:
                yield at
                at = lowered.find(anchor.keyword, at + 1)

    def regex_matches(self, text: str) -> Iterator[tuple[int, list[Any] | None]]:
        """Give, for every rule with a keyword in `text`, its number and what its regex matches, before any proof.

        None stands for a regex that took too long.
        """
        for number, places in sorted(self._hits(lower_ascii(text), 0).items()):
            pattern, windows = self.pattern(number), self._windows(number, places, 0, len(text))
            try:
                found = [match for first, last in windows for match in pattern.within(text, first, last)]
            except TimeoutError:
                yield number, None
            else:
                yield number, found

    def _in_time(self, number: int, found: Iterator[Match]) -> list[Match]:
        """Collect the matches of one rule; when its pattern times out, say so in `timed_out`."""
        try:
            return list(found)
        except TimeoutError:
            self.timed_out.add(self.rules[number].id)
            return []

    def _hits(self, lowered: str, shift: int) -> dict[int, list[Place]]:
        """Collect, per rule, the earliest and latest places where a match may begin, in order of the hits."""
        hits: dict[int, list[Place]] = {}
        for last, (before, targets) in self._index.hits(lowered):
            at = last - before + shift
            for number, earliest, latest in targets_of(targets):
                if number in hits:
                    hits[number].append((at - latest, at - earliest))
                else:
                    hits[number] = [(at - latest, at - earliest)]
        return hits

    def _line_matches(self, text: str, number: int, places: list[Place]) -> Iterator[Match]:
        search = self._anchored if self.pattern(number).is_anchored else self._by_line
        return search(text, number, places)

    def _block_matches(self, text: str, number: int, places: list[Place]) -> Iterator[Match]:
        if self.pattern(number).is_anchored:
            return self._anchored(text, number, places)
        return self._search(text, number, places, 0, len(text))

    def _anchored(self, text: str, number: int, places: list[Place]) -> Iterator[Match]:
        """Match at the places that the rule's keywords fix, within the line unless it is a block rule."""
        pattern = self.pattern(number)
        longest = pattern.rule.longest + pattern.rule.ahead
        free_from = 0
        for start, _ in sorted(set(places)):
            if start < free_from:
                continue
            end = -1 if pattern.is_block else text.find("\n", start, start + longest)
            match = pattern.at(text, start, start + longest if end < 0 else end)
            if match is not None:
                free_from = max(match.end(), start + 1)
                yield from self._judged(number, match)

    def _by_line(self, text: str, number: int, places: list[Place]) -> Iterator[Match]:
        """Search each line that has a hit of a rule whose keywords do not fix where a match begins."""
        done = -1
        line: list[Place] = []
        begin = end = 0
        for place in sorted(places, key=lambda place: place[1]):
            if place[1] > done:
                yield from self._search(text, number, line, begin, end)
                # A keyword stands at or after the latest place where its match may begin.
                begin = text.rfind("\n", 0, place[1]) + 1
                end = text.find("\n", place[1])
                end = len(text) if end < 0 else end
                done, line = end, []
            line.append(place)
        yield from self._search(text, number, line, begin, end)

    def _search(self, text: str, number: int, places: list[Place], begin: int, end: int) -> Iterator[Match]:
        """Search around places between `begin` and `end`.

        Windows that touch are joined: every match contains a hit, so the matches that could hide one
        another are in one window, and the result is that of a search over the whole range.
        """
        pattern = self.pattern(number)
        for first, last in self._windows(number, places, begin, end):
            for match in pattern.within(text, first, last):
                yield from self._judged(number, match)

    def _windows(self, number: int, places: list[Place], begin: int, end: int) -> list[list[int]]:
        rule = self.rules[number]
        longest = rule.longest + rule.ahead
        windows: list[list[int]] = []
        for earliest, latest in sorted(places):
            first, last = max(begin, earliest), min(end, latest + longest)
            if windows and first <= windows[-1][1]:
                windows[-1][1] = max(windows[-1][1], last)
            else:
                windows.append([first, last])
        return windows

    def _judged(self, number: int, match: Any) -> Iterator[Match]:  # noqa: ANN401 - either engine
        pattern = self.pattern(number)
        candidate = pattern.candidate(match)
        judgement = pattern.judge(candidate)
        if not judgement.dropped:
            yield Match(number, *candidate[1:5], judgement.confidence, judgement.checks)


def _stands_in(lines: Sequence[tuple[int, int]], at: int) -> bool:
    """Tell whether an offset lies in one of the ascending spans."""
    place = bisect_right(lines, (at, len(lines) and lines[-1][1])) - 1
    return place >= 0 and at <= lines[place][1]


def _slices(text: str) -> Iterator[tuple[int, int]]:
    """Cut `text` into slices that end after a newline (or at the end of the text)."""
    begin, size = 0, len(text)
    while begin < size:
        end = text.find("\n", min(begin + _SLICE, size)) + 1 or size
        yield begin, end
        begin = end


def lower_ascii(text: str) -> str:
    """Lower ASCII letters only, keeping every offset; bytes do that faster than a non-ASCII `str`."""
    return text.lower() if text.isascii() else text.encode("latin-1").lower().decode("latin-1")


def resolve(rules: Sequence[Rule], matches: Iterable[Match]) -> list[Match]:
    """Settle overlaps: of matches that claim the same bytes, the one whose rule knows most stays.

    Rules of the same specificity both stay, unless they claim exactly the same secret. A rule with a condition on the
    path, which is not known here, puts out only rules that have one, too. What only composites require is no claim.
    """
    settled: list[Match] = []
    group: list[Match] = []
    reached = -1
    for match in sorted(matches, key=lambda m: (m.secret_start, m.secret_end)):
        if not rules[match.rule].reported:
            settled.append(match)
            continue
        if match.secret_start >= reached:
            settled += _settle(rules, group)
            group = []
        group.append(match)
        reached = max(reached, match.secret_end)
    settled += _settle(rules, group)
    return sorted(settled, key=lambda m: (m.secret_start, m.secret_end, rules[m.rule].id))


def _settle(rules: Sequence[Rule], group: list[Match]) -> list[Match]:
    """Choose among matches whose secrets overlap in a chain."""
    if len(group) < 2:  # noqa: PLR2004 - alone, it stays
        return group
    kept: list[Match] = []
    for match in sorted(group, key=lambda m: (-rules[m.rule].specificity, -m.confidence, rules[m.rule].id, m)):
        specificity = rules[match.rule].specificity
        for other in kept:
            overlaps = match.secret_start < other.secret_end and other.secret_start < match.secret_end
            same = match[3:5] == other[3:5]
            if rules[other.rule].path and not rules[match.rule].path:
                continue
            if overlaps and (same or specificity < rules[other.rule].specificity):
                break
        else:
            kept.append(match)
    return kept
