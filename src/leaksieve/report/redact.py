"""Show enough of a secret to recognise it, never enough to use it."""

import re
from collections.abc import Iterable
from typing import Any

from leaksieve.core.finding import Finding, Occurrence

_MASK = "****"
# What stands behind it may be on the same line.
_PEM_LABEL = re.compile(r"-----BEGIN [A-Z0-9 ]{0,60}-----", re.ASCII)
# Kinds that have no prefix which all of them share.
_CHOSEN_FREELY = ("password", "connection-string", "private-key")
# Prefixes such as `ghp_` are public knowledge; of a short secret four characters would be too many.
_SHOWN = 4
_LONG_ENOUGH = 16
_LEAST_IN_PLACE = 6
_IN_NAMES = ("file name", "ref name", "commit header", "tag header")


def redact(secret: str, kind: str) -> str:
    """Redact a secret: `ghp_**** (40 characters)`, a PEM block to its label, and `****` for a password."""
    if label := _PEM_LABEL.match(secret):
        return f"{label[0]} {_MASK} ({len(secret)} characters)"
    if kind in _CHOSEN_FREELY or len(secret) < _LONG_ENOUGH:
        return _MASK
    return f"{secret[:_SHOWN]}{_MASK} ({len(secret)} characters)"


class Redactor:
    """Gives the strings of a report, without secrets unless they were asked for.

    A credential may hide in a file name or an author's name, which the report shows beside the finding:
    those are redacted wherever they are shown.
    """

    def __init__(self, findings: Iterable[Finding], *, show_secrets: bool) -> None:
        """Collect the secrets that stand in names."""
        self._show = show_secrets
        # A thousand places may each name a hundred branches.
        self._shown: dict[str, str] = {}
        self._in_names = sorted(
            (
                finding.secret
                for finding in findings
                if not show_secrets
                and not finding.rule.is_path_rule
                and len(finding.secret) >= _LEAST_IN_PLACE
                and any(occurrence.where.endswith(_IN_NAMES) for occurrence in finding.occurrences)
            ),
            key=len,
            reverse=True,
        )

    def secret(self, finding: Finding) -> str:
        """Show a finding's secret; the path that a path rule found is none."""
        if self._show or finding.rule.is_path_rule:
            return finding.secret
        return redact(finding.secret, finding.rule.kind)

    def name(self, text: str) -> str:
        """Show a path, an author or a line about a problem."""
        shown = self._shown.get(text)
        if shown is None:
            shown = text
            for secret in self._in_names:
                shown = shown.replace(secret, _MASK)
            # Names that are not UTF-8 must not stop the report from being written.
            shown = shown.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            self._shown[text] = shown
        return shown

    def occurrence(self, occurrence: Occurrence) -> Occurrence:
        """Show a place: every string in it may hold a name."""
        names: dict[str, Any] = {
            name: self.name(field) for name, field in occurrence._asdict().items() if isinstance(field, str)
        }
        if occurrence.branches is not None:
            names["branches"] = tuple(map(self.name, occurrence.branches))
        return occurrence._replace(**names)
