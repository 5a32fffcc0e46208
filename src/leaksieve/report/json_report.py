"""JSON and JSON Lines, for programs. The fields are those of docs/output.md; additions raise no version."""

import json
from collections.abc import Iterator
from typing import Any

from leaksieve import __version__
from leaksieve.core.coverage import Coverage
from leaksieve.core.finding import Finding, Result
from leaksieve.core.rule import LEVEL_NAMES
from leaksieve.report.redact import Redactor

SCHEMA_VERSION = "1.0"


def as_json(result: Result, redactor: Redactor) -> Iterator[str]:
    """Give one JSON document, a finding on each line: Python indents in its own code, ten times slower."""
    head = json.dumps(_head(result, redactor), indent=2, ensure_ascii=False)
    yield head.removesuffix("\n}") + ',\n  "findings": ['
    separator = "\n    "
    for finding in result.findings:
        yield separator + json.dumps(_finding(finding, redactor), ensure_ascii=False)
        separator = ",\n    "
    yield "\n  ]\n}\n" if result.findings else "]\n}\n"


def as_jsonl(result: Result, redactor: Redactor) -> Iterator[str]:
    """Give one line for each finding, and a last one about the scan."""
    for finding in result.findings:
        yield json.dumps({"type": "finding"} | _finding(finding, redactor), ensure_ascii=False) + "\n"
    yield json.dumps({"type": "scan"} | _head(result, redactor), ensure_ascii=False) + "\n"


def _head(result: Result, redactor: Redactor) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "leaksieve", "version": __version__, "rules": result.rules},
        "target": redactor.name(result.target),
        "coverage": _coverage(result.coverage, redactor),
        "review": [
            item._asdict() | {"path": item.path and redactor.name(item.path), "text": redactor.name(item.text)}
            for item in result.review
        ],
    }


def _coverage(coverage: Coverage, redactor: Redactor) -> dict[str, Any]:
    return {
        "complete": coverage.complete,
        "objects": dict(sorted(coverage.objects.items())),
        "bytes_scanned": coverage.bytes_scanned,
        "problems": [redactor.name(problem) for problem in coverage.problems],
        "notes": [redactor.name(note) for note in coverage.notes],
    }


def _finding(finding: Finding, redactor: Redactor) -> dict[str, Any]:
    rule = finding.rule
    return {
        "rule": rule.id,
        "description": rule.description,
        "severity": LEVEL_NAMES[rule.severity],
        "confidence": LEVEL_NAMES[finding.confidence],
        "secret": redactor.secret(finding),
        "fingerprint": finding.fingerprint,
        "checks": list(finding.checks),
        "occurrences": [redactor.occurrence(occurrence)._asdict() for occurrence in finding.occurrences],
        "suppressed_by": finding.suppressed_by,
    }
