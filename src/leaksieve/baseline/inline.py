"""The comment that excuses a finding where it stands: `leaksieve:allow[rule-id] reason`."""

import re

_EXCUSE = re.compile(r"leaksieve:allow(?:\[([a-z0-9 ,*-]{1,400})\])?([^\r\n]{0,400})", re.ASCII)
# What may stand before the excuse on a line of its own, so that it speaks of the next line.
_COMMENT_START = re.compile(r"[ \t]*(?:#+|//+|/?\*+|--|<!--|;+|%+|'|\"+|REM|rem|@?\{\{!|\(\*)?[ \t]*", re.ASCII)
_COMMENT_END = re.compile(r"[ \t]*(?:\*/|-->|\}\}|\*\))?[ \t]*$")


def excuse_at(text: str, start: int, rule: str) -> str | None:
    """Give the reason why a match that begins at `start` is excused, or None when it is not.

    An excuse counts on the match's first line, or alone on the line before it. One without a reason gives
    the empty string.
    """
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", start)
    line = text[line_start : len(text) if line_end < 0 else line_end]
    for found in _EXCUSE.finditer(line):
        if _names(found, rule):
            return _reason(found)
    before_start = text.rfind("\n", 0, max(0, line_start - 1)) + 1
    before = text[before_start : max(0, line_start - 1)]
    found_before = _EXCUSE.search(before)
    if found_before and _names(found_before, rule) and _COMMENT_START.fullmatch(before, 0, found_before.start()):
        return _reason(found_before)
    return None


def _names(found: re.Match[str], rule: str) -> bool:
    rules = found[1]
    return rules is None or bool({rule, "*"} & set(re.split(r"[ ,]+", rules)))


def _reason(found: re.Match[str]) -> str:
    return _COMMENT_END.sub("", found[2]).strip(" \t:-")
