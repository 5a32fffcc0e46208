"""The two kinds of regexes: those that others wrote, and leaksieve's own, whose compiled code may be known beforehand.

Python compiles a regex in two steps: its own code turns the pattern into numbers, and the engine makes a pattern of
those. The first takes nearly all of the time, and its result can be kept: docs/decisions/0010-regex-codes.md.
"""

import marshal
import mmap
import re
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from importlib import import_module
from typing import Any, ClassVar

from leaksieve.errors import InputError

# What they give and take is private to Python: `engine_name` guards it, and a test compares the patterns.
_engine: Any = import_module("_sre")
_compiler: Any = re._compiler  # type: ignore[attr-defined] # noqa: SLF001
_parser: Any = re._parser  # noqa: SLF001
# The size of the regex that serves as the dictionary for all, in percent of them that are shorter.
_LIKE_MOST = 75
# Bytes of the codes that are compressed: reading a short one so would take twice as long.
_LONG = 8192
# More than any code has. What follows a compressed one would be copied.
_MOST = 1 << 16
# What zlib begins with (RFC 1950, section 2.2), and marshal's tuples do not.
_PACKED = b"\x78"


class RegexCodes:
    """Compiled regexes of one version of Python, read one by one: a hook needs twenty of two thousand.

    The bytes are a header that names the engine and two sizes, an index (marshal; from the CRC-32 of a pattern to
    where its code is) and the codes (marshal). Long ones are compressed with the same dictionary, which stands first:
    a thousand rules have most of their regex in common. Bytes for another engine, or cut short, hold nothing that can
    be used.
    """

    def __init__(self, data: bytes | mmap.mmap) -> None:
        """Read the index. A file that is mapped need not be read whole, which takes 1 ms."""
        self.data = data
        header = data[: data.find(b"\n") + 1]
        engine, *sizes = header.rsplit(b" ", 2)
        #: Whether there is anything that this Python can use.
        self.usable = engine == engine_name() and len(data) == len(header) + sum(map(int, sizes))
        begin = len(header) + int(sizes[0]) if self.usable else 0
        self._codes = memoryview(data)[begin:]
        self._index: dict[int, int] = marshal.loads(data[len(header) : begin]) if begin else {}  # noqa: S302 - as any .pyc

    @cached_property
    def _dictionary(self) -> bytes:
        return zlib.decompress(self._codes[:_MOST])

    def compiled(self, pattern: str, flags: int) -> re.Pattern[str] | None:
        """Make the pattern that `re.compile` would make, or None when its code is not here."""
        begin = self._index.get(_key(pattern, flags))
        if begin is None:
            return None
        packed = self._codes[begin : begin + _MOST]
        is_packed = packed[:1] == _PACKED
        data = zlib.decompressobj(zdict=self._dictionary).decompress(packed) if is_packed else packed
        of, asked, *code = marshal.loads(data)  # noqa: S302
        if (of, asked) != (pattern, flags):
            return None
        made: re.Pattern[str] = _engine.compile(pattern, *code)
        return made


#: The codes that `compiled` uses: they are known to a whole process, as the cache of `re` is.
_known: RegexCodes | None = None


def know(data: bytes | mmap.mmap) -> None:
    """Let this process use codes that were kept: bytes that `regex_codes` gave."""
    global _known  # noqa: PLW0603 - the regexes of modules have nobody who could hand it to them
    _known = RegexCodes(data)


def known() -> bytes:
    """Give what `know` was told, for another process."""
    return bytes(_known.data) if _known else b""


