"""The comments with which users of other tools excused findings.

They are judged as those tools judge them, but by place alone: a rule that one names is not a rule of ours.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

#: Where a comment's excuse reaches: matches that touch its line, those whose secret ends before it on its line, those
#: that begin on its line, and those that begin on the next.
ON_LINE, AFTER, FIRST_LINE, NEXT_LINE = range(4)

#: What every comment that excuses something holds, ours too, in small letters: `leaksieve ci` looks for them.
MARKS = (
    "leaksieve:allow", "gitleaks:allow", "kingfisher:ignore", "trufflehog:ignore", "ggignore", "hashicorpignore",
    "pragma: allowlist", "pragma:allowlist", "pragma: whitelist", "pragma:whitelist", "secretlint-disable",
    "secretlint-enable",
)  # fmt: skip


class Comment(NamedTuple):
    """A comment that excuses.

    Attributes:
        reach: one of the four above.
        start: the offset where it begins.
        excuse: what it is and the reason it gives.
        rules: the rules that it names; None for all.
    """

    reach: int
    start: int
    excuse: str
    rules: frozenset[str] | None = None

    def names(self, rule: str) -> bool:
        """Tell whether it speaks of a rule."""
        return self.rules is None or rule in self.rules or "*" in self.rules


class Block(NamedTuple):
    """A stretch of text whose findings are excused."""

    start: int
    end: int
    opening: Comment


@cache
def comment_start() -> re.Pattern[str]:
    """Give the pattern of what may stand before an excuse on a line of its own, so that it speaks of the next line."""
    return re.compile(r"[ \t]*(?:#+|//+|/?\*+|--|<!--|;+|%+|'|\"+|REM|rem|@?\{\{!|\(\*)?[ \t]*", re.ASCII)


# A pragma of detect-secrets counts in a comment only; some kinds of comment must be closed on the line.
_COMMENTS = (("#", ""), ("//", ""), (r"/\*", r"\*/"), ("'", ""), ("--", ""), ("<!--", "-->"))
# In a multi-line string, kingfisher's comment may follow the closing quotes.
_QUOTES = ('"""', "'''", "`")


class _Form(NamedTuple):
    """A comment: its name in reports, its pattern within a line, how far it reaches."""

    name: str
    pattern: re.Pattern[str]
    reach: int


@cache
def _forms(*, yaml: bool) -> tuple[_Form, ...]:
    """Compile the table. Where two forms fit, the first names the excuse.

    Args:
        yaml: whether the file's name ends in `.yaml`: detect-secrets knows no comment there but `#`.
    """
    alone = comment_start().pattern
    pragmas = _COMMENTS[: 1 if yaml else None]
    same = "|".join(rf"{begin} *pragma: ?(?:allow|white)list[ -]secret.*?{end}[ \t]*$" for begin, end in pragmas)
    following = "|".join(rf"{begin} *pragma: ?allowlist[ -]nextline[ -]secret.*?{end}[ \t]*$" for begin, end in pragmas)
    table = (
        ("gitleaks:allow", "gitleaks:allow", ON_LINE),
        ("trufflehog:ignore", "trufflehog:ignore", AFTER),
        ("detect-secrets: pragma", same, FIRST_LINE),
        ("detect-secrets: pragma on the line before", rf"^[ \t]*(?:{following})", NEXT_LINE),
        # ripsecrets asks for these words only, in a comment or not.
        ("ripsecrets: pragma", "pragma: allowlist secret", AFTER),
        ("ggignore", r"\bggignore\b", ON_LINE),
        ("kingfisher:ignore", r"kingfisher:ignore\b", ON_LINE),
        ("kingfisher:ignore on the line before", rf"^{alone}kingfisher:ignore\b", NEXT_LINE),
        ("secretlint-disable-line", r"secretlint-disable-line\b", ON_LINE),
        ("secretlint-disable-next-line", r"secretlint-disable-next-line\b", NEXT_LINE),
        ("HashiCorpIgnore", r"(?i:hashicorpignore)", ON_LINE),
    )
    return tuple(_Form(name, re.compile(pattern, re.ASCII), reach) for name, pattern, reach in table)


def comments_of(line: str, start: int, path: str) -> Iterator[Comment]:
    """Yield the comments in a line that begins at `start` of its text."""
    for form in _forms(yaml=path.endswith(".yaml")):
        found = None
        # Only the last one matters to what may come before it.
        for found in form.pattern.finditer(line):  # noqa: B007 - read after the loop
            pass
        if found:
            yield Comment(form.reach, start + found.start(), form.name)


def secretlint_blocks(text: str) -> Iterator[Block]:
    """Yield what stands between `secretlint-disable` and `secretlint-enable`, or the end of the text.

    Both may name rules. Ours are none of them, so a finding is excused while any is disabled.
    """
    disabled: set[str] = set()
    begin = 0
    for found in re.finditer(r"secretlint-(disable|enable)(?![\w-])([^\r\n]*)", text, re.ASCII):
        names = set(re.findall(r"[@\w][\w@./-]*", found[2].split(" -- ", 1)[0], re.ASCII))
        if found[1] == "disable":
            begin = begin if disabled else found.end()
            disabled |= names or {"*"}
        elif disabled:
            # One that is enabled by name while all are disabled may be the one that was meant.
            disabled = disabled - names if names and "*" not in disabled else set()
            if not disabled:
                yield Block(begin, found.start(), Comment(ON_LINE, begin, "secretlint-disable"))
    if disabled:
        yield Block(begin, len(text), Comment(ON_LINE, begin, "secretlint-disable"))


def kingfisher_closing(text: str, start: int, end: int) -> str | None:
    """Look for `kingfisher:ignore` on the line that closes the multi-line string around a match."""
    for quotes in _QUOTES:
        close = text.find(quotes, end)
        line_end = text.find("\n", close)
        after = text[close : len(text) if line_end < 0 else line_end] if close >= 0 else ""
        if re.search(r"kingfisher:ignore\b", after, re.ASCII) and text.count(quotes, 0, start) % 2:
            return "kingfisher:ignore after the string"
    return None
