"""`leaksieve uninstall`: takes back what `leaksieve install` did."""

import os
from collections.abc import Mapping, Sequence

from leaksieve.cli.install import global_folder, local_folder
from leaksieve.cli.parsing import Parser
from leaksieve.git.command import Git, plain_git, setting
from leaksieve.git.hooks import read_redirect, remove_hooks, remove_redirect
from leaksieve.git.repository import open_repository

_DESCRIPTION = """\
Take leaksieve's hooks out of this repository, or with --global out of your configuration, and put back what was
there before."""
_HOOKS_PATH = "core.hooksPath"


def run(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the command."""
    made = Parser(prog="leaksieve uninstall", description=_DESCRIPTION, allow_abbrev=False)
    made.add_argument("--global", action="store_true", dest="everywhere", help="out of all your repositories")
    if made.parse_args(argv).everywhere:
        lines = _take_back(plain_git(os.path.abspath(os.sep), environment), global_folder(environment), "--global")
    else:
        repository = open_repository(os.curdir, environment, located=True)
        user = plain_git(repository.git.directory, environment)
        lines = _take_back(user, local_folder(repository), "--local")
        lines += remove_hooks(os.path.join(repository.common_dir, "hooks"))
    print("\n".join(lines or ["leaksieve is not installed here."]))
    return 0


def _take_back(user: Git, folder: str, scope: str) -> list[str]:
    """Remove a folder of ours, and let core.hooksPath say what it said before."""
    redirect = read_redirect(folder)
    if redirect is None:
        return []
    lines = [f"{folder}: removed"]
    if setting(user, _HOOKS_PATH, scope) != folder:
        lines.append("core.hooksPath has been changed meanwhile, and stays as it is.")
    elif redirect.previous is not None:
        user.run("config", scope, _HOOKS_PATH, redirect.previous)
        lines.append(f"core.hooksPath is {redirect.previous} again")
    else:
        user.run("config", scope, "--unset", _HOOKS_PATH)
    remove_redirect(redirect)
    return lines
