"""SARIF 2.1.0, for code scanning. Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from leaksieve import __version__
from leaksieve.core.finding import Finding, Occurrence, Result
from leaksieve.core.rule import CRITICAL, HIGH, LEVEL_NAMES, LOW, MEDIUM, Rule
from leaksieve.report.redact import Redactor
from leaksieve.report.words import advice, reason

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {LOW: "note", MEDIUM: "warning", HIGH: "error"}
# Source: https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
_SECURITY_SEVERITY = {LOW: "3.0", MEDIUM: "5.5", HIGH: "8.0", CRITICAL: "9.5"}


def as_sarif(result: Result, redactor: Redactor) -> Iterator[str]:
    """Give one SARIF log with one run."""
    rules = sorted({finding.rule for finding in result.findings}, key=lambda rule: rule.id)
    numbers = {rule.id: number for number, rule in enumerate(rules)}
    coverage = result.coverage
    messages = [("error", text) for text in coverage.problems] + [("note", text) for text in coverage.notes]
    run = {
        "tool": {
            "driver": {
                "name": "leaksieve",
                "semanticVersion": __version__,
                "rules": [_rule(rule) for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": coverage.complete,
                "toolExecutionNotifications": [
                    {"level": level, "message": {"text": redactor.name(text)}} for level, text in messages
                ],
            }
        ],
        "results": [
            _result(finding, redactor.occurrence(occurrence), redactor, numbers[finding.rule.id])
            for finding in result.findings
            for occurrence in finding.occurrences
        ],
    }
    yield json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    described: dict[str, Any] = {
        "id": rule.id,
        "shortDescription": {"text": rule.description},
        "fullDescription": {"text": f"{rule.description}. {reason(rule)}"},
        "help": {"text": advice(rule)},
        "defaultConfiguration": {"level": _LEVELS[rule.confidence]},
        "properties": {
            "tags": ["security", "secret", rule.kind],
            "security-severity": _SECURITY_SEVERITY[rule.severity],
            "precision": {LOW: "low", MEDIUM: "medium", HIGH: "very-high"}[rule.confidence],
        },
    }
    if rule.references:
        described["helpUri"] = rule.references[0]
    return described


def _result(finding: Finding, occurrence: Occurrence, redactor: Redactor, number: int) -> dict[str, Any]:
    rule = finding.rule
    text = (
        f"{rule.description} ({LEVEL_NAMES[finding.confidence]} confidence): {redactor.secret(finding)}. {advice(rule)}"
    )
    details = {name: value for name, value in occurrence._asdict().items() if value is not None}
    found: dict[str, Any] = {
        "ruleId": rule.id,
        "ruleIndex": number,
        "level": _LEVELS[finding.confidence],
        "message": {"text": text},
        "locations": [{"physicalLocation": _location(occurrence)}],
        "partialFingerprints": {"leaksieve/v1": finding.fingerprint},
        "properties": details | {"checks": list(finding.checks)},
    }
    if occurrence.suppressed_by is not None:
        found["suppressions"] = [{"kind": "inSource", "justification": occurrence.suppressed_by}]
    return found


def _location(occurrence: Occurrence) -> dict[str, Any]:
    # What lives in no file (a commit message, an unreachable blob) is named by its object.
    uri = occurrence.path if occurrence.path is not None else f"git/{occurrence.blob}"
    return {
        "artifactLocation": {"uri": quote(uri)},
        "region": {
            "startLine": occurrence.line,
            "startColumn": occurrence.column,
            "endLine": occurrence.end_line,
            "endColumn": occurrence.end_column,
        },
    }
