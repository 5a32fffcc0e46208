"""The one pipeline: shards -> texts -> matches -> findings, in one process or in many.

A source divides its work in shards. Each shard is read and sieved by a worker, which places the matches
in their texts. The source then says where those texts live, and matches become findings: one for each
rule and secret, with all its places. The result does not depend on the number of workers.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from leaksieve.baseline.excuses import Excuses
from leaksieve.core.coverage import Coverage
from leaksieve.core.decode import decode, display
from leaksieve.core.detector import Detector
from leaksieve.core.finding import Blob, Finding, Match, Occurrence, PlacedMatch, Result, fingerprints
from leaksieve.core.pattern import path_search
from leaksieve.core.rule import Rule
from leaksieve.core.rulebook import RuleBook
from leaksieve.core.screen import LineScreen
from leaksieve.sources.source import Shard, Source

if TYPE_CHECKING:
    from leaksieve.baseline.inline import InlineExcuses
    from leaksieve.core.allowlists import Allowlists
    from leaksieve.core.fragments import FragmentDetector

#: A match and one of its places.
Place = tuple[PlacedMatch, Occurrence]

# Files of other tools may accept a finding by the text of its line; a minified one may be long and full of findings.
_TEXT_AROUND = 1000


class ShardResult(NamedTuple):
    """What a worker found in its shard, and the shard's size."""

    matches: list[PlacedMatch]
    coverage: Coverage
    size: int


#: Runs shards, anywhere and in any order, and yields their results.
Runner = Callable[[RuleBook, Iterable[Shard]], Iterable[ShardResult]]


def run_here(rules: RuleBook, shards: Iterable[Shard]) -> Iterable[ShardResult]:
    """Scan shards in this process, one after the other."""
    return run_with(Detector(rules))(rules, shards)


def run_with(detector: Detector) -> Runner:
    """Make a runner that scans in this process with a detector that is there already."""
    screen = LineScreen(detector)
    return lambda _, shards: (scan_shard(screen, shard) for shard in shards)


def scan(source: Source, rules: RuleBook, run: Runner = run_here, excuses: Excuses | None = None) -> Result:
    """Scan a source with all rules.

    Args:
        source: what to scan.
        rules: what to look for.
        run: where shards are scanned.
        excuses: what accepts findings that no comment in their text excuses.
    """
    coverage = Coverage()
    matches: list[PlacedMatch] = []
    for result in run(rules, source.shards(coverage)):
        matches += result.matches
        coverage.add(result.coverage)
    # Workers finish in any order; from here on, order is that of the matches themselves.
    matches.sort(key=lambda match: (match[:-2], match.excuse or "", match.satisfied))
    patterns = [(rule, path_search(rule)) for rule in map(rules.__getitem__, rules.path_rules)]
    located = source.locate(matches, lambda path: any(search(path) for _, search in patterns), coverage)
    places = _held(rules, source.target, [*located.matches, *_path_matches(patterns, located.paths)], coverage)
    findings = _findings(rules, places, excuses)
    coverage.notes += [*rules.notes, *(excuses.notes() if excuses else ())]
    coverage.problems = sorted(set(coverage.problems))
    coverage.notes = sorted(set(coverage.notes))
    return Result(source.target, findings, coverage, len(rules))


def scan_shard(screen: LineScreen, shard: Shard) -> ShardResult:
    """Read and sieve one shard."""
    detector = screen.detector
    sieve = Sieve.of(detector)
    coverage = Coverage()
    matches = []
    for blob in shard.blobs(coverage, screen):
        matches += scan_blob(sieve, blob, coverage)
        _tell_timeouts(detector, coverage, blob.path or blob.key)
    # The line screen may have met a slow line in a text that it then did not give.
    _tell_timeouts(detector, coverage, "a line that was screened")
    coverage.lines, coverage.distinct_lines = screen.lines, screen.distinct_lines
    screen.lines = screen.distinct_lines = 0
    return ShardResult(matches, coverage, shard.size)


def _tell_timeouts(detector: Detector, coverage: Coverage, where: str) -> None:
    for rule in sorted(detector.timed_out):
        coverage.problems.append(f"rule {rule!r} took too long on {where} and was skipped there")
    detector.timed_out.clear()


