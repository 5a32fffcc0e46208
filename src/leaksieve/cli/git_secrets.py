"""What git-secrets keeps in the configuration of git.

Its providers are commands that print patterns. Leaksieve runs no command that a repository names, and says so.
Source: https://github.com/awslabs/git-secrets#options-for-configuring-patterns
"""

import json
import os
from collections.abc import Mapping, Sequence
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
    return Told(*(tuple(_values(git, configurations, f"secrets.{key}")) for key in Told._fields))


def _values(git: Git, configurations: Sequence[bytes], key: str) -> list[str]:
    values: list[str] = []
    for data in configurations:
        try:
            listed = git.run("config", "--file", "-", "-z", "--get-all", key, data=data)
        except GitError:
            continue  # it has none
        values += [value.decode("utf-8", "replace") for value in listed.split(b"\0") if value]
    return list(dict.fromkeys(values))


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
