"""For the terminal of somebody who pushes: git puts `remote: ` before each line, so lines are short, and few."""

from collections.abc import Iterator, Sequence
from textwrap import fill

from leaksieve.core.finding import Finding, Occurrence, Result
from leaksieve.report.redact import Redactor
from leaksieve.report.words import advice, counted, one_line

_MOST_FINDINGS = 10
_MOST_PLACES = 3
_SHORT_ID = 12
_WIDTH = 71
_MEND_COMMITS = """\
  2. Take it out of each commit named above: `git commit --amend` for
     the last one, `git rebase -i COMMIT^` for an older one.
"""
_MEND_NAMES = """\
  2. Make the tag or branch named above anew without it, and delete the
     old one: `git tag -d NAME`, `git branch -m NEW`.
"""


def as_push(result: Result, redactor: Redactor, fail_on: int) -> Iterator[str]:
    """Give the verdict on a push: which credentials, where they stand, and the way out.

    Args:
        result: the scan.
        redactor: shows secrets and names.
        fail_on: the least confidence that refuses the push.
    """
    failing = [f for f in result.findings if f.suppressed_by is None and f.confidence >= fail_on]
    if failing:
        yield from _refusal(failing, redactor)
    elif result.coverage.complete:
        commits = counted(result.coverage.objects["commit"], "commit")
        yield f"leaksieve: {commits} checked, no credential found.\n"
    for note in result.coverage.notes:
        yield f"leaksieve: note: {one_line(redactor.name(note))}\n"
    if not result.coverage.complete:
        yield "leaksieve: the check is INCOMPLETE, so the push is refused:\n"
        for problem in result.coverage.problems[:_MOST_FINDINGS]:
            yield f"  {one_line(redactor.name(problem))}\n"


def _refusal(failing: Sequence[Finding], redactor: Redactor) -> Iterator[str]:
    yield f"leaksieve refuses this push: {counted(len(failing), 'credential')} in it.\n\n"
    for finding in failing[:_MOST_FINDINGS]:
        yield from _finding(finding, redactor)
    if len(failing) > _MOST_FINDINGS:
        yield f"  and {len(failing) - _MOST_FINDINGS} more\n\n"
    yield "What to do:\n"
    steps = dict.fromkeys(advice(finding.rule) for finding in failing[:_MOST_FINDINGS])
    yield from (fill(step, _WIDTH, initial_indent="  1. ", subsequent_indent="     ") + "\n" for step in steps)
    places = [place for finding in failing for place in finding.occurrences if place.suppressed_by is None]
    in_commits = any(place.commit is not None for place in places)
    yield _MEND_COMMITS if in_commits else ""
    yield _MEND_NAMES if any(place.commit is None for place in places) else ""
    yield "  3. Push again.\n"
    if in_commits:
        yield "No credential? Say so on its line, and amend that commit:\n"
        yield f"  leaksieve:allow[{failing[0].rule.id}] why it is none\n"


def _finding(finding: Finding, redactor: Redactor) -> Iterator[str]:
    yield f"  {finding.rule.description}  [{finding.rule.id}]\n"
    yield f"    {redactor.secret(finding)}\n"
    places = [redactor.occurrence(place) for place in finding.occurrences if place.suppressed_by is None]
    for place in places[:_MOST_PLACES]:
        yield f"    {one_line(_place(place))}\n"
    if len(places) > _MOST_PLACES:
        yield f"    and {len(places) - _MOST_PLACES} more places\n"
    yield "\n"


def _place(place: Occurrence) -> str:
    if place.ref is not None:
        return f"in the name {place.ref}"
    if place.path is None:
        return f"{place.where}, line {place.line}, of {(place.blob or '')[:_SHORT_ID]}"
    name = f"in the name {place.path}" if place.where == "file name" else f"{place.path}:{place.line}:{place.column}"
    return f"{name}  commit {place.commit[:_SHORT_ID]}" if place.commit else name
