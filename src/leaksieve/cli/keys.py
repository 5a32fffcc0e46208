"""Read the keys of a configuration, with errors that name the file, the key and the nearest valid name."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from leaksieve.errors import InputError


def nearest(wanted: str, known: Iterable[str]) -> str:
    """Give the end of a message about a name that does not exist: the nearest that does."""
    near = difflib.get_close_matches(wanted, list(known), 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def one_of(value: object, known: Iterable[str], where: str) -> str:
    """Check a name. Raises InputError when it is none of those known."""
    if not isinstance(value, str) or value not in known:
        hint = nearest(value, known) if isinstance(value, str) else ""
        raise InputError(f"{where} {value!r} must be one of {', '.join(known)}{hint}")
    return value


def texts(table: Mapping[str, Any], key: str, name: str) -> list[str]:
    """Give a list of strings."""
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise InputError(f"{name}: {key} must be a list of strings")
    return value


def flag(table: Mapping[str, Any], key: str, name: str, *, default: bool) -> bool:
    """Give a truth value."""
    value = table.get(key, default)
    if not isinstance(value, bool):
        raise InputError(f"{name}: {key} must be true or false")
    return value


def table(table: Mapping[str, Any], key: str, name: str) -> dict[str, Any]:
    """Give a table, an empty one when there is none."""
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise InputError(f"{name}: {key} must be a table: write [{key}]")
    return value


def tables(table: Mapping[str, Any], key: str, name: str) -> list[tuple[dict[str, Any], str]]:
    """Give the tables of an array, each with what to call it."""
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise InputError(f"{name}: {key} must be tables: write [[{key}]]")
    return [(item, f"{name}: {key} number {number}") for number, item in enumerate(value, 1)]
