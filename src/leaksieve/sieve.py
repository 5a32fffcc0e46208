"""What one text goes through: rules, allowlists, composites, inline excuses; what is left has its place in the text."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from leaksieve.core.coverage import Coverage
from leaksieve.core.decode import decode, display
from leaksieve.core.detector import Detector
from leaksieve.core.finding import Blob, Match, PlacedMatch
from leaksieve.core.screen import LineScreen

if TYPE_CHECKING:
    from leaksieve.baseline.inline import InlineExcuses
    from leaksieve.core.allowlists import Allowlists
    from leaksieve.core.fragments import FragmentDetector
    from leaksieve.core.positions import Positions

# Files of other tools may accept a finding by the text of its line; a minified one may be long and full of findings.
_TEXT_AROUND = 1000


class Sieve(NamedTuple):
    """Rules for lines and blocks with the lines that they have seen, rules for whole texts, and allowlists for all."""

    screen: LineScreen
    fragments: "FragmentDetector | None"
    allowlists: "Allowlists | None"

    @classmethod
    def of(cls, detector: Detector) -> "Sieve":
        """Make it of the rules that the detector has. It remembers lines, so make it once for all texts."""
        rules = detector.rules
        fragments, allowlists = None, None
        # Most configurations have neither, and a hook no time to import them.
        if rules.fragment_rules:
            from leaksieve.core.fragments import FragmentDetector  # noqa: PLC0415

            fragments = FragmentDetector(rules, detector.timed_out.add)
        if rules.allowlists:
            from leaksieve.core.allowlists import Allowlists  # noqa: PLC0415

            allowlists = Allowlists(rules.allowlists)
        return cls(LineScreen(detector), fragments, allowlists)

    @property
    def detector(self) -> Detector:
        """The rules at work."""
        return self.screen.detector

    def beside_fragments(self, text: str, found: Sequence[Match]) -> Sequence[Match]:
        """Add what fragment rules find to what the others found."""
        if self.fragments is None:
            return found
        reported = [match for match in found if self.detector.rules[match.rule].reported]
        return [*found, *self.fragments.matches(text, reported)]

    def not_allowed(self, text: str, found: Sequence[Match]) -> dict[Match, tuple[int, ...]]:
        """Give the matches that no allowlist drops for their text, each with what `Allowlists.by_text` says of it."""
        if self.allowlists is None:
            return dict.fromkeys(found, ())
        satisfied = {match: self._satisfied(self.allowlists, text, match) for match in found}
        return {match: numbers for match, numbers in satisfied.items() if numbers is not None}

    def _satisfied(self, allowlists: "Allowlists", text: str, match: Match) -> tuple[int, ...] | None:
        rule = self.detector.rules[match.rule].id
        try:
            return allowlists.by_text(rule, text, match)
        except TimeoutError:
            # It cannot be told, so the match stays.
            self.detector.timed_out.add(rule)
            return ()


def scan_blob(sieve: Sieve, blob: Blob, coverage: Coverage) -> list[PlacedMatch]:
    """Sieve one text: its matches on added lines, with composites, allowlists and inline excuses settled.

    Args:
        sieve: the rules and allowlists.
        blob: the text.
        coverage: told of excuses that do not count.
    """
    text, encoding = decode(blob.data)
    satisfied = sieve.not_allowed(text, _matches(sieve, blob, text, encoding))
    if not satisfied:
        return []
    # A hook without matches needs none of these, which take 1 ms.
    from leaksieve.baseline.inline import InlineExcuses  # noqa: PLC0415
    from leaksieve.core.file_kinds import lowered, notebook_outputs  # noqa: PLC0415
    from leaksieve.core.positions import Positions, RawPositions, has_what_it_requires  # noqa: PLC0415

    rules, positions = sieve.detector.rules, Positions(text)
    kept = [
        match
        for match in satisfied
        if rules[match.rule].reported and has_what_it_requires(rules, match, satisfied, positions)
    ]
    if blob.added is not None:
        shown = positions if not encoding else RawPositions(text, encoding)
        kept = [match for match in kept if _touches(blob.added, shown, match)]
    excuses = InlineExcuses(text, blob.path, list(satisfied))
    outputs = notebook_outputs(text)
    placed = []
    for match in kept:
        rule = rules[match.rule]
        place = _place(blob, rule.id, text, positions, match, excuses.at(match, rule.id), satisfied[match])
        is_output = any(begin <= match.secret_start < end for begin, end in outputs)
        placed.append(lowered(rule, place, "the output of a notebook" if is_output else ""))
    coverage.notes += _unclosed(blob, excuses)
    return placed


def _matches(sieve: Sieve, blob: Blob, text: str, encoding: str) -> Sequence[Match]:
    """Find what rules of all kinds match in a text, or take what is known."""
    detector = sieve.detector
    # In a transcoded text, spans and git's line numbers are those of the raw bytes.
    added = _line_spans(text, blob.added) if blob.added is not None and not encoding else None
    found = blob.matches
    if found is None:
        found = detector.matches(text, None if encoding else blob.spans, added)
    found = sieve.beside_fragments(text, found)
    if added is not None and any(detector.rules[match.rule].requires for match in found):
        # The other half of a composite may stand on an old line.
        found = sieve.beside_fragments(text, detector.matches(text))
    return found


def _unclosed(blob: Blob, excuses: "InlineExcuses") -> Iterator[str]:
    for line in excuses.unclosed:
        # A version in a history has no path yet, and may be one of hundreds: all of them share a note.
        place = f"{blob.path}:{line}" if blob.path else "a file in the history"
        yield f"{place}: leaksieve:allow-begin without leaksieve:allow-end excuses nothing"


def _line_spans(text: str, ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Turn ranges of lines (from 1, inclusive) into ranges of offsets."""
    starts = [0, *(match.end() for match in re.finditer("\n", text)), len(text) + 1]
    count = len(starts) - 1
    return [(starts[begin - 1], starts[min(end, count)] - 1) for begin, end in ranges if begin <= count]


def _touches(added: Sequence[tuple[int, int]], positions: "Positions", match: Match) -> bool:
    first, last = positions.line(match.start), positions.line(max(match.start, match.end - 1))
    return any(first <= end and begin <= last for begin, end in added)


def _place(  # noqa: PLR0913, PLR0917 - what a place needs
    blob: Blob,
    rule: str,
    text: str,
    positions: "Positions",
    match: Match,
    excuse: str | None,
    satisfied: tuple[int, ...],
) -> PlacedMatch:
    start, end = match.secret_start, match.secret_end
    return PlacedMatch(
        key=blob.key,
        where=blob.where,
        rule=rule,
        secret=display(text[start:end]),
        confidence=match.confidence,
        checks=match.checks,
        line=positions.line(start),
        column=positions.column(start),
        end_line=positions.line(end),
        end_column=positions.column(end),
        first_line=positions.line(match.start),
        text=_line_around(text, start),
        excuse=excuse,
        satisfied=satisfied,
    )


def _line_around(text: str, offset: int) -> str:
    """Give the line of an offset, and of a very long one what stands around it."""
    begin = text.rfind("\n", max(0, offset - _TEXT_AROUND), offset) + 1 or max(0, offset - _TEXT_AROUND)
    end = text.find("\n", offset, offset + _TEXT_AROUND)
    return display(text[begin : end if end >= 0 else offset + _TEXT_AROUND])