def compiled(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Compile a regex, from its code where that is known."""
    return (_known and _known.compiled(pattern, flags)) or re.compile(pattern, flags)


class LateRegex:
    """A regex over ASCII classes; compiling all of them on import would cost every hook 4 ms."""

    #: Every one of the modules that are imported.
    made: ClassVar[list["LateRegex"]] = []

    def __init__(self, pattern: str, flags: int = 0) -> None:
        """Remember it."""
        self.pattern, self.flags = pattern, int(re.ASCII | flags)
        self.made.append(self)

    @cached_property
    def search(self) -> Callable[[str], re.Match[str] | None]:
        """Find it in a text."""
        return compiled(self.pattern, self.flags).search


#: A pattern that a user wrote may be slow on some line; a second is long enough for any honest one.
TIMEOUT_SECONDS = 1.0


class UserRegex:
    """A regex that somebody else wrote: run on `regex`, which has timeouts, and compiled when it is first needed.

    Its methods raise TimeoutError when they take too long. See docs/decisions/0002-two-regex-engines.md.
    """

    def __init__(self, pattern: str, seconds: float | None = None) -> None:
        """Remember the pattern, and how long one search may take if not TIMEOUT_SECONDS."""
        self._pattern = pattern
        self._seconds = seconds

    @cached_property
    def _compiled(self) -> Any:  # noqa: ANN401 - typed as loosely as `regex` itself
        import regex  # noqa: PLC0415 - 10 ms that only users of their own patterns need to pay

        return regex.compile(self._pattern, regex.VERSION0)

    @property
    def _timeout(self) -> float:
        return self._seconds or TIMEOUT_SECONDS

    def groups(self) -> int:
        """Compile the pattern; give the number of its groups.

        Raises:
            ValueError: it is no regular expression, as the message says.
        """
        import regex  # noqa: PLC0415 - as above

        try:
            number: int = self._compiled.groups
        except (regex.error, OverflowError) as error:
            raise ValueError(str(error)) from None
        except RecursionError:
            raise ValueError("nested too deeply") from None
        return number

    def search(self, text: str) -> Any:  # noqa: ANN401 - as above
        """Find the first match in a text, or None."""
        return self._compiled.search(text, timeout=self._timeout)

    def match(self, text: str, start: int, end: int) -> Any:  # noqa: ANN401
        """Match at `start` exactly, up to `end` at most."""
        return self._compiled.match(text, start, end, timeout=self._timeout)

    def finditer(self, text: str, start: int = 0, end: int | None = None) -> Iterator[Any]:
        """Find every match between two offsets, leftmost first, none overlapping."""
        found: Iterator[Any] = self._compiled.finditer(text, start, end, timeout=self._timeout)
        return found

    def finds_in_path(self, path: str) -> bool:
        """Tell whether the pattern is in a path.

        Raises:
            InputError: that took too long. Nothing can be said of a path then, neither that it is scanned nor that not.
        """
        try:
            return self.search(path) is not None
        except TimeoutError:
            raise InputError(f"the path pattern {self._pattern!r} takes too long; make it simpler") from None


def engine_name() -> bytes:
    """Name what decides whether codes can be used: Python's version, and format and sizes of the engine's numbers."""
    facts = (sys.implementation.cache_tag, _engine.MAGIC, _engine.CODESIZE, _engine.MAXREPEAT, sys.byteorder)
    return " ".join(map(str, facts)).encode()


def regex_codes(regexes: Iterable[tuple[str, int]]) -> bytes:
    """Compile patterns with their flags to the bytes that `RegexCodes` reads."""
    # Later formats of marshal number what they have written, so that no two would be alike.
    plain = {_key(*regex): marshal.dumps((*regex, *_code(*regex)), 2) for regex in regexes}
    # One of the longer ones is like most of them.
    dictionary = sorted(plain.values(), key=len)[len(plain) * _LIKE_MOST // 100] if plain else b""
    index: dict[int, int] = {}
    codes = bytearray(zlib.compress(dictionary))
    for key, data in plain.items():
        index[key] = len(codes)
        packer = zlib.compressobj(zdict=dictionary)
        codes += packer.compress(data) + packer.flush() if len(data) > _LONG else data
    table = marshal.dumps(index)
    return b"%s %d %d\n%s%s" % (engine_name(), len(table), len(codes), table, codes)


def _code(pattern: str, flags: int) -> tuple[int, list[int], int, dict[str, int], tuple[str | None, ...]]:
    """Give what `re.compile` asks the engine with: flags, numbers, count of groups, names by group and groups by name.

    Source: CPython, Lib/re/_compiler.py, `compile`.
    """
    parsed = _parser.parse(pattern, flags)
    names: list[str | None] = [None] * parsed.state.groups
    for name, group in parsed.state.groupdict.items():
        names[group] = name
    numbers = list(map(int, _compiler._code(parsed, flags)))  # noqa: SLF001 - the one way to them
    return flags | parsed.state.flags, numbers, parsed.state.groups - 1, parsed.state.groupdict, tuple(names)


def _key(pattern: str, flags: int) -> int:
    return zlib.crc32(pattern.encode(), flags)
