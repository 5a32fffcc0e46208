"""The fields of one rule in TOML, each read with what is known of its type."""

import difflib
import re
import warnings
from collections.abc import Mapping
from typing import Any

from leaksieve.core.regexes import UserRegex
from leaksieve.core.rule import Allowlist, Neighbour
from leaksieve.errors import RuleError
from leaksieve.ruleset.assignment import with_assignments, with_stand_ins
from leaksieve.ruleset.boundary import allow_escapes
from leaksieve.ruleset.utf8 import bytes_of, bytes_pattern

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_LARGEST = 1_000_000
_POSIX_CLASS = re.compile(r"\[:\^?[a-z]+:\]")
_RULE_KEYS = {
    "id", "description", "provider", "kind", "regex", "keywords", "secret_group", "entropy", "severity",
    "confidence", "checks", "specificity", "reach", "path", "requires", "allowlists", "revoke", "references",
    "examples", "negatives",
}  # fmt: skip
_ALLOWLIST_KEYS = {"regexes", "stopwords", "paths"}
_REQUIRES_KEYS = {"rule", "within_lines"}


class Fields:
    """The keys of one rule in TOML. Every method raises RuleError for a value of another kind than it is to give."""

    def __init__(self, source: str, table: Mapping[str, Any], number: int, *, trusted: bool) -> None:
        """Look for keys that no rule has.

        Args:
            source: the file that it was read from.
            table: the rule.
            number: its place in the file, which names it when it has no id.
            trusted: whether it comes with leaksieve.
        """
        self._source = source
        self._trusted = trusted
        self._table = table
        self.id = table.get("id")
        self._name = str(self.id or f"number {number}")
        if not isinstance(self.id, str) or not _ID.fullmatch(self.id):
            raise self.error("id must be lower-case words, digits and single hyphens")
        self._known(table, _RULE_KEYS)

    def error(self, reason: str) -> RuleError:
        """Make the error that names the file, the rule and the reason."""
        return RuleError(self._source, self._name, reason)

    def _known(self, table: Mapping[str, Any], keys: set[str]) -> None:
        if problem := unknown_key(table, keys):
            raise self.error(problem)

    def text(self, key: str, default: str | None = None) -> str:
        """Give a string; one without a default must be there."""
        value = self._table.get(key, default)
        if not isinstance(value, str):
            raise self.error(f"{key} must be a string" if key in self._table else f"{key} is missing")
        return value

    def number(self, key: str) -> float:
        """Give a number, 0 when there is none. What is no number, as TOML can say, compares with nothing."""
        value = self._table.get(key, 0)
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= _LARGEST:
            raise self.error(f"{key} must be a number from 0 to {_LARGEST}")
        return float(value)

    def whole(self, key: str, default: int, table: Mapping[str, Any] | None = None) -> int:
        """Give a whole number, of the rule or of a table in it."""
        value = (self._table if table is None else table).get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LARGEST:
            raise self.error(f"{key} must be a whole number from 0 to {_LARGEST}")
        return value

    def texts(self, key: str, table: Mapping[str, Any] | None = None) -> tuple[str, ...]:
        """Give a list of strings, of the rule or of a table in it."""
        value = (self._table if table is None else table).get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.error(f"{key} must be a list of strings")
        return tuple(value)

    def level(self, key: str, levels: Mapping[str, int]) -> int:
        """Give the number of a level that is named."""
        value = self.text(key)
        if value not in levels:
            raise self.error(f"{key} {value!r} must be one of {', '.join(levels)}")
        return levels[value]

    def pattern(self, key: str) -> str:
        """Read a pattern for paths, which are characters."""
        value = self.text(key, "")
        self._compiles(key, value)
        return value

    def regex(self, key: str) -> tuple[str, str]:
        """Read a pattern for texts, which are bytes.

        A shipped one may leave an assignment to be written out. That is most of a thousand regexes, so what is checked
        of each has a short text in its place.

        Returns:
            The pattern, and one of the same shape.
        """
        value = self.text(key, "")
        if not self._trusted:
            self._compiles(key, value)
            return (self._in_bytes(key, value),) * 2
        short = allow_escapes(with_stand_ins(value))
        self._compiles(key, short)
        return allow_escapes(with_assignments(self._in_bytes(key, value))), short

    def _in_bytes(self, key: str, pattern: str) -> str:
        try:
            translated = bytes_pattern(pattern)
        except ValueError as error:
            raise self.error(f"{key}: {error}") from None
        if translated != pattern:
            self._compiles(f"{key} in UTF-8", translated)
        return translated

    def _compiles(self, key: str, pattern: str) -> None:
        try:
            with warnings.catch_warnings():
                # Of a class in a class, which Python may read otherwise one day, and `regex` partly does today.
                warnings.simplefilter("error", FutureWarning)
                re.compile(pattern, re.ASCII)
            if _POSIX_CLASS.search(pattern):
                raise self.error(f"{key} has a class of POSIX such as [:alpha:]: write its characters")
            if not self._trusted:
                UserRegex(f"(?am){pattern}").groups()
        except RecursionError:
            raise self.error(f"{key} is not a regular expression: nested too deeply") from None
        except (re.error, ValueError, OverflowError, FutureWarning) as error:
            raise self.error(f"{key} is not a regular expression: {error}") from None

    def allowlists(self) -> tuple[Allowlist, ...]:
        """Give the allowlists of the rule."""
        tables = self._table.get("allowlists", [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise self.error("allowlists must be tables: write [[rules.allowlists]]")
        allowlists = []
        for table in tables:
            self._known(table, _ALLOWLIST_KEYS)
            stopwords = tuple(bytes_of(word).lower() for word in self.texts("stopwords", table))
            allow = Allowlist(self.texts("regexes", table), stopwords, self.texts("paths", table))
            if "" in allow.regexes + allow.stopwords + allow.paths:
                raise self.error("an allowlist has an empty text, which would be found everywhere")
            for pattern in allow.regexes + allow.paths:
                self._compiles("an allowlist pattern", pattern)
            if not any(allow[:3]):
                raise self.error("an allowlist is empty")
            regexes = (self._in_bytes("an allowlist pattern", pattern) for pattern in allow.regexes)
            allowlists.append(allow._replace(regexes=tuple(regexes)))
        return tuple(allowlists)

    def requires(self) -> tuple[Neighbour, ...]:
        """Give the other half of a composite, if it is one."""
        table = self._table.get("requires")
        if table is None:
            return ()
        if not isinstance(table, dict) or set(table) != _REQUIRES_KEYS or not isinstance(table["rule"], str):
            raise self.error("requires must have rule and within_lines")
        if table["rule"] == self.id:
            raise self.error("requires itself")
        return (Neighbour(table["rule"], self.whole("within_lines", 0, table)),)


def unknown_key(table: Mapping[str, Any], keys: set[str]) -> str:
    """Describe the first key of `table` that is not in `keys`, with the nearest that is; "" when all are."""
    for key in table:
        if key not in keys:
            near = difflib.get_close_matches(key, keys, 1)
            return f"unknown key {key!r}" + (f"; did you mean {near[0]!r}?" if near else "")
    return ""
