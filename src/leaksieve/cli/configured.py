"""A configuration as fast as a hook needs it: what its files come to is kept, with the files themselves.

Reading a configuration takes a tenth of a second with all the rules that it chooses from. What was kept counts while
every file that it was made of is what it was, byte for byte: that takes no digest, whose import alone takes 2 ms.
"""

import contextlib
import json
import os
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

from leaksieve import __version__
from leaksieve.core.rulebook import RuleBook
from leaksieve.ruleset.compiled import builtin_path, builtin_rules, keep, mark_used

if TYPE_CHECKING:
    from leaksieve.cli.settings import Found


class Option(NamedTuple):
    """The value of an option, and the file and key that it came from."""

    value: Any
    origin: str


class Configuration(NamedTuple):
    """What the files come to.

    Attributes:
        options: by key, or by `command.key` where one command has its own.
        files: the files that were read, in order.
        entries: what they say of rules and paths, in order: a key, a value, and the file.
    """

    rules: RuleBook
    options: dict[str, Option]
    files: tuple[str, ...]
    entries: tuple[tuple[str, str, str], ...]


def configured(found: "Found", cache: str) -> Configuration:
    """Give what a configuration comes to.

    Args:
        found: the configuration.
        cache: a folder that may keep it.

    Raises:
        InputError: something in it cannot be used.
        RuleError: a rule is refused.
    """
    shipped = builtin_path(cache)
    kept = os.path.join(cache, f"config-{zlib.crc32(found.name.encode() + found.data):08x}.jsonl")
    with contextlib.suppress(OSError, ValueError):  # none yet, or one that was cut short
        mark_used(kept)
        return _read(kept, found, _version(shipped))
    return _made(found, cache, kept, shipped)


def _version(shipped: str) -> list[object]:
    """Identify the program and the rules that it ships."""
    with contextlib.suppress(FileNotFoundError):
        state = os.stat(shipped)
        return [__version__, shipped, state.st_size, state.st_mtime_ns]
    return []


def _read(kept: str, found: "Found", version: list[object]) -> Configuration:
    with open(kept, encoding="utf-8") as file:
        head, _, book = file.read().partition("\n")
    before, inputs, options, files, entries = json.loads(head)
    same = before == version and inputs[0] == [found.name, found.data.decode("latin-1")]
    if not same or any(_content(found, name) != content for name, content in inputs[1:]):
        raise ValueError
    options = {key: Option(*option) for key, option in options.items()}
    return Configuration(RuleBook(book), options, tuple(files), tuple(map(tuple, entries)))


def _content(found: "Found", name: str) -> str | None:
    data = found.read(name)
    return None if data is None else data.decode("latin-1")


def _made(found: "Found", cache: str, kept: str, shipped: str) -> Configuration:
    from leaksieve.cli.configuration import read_configuration  # noqa: PLC0415 - what this module saves

    inputs = [(found.name, found.data.decode("latin-1"))]

    def read(name: str) -> bytes | None:
        data = found.read(name)
        if data is not None:
            inputs.append((name, data.decode("latin-1")))
        return data

    made = read_configuration(found.data, found.name, read, builtin_rules(cache))
    head = json.dumps([_version(shipped), inputs, *made[1:]])
    with contextlib.suppress(OSError):
        keep(kept, f"{head}\n{made.rules.text}".encode())
    return made
