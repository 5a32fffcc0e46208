"""What users of gitleaks accepted: `.gitleaksignore`, and a report that serves as a baseline.

A rule that an entry names excuses our finding of the same name. A name that no rule of ours has is one
of gitleaks' own: then the place decides.
"""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from leaksieve.core.finding import Occurrence, PlacedMatch
from leaksieve.core.rulebook import RuleBook
from leaksieve.errors import InputError

_REDACTED = "REDACTED"


class _Fingerprint(NamedTuple):
    """A line of `.gitleaksignore`: `commit:file:rule-id:start-line`, or without the commit for any."""

    commit: str
    path: str
    rule: str
    line: int


class IgnoreFile:
    """The fingerprints of `.gitleaksignore`; blank lines and those that begin with `#` are none."""

    def __init__(self, data: bytes, rules: RuleBook) -> None:
        """Read the file's lines; one that is no fingerprint excuses nothing, as in gitleaks."""
        self._known = _Known(rules)
        lines = (line.strip() for line in data.decode("utf-8", "replace").splitlines())
        parts = (line.split(":") for line in lines if line and not line.startswith("#"))
        self._fingerprints = set(_fingerprints(parts))
        self._places = {(found.path, found.line) for found in self._fingerprints}

    def excuse(self, match: PlacedMatch, occurrence: Occurrence) -> str | None:
        """Say which fingerprint names this place."""
        path = occurrence.path or ""
        for line in {match.first_line, match.line}:
            if (path, line) not in self._places:
                continue
            for found in self._fingerprints:
                same_place = (found.path, found.line) == (path, line) and found.commit in ("", occurrence.commit)
                if same_place and self._known.may_mean(found.rule, match.rule):
                    return f".gitleaksignore: {found.rule}"
        return None


def _fingerprints(lines: Iterable[list[str]]) -> Iterable[_Fingerprint]:
    for parts in lines:
        match parts:
            case [*names, rule, line] if names and line.isdecimal():
                # Such a line counts as it stands, so a path may hold colons.
                yield _Fingerprint("", ":".join(names).replace("\\", "/"), rule, int(line))
                if names[1:]:
                    yield _Fingerprint(names[0], ":".join(names[1:]).replace("\\", "/"), rule, int(line))


class Report:
    """A JSON report of gitleaks, whose findings are accepted.

    Gitleaks compares every field. Of those that both tools know, file, commit, line and secret must be the same here;
    the secret is not compared when the report is redacted.
    """

    def __init__(self, findings: Any, name: str, rules: RuleBook) -> None:  # noqa: ANN401 - what JSON held
        """Sort the findings by file.

        Raises:
            InputError: this is no such report.
        """
        self._name = name
        self._known = _Known(rules)
        self._findings: dict[str, list[dict[str, Any]]] = {}
        try:
            for finding in findings:
                if int(finding["StartLine"]) <= int(finding["EndLine"]) and isinstance(finding["RuleID"], str):
                    self._findings.setdefault(str(finding["File"]), []).append(finding)
        except (KeyError, TypeError, ValueError):
            raise InputError(f"{name}: no JSON report of gitleaks: a finding lacks its file, lines or rule") from None

    def excuse(self, match: PlacedMatch, occurrence: Occurrence) -> str | None:
        """Say which finding of the report this is."""
        for finding in self._findings.get(occurrence.path or "", ()):
            if (
                finding["StartLine"] <= match.line <= finding["EndLine"]
                and finding.get("Commit", "") == (occurrence.commit or "")
                and finding.get("Secret") in (match.secret, _REDACTED)
                and self._known.may_mean(finding["RuleID"], match.rule)
            ):
                return f"{self._name}: {finding['RuleID']}"
        return None


def read_report(data: bytes, name: str, rules: RuleBook) -> Report:
    """Read a JSON report.

    Raises:
        InputError: this is none.
    """
    try:
        return Report(json.loads(data), name, rules)
    except ValueError as error:
        raise InputError(f"{name}: no JSON: {error}") from None


class _Known:
    """Tells whether a rule id of gitleaks may mean a rule of ours."""

    def __init__(self, rules: RuleBook) -> None:
        self._rules = rules

    def may_mean(self, theirs: str, ours: str) -> bool:
        if theirs == ours:
            return True
        try:
            self._rules.named(theirs)
        except KeyError:
            return True
        return False
