"""Annotations for GitHub Actions: workflow commands, which the runner shows beside the changed lines.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands, and for the escaping
https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts (escapeData, escapeProperty).
"""

from collections.abc import Iterator

from leaksieve.core.finding import Finding, Occurrence, Result
from leaksieve.report.redact import Redactor
from leaksieve.report.words import advice, one_line, review_line

_SHORT_ID = 12


def as_annotations(result: Result, redactor: Redactor, fail_on: int) -> Iterator[str]:
    """Give an error for each place that fails the check, and a warning for what a reviewer should look at.

    GitHub shows ten of each kind in a step: the surest come first.
    """
    for finding in result.findings:
        if finding.confidence >= fail_on:
            for place in finding.occurrences:
                if place.suppressed_by is None:
                    yield _error(finding, redactor.occurrence(place), redactor)
    for item in result.review:
        file = _properties(file=redactor.name(item.path), line=str(item.line or 1)) if item.path is not None else ""
        yield f"::warning {file}::{_data('For a reviewer: ' + review_line(item, redactor))}\n"
    for problem in result.coverage.problems:
        yield f"::error ::{_data('The check is incomplete: ' + one_line(redactor.name(problem)))}\n"


def _error(finding: Finding, place: Occurrence, redactor: Redactor) -> str:
    said = f"{finding.rule.description}: {redactor.secret(finding)}. {advice(finding.rule)}"
    if place.commit is not None:
        said += f" It came with commit {place.commit[:_SHORT_ID]}"
        said += ", and later ones only hide it." if place.in_head is False else "."
    title = f"Credential ({finding.rule.id})"
    if place.path is None:
        properties = _properties(title=f"{title} in a {place.where}")
    else:
        lines = {"line": str(place.line), "endLine": str(place.end_line)}
        columns = {"col": str(place.column), "endColumn": str(place.end_column)} if place.line == place.end_line else {}
        properties = _properties(file=place.path, **lines, **columns, title=title)
    return f"::error {properties}::{_data(said)}\n"


def _properties(**values: str) -> str:
    return ",".join(f"{name}={_data(value).replace(':', '%3A').replace(',', '%2C')}" for name, value in values.items())


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
