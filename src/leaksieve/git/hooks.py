"""Hook scripts that run what stood there before them, and then leaksieve.

Source: https://git-scm.com/docs/githooks and https://git-scm.com/docs/git-config ("core.hooksPath").
"""

import json
import os
import shlex
import shutil
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from leaksieve.errors import InputError

#: The hooks that a commit or push passes, and the command that each runs.
CLIENT_HOOKS = {"pre-commit": "hook", "pre-merge-commit": "hook", "commit-msg": "commit-msg", "pre-push": "pre-push"}
SERVER_HOOKS = {"pre-receive": "pre-receive"}
# A folder that core.hooksPath names hides all other hooks, so it has to pass these on. Left out: push-to-checkout and
# proc-receive, whose mere presence changes what git does, and those of git p4 and fsmonitor.
_PASSED_ON = (
    "applypatch-msg", "pre-applypatch", "post-applypatch", "pre-commit", "pre-merge-commit", "prepare-commit-msg",
    "commit-msg", "post-commit", "pre-rebase", "post-checkout", "post-merge", "pre-push", "pre-receive", "update",
    "post-receive", "post-update", "reference-transaction", "pre-auto-gc", "post-rewrite", "sendemail-validate",
    "post-index-change",
)  # fmt: skip
_WITH_INPUT = ("pre-push", "pre-receive", "post-receive", "post-rewrite", "reference-transaction")
_BEFORE = ".before-leaksieve"
# pre-commit keeps the hook that it found under this name, and runs it.
_LEGACY = ".legacy"
_EDITED = ".edited"
_MARK = "# Made by `leaksieve install`; `leaksieve uninstall` puts back what was there before."
_PREVIOUS = "previous.json"
_EXECUTABLE = 0o755

_HEAD = """\
#!/bin/sh
{mark}
{feed}
for before in {before}; do
  if [ -f "$before" ] && [ -x "$before" ]; then
    {pipe}"$before" "$@" || exit $?
  fi
done
"""
_FEED = """\
input=$(cat)
feed() { [ -z "$input" ] || printf '%s\\n' "$input"; }"""
# -P keeps the repository's own folder off Python's path: a module there must not be run.
_TAIL = """\
python={python}
if [ ! -x "$python" ]; then
  echo "leaksieve: $python is gone, so nothing can be checked." >&2
  echo "leaksieve: install it again and run 'leaksieve install', or remove $0" >&2
  exit 1
fi
{pipe}"$python" -P -c 'import sys
try:
    from leaksieve.cli.main import run
except ImportError as error:
    print("leaksieve: not usable from", sys.executable, "any more:", error, file=sys.stderr)
    sys.exit("leaksieve: install it there again, or run leaksieve install from where it is now")
run()' {command} "$@"
"""


def _script(name: str, before: Sequence[str], command: str | None, python: str) -> str:
    """Write a hook: `before` are words of the shell that name hooks to run first."""
    piped = name in _WITH_INPUT
    pipe = "feed | " if piped else ""
    head = _HEAD.format(mark=_MARK, feed=_FEED if piped else "", before=" ".join(before), pipe=pipe)
    return head + (_TAIL.format(python=shlex.quote(python), pipe=pipe, command=command) if command else "")


