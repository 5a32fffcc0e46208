"""What git-secrets keeps in the configuration of git.

Its providers are commands that print patterns. Leaksieve runs no command that a repository names, and says so.
Source: https://github.com/awslabs/git-secrets#options-for-configuring-patterns
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from leaksieve.cli.settings import Found
from leaksieve.errors import GitError
from leaksieve.git.command import Git, neutral_environment

_NAME = "git config secrets.patterns"


class Told(NamedTuple):
    """What git-secrets was told: to look for, to allow, and to run for more of what to look for."""

    patterns: tuple[str, ...]
    allowed: tuple[str, ...]
    providers: tuple[str, ...]


def told(configurations: Sequence[bytes], environment: Mapping[str, str]) -> Told:
    """Read files of git's configuration."""
    git = Git(os.path.abspath(os.sep), neutral_environment(environment, located=False))
    values: dict[str, list[str]] = {key: [] for key in Told._fields}
    for data in configurations:
        for key, value in _entries(git, data):
            if key in values and value not in values[key]:
                values[key].append(value)
    return Told(*map(tuple, values.values()))


def _entries(git: Git, data: bytes) -> Iterator[tuple[str, str]]:
    try:
        listed = git.run("config", "--file", "-", "-z", "--get-regexp", "^secrets\\.", data=data)
    except GitError:
        return  # it has none
    for entry in listed.decode("utf-8", "replace").split("\0"):
        key, _, value = entry.partition("\n")
        if value:
            yield key.removeprefix("secrets."), value


def beside_patterns(
    found: Found | None, configurations: Sequence[bytes], environment: Mapping[str, str]
) -> Found | None:
    """Make a configuration of what was found and of the patterns of git-secrets; nothing changes without any."""
    patterns = told(configurations, environment).patterns
    if not patterns:
        return found
    lines = [f"[git-secrets]\npatterns = {json.dumps(patterns)}\n"]
    if found is not None:
        lines.insert(0, f"builtin = false\nextend = [{json.dumps(found.name)}]\n")

    def read(name: str) -> bytes | None:
        if found is None:
            return None
        return found.data if name == found.name else found.read(name)

    return Found(_NAME, "".join(lines).encode(), read)
