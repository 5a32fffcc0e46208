"""Comments that excuse a finding where it stands: `leaksieve:allow[rule-id] reason`, and those of others."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from typing import NamedTuple

from leaksieve.baseline.comments import (
    AFTER,
    FIRST_LINE,
    NEXT_LINE,
    ON_LINE,
    Block,
    Comment,
    comment_start,
    comments_of,
    kingfisher_closing,
    secretlint_blocks,
)
from leaksieve.core.finding import Match

# What every comment below holds, in small letters: most lines have none of it, and are not looked at further.
_MARKS = ("allow", "ignore", "whitelist", "secretlint-")


class _Line(NamedTuple):
    """A line without its newline, and its comments."""

    start: int
    end: int
    comments: Sequence[Comment]


@cache
def _own() -> re.Pattern[str]:
    return re.compile(r"leaksieve:allow(?![\w-])(?:\[([a-z0-9 ,*-]{1,400})\])?(?=([^\r\n]{0,400}))", re.ASCII)


@cache
def _own_blocks() -> re.Pattern[str]:
    names = r"(?:\[([a-z0-9 ,*-]{1,400})\])?"
    return re.compile(rf"leaksieve:allow-(?:(end)(?![\w-])|begin(?![\w-]){names}([^\r\n]{{0,400}}))", re.ASCII)


class InlineExcuses:
    """The comments of one text, read where a match asks for them.

    Args:
        text: the whole text, one character per byte.
        path: its path, where it is known: some comments count in some files only.
        found: all matches in it: a reason that holds one's secret is not repeated.
    """

    def __init__(self, text: str, path: str, found: Sequence[Match]) -> None:
        """Begin with nothing read: most texts have no comment of this kind."""
        self._text = text
        self._path = path
        self._secrets = sorted((match.secret_start, match.secret_end) for match in found)
        self._lines: dict[int, _Line] = {}
        self._last = _Line(0, -1, ())
        self._blocks: list[Block] | None = None
        self.unclosed: list[int] = []

    def at(self, match: Match, rule: str) -> str | None:
        """Say which comment excuses a match of this rule, or None when none does."""
        for comment in self._near(match):
            if comment.names(rule):
                return comment.excuse
        if self._blocks is None:
            self._blocks = list(self._read_blocks())
        for block in self._blocks:
            if block.start <= match.start and match.end <= block.end and block.opening.names(rule):
                return block.opening.excuse
        return kingfisher_closing(self._text, match.start, match.end) if self._is_for_kingfisher else None

    @cached_property
    def _is_for_kingfisher(self) -> bool:
        """Whether the text has such a comment: it may stand far behind a match."""
        return "kingfisher:ignore" in self._text

    def _near(self, match: Match) -> Iterator[Comment]:
        """Yield the comments that reach a match: those of its lines, and of the line before."""
        line = first = self._line(match.start)
        while True:
            for comment in line.comments:
                if (
                    comment.reach == ON_LINE
                    or (comment.reach == FIRST_LINE and line is first)
                    or (comment.reach == AFTER and line.start <= match.secret_end <= comment.start)
                ):
                    yield comment
            if line.end >= match.end - 1 or line.end >= len(self._text):
                break
            line = self._line(line.end + 1)
        if first.start:
            yield from (comment for comment in self._line(first.start - 1).comments if comment.reach == NEXT_LINE)

    def _line(self, offset: int) -> _Line:
        """Give the line that an offset (of a newline, too) belongs to."""
        if not self._last.start <= offset <= self._last.end:
            start = self._text.rfind("\n", 0, offset) + 1
            if start not in self._lines:
                end = self._text.find("\n", offset)
                end = len(self._text) if end < 0 else end
                self._lines[start] = _Line(start, end, tuple(self._comments(start, end)))
            self._last = self._lines[start]
        return self._last

    def _comments(self, start: int, end: int) -> Iterator[Comment]:
        line = self._text[start:end]
        lowered = line.lower()
        if not any(mark in lowered for mark in _MARKS):
            return
        for found in _own().finditer(line):
            comment = self._comment("leaksieve:allow", found, 1, start)
            yield comment
            if comment_start().fullmatch(line, 0, found.start()):
                yield comment._replace(reach=NEXT_LINE)
        yield from comments_of(line.rstrip("\r"), start, self._path)

    def _comment(self, name: str, found: re.Match[str], group: int, offset: int) -> Comment:
        begin = offset + found.start(group + 1)
        # The reason ends with the comment, where that is marked, or with the next excuse.
        reason = re.split(r"\*/|-->|\}\}|\*\)|leaksieve:", found[group + 1], maxsplit=1)[0]
        if self._holds_secret(begin, begin + len(reason)):
            reason = "(the reason holds a credential)"
        rules = frozenset(re.split(r"[ ,]+", found[group])) if found[group] else None
        reason = reason.strip(" \t:-")
        return Comment(ON_LINE, offset + found.start(), f"{name}: {reason}" if reason else name, rules)

    def _holds_secret(self, begin: int, end: int) -> bool:
        at = bisect_left(self._secrets, (begin, begin))
        # The one that begins before the reason may reach into it.
        return any(first < end and begin < last for first, last in self._secrets[max(0, at - 1) : at + 1])

    def _read_blocks(self) -> Iterator[Block]:
        """Yield the blocks; what is opened and never closed is remembered as such."""
        text = self._text
        opened: list[Comment] = []
        for found in _own_blocks().finditer(text) if "leaksieve:allow-" in text else ():
            if not found[1]:
                opened.append(self._comment("leaksieve:allow-begin", found, 2, 0))
            elif opened:
                opening = opened.pop()
                yield Block(opening.start, found.start(), opening)
        self.unclosed = [text.count("\n", 0, comment.start) + 1 for comment in opened]
        if "secretlint-" in text:
            yield from secretlint_blocks(text)