class Sieve(NamedTuple):
    """What a text goes through: rules for lines and blocks, those for whole texts, and allowlists for all of them."""

    detector: Detector
    fragments: "FragmentDetector | None"
    allowlists: "Allowlists | None"

    @classmethod
    def of(cls, detector: Detector) -> "Sieve":
        """Make it of the rules that the detector has."""
        rules = detector.rules
        fragments, allowlists = None, None
        # Most configurations have neither, and a hook no time to import them.
        if rules.fragment_rules:
            from leaksieve.core.fragments import FragmentDetector  # noqa: PLC0415

            fragments = FragmentDetector(rules, detector.timed_out.add)
        if rules.allowlists:
            from leaksieve.core.allowlists import Allowlists  # noqa: PLC0415

            allowlists = Allowlists(rules.allowlists)
        return cls(detector, fragments, allowlists)

    def satisfied(self, text: str, match: Match) -> tuple[int, ...] | None:
        """See `Allowlists.by_text`; when that cannot tell, the match stays."""
        rule = self.detector.rules[match.rule].id
        if self.allowlists is None:
            return ()
        try:
            return self.allowlists.by_text(rule, text, match)
        except TimeoutError:
            self.detector.timed_out.add(rule)
            return ()


def scan_blob(sieve: Sieve, blob: Blob, coverage: Coverage) -> list[PlacedMatch]:
    """Sieve one text: its matches on added lines, with composites, allowlists and inline excuses settled.

    Args:
        sieve: the rules and allowlists.
        blob: the text.
        coverage: told of excuses that do not count.
    """
    detector = sieve.detector
    text, encoding = decode(blob.data)
    # In a transcoded text, spans and git's line numbers are those of the raw bytes.
    added = _line_spans(text, blob.added) if blob.added is not None and not encoding else None
    found = blob.matches
    if found is None:
        found = detector.matches(text, None if encoding else blob.spans, added)
    if added is not None and any(detector.rules[match.rule].requires for match in found):
        # The other half of a composite may stand on an old line.
        found = detector.matches(text)
    if sieve.fragments:
        found = [*found, *sieve.fragments.matches(text, found)]
    if sieve.allowlists:
        found = [match for match in found if sieve.satisfied(text, match) is not None]
    if not found:
        return []
    lines = _LineNumbers(text)
    kept = [match for match in found if _counts(sieve.detector, text, match, found, lines)]
    if blob.added is not None:
        shown = lines if not encoding else _RawLineNumbers(text, encoding)
        kept = [match for match in kept if _touches(blob.added, shown, match)]
    from leaksieve.baseline.inline import InlineExcuses  # noqa: PLC0415 - 1 ms that a hook without matches never needs

    excuses = InlineExcuses(text, blob.path, found)
    placed = [_place(sieve, blob, text, lines, match, excuses) for match in kept]
    coverage.notes += _unclosed(blob, excuses)
    return placed


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


