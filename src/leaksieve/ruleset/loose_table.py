"""A table of TOML as gitleaks reads it: keys count in any case, and unknown ones mean nothing."""

from collections.abc import Mapping
from typing import Any

from leaksieve.core.regexes import UserRegex
from leaksieve.errors import InputError
from leaksieve.ruleset.re2 import python_of

# Betterleaks adds these. They decide what is a finding, so a configuration that has them would mean something else.
_EXPRESSIONS = {"prefilter", "filter", "validate", "specificity", "tokenefficiency"}


class LooseTable:
    """A table whose keys count in any case, read with checks that name the file, the table and the key."""

    def __init__(self, name: str, table: Mapping[str, Any], notes: list[str]) -> None:
        """Remember the table.

        Args:
            name: what it is called in messages.
            table: the table.
            notes: told what means nothing.
        """
        self._table = {key.lower(): value for key, value in table.items()}
        self.name = name
        self.notes = notes

    def error(self, key: str, reason: str) -> InputError:
        """Make the error that names a key of the table."""
        return InputError(f"{self.name}: {key} {reason}")

    def __contains__(self, key: str) -> bool:
        """Tell whether a key is there."""
        return key.lower() in self._table

    def check_keys(self, known: set[str]) -> None:
        """Tell of keys that gitleaks does not know, and refuse those that would change what is found."""
        for key in self._table:
            if key in _EXPRESSIONS:
                raise self.error(key, "is a key of betterleaks that leaksieve does not evaluate: take it out")
            if key not in known:
                self.notes.append(f"{self.name}: {key} is no key of gitleaks, and means nothing")

    def text(self, key: str) -> str:
        """Give a string, "" when there is none."""
        value = self._table.get(key.lower(), "")
        if not isinstance(value, str):
            raise self.error(key, "must be a string")
        return value

    def number(self, key: str) -> float:
        """Give a number, 0 when there is none."""
        value = self._table.get(key.lower(), 0)
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 1 << 63:
            raise self.error(key, "must be a number of at least 0")
        return float(value)

    def whole(self, key: str) -> int:
        """Give a whole number, 0 when there is none."""
        value = self._table.get(key.lower(), 0)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.error(key, "must be a whole number of at least 0")
        return value

    def distance(self, key: str) -> int | None:
        """Give a whole number, or None."""
        return self.whole(key) if key in self else None

    def flag(self, key: str) -> bool:
        """Give a truth value."""
        value = self._table.get(key.lower(), False)
        if not isinstance(value, bool):
            raise self.error(key, "must be true or false")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Give a list of strings, or the one that stands alone."""
        value = self._table.get(key.lower(), [])
        value = [value] if isinstance(value, str) else value
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.error(key, "must be a list of strings")
        return tuple(value)

    def tables(self, key: str, label: str) -> "list[LooseTable]":
        """Give the tables of an array of tables, or the one of a table."""
        value = self._table.get(key.lower(), [])
        value = [value] if isinstance(value, dict) else value
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.error(key, f"must be tables: write [[{key}]]")
        names = (f"{self.name}: {label} {number}" for number in range(1, len(value) + 1))
        return [LooseTable(name, item, self.notes) for name, item in zip(names, value, strict=True)]

    def regex(self, key: str) -> str:
        """Give a pattern in the syntax of Python, "" when there is none."""
        return self._translated(key, self.text(key)) if self.text(key) else ""

    def groups(self, key: str) -> int:
        """Count the groups of a pattern."""
        return UserRegex(self.regex(key)).groups()

    def regexes(self, key: str) -> tuple[str, ...]:
        """Give a list of such patterns."""
        return tuple(self._translated(key, pattern) for pattern in self.texts(key))

    def _translated(self, key: str, pattern: str) -> str:
        try:
            translated = python_of(pattern)
            UserRegex(translated).groups()
        except ValueError as error:
            raise self.error(key, f"is no regular expression of RE2: {error}") from None
        return translated
