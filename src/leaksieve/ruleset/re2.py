r"""RE2's regular expressions, as gitleaks and TruffleHog read them, in the syntax of Python.

Python has no flags in mid-pattern, no `\z`, no `\Q...\E` and no `[[:alnum:]]`, and reads `$`, `\s`, `\w`, `{,3}` and
`a++` differently. The translation says everything outright: classes become ranges, anchors and dots say which lines
they mean, and of RE2's flags only `i` is left, in groups of its own.

Source: https://github.com/google/re2/wiki/Syntax and https://pkg.go.dev/regexp/syntax
"""

import re
from collections.abc import Iterator

#: Ranges of code points, inclusive.
Ranges = list[tuple[int, int]]

_LAST = 0x10FFFF
_MOST_REPEATS = 1000
_DIGITS: Ranges = [(0x30, 0x39)]
_UPPER: Ranges = [(0x41, 0x5A)]
_LOWER: Ranges = [(0x61, 0x7A)]
_WORD: Ranges = [*_DIGITS, *_UPPER, (0x5F, 0x5F), *_LOWER]
# Perl's white space in RE2 has no vertical tab; that of POSIX has one.
_PERL: dict[str, Ranges] = {"d": _DIGITS, "w": _WORD, "s": [(0x09, 0x0A), (0x0C, 0x0D), (0x20, 0x20)]}
_POSIX: dict[str, Ranges] = {
    "alnum": [*_DIGITS, *_UPPER, *_LOWER],
    "alpha": [*_UPPER, *_LOWER],
    "ascii": [(0x00, 0x7F)],
    "blank": [(0x09, 0x09), (0x20, 0x20)],
    "cntrl": [(0x00, 0x1F), (0x7F, 0x7F)],
    "digit": _DIGITS,
    "graph": [(0x21, 0x7E)],
    "lower": _LOWER,
    "print": [(0x20, 0x7E)],
    "punct": [(0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)],
    "space": [(0x09, 0x0D), (0x20, 0x20)],
    "upper": _UPPER,
    "word": _WORD,
    "xdigit": [*_DIGITS, (0x41, 0x46), (0x61, 0x66)],
}
_CONTROLS = {"a": 0x07, "f": 0x0C, "t": 0x09, "n": 0x0A, "r": 0x0D, "v": 0x0B}
_REPEAT = re.compile(r"[*+?]|\{(\d+)(?:,(\d*))?\}", re.ASCII)
_FLAGS = re.compile(r"\(\?([imsU]*)(?:-([imsU]+))?([:)])", re.ASCII)
_NAMED = re.compile(r"\(\?P?<[A-Za-z0-9_]+>", re.ASCII)
_NUMBER = re.compile(r"x\{([0-9A-Fa-f]+)\}|x([0-9A-Fa-f]{2})|(0[0-7]{0,2}|[1-7][0-7]{1,2})", re.ASCII)
_PROPERTY = re.compile(r"([pP])(?:\{(\^?)([A-Za-z_]+)\}|([A-Z]))", re.ASCII)
_NAMED_CLASS = re.compile(r"\[:(\^?)([a-z]+):\]", re.ASCII)
_WORD_CLASS = "[0-9A-Za-z_]"
_BOUNDARIES = {
    "b": f"(?:(?<={_WORD_CLASS})(?!{_WORD_CLASS})|(?<!{_WORD_CLASS})(?={_WORD_CLASS}))",
    "B": f"(?:(?<={_WORD_CLASS})(?={_WORD_CLASS})|(?<!{_WORD_CLASS})(?!{_WORD_CLASS}))",
}


def python_of(pattern: str) -> str:
    r"""Translate a pattern.

    The result means the same to the `regex` module in its version 0, and to `re` when it holds no `\p`. A pattern of
    ASCII alone becomes one with ASCII classes, which is faster; letters of others fold as Unicode's do.

    Raises:
        ValueError: RE2 has no such pattern; the message says what is wrong, and where.
    """
    return _Translation(pattern).result()


def _needs_unicode(pattern: str) -> bool:
    """Tell whether a pattern speaks of characters beyond ASCII."""
    return not pattern.isascii() or "\\p" in pattern or "\\P" in pattern or "\\x{" in pattern


class _Group:
    """A group that is open: where it begins in the translation, its flags, and the groups that flags alone opened."""

    def __init__(self, begin: int, flags: frozenset[str]) -> None:
        self.begin = begin
        self.flags = flags
        self.opened: list[str] = []


