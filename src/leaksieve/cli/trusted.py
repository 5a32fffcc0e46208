"""Rules for a gate that must not be told by what it checks how to check it.

Whoever opens a pull request or pushes may write configuration into it. So a gate reads such files as they were before:
at the base commit.
"""

import argparse
import os
import tempfile
from collections.abc import Callable, Mapping

from leaksieve.cli.options import rules_of
from leaksieve.core.rulebook import RuleBook
from leaksieve.errors import GitError, InputError
from leaksieve.git.command import Git

#: Reads a file of a tree by its slash-separated path; gives None where there is none.
ReadFile = Callable[[str], bytes | None]


def trusted_rules(arguments: argparse.Namespace, environment: Mapping[str, str], git: Git, read: ReadFile) -> RuleBook:
    """Load the rules that the options ask for; a file of the repository itself as `read` gives it.

    Raises:
        InputError: the configuration cannot be read, or was not there before.
        RuleError: a rule in it is refused.
    """
    path = _inside(git, arguments.config) if arguments.config is not None else None
    if path is None:
        return rules_of(arguments, environment)
    data = read(path)
    if data is None:
        raise InputError(f"{arguments.config}: not there at the base commit, which is where configuration is read")
    with tempfile.TemporaryDirectory() as folder:
        kept = os.path.join(folder, os.path.basename(path))
        with open(kept, "wb") as file:
            file.write(data)
        return rules_of(argparse.Namespace(config=kept, rule=arguments.rule), environment)


def _inside(git: Git, path: str) -> str | None:
    """Give the slash-separated path of a file in the work tree, or None for one elsewhere."""
    try:
        top = git.run("rev-parse", "--show-toplevel").decode("utf-8", "surrogateescape").rstrip("\n")
    except GitError:
        return None
    below = os.path.relpath(os.path.realpath(path), os.path.realpath(top)).replace(os.sep, "/")
    return None if below.startswith("../") else below
