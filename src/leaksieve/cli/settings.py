"""What a scan is set to: the command line, then the environment, then the configuration file, then defaults."""

import contextlib
import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from leaksieve.baseline.excuses import Excuses, ReadFile, load_excuses
from leaksieve.cli.options import DEFAULTS, cache_folder, cores, only
from leaksieve.core.regexes import know
from leaksieve.core.rule import CONFIDENCES, LOW
from leaksieve.core.rulebook import RuleBook
from leaksieve.errors import InputError
from leaksieve.ruleset.compiled import builtin_codes, builtin_rules

if TYPE_CHECKING:
    from leaksieve.cli.configured import Configuration
    from leaksieve.cli.options import Arguments

#: Our own files, then those of other tools; the first that is there counts.
OWN_FILE, PROJECT_FILE = "leaksieve.toml", "pyproject.toml"
# Of a configuration of git that speaks of git-secrets; others are not parsed.
_GIT_SECRETS = b"[secrets"
FOREIGN_FILES = (".betterleaks.toml", ".gitleaks.toml")
_FOREIGN_VARIABLES = ("BETTERLEAKS_CONFIG", "GITLEAKS_CONFIG")


class Settings(NamedTuple):
    """What was decided before a scan begins.

    Attributes:
        excuses: the findings that are accepted.
        fail_on: the least confidence that makes the exit code 1.
        origins: where the value of each option came from.
        files: the configuration files that were read.
        entries: what they say of rules and paths: a key, a value, and the file.
    """

    rules: RuleBook
    excuses: Excuses
    fail_on: int
    origins: dict[str, str]
    files: tuple[str, ...]
    entries: tuple[tuple[str, str, str], ...]


class Settled(NamedTuple):
    """Settings without what is accepted; the fields are those of `Settings`."""

    rules: RuleBook
    origins: dict[str, str]
    files: tuple[str, ...]
    entries: tuple[tuple[str, str, str], ...]


class Found(NamedTuple):
    """A configuration file.

    Attributes:
        name: what messages call it.
        data: what it holds.
        read: reads the files that it names.
    """

    name: str
    data: bytes
    read: Callable[[str], bytes | None]


def settings_of(
    arguments: "Arguments", environment: Mapping[str, str], read: ReadFile, *, gate: bool = False
) -> Settings:
    """Settle what the options leave open, and load the rules. Options that were not given are filled in.

    Args:
        arguments: the parsed options.
        environment: the process's environment variables.
        read: reads a file of the tree that is trusted to configure the scan.
        gate: whether only findings that fail the command matter.

    Raises:
        InputError: a setting cannot be used.
        RuleError: a rule is refused.
    """
    settled = settle(arguments, environment, read)
    fail_on = CONFIDENCES[arguments.fail_on]
    excuses = load_excuses(
        read,
        arguments.baseline,
        time.strftime("%Y-%m-%d"),
        settled.rules,
        least=fail_on if gate else LOW,
        allowed=lambda: allowed_by_git_secrets(environment, read),
    )
    return Settings(settled.rules, excuses, fail_on, *settled[1:])


def settle(arguments: "Arguments", environment: Mapping[str, str], read: ReadFile) -> Settled:
    """Settle all but what is accepted: arguments, results and errors as above."""
    know(builtin_codes(cache_folder(environment)))
    configuration = _configuration(arguments, environment, read)
    rules = configuration.rules if configuration else builtin_rules(cache_folder(environment))
    if arguments.baseline:
        # A name from the command line counts from the current folder, one from a configuration from the top.
        arguments.baseline = os.path.abspath(arguments.baseline)
    origins = _fill(arguments, environment, configuration)
    chosen = only(rules, arguments.rule) if arguments.rule else rules
    files, entries = (configuration.files, configuration.entries) if configuration else ((), ())
    return Settled(chosen, origins, files, entries)


def allowed_by_git_secrets(environment: Mapping[str, str], read: ReadFile) -> Sequence[str]:
    """Read what git-secrets was told to allow."""
    configurations = git_configurations(environment, read)
    if not any(_GIT_SECRETS in data for data in configurations):
        return ()
    from leaksieve.cli.git_secrets import told  # noqa: PLC0415 - only its users need it

    return told(configurations, environment).allowed


def rules_in_use(arguments: "Arguments", environment: Mapping[str, str], read: ReadFile) -> RuleBook:
    """Load the rules for a command that scans nothing.

    Raises:
        InputError: the configuration cannot be used.
        RuleError: a rule is refused.
    """
    configuration = _configuration(arguments, environment, read)
    return configuration.rules if configuration else builtin_rules(cache_folder(environment))


def _configuration(arguments: "Arguments", environment: Mapping[str, str], read: ReadFile) -> "Configuration | None":
    found = None if arguments.no_config else find_configuration(arguments.config, environment, read)
    if found is None:
        return None
    from leaksieve.cli.configured import configured  # noqa: PLC0415 - most repositories have no configuration

    return configured(found, cache_folder(environment))


