"""YAML, for the few files of other tools that are written in it. Importing it takes 25 ms: only they pay for it."""

from typing import Any

import yaml

from leaksieve.errors import InputError


def read_mapping(data: bytes, name: str) -> dict[str, Any]:
    """Read a YAML file that holds a mapping; an empty one counts as such.

    Raises:
        InputError: it is no YAML, or no mapping.
    """
    try:
        # Builds texts, lists and mappings only: no tag makes it run anything, and 0123 stays what it is.
        document = yaml.load(data, yaml.BaseLoader)  # noqa: S506 - it is even plainer than the safe one
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" in line {mark.line + 1}" if mark else ""
        raise InputError(f"{name}: no YAML{line}") from None
    except (ValueError, RecursionError):
        raise InputError(f"{name}: no YAML") from None
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise InputError(f"{name}: a mapping was expected, as in `paths-ignore: [...]`")
    return document


def strings(mapping: dict[str, Any], key: str, name: str) -> list[str]:
    """Give the list of strings under a key; a single one counts as a list.

    Raises:
        InputError: it is something else.
    """
    value = mapping.get(key) or []
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise InputError(f"{name}: {key}: a list of texts was expected")
    return listed