def is_ours(path: str) -> bool:
    """Tell whether a hook was made here."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return _MARK in file.read(2 * len(_MARK))
    except (FileNotFoundError, IsADirectoryError):
        return False


def _chained(name: str, command: str, python: str) -> str:
    """Write a hook that runs the one kept beside it first."""
    return _script(name, (f'"${{0%/*}}/{name}{_BEFORE}"',), command, python)


def _set_aside(path: str, script: str) -> list[str]:
    """Keep a hook of ours that somebody changed, and say so; which Python it names is not their doing."""
    if not is_ours(path):
        return []
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        before, after = ([line for line in text.split("\n") if line[:7] != "python="] for text in (file.read(), script))
    if before == after:
        return []
    os.replace(path, path + _EDITED)
    return [f"{path}: differs from what leaksieve writes, so that is kept as {os.path.basename(path)}{_EDITED}"]


def add_hooks(folder: str, hooks: Mapping[str, str], python: str) -> list[str]:
    """Put hooks in a folder that git reads; those that are there are kept beside them and run first.

    Args:
        folder: such as .git/hooks.
        hooks: the command for each hook's name.
        python: the interpreter that has leaksieve.

    Returns:
        A line for each hook that was changed.

    Raises:
        InputError: an earlier hook is kept already, and another one is in our place now.
    """
    os.makedirs(folder, exist_ok=True)
    done = []
    for name, command in hooks.items():
        path = os.path.join(folder, name)
        if is_ours(path + _LEGACY):
            done.append(f"{path} is pre-commit's, and runs leaksieve as {name}{_LEGACY}")
            path += _LEGACY
        script = _chained(name, command, python)
        done += _set_aside(path, script)
        if os.path.lexists(path) and not is_ours(path):
            if os.path.lexists(os.path.join(folder, name + _BEFORE)):
                raise InputError(f"{path} is not leaksieve's, yet {name}{_BEFORE} is there: remove one of them")
            os.rename(path, os.path.join(folder, name + _BEFORE))
            done.append(f"{path}: the hook that was there is kept as {name}{_BEFORE}, and runs first")
        if _write(path, script):
            done.append(f"{path}: runs leaksieve {command}")
    return done


def remove_hooks(folder: str) -> list[str]:
    """Take our hooks out of a folder, and put back what was there before; give a line for each."""
    done = []
    for name, command in {**CLIENT_HOOKS, **SERVER_HOOKS}.items():
        before = os.path.join(folder, name + _BEFORE)
        for path in (os.path.join(folder, name), os.path.join(folder, name + _LEGACY)):
            if is_ours(path):
                done += _set_aside(path, _chained(name, command, "")) or [f"{path}: removed"]
                if os.path.lexists(path):
                    os.remove(path)
                if os.path.lexists(before):
                    os.rename(before, path)
                    done.append(f"{path}: the hook that was there before is back")
        if os.path.lexists(before):
            done.append(f"{before}: kept, since {name} was replaced by another hook meanwhile")
    return done


class Redirect(NamedTuple):
    """A folder of ours that core.hooksPath names, with hooks that pass on to where git looked before.

    Attributes:
        folder: its path.
        previous: the value of core.hooksPath that is to be put back, or None to unset it.
        hooks: the folder in which git looked before, or None for each repository's own.
        everywhere: whether it serves all repositories.
    """

    folder: str
    previous: str | None
    hooks: str | None
    everywhere: bool


def add_redirect(redirect: Redirect, hooks: Mapping[str, str], python: str) -> bool:
    """Make such a folder; tell whether anything in it changed."""
    os.makedirs(redirect.folder, exist_ok=True)
    changed = _write(os.path.join(redirect.folder, _PREVIOUS), json.dumps(redirect[1:]) + "\n")
    for name in _PASSED_ON:
        before = [shlex.quote(os.path.join(redirect.hooks, name))] if redirect.hooks is not None else []
        if redirect.everywhere:
            before.append(f'"$(git rev-parse --git-common-dir)/hooks/{name}"')
        script = _script(name, before, hooks.get(name), python)
        changed |= _write(os.path.join(redirect.folder, name), script)
    return changed


def read_redirect(folder: str) -> Redirect | None:
    """Read what a folder of ours replaced, or None when it is none."""
    try:
        with open(os.path.join(folder, _PREVIOUS), encoding="utf-8") as file:
            return Redirect(folder, *json.load(file))
    except (FileNotFoundError, NotADirectoryError):
        return None


def remove_redirect(redirect: Redirect) -> None:
    """Remove such a folder."""
    shutil.rmtree(redirect.folder)


def _write(path: str, text: str) -> bool:
    """Write a file whole, unless it says that already; tell whether it was written."""
    try:
        with open(path, encoding="utf-8", newline="") as file:
            if file.read() == text and os.access(path, os.X_OK):
                return False
    except FileNotFoundError:
        pass
    part = f"{path}.part"
    with open(part, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    os.chmod(part, _EXECUTABLE)
    os.replace(part, path)
    return True
