"""`leaksieve migrate`: one configuration of what other tools left in a repository, with the same effect."""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from leaksieve.baseline.excuses import ReadFile
from leaksieve.baseline.others import OTHER_FILES
from leaksieve.baseline.paths import path_patterns
from leaksieve.cli.configuration import read_configuration
from leaksieve.cli.git_secrets import told
from leaksieve.cli.options import cache_folder
from leaksieve.cli.parsing import Parser
from leaksieve.cli.settings import FOREIGN_FILES, OWN_FILE, find_configuration, git_configurations, top_of, work_tree
from leaksieve.errors import InputError
from leaksieve.report.words import counted
from leaksieve.ruleset.compiled import builtin_rules
from leaksieve.ruleset.re2 import python_of

_DESCRIPTION = """\
Say what other scanners left in this repository, what of it leaksieve heeds as it is, and which leaksieve.toml
has the same effect. Nothing is changed without --write."""
_HOOKS = ".pre-commit-config.yaml"
_HOOK = re.compile(
    r"^\s*-?\s*id:\s*[\"']?((?:gitleaks|betterleaks|trufflehog|detect-secrets|git-secrets|ggshield|kingfisher|ripsecrets"
    r"|secretlint|noseyparker|talisman)[\w-]*)",
    re.MULTILINE,
)
# Options of TruffleHog. Their short forms mean something else to other tools.
_EXCLUDE_FILES = re.compile(r"(?:--exclude-paths|(?<![\w-])-x)[=\s\"',]+([\w./-]+)")
_INCLUDE_FILES = re.compile(r"(?:--include-paths|(?<![\w-])-i)[=\s\"',]+([\w./-]+)")
_EXCLUDE_GLOBS = re.compile(r"--exclude-globs[=\s\"',]+([^\s\"'\]]+)")
_BASELINES = re.compile(r"--baseline(?:-path)?[=\s\"',]+([\w./-]+)")


class Step(NamedTuple):
    """Something of another tool, and what becomes of it.

    Attributes:
        found: where it is.
        outcome: what leaksieve does with it.
        lines: what to write for it, by section: "" for the top of the file.
    """

    found: str
    outcome: str
    lines: tuple[tuple[str, str], ...] = ()