class _Translation:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._unicode = _needs_unicode(pattern)
        self._at = 0
        self._out: list[str] = []
        self._groups = [_Group(0, frozenset())]
        #: Where in the translation the last thing that may be repeated begins; -1 when there is none.
        self._atom = -1
        self._repeated = False

    def result(self) -> str:
        while self._at < len(self._pattern):
            self._step()
        if len(self._groups) > 1:
            raise self._error("a parenthesis is not closed")
        self._close_flags()
        return ("" if self._unicode else "(?a)") + "".join(self._out)

    def _error(self, reason: str) -> ValueError:
        return ValueError(f"{reason} (character {self._at + 1})")

    def _step(self) -> None:
        character = self._pattern[self._at]
        repeat = _REPEAT.match(self._pattern, self._at)
        if character == "(":
            self._open()
        elif character == ")":
            self._close()
        elif character == "|":
            self._alternative()
        elif repeat:
            self._repeat(repeat)
        elif character == "[":
            self._put(self._class())
        elif character == "\\":
            self._escape()
        elif character in ".^$":
            self._at += 1
            self._put(self._anchor(character))
        else:
            self._at += 1
            self._put(_literal(ord(character)))

    def _put(self, text: str) -> None:
        self._atom = len(self._out)
        self._repeated = False
        self._out.append(text)

    def _anchor(self, character: str) -> str:
        flags = self._groups[-1].flags
        if character == ".":
            return "(?s:.)" if "s" in flags else "[^\\n]"
        if "m" in flags:
            return f"(?m:{character})"
        return "(?:\\A)" if character == "^" else "(?:\\Z)"

    def _open(self) -> None:
        flags = _FLAGS.match(self._pattern, self._at)
        inner = self._groups[-1].flags
        if flags is None:
            named = _NAMED.match(self._pattern, self._at)
            if named is None and self._pattern.startswith("(?", self._at):
                raise self._error(f"RE2 has no {self._pattern[self._at : self._at + 4]!r}, such as lookarounds")
            self._at = named.end() if named else self._at + 1
            self._begin("(", inner)
            return
        self._at = flags.end()
        changed = (inner | set(flags[1])) - set(flags[2] or "")
        if flags[3] == ":":
            self._begin(f"(?{_case(inner, changed)}:", changed)
            return
        # In mid-pattern, flags hold to the end of the group.
        self._groups[-1].flags = changed
        if case := _case(inner, changed):
            self._groups[-1].opened.append(f"(?{case}:")
            self._out.append(f"(?{case}:")
        self._atom = -1

    def _begin(self, opening: str, flags: frozenset[str]) -> None:
        self._groups.append(_Group(len(self._out), flags))
        self._out.append(opening)
        self._atom = -1

    def _close_flags(self) -> None:
        self._out += [")"] * len(self._groups[-1].opened)

    def _close(self) -> None:
        if len(self._groups) == 1:
            raise self._error("a parenthesis closes nothing")
        self._at += 1
        self._close_flags()
        self._out.append(")")
        self._atom = self._groups.pop().begin
        self._repeated = False

    def _alternative(self) -> None:
        self._at += 1
        self._close_flags()
        self._out += ["|", *self._groups[-1].opened]
        self._atom = -1

    def _repeat(self, repeat: re.Match[str]) -> None:
        if self._atom < 0:
            raise self._error(f"{repeat[0]!r} has nothing to repeat")
        if self._repeated:
            raise self._error(f"{repeat[0]!r} repeats a repeat")
        least, most = int(repeat[1] or 0), int(repeat[2] or repeat[1] or 0)
        if most > _MOST_REPEATS or least > _MOST_REPEATS or (repeat[2] and most < least):
            raise self._error(f"{repeat[0]!r} is no count that RE2 takes")
        self._at = repeat.end()
        lazy = self._pattern.startswith("?", self._at)
        self._at += lazy
        self._out.append(repeat[0] + "?" * (lazy != ("U" in self._groups[-1].flags)))
        self._repeated = True

    def _escape(self) -> None:
        rest = self._pattern[self._at + 1 :]
        if not rest:
            raise self._error("a backslash ends the pattern")
        if rest[0] == "Q":
            quoted, end, _ = rest[1:].partition("\\E")
            self._at += 2 + len(quoted) + len(end)
            for character in quoted:
                self._put(_literal(ord(character)))
        elif rest[0] in "AzbB":
            self._at += 2
            anchors = {"A": "(?:\\A)", "z": "(?:\\Z)"}
            self._put(anchors.get(rest[0]) or (_BOUNDARIES[rest[0]] if self._unicode else f"\\{rest[0]}"))
        else:
            ranges, text = self._escaped()
            self._put(text or (_literal(ranges[0][0]) if _is_one(ranges) else f"[{_members(ranges)}]"))

    def _escaped(self) -> tuple[Ranges, str]:
        """Read an escape that stands for characters, in a class or outside: as ranges or a property of Unicode."""
        at = self._at + 1
        letter = self._pattern[at : at + 1]
        if letter.lower() in _PERL:
            self._at += 2
            return (_PERL[letter] if letter in _PERL else _complement(_PERL[letter.lower()])), ""
        if found := _PROPERTY.match(self._pattern, at):
            self._at = found.end()
            negated = (found[1] == "P") != bool(found[2])
            return [], f"\\{'P' if negated else 'p'}{{{found[3] or found[4]}}}"
        if found := _NUMBER.match(self._pattern, at):
            self._at = found.end()
            code = int(found[1] or found[2], 16) if found[3] is None else int(found[3], 8)
            if code > _LAST:
                raise self._error("there is no such character")
            return [(code, code)], ""
        if letter in _CONTROLS or (letter and not letter.isalnum()):
            self._at += 2
            code = _CONTROLS.get(letter, ord(letter))
            return [(code, code)], ""
        raise self._error(f"RE2 has no '\\{letter}'")

    def _class(self) -> str:
        begin = self._at
        self._at += 1
        negated = self._pattern.startswith("^", self._at)
        self._at += negated
        members: list[str] = []
        first = True
        while first or not self._pattern.startswith("]", self._at):
            if self._at >= len(self._pattern):
                self._at = begin
                raise self._error("a class is not closed")
            members += self._class_member()
            first = False
        self._at += 1
        return f"[{'^' * negated}{''.join(members)}]"

    def _class_member(self) -> Iterator[str]:
        named = _NAMED_CLASS.match(self._pattern, self._at)
        if named:
            if named[2] not in _POSIX:
                raise self._error(f"there is no class {named[2]!r}")
            self._at = named.end()
            yield _members(_complement(_POSIX[named[2]]) if named[1] else _POSIX[named[2]])
            return
        ranges, text = self._class_character()
        if text or not _is_one(ranges):
            yield text or _members(ranges)
            return
        low = high = ranges[0][0]
        following = self._pattern[self._at : self._at + 2]
        if following.startswith("-") and following not in ("-", "-]"):
            self._at += 1
            ends, text = self._class_character()
            if text or not _is_one(ends) or ends[0][0] < low:
                raise self._error("a range in a class ends before it begins")
            high = ends[0][0]
        yield _members([(low, high)])

    def _class_character(self) -> tuple[Ranges, str]:
        if self._pattern.startswith("\\", self._at):
            return self._escaped()
        code = ord(self._pattern[self._at])
        self._at += 1
        return [(code, code)], ""


def _case(before: frozenset[str], after: frozenset[str]) -> str:
    """Name the change of the one flag that the translation keeps."""
    return "" if ("i" in before) == ("i" in after) else "i" if "i" in after else "-i"


def _is_one(ranges: Ranges) -> bool:
    return len(ranges) == 1 and ranges[0][0] == ranges[0][1]


def _literal(code: int) -> str:
    """Write a character so that it means itself everywhere."""
    character = chr(code)
    if character.isalnum() or character in "_ ":
        return character
    return f"\\{character}" if character.isprintable() and code < 0x80 else f"\\U{code:08x}"  # noqa: PLR2004 - ASCII


def _members(ranges: Ranges) -> str:
    return "".join(_literal(low) + (f"-{_literal(high)}" if high > low else "") for low, high in ranges)


def _complement(ranges: Ranges) -> Ranges:
    """Give the characters that are in none of the ascending ranges."""
    begins = [0, *(high + 1 for _, high in ranges)]
    ends = [*(low - 1 for low, _ in ranges), _LAST]
    return [(begin, end) for begin, end in zip(begins, ends, strict=True) if begin <= end]
