"""The one pipeline: shards -> texts -> matches -> findings, in one process or in many.

A source divides its work in shards. Each shard is read and sieved by a worker, which places the matches
in their texts. The source then says where those texts live, and matches become findings: one for each
rule and secret, with all its places. The result does not depend on the number of workers.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from leaksieve.baseline.inline import excuse_at
from leaksieve.core.coverage import Coverage
from leaksieve.core.decode import decode, display
from leaksieve.core.detector import Detector
from leaksieve.core.file_kinds import noisy_kind
from leaksieve.core.finding import Blob, Finding, Match, Occurrence, PlacedMatch, Result, fingerprints
from leaksieve.core.rule import BY_CONTEXT, LOW, Rule
from leaksieve.core.rulebook import RuleBook
from leaksieve.core.screen import LineScreen
from leaksieve.sources.source import Shard, Source


class ShardResult(NamedTuple):
    """What a worker found in its shard."""

    matches: list[PlacedMatch]
    coverage: Coverage


#: Runs shards, anywhere and in any order, and yields their results.
Runner = Callable[[RuleBook, Iterable[Shard]], Iterable[ShardResult]]


def run_here(rules: RuleBook, shards: Iterable[Shard]) -> Iterable[ShardResult]:
    """Scan shards in this process, one after the other."""
    return run_with(Detector(rules))(rules, shards)


def run_with(detector: Detector) -> Runner:
    """Make a runner that scans in this process with a detector that is there already."""
    screen = LineScreen(detector)
    return lambda _, shards: (scan_shard(screen, shard) for shard in shards)


def scan(source: Source, rules: RuleBook, run: Runner = run_here) -> Result:
    """Scan a source with all rules."""
    coverage = Coverage()
    matches: list[PlacedMatch] = []
    for result in run(rules, source.shards(coverage)):
        matches += result.matches
        coverage.add(result.coverage)
    # Workers finish in any order; from here on, order is that of the matches themselves.
    matches.sort(key=lambda match: (match[:-1], match.excuse or ""))
    patterns = [(rule, re.compile(rule.path, re.ASCII)) for rule in map(rules.__getitem__, rules.path_rules)]
    located = source.locate(matches, lambda path: any(pattern.search(path) for _, pattern in patterns), coverage)
    findings = _findings(rules, source.target, [*located.matches, *_path_matches(patterns, located.paths)])
    coverage.problems = sorted(set(coverage.problems))
    coverage.notes = sorted(set(coverage.notes))
    return Result(source.target, findings, coverage, len(rules))


def scan_shard(screen: LineScreen, shard: Shard) -> ShardResult:
    """Read and sieve one shard."""
    detector = screen.detector
    coverage = Coverage()
    matches = []
    for blob in shard.blobs(coverage, screen):
        matches += scan_blob(detector, blob)
        _tell_timeouts(detector, coverage, blob.path or blob.key)
    # The line screen may have met a slow line in a text that it then did not give.
    _tell_timeouts(detector, coverage, "a line that was screened")
    return ShardResult(matches, coverage)


def _tell_timeouts(detector: Detector, coverage: Coverage, where: str) -> None:
    for rule in sorted(detector.timed_out):
        coverage.problems.append(f"rule {rule!r} took too long on {where} and was skipped there")
    detector.timed_out.clear()


def scan_blob(detector: Detector, blob: Blob) -> list[PlacedMatch]:
    """Sieve one text: its matches on added lines, with composites and inline excuses settled."""
    text, encoding = decode(blob.data)
    # In a transcoded text, spans and git's line numbers are those of the raw bytes.
    added = _line_spans(text, blob.added) if blob.added is not None and not encoding else None
    found = blob.matches
    if found is None:
        found = detector.matches(text, None if encoding else blob.spans, added)
    if added is not None and any(detector.rules[match.rule].requires for match in found):
        # The other half of a composite may stand on an old line.
        found = detector.matches(text)
    if not found:
        return []
    lines = _LineNumbers(text)
    kept = [match for match in found if _has_its_pair(detector, match, found, lines)]
    if blob.added is not None:
        shown = lines if not encoding else _RawLineNumbers(text, encoding)
        kept = [match for match in kept if _touches(blob.added, shown, match)]
    return [_place(detector, blob, text, lines, match) for match in kept]


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


def _place(detector: Detector, blob: Blob, text: str, lines: _LineNumbers, match: Match) -> PlacedMatch:
    rule = detector.rules[match.rule]
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
        excuse=excuse_at(text, match.start, rule.id),
    )


def _column(text: str, offset: int) -> int:
    return len(display(text[text.rfind("\n", 0, offset) + 1 : offset])) + 1


def _path_matches(
    patterns: Sequence[tuple[Rule, re.Pattern[str]]], paths: Iterable[Occurrence]
) -> Iterator[tuple[PlacedMatch, Occurrence]]:
    """Match path rules against file names."""
    for occurrence in paths:
        path = occurrence.path or ""
        for rule, pattern in patterns:
            if pattern.search(path):
                yield PlacedMatch(path, "file name", rule.id, path, rule.confidence, (), 1, 1, 1, 1, None), occurrence


def _findings(rules: RuleBook, target: str, located: Iterable[tuple[PlacedMatch, Occurrence]]) -> list[Finding]:
    """Join matches of one rule and secret, once path conditions have been applied."""
    groups: dict[tuple[str, str], tuple[list[PlacedMatch], set[Occurrence]]] = {}
    conditions: dict[str, _PathCondition] = {}
    held: list[tuple[PlacedMatch, Occurrence]] = []
    # A rule made for this kind of file knows more of what stands there than one for all files.
    claimed: set[tuple[str, Occurrence]] = set()
    for match, occurrence in located:
        if match.rule not in conditions:
            conditions[match.rule] = _PathCondition(rules.named(match.rule))
        if conditions[match.rule].holds(occurrence.path or ""):
            held.append((match, occurrence))
            if rules.named(match.rule).path:
                claimed.add((match.secret, occurrence))
    for match, occurrence in held:
        if rules.named(match.rule).path or (match.secret, occurrence) not in claimed:
            matches, occurrences = groups.setdefault((match.rule, match.secret), ([], set()))
            matches.append(_lowered(rules.named(match.rule), match, _below(target, occurrence.path or "")))
            occurrences.add(occurrence)
    identities = dict(zip(groups, fingerprints(list(groups)), strict=True))
    findings = [
        _finding(rules.named(rule), secret, identities[rule, secret], *group)
        for (rule, secret), group in groups.items()
    ]
    return sorted(findings, key=_finding_order)


def _below(target: str, path: str) -> str:
    """Give the part of a path that says something of the file: not the folders above an absolute target."""
    return path.removeprefix(target.replace("\\", "/")) if os.path.isabs(path) else path


def _lowered(rule: Rule, match: PlacedMatch, path: str) -> PlacedMatch:
    """Lower what only its context makes a credential, in a file of a kind that is full of the like."""
    if rule.specificity > BY_CONTEXT or match.confidence == LOW or not (kind := noisy_kind(path)):
        return match
    return match._replace(confidence=LOW, checks=(*match.checks, f"stands in {kind}"))


class _PathCondition:
    """A rule's own path pattern and the paths that its allowlists name."""

    def __init__(self, rule: Rule) -> None:
        self._path = re.compile(rule.path, re.ASCII)
        self._allowed = [re.compile(path, re.ASCII) for allow in rule.allow for path in allow.paths]

    def holds(self, path: str) -> bool:
        return bool(self._path.search(path)) and not any(allowed.search(path) for allowed in self._allowed)


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
