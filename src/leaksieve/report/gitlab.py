"""A code quality report for GitLab. Source: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from leaksieve.core.finding import Finding, Occurrence, Result
from leaksieve.core.rule import CRITICAL, HIGH, LOW, MEDIUM
from leaksieve.report.redact import Redactor
from leaksieve.report.words import advice

_SEVERITIES = {LOW: "minor", MEDIUM: "major", HIGH: "critical", CRITICAL: "blocker"}


def as_code_quality(result: Result, redactor: Redactor) -> Iterator[str]:
    """Give a list with an entry for each place that nothing excuses."""
    entries = [
        _entry(finding, redactor.occurrence(place), redactor)
        for finding in result.findings
        for place in finding.occurrences
        if place.suppressed_by is None
    ]
    yield json.dumps(entries, indent=2, ensure_ascii=False) + "\n"


def _entry(finding: Finding, place: Occurrence, redactor: Redactor) -> dict[str, Any]:
    # What lives in no file is named by its object, since each entry must have a path.
    path = place.path if place.path is not None else f"git/{place.blob}"
    identity = "\0".join((finding.fingerprint, path, place.where, place.commit or "", str(place.line)))
    return {
        "description": f"{finding.rule.description}: {redactor.secret(finding)}. {advice(finding.rule)}",
        "check_name": finding.rule.id,
        "fingerprint": hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest(),
        "severity": _SEVERITIES[finding.rule.severity] if finding.confidence > LOW else "info",
        "location": {"path": path, "lines": {"begin": place.line, "end": place.end_line}},
    }
