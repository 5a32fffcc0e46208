"""`leaksieve install`: git's own hooks, for people without the pre-commit framework."""

import os
import sys
from collections.abc import Mapping, Sequence

from leaksieve.cli.parsing import Parser
from leaksieve.errors import InputError
from leaksieve.git.command import Git, plain_git, setting
from leaksieve.git.hooks import CLIENT_HOOKS, SERVER_HOOKS, Redirect, add_hooks, add_redirect, read_redirect
from leaksieve.git.repository import Repository, open_repository

_DESCRIPTION = """\
Make git run leaksieve: before each commit (files and message) and each push, and in a bare repository before it
takes one. Hooks that are there go on working, and run first. `leaksieve uninstall` takes everything back."""
_HOOKS_PATH = "core.hooksPath"


def run(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the command."""
    made = Parser(prog="leaksieve install", description=_DESCRIPTION, allow_abbrev=False)
    made.add_argument(
        "--global", action="store_true", dest="everywhere", help="in all your repositories on this machine"
    )
    arguments = made.parse_args(argv)
    if arguments.everywhere:
        return _tell(_install_global(environment))
    repository = open_repository(os.curdir, environment, located=True)
    return _tell(_install_here(repository, environment))


def _tell(lines: Sequence[str]) -> int:
    print("\n".join(lines or ["leaksieve is installed already."]))
    return 0


def global_folder(environment: Mapping[str, str]) -> str:
    """Give the folder for hooks of all repositories. Source: XDG Base Directory Specification."""
    base = environment.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    return os.path.join(base, "leaksieve", "hooks")


def local_folder(repository: Repository) -> str:
    """Give the folder for hooks of one repository in which another tool has set core.hooksPath."""
    return os.path.join(repository.common_dir, "leaksieve", "hooks")


def _install_here(repository: Repository, environment: Mapping[str, str]) -> list[str]:
    hooks = SERVER_HOOKS if repository.bare else CLIENT_HOOKS
    user = plain_git(repository.git.directory, environment)
    path = setting(user, _HOOKS_PATH, "--type=path")
    if path is None:
        return add_hooks(os.path.join(repository.common_dir, "hooks"), hooks, sys.executable)
    if path == global_folder(environment):
        return [f"leaksieve is installed for all repositories already, in {path}."]
    folder = local_folder(repository)
    redirect = read_redirect(folder) if path == folder else None
    redirect = redirect or Redirect(folder, setting(user, _HOOKS_PATH, "--local"), path, everywhere=False)
    changed = add_redirect(redirect, hooks, sys.executable)
    return _point(user, redirect, "--local") if path != folder or changed else []


def _install_global(environment: Mapping[str, str]) -> list[str]:
    user = plain_git(os.path.abspath(os.sep), environment)
    folder = global_folder(environment)
    path = setting(user, _HOOKS_PATH, "--global", "--type=path")
    redirect = read_redirect(folder) if path == folder else None
    redirect = redirect or Redirect(folder, setting(user, _HOOKS_PATH, "--global"), path, everywhere=True)
    changed = add_redirect(redirect, CLIENT_HOOKS, sys.executable)
    return _point(user, redirect, "--global") if path != folder or changed else []


def _point(user: Git, redirect: Redirect, scope: str) -> list[str]:
    """Let core.hooksPath name the folder.

    Raises:
        InputError: something else decides about it.
    """
    user.run("config", scope, _HOOKS_PATH, redirect.folder)
    if setting(user, _HOOKS_PATH) != redirect.folder:
        raise InputError(f"{_HOOKS_PATH} is set elsewhere, too, see: git config --show-origin --get-all {_HOOKS_PATH}")
    lines = [f"{redirect.folder}: runs leaksieve; core.hooksPath names it now"]
    if redirect.hooks is not None:
        lines.append(f"{redirect.hooks}: the hooks there go on working, and run first")
    if scope == "--global":
        lines.append("A repository with a core.hooksPath of its own (husky) needs `leaksieve install` there.")
    return lines
