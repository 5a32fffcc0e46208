"""The one place that starts git, in a way that a hostile repository or a user's settings cannot bend.

What is neutralised, and why, is in https://git-scm.com/docs/git-config and
https://git-scm.com/docs/git#_environment_variables.
"""

import os
import subprocess
from collections.abc import Iterable, Mapping
from typing import IO, NamedTuple

from leaksieve.errors import GitError

# Settings that would make git run a program, or that change the shape of what it prints.
_SETTINGS = (
    "core.fsmonitor=false",
    "core.hooksPath=" + os.devnull,
    "core.quotePath=false",
    "core.attributesFile=" + os.devnull,
    "core.excludesFile=" + os.devnull,
    "core.useReplaceRefs=false",
    "color.ui=never",
    "i18n.logOutputEncoding=UTF-8",
    "log.showRoot=true",
    "log.showSignature=false",
    "log.mailmap=false",
    "diff.ignoreSubmodules=none",
    "diff.noprefix=false",
    "diff.relative=false",
    "diff.interHunkContext=0",
    "diff.indentHeuristic=true",
    "diff.algorithm=default",
    "diff.suppressBlankEmpty=false",
    "diff.submodule=short",
)
# Git sets these for its hooks; they say which repository, index and objects are meant.
_LOCATION = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
)
# These do no harm and may be needed to find git's own programs or the repository.
_HARMLESS = ("GIT_EXEC_PATH", "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM")
_NEUTRAL = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_NO_REPLACE_OBJECTS": "1",
    # Grafts would bend history as replace refs do. Not the null device, of which git says that grafts are deprecated.
    "GIT_GRAFT_FILE": os.path.join(os.devnull, "none"),
    "GIT_NO_LAZY_FETCH": "1",
    # Before Git 2.45 there is no switch against lazy fetches, but no protocol means no fetch.
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "LC_ALL": "C",
}


class Git(NamedTuple):
    """How to run git on one repository; small and picklable, so that workers can have it.

    Attributes:
        directory: where git starts looking for the repository.
        environment: the variables that it sees.
        safe_directories: values of `safe.directory` that the user has set.
        settings: what stands before the configuration files; see `plain_git`.
    """

    directory: str
    environment: dict[str, str]
    safe_directories: tuple[str, ...] = ()
    settings: tuple[str, ...] = _SETTINGS

    def command(self, *arguments: str) -> list[str]:
        """Give the argument list that runs `git ARGUMENTS` safely."""
        settings = [*self.settings, *(f"safe.directory={value}" for value in self.safe_directories)]
        options = [part for setting in settings for part in ("-c", setting)]
        return ["git", "--no-pager", "-C", self.directory, *options, *arguments]

    def start(
        self, *arguments: str, stdin: int | IO[bytes] | None = None, stdout: int | IO[bytes] = subprocess.PIPE
    ) -> subprocess.Popen[bytes]:
        """Start git with its output in pipes; the caller reads them and waits.

        Raises:
            GitError: git is not installed.
        """
        try:
            return subprocess.Popen(  # noqa: S603 - a list of arguments, no shell
                self.command(*arguments),
                stdin=subprocess.DEVNULL if stdin is None else stdin,
                stdout=stdout,
                stderr=subprocess.PIPE,
                env=self.environment,
            )
        except FileNotFoundError:
            raise GitError("git is not installed, or not on the PATH") from None

    def run(self, *arguments: str, data: bytes | None = None) -> bytes:
        """Run git to its end and give its output.

        Raises:
            GitError: git failed; the message is the last line that it printed.
        """
        with self.start(*arguments, stdin=None if data is None else subprocess.PIPE) as process:
            output, errors = process.communicate(data)
        if process.returncode:
            raise GitError(f"git {arguments[0]}: {last_line(errors) or f'exit code {process.returncode}'}")
        return output


def as_lines(names: Iterable[str]) -> bytes:
    """Write object names as git reads them from standard input: a line each."""
    return "".join(f"{name}\n" for name in names).encode()


def last_line(errors: bytes) -> str:
    """Give the line of standard error on which git says why it failed; the last one when it says nothing of the kind.

    Advice may follow it, as it does when another user owns the repository.
    """
    lines = errors.decode("utf-8", "replace").strip().splitlines()
    fatal = [line for line in lines if line.startswith("fatal: ")]
    return (fatal or lines or [""])[-1]


def neutral_environment(environment: Mapping[str, str], *, located: bool) -> dict[str, str]:
    """Make the environment for git.

    Args:
        environment: the process's own.
        located: whether the variables that git sets for its hooks say which repository is meant; False
            when the user named one.
    """
    kept = _LOCATION + _HARMLESS if located else _HARMLESS
    own = {name: value for name, value in environment.items() if not name.startswith("GIT_") or name in kept}
    return own | _NEUTRAL


def plain_git(directory: str, environment: Mapping[str, str]) -> Git:
    """Make a git that obeys the user's own configuration: only for `git config` and `git rev-parse --git-path`."""
    return Git(directory, dict(environment), settings=())


def setting(git: Git, name: str, *options: str) -> str | None:
    """Read one value of git's configuration, or None where it is not set.

    Args:
        git: made by `plain_git`.
        name: such as core.hooksPath.
        options: of `git config`, such as --local or --type=path.
    """
    try:
        return os.fsdecode(git.run("config", *options, "--get", name)).removesuffix("\n")
    except GitError:
        return None


def user_safe_directories(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Read `safe.directory` from the user's and the system's configuration: the only setting honoured there."""
    own = {name: value for name, value in environment.items() if not name.startswith("GIT_")}
    # Started outside any repository, so that only the protected configuration counts.
    git = Git(os.path.abspath(os.sep), own)
    try:
        values = git.run("config", "--get-all", "-z", "safe.directory").split(b"\0")
        return tuple(value.decode() for value in values if value)
    except GitError:
        return ()