def run(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the command."""
    made = Parser(prog="leaksieve migrate", description=_DESCRIPTION, allow_abbrev=False)
    made.add_argument("--write", action="store_true", help=f"write {OWN_FILE}")
    arguments = made.parse_args(argv)
    read = work_tree(os.curdir, environment)
    steps = list(_steps(read, environment))
    for step in steps:
        print(f"{step.found}: {step.outcome}")
    text = _configuration(steps)
    if not text:
        print("Nothing needs to be written." if steps else "Nothing of another tool is here.")
        return 0
    # What is written must be well.
    read_configuration(text.encode(), OWN_FILE, read, builtin_rules(cache_folder(environment)))
    print(f"\n{OWN_FILE}:\n\n{text}")
    if arguments.write:
        _write(text, read, environment)
        print(f"Written. Try it with: leaksieve config show, and: leaksieve scan {os.curdir}")
    return 0


def _write(text: str, read: ReadFile, environment: Mapping[str, str]) -> None:
    found = find_configuration(None, {}, read)
    if found is not None and found.name in (OWN_FILE, "pyproject.toml"):
        raise InputError(f"{found.name} configures leaksieve already: add to it what is shown above")
    with open(os.path.join(top_of(os.curdir, environment), OWN_FILE), "x", encoding="utf-8") as file:
        file.write(text)


def _configuration(steps: Sequence[Step]) -> str:
    """Write the lines of all steps, those of the top first."""
    sections: dict[str, list[str]] = {}
    for step in steps:
        for section, line in step.lines:
            sections.setdefault(section, []).append(line)
    return "\n".join("\n".join([*([name] if name else []), *lines]) + "\n" for name, lines in sorted(sections.items()))


def _steps(read: ReadFile, environment: Mapping[str, str]) -> Iterator[Step]:
    yield from _of_gitleaks(read)
    yield from _of_git_secrets(read, environment)
    for name in OTHER_FILES:
        if read(name) is not None:
            yield Step(name, "heeded where it is: what it accepts is reported as accepted by it")
    hooks = (read(_HOOKS) or b"").decode("utf-8", "replace")
    yield from _of_arguments(hooks, read)
    for hook in dict.fromkeys(_HOOK.findall(hooks)):
        yield Step(_HOOKS, f"take out the hook {hook} when leaksieve's is there")


def _of_gitleaks(read: ReadFile) -> Iterator[Step]:
    present = [name for name in FOREIGN_FILES if read(name) is not None]
    for name in present[:1]:
        lines = (("", f"extend = [{json.dumps(name)}]"), ("", "# Its rules alone; with useDefault they are ours, too."))
        yield Step(name, "its rules and allowlists stay in it", (*lines, ("", "builtin = false")))
    for name in present[1:]:
        yield Step(name, f"not heeded: {present[0]} comes before it")


def _of_git_secrets(read: ReadFile, environment: Mapping[str, str]) -> Iterator[Step]:
    here = told(git_configurations(environment, read), environment)
    if here.patterns:
        line = f"patterns = {json.dumps(here.patterns, indent=2)}"
        yield Step("git config secrets.patterns", counted(len(here.patterns), "pattern"), (("[git-secrets]", line),))
    if here.allowed:
        yield Step("git config secrets.allowed", "heeded where it is")
    for _ in here.providers:
        yield Step("git config secrets.providers", "never run: write what it prints to [git-secrets] patterns yourself")


def _of_arguments(hooks: str, read: ReadFile) -> Iterator[Step]:
    """Find the files that hooks of other tools are told of."""
    if "trufflehog" in hooks:
        yield from _of_trufflehog(hooks, read)
    for name in dict.fromkeys(_BASELINES.findall(hooks)):
        if name not in OTHER_FILES and read(name) is not None:
            yield Step(name, "what it accepts stays accepted", (("", f"baseline = {json.dumps(name)}"),))
            return


def _of_trufflehog(hooks: str, read: ReadFile) -> Iterator[Step]:
    """Make allowlists of what it is told to leave out: whatever one leaves out is no finding."""
    for name in dict.fromkeys(_EXCLUDE_FILES.findall(hooks)):
        if patterns := _path_regexes(name, read):
            yield _left_out(name, f"{counted(len(patterns), 'path')} left out", patterns)
    for name in dict.fromkeys(_INCLUDE_FILES.findall(hooks)):
        if patterns := _path_regexes(name, read):
            others = f"\\A(?!(?s:.*)(?:{'|'.join(patterns)}))"
            yield _left_out(name, f"all but {counted(len(patterns), 'path')} left out", [others])
    for globs in dict.fromkeys(_EXCLUDE_GLOBS.findall(hooks)):
        patterns = [_pathspec(glob) for glob in globs.split(",") if glob]
        yield _left_out(f"--exclude-globs {globs}", f"{counted(len(patterns), 'path')} left out", patterns)


def _left_out(found: str, outcome: str, patterns: Sequence[str]) -> Step:
    return Step(found, outcome, ((f"[[allowlists]]  # {found}", f"paths = {json.dumps(patterns, indent=2)}"),))


def _path_regexes(name: str, read: ReadFile) -> list[str]:
    """Translate the patterns of a file, if it is there.

    Raises:
        InputError: one is refused.
    """
    patterns = []
    for pattern in path_patterns(read(name) or b""):
        try:
            patterns.append(python_of(pattern).removeprefix("(?a)"))
        except ValueError as error:
            raise InputError(f"{name}: {pattern!r} is no regular expression of RE2: {error}") from None
    return patterns


def _pathspec(glob: str) -> str:
    """Translate a pathspec: its wildcards match slashes, too; without any it means what is in a folder as well.

    Source: https://git-scm.com/docs/gitglossary (pathspec).
    """
    path = glob.rstrip("/")
    if not set("*?") & set(path):
        return f"\\A{re.escape(path)}(?:/|\\Z)"
    return "(?s)\\A" + "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in path) + "\\Z"
