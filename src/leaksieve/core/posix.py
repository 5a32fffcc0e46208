r"""POSIX extended regular expressions, as `grep -E` of GNU reads them, in the syntax of Python.

Grep looks at one line at a time. A translated pattern matches within a line, in whatever text that stands.

Source: IEEE Std 1003.1-2017, Base Definitions, chapter 9.4; https://www.gnu.org/software/grep/manual/ (chapter 3)
"""

import re
from collections.abc import Iterator

_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": r" \t",
    "cntrl": r"\x00-\x09\x0b-\x1f\x7f",
    "digit": "0-9",
    "graph": r"\x21-\x7e",
    "lower": "a-z",
    "print": r"\x20-\x7e",
    "punct": r"\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e",
    "space": r" \t\r\f\v",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}
# GNU's additions; everything else after a backslash stands for itself.
_ESCAPED = {
    "<": r"(?:\b(?=\w))",
    ">": r"(?:\b(?<=\w))",
    "b": r"\b",
    "B": r"\B",
    "w": r"\w",
    "W": r"[^\w\n]",
    "s": r"[ \t\r\f\v]",
    "S": r"\S",
    "`": "(?m:^)",
    "'": "(?m:$)",
}
_TOKEN = re.compile(
    r"\[(?P<negated>\^?)(?P<members>\]?(?:\[:\w+:\]|\[=.=\]|\[\..\.\]|[^\]])*)\]"
    r"|\\(?P<escaped>.)"
    r"|(?P<repeat>[*+?]|\{(?:\d+(?:,\d*)?|,\d+)\})"
    r"|(?P<operator>[()|^$.])"
    r"|(?P<other>.)",
    re.DOTALL,
)
_MEMBER = re.compile(r"\[:(\w+):\]|(?:\[([=.])(.)\2\]|(.))(?:-(?:\[([=.])(.)\5\]|([^\]])))?", re.DOTALL)


def python_of(pattern: str) -> str:
    """Translate a pattern. Letters are those of ASCII, as in the C locale.

    Raises:
        ValueError: a class has no such name, or parentheses do not match.
    """
    parts: list[str] = []
    opened: list[int] = []
    # Where in `parts` what a repetition would repeat begins; None when there is nothing to repeat.
    last: int | None = None
    for found in _TOKEN.finditer(pattern):
        operator = found["operator"]
        if found["repeat"] is not None:
            # With nothing before it, grep passes over it.
            if last is not None:
                # A group of its own, since Python takes a second sign for a flag of the first.
                parts[last:] = [f"(?:{''.join(parts[last:])}){found['repeat'].replace('{,', '{0,')}"]
            continue
        last = None if operator in ("(", "|", "^") else len(parts)
        if operator == ")":
            if not opened:
                raise ValueError("a parenthesis closes nothing")
            last = opened.pop()
        elif operator == "(":
            opened.append(len(parts))
        parts.append(_single(found))
    if opened:
        raise ValueError("a parenthesis is never closed")
    return f"(?a:{''.join(parts)})"


def _single(found: re.Match[str]) -> str:
    """Translate one character, class or operator."""
    if found["members"] is not None:
        newline = "\\n" if found["negated"] else ""
        return f"[{found['negated']}{newline}{''.join(_members(found['members']))}]"
    if found["escaped"] is not None:
        escaped: str = found["escaped"]
        # \1 to \9 refer to groups, as GNU allows.
        return _ESCAPED.get(escaped) or (f"(?:\\{escaped})" if "1" <= escaped <= "9" else re.escape(escaped))
    anchors = {"^": "(?m:^)", "$": "(?m:$)"}
    return anchors.get(found["operator"]) or found["operator"] or re.escape(found["other"] or "")


def _members(text: str) -> Iterator[str]:
    """Translate what stands in brackets; a backslash there is a backslash."""
    for name, _, equal, one, _, equal_last, last in _MEMBER.findall(text):
        if name:
            if name not in _CLASSES:
                raise ValueError(f"no class is called [:{name}:]")
            yield _CLASSES[name]
            continue
        first, final = equal or one, equal_last or last
        yield f"{re.escape(first)}-{re.escape(final)}" if final else re.escape(first)
