"""The one pipeline: shards -> texts -> matches -> findings, in one process or in many.

A source divides its work in shards. Each shard is read and sieved by a worker, which places the matches
in their texts. The source then says where those texts live, and matches become findings: one for each
rule and secret, with all its places. The result does not depend on the number of workers.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from leaksieve.baseline.excuses import Excuses
from leaksieve.core.coverage import Coverage
from leaksieve.core.detector import Detector
from leaksieve.core.finding import Finding, Occurrence, Place, PlacedMatch, Result, fingerprints
from leaksieve.core.pattern import path_search
from leaksieve.core.rule import Rule
from leaksieve.core.rulebook import RuleBook
from leaksieve.sieve import Sieve, scan_blob
from leaksieve.sources.source import Shard, Source


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
    sieve = Sieve.of(detector)
    return lambda _, shards: (scan_shard(sieve, shard) for shard in shards)


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


def scan_shard(sieve: Sieve, shard: Shard) -> ShardResult:
    """Read and sieve one shard."""
    screen, detector = sieve.screen, sieve.detector
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


def _path_matches(
    patterns: Sequence[tuple[Rule, Callable[[str], object]]], paths: Iterable[Occurrence]
) -> Iterator[Place]:
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
    from leaksieve.core.file_kinds import lowered, noisy_kind  # noqa: PLC0415
    from leaksieve.core.places import held  # noqa: PLC0415

    kept, left_out = held(rules, places)
    if left_out:
        coverage.notes.append(f"not reported, in paths that the configuration leaves out: {left_out}")
    return [
        (lowered(rules.named(match.rule), match, noisy_kind(_below(target, place))), place) for match, place in kept
    ]


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
