"""Kinds of files, and parts of files, in which a name and a random value beside it are seldom a credential."""

import re

from leaksieve.core.finding import PlacedMatch
from leaksieve.core.regexes import LateRegex
from leaksieve.core.rule import LOW, Rule

_KINDS = {
    # Manuals are written in these; what is in Markdown is as often a note of how things are done here, with the real
    # credentials. A README is pasted into.
    "a manual": r"(?:^|/)(?!readme)[^/]*\.(?:rst|adoc|asciidoc)$",
    "a lock file": r"""
        (?:^|/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.ya?ml|go\.sum|packages\.lock\.json|Package\.resolved
        |(?:yarn|poetry|uv|pdm|pipfile|cargo|gemfile|composer|podfile|pubspec|mix|flake|bun|deno)\.lock)$
        """,
    "a list of checksums": r"(?:\.(?:md5|sha\d{1,3})|(?:^|/)(?:md5|sha\d{1,3})sums?|(?:^|/)checksums?)(?:\.txt)?$",
    "a test fixture": r"(?:^|/)(?:(?:test[-_]?)?fixtures?|test[-_]?data|__fixtures__|__snapshots__|cassettes)/",
    "third-party code": r"(?:^|/)(?:vendor|node_modules|bower_components|third[-_]?party)/",
    "a minified or generated file": r"\.(?:min\.(?:js|css|mjs)|bundle\.js|(?:js|css|mjs|ts)\.map)$",
}
# Checks of values that any text might be: rules that ask for them know their credential by what stands beside it.
_JUDGES = frozenset(
    """
    generic-password generic-token generic-key command-password command-token context-token named-value manifest-value
    config-line uri-password connection-string
    """.split()  # noqa: SIM905
)
_NOTEBOOK_PART = r'"(outputs|source|cell_type)"\s*:'
_PATTERNS = {kind: LateRegex(pattern, re.IGNORECASE | re.VERBOSE) for kind, pattern in _KINDS.items()}


def noisy_kind(path: str) -> str:
    """Name the kind of file that lowers a finding known by its context only, or give "".

    Manuals show sample keys, fixtures hold what tests open, lock files and checksums are digests by trade, and minified
    code has names of one letter beside anything.
    """
    return next((kind for kind, pattern in _PATTERNS.items() if pattern.search(path)), "")


def notebook_outputs(text: str) -> list[tuple[int, int]]:
    """Give the spans of a Jupyter notebook that hold what its cells printed: tables, logs, pictures and traces.

    There are none in any other text. Names within strings have their quotes escaped, and are not mistaken for these.

    Source: https://nbformat.readthedocs.io/en/latest/format_description.html
    """
    if not text.lstrip().startswith("{") or '"nbformat"' not in text:
        return []
    marks = [(mark.start(), mark[1] == "outputs") for mark in re.finditer(_NOTEBOOK_PART, text)]
    ends = [begin for begin, _ in marks[1:]] + [len(text)]
    return [(begin, end) for (begin, is_output), end in zip(marks, ends, strict=True) if is_output]


def lowered(rule: Rule, match: PlacedMatch, kind: str) -> PlacedMatch:
    """Lower what only its context makes a credential, if it stands in a noisy kind of place.

    Rules that a user brought say themselves how sure they are.
    """
    by_context = rule.trusted and not _JUDGES.isdisjoint(rule.checks)
    if not by_context or match.confidence == LOW or not kind:
        return match
    return match._replace(confidence=LOW, checks=(*match.checks, f"stands in {kind}"))