class _LineNumbers:
    """Line numbers of ascending offsets, counted from the last one asked for."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._known = {0: 1}
        self._last = 0

    def at(self, offset: int) -> int:
        """Give the line (from 1) of an offset."""
        if offset not in self._known:
            begin = self._last if self._last <= offset else 0
            self._known[offset] = self._known[begin] + self._text.count("\n", begin, offset)
            self._last = offset
        return self._known[offset]


class _RawLineNumbers(_LineNumbers):
    """Line numbers that git sees in a UTF-16 or UTF-32 text: it knows only the byte 0x0A."""

    def __init__(self, text: str, encoding: str) -> None:
        super().__init__(text)
        self._encoding = encoding

    def at(self, offset: int) -> int:
        raw = self._text[:offset].encode("latin-1").decode("utf-8", "replace").encode(self._encoding, "replace")
        return raw.count(b"\n") + 1


def _touches(added: Sequence[tuple[int, int]], lines: _LineNumbers, match: Match) -> bool:
    first, last = lines.at(match.start), lines.at(max(match.start, match.end - 1))
    return any(first <= end and begin <= last for begin, end in added)


def _counts(detector: Detector, text: str, match: Match, found: Sequence[Match], lines: _LineNumbers) -> bool:
    """Tell whether a match is a finding of its own, and has everything near it that its rule requires."""
    fragment = detector.rules[match.rule].fragment
    if fragment is None:
        return _has_its_pair(detector, match, found, lines)
    return fragment.reported and all(
        any(
            detector.rules[other.rule].id == wanted.rule
            and _is_near(lines.at(match.start), lines.at(other.start), wanted.within_lines)
            and _is_near(_column(text, match.start), _column(text, other.start), wanted.within_columns)
            for other in found
        )
        for wanted in fragment.required
    )


def _is_near(one: int, other: int, most: int | None) -> bool:
    return most is None or abs(one - other) <= most


def _has_its_pair(detector: Detector, match: Match, found: Sequence[Match], lines: _LineNumbers) -> bool:
    """Tell whether the other half of a composite stands near enough; a plain rule needs none."""
    requires = detector.rules[match.rule].requires
    if requires is None:
        return True
    line = lines.at(match.secret_start)
    return any(
        detector.rules[other.rule].id == requires.rule
        and abs(lines.at(other.secret_start) - line) <= requires.within_lines
        for other in found
    )


def _place(  # noqa: PLR0913, PLR0917 - what a place needs
    sieve: Sieve, blob: Blob, text: str, lines: _LineNumbers, match: Match, excuses: "InlineExcuses"
) -> PlacedMatch:
    rule = sieve.detector.rules[match.rule]
    start, end = match.secret_start, match.secret_end
    return PlacedMatch(
        key=blob.key,
        where=blob.where,
        rule=rule.id,
        secret=display(text[start:end]),
        confidence=match.confidence,
        checks=match.checks,
        line=lines.at(start),
        column=_column(text, start),
        end_line=lines.at(end),
        end_column=_column(text, end),
        first_line=lines.at(match.start),
        text=_line_around(text, start),
        excuse=excuses.at(match, rule.id),
        satisfied=sieve.satisfied(text, match) or (),
    )


def _line_around(text: str, offset: int) -> str:
    """Give the line of an offset, and of a very long one what stands around it."""
    begin = text.rfind("\n", max(0, offset - _TEXT_AROUND), offset) + 1 or max(0, offset - _TEXT_AROUND)
    end = text.find("\n", offset, offset + _TEXT_AROUND)
    return display(text[begin : end if end >= 0 else offset + _TEXT_AROUND])


def _column(text: str, offset: int) -> int:
    return len(display(text[text.rfind("\n", 0, offset) + 1 : offset])) + 1


def _path_matches(
    patterns: Sequence[tuple[Rule, Callable[[str], object]]], paths: Iterable[Occurrence]
) -> Iterator[tuple[PlacedMatch, Occurrence]]:
    """Match path rules against file names."""
    for occurrence in paths:
        path = occurrence.path or ""
        for rule, search in patterns:
            if search(path):
                yield (
                    PlacedMatch(path, "file name", rule.id, path, rule.confidence, (), 1, 1, 1, 1, 1, path, None),
                    occurrence,
                )


def _held(rules: RuleBook, target: str, places: list[Place], coverage: Coverage) -> list[Place]:
    """Keep the matches that count where they are."""
    if not places:
        return []
    # Most commits have no match.
    from leaksieve.core.file_kinds import lowered  # noqa: PLC0415
    from leaksieve.core.places import held  # noqa: PLC0415

    kept, left_out = held(rules, places)
    if left_out:
        coverage.notes.append(f"not reported, in paths that the configuration leaves out: {left_out}")
    return [(lowered(rules.named(match.rule), match, _below(target, place)), place) for match, place in kept]


def _findings(rules: RuleBook, places: list[Place], excuses: Excuses | None) -> list[Finding]:
    """Join matches of one rule and secret."""
    groups: dict[tuple[str, str], tuple[list[PlacedMatch], set[Occurrence]]] = {}
    if excuses is not None:
        excuses.expect(places)
    for match, occurrence in places:
        matches, occurrences = groups.setdefault((match.rule, match.secret), ([], set()))
        matches.append(match)
        occurrences.add(_excused(match, occurrence, excuses))
    identities = dict(zip(groups, fingerprints(list(groups)), strict=True))
    findings = [
        _finding(rules.named(rule), secret, identities[rule, secret], *group)
        for (rule, secret), group in groups.items()
    ]
    return sorted(findings, key=_finding_order)


def _excused(match: PlacedMatch, occurrence: Occurrence, excuses: Excuses | None) -> Occurrence:
    if excuses is None or occurrence.suppressed_by is not None:
        return occurrence
    return occurrence._replace(suppressed_by=excuses.excuse(match, occurrence))


def _below(target: str, place: Occurrence) -> str:
    """Give the part of a path that says something of the file: not the folders above an absolute target."""
    path = place.path or ""
    return path.removeprefix(target.replace("\\", "/")) if os.path.isabs(path) else path


def _finding(
    rule: Rule, secret: str, identity: str, matches: Sequence[PlacedMatch], occurrences: set[Occurrence]
) -> Finding:
    surest = max(matches, key=lambda match: (match.confidence, match.checks))
    return Finding(
        rule=rule,
        secret=secret,
        confidence=surest.confidence,
        checks=surest.checks,
        fingerprint=identity,
        occurrences=tuple(sorted(occurrences, key=_occurrence_order)),
    )


def _occurrence_order(occurrence: Occurrence) -> tuple[str, ...]:
    position = (f"{number:09}" for number in occurrence[1:5])
    return occurrence.path or "", *position, *(str(field) for field in occurrence[5:])


def _finding_order(finding: Finding) -> tuple[int, int, str, tuple[str, ...], str]:
    place = _occurrence_order(finding.occurrences[0])
    return -finding.confidence, -finding.rule.severity, finding.rule.id, place, finding.fingerprint