def _fill(
    arguments: "Arguments", environment: Mapping[str, str], configuration: "Configuration | None"
) -> dict[str, str]:
    """Fill in the options that were not given; say of each where it came from."""
    origins = {}
    options = configuration.options if configuration else {}
    for key, default in {**DEFAULTS, "jobs": None}.items():
        variable = f"LEAKSIEVE_{key.upper()}"
        if getattr(arguments, key, None) is not None:
            origins[key] = f"--{key.replace('_', '-')}"
        elif variable in environment:
            from leaksieve.cli.configuration import checked  # noqa: PLC0415 - only those who set it pay for it

            text = environment[variable]
            setattr(arguments, key, checked(key, int(text) if text.isdigit() else text, variable))
            origins[key] = variable
        elif option := options.get(f"{arguments.command}.{key}") or options.get(key):
            setattr(arguments, key, option.value)
            origins[key] = option.origin
        else:
            setattr(arguments, key, default if key != "jobs" else cores())
            origins[key] = "default"
    return origins


def find_configuration(named: str | None, environment: Mapping[str, str], read: ReadFile) -> Found | None:
    """Find the configuration that counts: the one that was named, our own file, or that of another tool.

    Raises:
        InputError: a file that was named is not there, or there are two of our own.
    """
    if path := named or environment.get("LEAKSIEVE_CONFIG"):
        return _named(path, read)
    own, project = read(OWN_FILE), read(PROJECT_FILE)
    in_project = project is not None and configures_us(project)
    if own is not None and in_project:
        raise InputError(f"{OWN_FILE} and [tool.leaksieve] in {PROJECT_FILE} both configure leaksieve: keep one")
    if own is not None:
        return Found(OWN_FILE, own, read)
    if project is not None and in_project:
        return Found(PROJECT_FILE, project, read)
    return _of_other_tools(environment, read)


def configures_us(project: bytes) -> bool:
    """Tell whether a pyproject.toml has a table of ours, or a key in it. Source: https://toml.io/en/v1.0.0#table."""
    # Few have our name in them.
    return b"leaksieve" in project and bool(
        re.search(rb"""^[ \t]*\[{0,2}[ \t]*["']?tool["']?[ \t]*\.[ \t]*["']?leaksieve\b""", project, re.MULTILINE)
    )


def _named(path: str, read: ReadFile) -> Found:
    # A name from the command line or the environment counts from the current folder.
    whole = os.path.abspath(path)
    try:
        data = read(whole)
    except OSError as error:
        raise InputError(f"{path}: cannot read the rule file: {error.strerror}") from None
    if data is None:
        raise InputError(f"{path}: cannot read the rule file: there is none")
    return Found(path, data, lambda name: read(os.path.join(os.path.dirname(whole), name)))


def _of_other_tools(environment: Mapping[str, str], read: ReadFile) -> Found | None:
    found = _of_gitleaks(environment, read)
    configurations = git_configurations(environment, read)
    if any(_GIT_SECRETS in data for data in configurations):
        from leaksieve.cli.git_secrets import beside_patterns  # noqa: PLC0415

        return beside_patterns(found, configurations, environment)
    return found


def _of_gitleaks(environment: Mapping[str, str], read: ReadFile) -> Found | None:
    for variable in _FOREIGN_VARIABLES:
        if path := environment.get(variable):
            # It is of gitleaks, whatever its name is.
            return _named(path, read)._replace(name=path if "leaks" in os.path.basename(path) else f"{path} (gitleaks)")
        if text := environment.get(f"{variable}_TOML"):
            return Found(f"{variable}_TOML (gitleaks)", text.encode(), read)
    for name in FOREIGN_FILES:
        if (data := read(name)) is not None:
            return Found(name, data, read)
    return None


def git_configurations(environment: Mapping[str, str], read: ReadFile) -> list[bytes]:
    """Read the repository's and the user's configuration of git. Source: https://git-scm.com/docs/git-config#FILES."""
    home = environment.get("HOME", "")
    base = environment.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    mine = environment.get("GIT_CONFIG_GLOBAL")
    paths = [mine] if mine is not None else [os.path.join(base, "git", "config"), os.path.join(home, ".gitconfig")]
    return [data for data in (_of_repository(read), *map(read_file, paths)) if data is not None]


def _of_repository(read: ReadFile) -> bytes | None:
    """Read `.git/config`. Source, for worktrees and submodules: https://git-scm.com/docs/gitrepository-layout."""
    data, link = read(".git/config"), b"gitdir: "
    if data is None and (pointer := read(".git") or b"").startswith(link):
        folder = os.fsdecode(pointer.removeprefix(link).rstrip(b"\n"))
        common = os.fsdecode(read(os.path.join(folder, "commondir")) or b".").rstrip("\n")
        data = read(os.path.join(folder, common, "config"))
    return data


def read_file(path: str) -> bytes | None:
    """Read a file; None when it is not there."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError), open(path, "rb") as file:
        return file.read()
    return None


def work_tree(directory: str, environment: Mapping[str, str]) -> ReadFile:
    """Give the reader of the files of the work tree that `directory` is in, or of `directory` itself outside of one."""
    top = top_of(directory, environment)
    return lambda path: read_file(os.path.join(top, path))


def from_top(directory: str, environment: Mapping[str, str]) -> Callable[[str], str]:
    """Give what turns a path from `directory` to a slash path from the top of its work tree."""
    top = top_of(directory, environment)
    return lambda path: os.path.relpath(os.path.join(directory, path), top).replace(os.sep, "/")


def top_of(directory: str, environment: Mapping[str, str]) -> str:
    """Find the folder that has `.git`, or give `directory` itself; git would take 2 ms."""
    if named := environment.get("GIT_WORK_TREE"):
        return named
    folder = directory = os.path.abspath(directory)
    while not os.path.lexists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return directory
        folder = parent
    return folder
