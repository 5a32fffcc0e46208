"""For a terminal: what, where, why it matters, what to do next, and how to excuse what is no credential."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from leaksieve.core.coverage import Coverage
from leaksieve.core.finding import Finding, Occurrence, Result
from leaksieve.core.rule import HIGH, LEVEL_NAMES, LOW, MEDIUM
from leaksieve.report.redact import Redactor
from leaksieve.report.words import advice, counted, one_line, reason, review_line

_COLORS = {HIGH: "1;31", MEDIUM: "1;33", LOW: "2"}
_MOST_PLACES = 8
_NAMES = ("file name", "ref name")
_COMMENTED = ("file", "commit message", "standard input")
_EVERYDAY_REFS = ("refs/heads/", "refs/remotes/", "refs/tags/")
_SHORT_ID = 12
_UNITS = ("B", "kB", "MB", "GB", "TB")


class Style(NamedTuple):
    """How a command wants its text.

    Attributes:
        color: whether the output is a terminal that shows colours.
        fail_on: the least confidence that fails the command.
        least: the least confidence that is shown in full.
        verdict: what the command says when it fails, such as "The commit is blocked".
        own_excuses: whether excuses count that stand in what was scanned.
    """

    color: bool
    fail_on: int
    least: int
    verdict: str
    own_excuses: bool


def as_text(result: Result, redactor: Redactor, style: Style) -> Iterator[str]:
    """Give the report for a person."""
    open_findings = [finding for finding in result.findings if finding.suppressed_by is None]
    shown = [finding for finding in open_findings if finding.confidence >= style.least]
    for finding in shown:
        yield from _finding(finding, redactor, style)
        yield "\n"
    failing = [finding for finding in open_findings if finding.confidence >= style.fail_on]
    yield from _summary(result, open_findings, shown, style)
    if failing:
        verdict = f"{counted(len(failing), 'finding')} of {LEVEL_NAMES[style.fail_on]} confidence or more"
        yield _paint(style, "1;31", f"{style.verdict}: {verdict}.") + "\n"
        yield from _ways_out(failing, style)
    if result.review:
        yield "For a reviewer to look at:\n"
        yield from (f"  {review_line(item, redactor)}\n" for item in result.review)
    yield from _coverage(result.coverage, redactor, style)


def _ways_out(failing: Sequence[Finding], style: Style) -> Iterator[str]:
    accept = f"leaksieve baseline add {_named(failing[0])} --reason 'your reason'"
    if style.own_excuses and (finding := next(filter(_takes_a_comment, failing), None)):
        yield f"If one is no credential, say so on its line:  leaksieve:allow[{finding.rule.id}] your reason\n"
        yield f"or accept it:  {accept}\n"
    elif style.own_excuses:
        yield f"If one is no credential, accept it:  {accept}\n"
    else:
        yield "A later commit that takes it out does not help: amend or rebase the commit that has it.\n"
        yield "If one is no credential: a comment of this change counts when a reviewer gives --accept-inline,\n"
        yield f"an entry of the baseline when the target branch has it already:  {accept}\n"


def _takes_a_comment(finding: Finding) -> bool:
    """Tell whether somebody can still write beside it: not in names and links, nor in what is history."""
    places = (place for place in finding.occurrences if place.suppressed_by is None)
    return any(place.where in _COMMENTED and place.in_head is not False for place in places)


def _finding(finding: Finding, redactor: Redactor, style: Style) -> Iterator[str]:
    rule = finding.rule
    level = _paint(style, _COLORS[finding.confidence], f"{LEVEL_NAMES[finding.confidence].upper():6}")
    # What can be named by its line needs no other name.
    identity = "" if _line_of(finding) else f"  id {finding.fingerprint[:_SHORT_ID]}"
    yield f"{level} {_paint(style, '1', rule.description)}  [{rule.id}]{identity}\n"
    proof = f"  ({'; '.join(finding.checks)})" if finding.checks else ""
    yield f"  what   {redactor.secret(finding)}{proof}\n"
    places = [occurrence for occurrence in finding.occurrences if occurrence.suppressed_by is None]
    yield from _places([redactor.occurrence(place) for place in places])
    if finding.confidence > LOW:
        yield f"  why    {LEVEL_NAMES[rule.severity]} severity: {reason(rule)}\n"
        yield f"  next   {advice(rule)}\n"


def _line_of(finding: Finding) -> str | None:
    """Give the line on disk or in the index where a finding stands, when a shell takes it as it is."""
    place = next(place for place in finding.occurrences if place.suppressed_by is None)
    plain = place.path and place.where == "file" and place.commit is None
    return f"{place.path}:{place.line}" if plain and re.fullmatch(r"[\w./+=][\w./+=-]*", place.path or "") else None


def _named(finding: Finding) -> str:
    return _line_of(finding) or finding.fingerprint[:_SHORT_ID]


def _places(places: Sequence[Occurrence]) -> Iterator[str]:
    for number, place in enumerate(places[:_MOST_PLACES]):
        yield f"  {'where ' if number == 0 else '      '} {_place(place)}\n"
    if len(places) > _MOST_PLACES:
        yield f"         and {len(places) - _MOST_PLACES} more places (--format json lists them all)\n"


def _place(place: Occurrence) -> str:
    name = place.path if place.path is not None else f"{place.where} {(place.blob or '')[:_SHORT_ID]}".rstrip()
    parts = [name if place.where in _NAMES else f"{name}:{place.line}:{place.column}"]
    if place.path is not None and place.where != "file":
        parts.append(f"({place.where})")
    if place.commit:
        parts.append(f"commit {place.commit[:_SHORT_ID]} {(place.date or '')[:10]} {place.author or ''}".rstrip())
    if place.ref and place.where != "ref name" and not (place.commit and place.ref.startswith(_EVERYDAY_REFS)):
        parts.append(f"through {place.ref}")
    if place.removed_in:
        parts.append(f"removed in {place.removed_in[:_SHORT_ID]}")
    elif place.in_head:
        parts.append("still in HEAD")
    if place.branches and not place.in_head:
        others = f" and {len(place.branches) - 1} more" if len(place.branches) > 1 else ""
        parts.append(f"still on {place.branches[0].removeprefix('refs/heads/').removeprefix('refs/')}{others}")
    if place.versions is not None and place.versions > 1:
        parts.append(f"{place.versions} versions")
    if place.url:
        parts.append(place.url)
    return one_line("  ".join(parts))


def _summary(result: Result, open_findings: Sequence[Finding], shown: Sequence[Finding], style: Style) -> Iterator[str]:
    hidden = len(open_findings) - len(shown)
    if hidden:
        name = LEVEL_NAMES[style.least]
        yield f"{counted(hidden, 'finding')} below {name} confidence not shown; --fail-on low shows and counts them.\n"
    excused = len(result.findings) - len(open_findings)
    if excused:
        excuses = filter(None, (finding.suppressed_by for finding in result.findings))
        ways = Counter(excuse.partition(": ")[0] for excuse in excuses)
        by = ", ".join(f"{number} by {way}" for way, number in sorted(ways.items()))
        yield f"{counted(excused, 'finding')} excused: {by}.\n"
    if shown:
        levels = Counter(finding.confidence for finding in shown)
        counts = ", ".join(f"{levels[level]} {LEVEL_NAMES[level]}" for level in (HIGH, MEDIUM, LOW) if levels[level])
        yield f"{counted(len(shown), 'finding')}: {counts} confidence.\n"
    elif not hidden:
        yield "No findings.\n"


def _coverage(coverage: Coverage, redactor: Redactor, style: Style) -> Iterator[str]:
    objects = ", ".join(counted(number, name) for name, number in sorted(coverage.objects.items()))
    size = _size(coverage.bytes_scanned)
    yield f"Scanned {objects}, {size}.\n" if objects else "There was nothing to scan.\n"
    for note in coverage.notes:
        yield f"Note: {one_line(redactor.name(note))}.\n"
    if not coverage.complete:
        yield _paint(style, "1;33", f"The scan is INCOMPLETE: {counted(len(coverage.problems), 'problem')}.") + "\n"
        for problem in coverage.problems:
            yield f"  {one_line(redactor.name(problem))}\n"


def _paint(style: Style, code: str, text: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if style.color else text


def _size(count: float) -> str:
    for unit in _UNITS:
        if count < 1000 or unit == _UNITS[-1]:  # noqa: PLR2004 - SI units
            break
        count /= 1000
    return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
