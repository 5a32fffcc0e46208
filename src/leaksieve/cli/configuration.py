"""What a configuration file says: `leaksieve.toml`, or `[tool.leaksieve]` in pyproject.toml, and what it extends.

Files are read and checked here, and become a rule book and options. An unknown key, rule or value is an error that
names the file, the key and the nearest valid name. docs/configuration.md describes each key.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from leaksieve.baseline.globs import translate
from leaksieve.cli.configured import Configuration, Option
from leaksieve.cli.keys import flag, nearest, one_of, table, tables, texts
from leaksieve.cli.options import FORMATS
from leaksieve.cli.settings import OWN_FILE, PROJECT_FILE
from leaksieve.core.regexes import UserRegex
from leaksieve.core.rule import CONFIDENCES, SEVERITIES, Allowlist, Rule
from leaksieve.core.rulebook import RuleBook, with_required
from leaksieve.errors import InputError
from leaksieve.report.words import counted
from leaksieve.ruleset.fields import unknown_key
from leaksieve.ruleset.git_secrets import GIT_SECRETS, git_secrets_rule
from leaksieve.ruleset.gitleaks import load_gitleaks, own_files
from leaksieve.ruleset.load import RuleSource, beside, parse, rules_of

#: Reads a file that a configuration names; None when it is not there.
ReadNamed = Callable[[str], bytes | None]

COMMANDS = ("hook", "commit-msg", "pre-push", "pre-receive", "ci", "history", "scan")
#: What may also be said for one command alone, and on the command line.
OPTION_KEYS = ("fail_on", "format", "jobs", "baseline")
_LIST_KEYS = ("extend", "enable", "disable", "exclude")
_KEYS = {*OPTION_KEYS, *_LIST_KEYS, *COMMANDS, "builtin", "family", "rules", "allowlists", "grades", GIT_SECRETS}
_GITLEAKS_KEYS = {"title", "minversion", "allowlist"}
_ALLOWLIST_KEYS = {
    "description", "regexes", "stopwords", "paths", "commits", "target", "condition", "rules",
}  # fmt: skip
_CONDITIONS = {"any": False, "all": True}
_TARGETS = {name: name for name in ("secret", "match", "line")}
_MOST_EXTENSIONS = 5


def is_gitleaks(document: Mapping[str, Any], name: str) -> bool:
    """Tell a configuration of gitleaks by its name, or by what only such a one can hold; ours has names of its own."""
    if re.search(r"(?:git|better)leaks[^/]*$", name):
        return True
    if name.rpartition("/")[2] in (OWN_FILE, PROJECT_FILE):
        return False
    rules = document.get("rules", [])
    rules = [rule for rule in rules if isinstance(rule, dict)] if isinstance(rules, list) else []
    # A rule of our own has all three.
    foreign = any(not {"kind", "severity", "confidence"} & rule.keys() for rule in rules)
    return (
        foreign or isinstance(document.get("extend"), dict) or bool(_GITLEAKS_KEYS & {key.lower() for key in document})
    )


def read_configuration(data: bytes, name: str, read: ReadNamed, shipped: RuleBook) -> Configuration:
    """Read a configuration and all that it extends.

    Args:
        data: what the file holds.
        name: what to call it.
        read: reads a file that it names.
        shipped: the rules that leaksieve ships.

    Raises:
        InputError: something in it cannot be used.
        RuleError: a rule is refused.
    """
    draft = _Draft(shipped, read)
    draft.add(_document(data, name), data, name, 0)
    return draft.finished(name)


def _document(data: bytes, name: str) -> dict[str, Any]:
    document = parse(data, name)
    if not name.endswith(PROJECT_FILE):
        return document
    ours: object = table(document, "tool", name).get("leaksieve", {})
    if not isinstance(ours, dict):
        raise InputError(f"{name}: leaksieve must be a table: write [tool.leaksieve]")
    return ours


class _Draft:
    """A configuration while its files are read, those that are extended first."""

    def __init__(self, shipped: RuleBook, read: ReadNamed) -> None:
        self._shipped = shipped
        self._read = read
        self._builtin = True
        self._foreign = False
        self._own: list[Rule] = []
        self._lists: list[Allowlist] = []
        self._grades: list[tuple[str, str, dict[str, int]]] = []
        self._enable: list[tuple[str, str]] = []
        self._disable: list[tuple[str, str]] = []
        self._exclude: list[str] = []
        self._named_rules: list[tuple[str, str]] = []
        self._notes: list[str] = []
        self._options: dict[str, Option] = {}
        self._files: list[str] = []
        self._entries: list[tuple[str, str, str]] = []

    def add(self, document: dict[str, Any], data: bytes, name: str, depth: int) -> None:
        if depth > _MOST_EXTENSIONS:
            raise InputError(f"{name}: files extend one another more than {_MOST_EXTENSIONS} deep")
        if is_gitleaks(document, name):
            self._add_gitleaks(data, name, alone=depth == 0)
            return
        if problem := unknown_key(document, _KEYS):
            raise InputError(f"{name}: {problem}")
        for extended in texts(document, "extend", name):
            for path, content in self._named(extended, name):
                self.add(parse(content, path), content, path, depth + 1)
        self._files.append(name)
        self._builtin = flag(document, "builtin", name, default=self._builtin)
        self._entries += _entries(document, name)
        if own := rules_of(document, name):
            self._own = beside(self._own, own, name) if depth else self._beside_all(own, name)
        self._enable += [(pattern, f"{name}: enable") for pattern in texts(document, "enable", name)]
        self._disable += [(pattern, f"{name}: disable") for pattern in texts(document, "disable", name)]
        self._exclude += _paths(document, name)
        for fields, where in tables(document, "allowlists", name):
            self._lists.append(_allowlist(fields, where))
            self._named_rules += [(rule, where) for rule in self._lists[-1].rules]
        self._grades += [_grade(rule, table, name) for rule, table in table(document, "grades", name).items()]
        self._add_options(document, name)
        prohibited = table(document, GIT_SECRETS, name)
        if problem := unknown_key(prohibited, {"patterns"}):
            raise InputError(f"{name}: [{GIT_SECRETS}] {problem}")
        patterns = texts(prohibited, "patterns", f"{name}: {GIT_SECRETS}")
        self._own += [git_secrets_rule(patterns, f"{name}: {GIT_SECRETS}")] if patterns else []

    def _beside_all(self, own: list[RuleSource], name: str) -> list[Rule]:
        """Add rules, and check that they go together with all the others, too."""
        beside([*self._shipped, *self._own], own, name)
        ids = {source.rule.id for source in own}
        return [rule for rule in self._own if rule.id not in ids] + [source.rule for source in own]

    def _add_gitleaks(self, data: bytes, name: str, *, alone: bool) -> None:
        book = load_gitleaks(data, name, self._read, self._shipped)
        self._files.append(name)
        self._own += book
        self._lists.append(own_files([name]))
        self._lists += book.allowlists
        self._notes += book.notes
        held = f"{counted(len(book), 'rule')}, {counted(len(book.allowlists), 'allowlist')}"
        self._entries.append(("gitleaks", held, name))
        if alone:
            # Its own rules are all that it asks for; `useDefault` has brought ours with them.
            self._builtin = False
            self._foreign = True

    def _named(self, extended: str, name: str) -> Iterator[tuple[str, bytes]]:
        if extended.startswith("package:"):
            from leaksieve.cli.packages import package_files  # noqa: PLC0415 - 15 ms that only such a one needs

            yield from package_files(extended.removeprefix("package:"), name, self._read)
            return
        content = self._read(extended)
        if content is None:
            raise InputError(f"{name}: extend names {extended}, which is not there")
        yield extended, content

    def _add_options(self, document: Mapping[str, Any], name: str) -> None:
        sections = [("", document), *((f"{command}.", table(document, command, name)) for command in COMMANDS)]
        for prefix, fields in sections:
            if prefix and (problem := unknown_key(fields, set(OPTION_KEYS))):
                raise InputError(f"{name}: [{prefix[:-1]}] {problem}")
            for key in OPTION_KEYS:
                if key in fields:
                    where = f"{name}: {prefix}{key}"
                    self._options[prefix + key] = Option(checked(key, fields[key], where), where)

    def finished(self, name: str) -> Configuration:
        own = {rule.id for rule in self._own}
        known = [*(rule for rule in self._shipped if rule.id not in own), *self._own]
        rules = known if self._builtin else self._own
        wanted = _chosen(rules, self._enable)
        unwanted = _chosen(rules, self._disable)
        kept = [rule for rule in rules if (not self._enable or rule.id in wanted) and rule.id not in unwanted]
        for pattern, where, levels in self._grades:
            graded = _chosen(kept, [(pattern, where)])
            kept = [rule._replace(**levels) if rule.id in graded else rule for rule in kept]  # type: ignore[arg-type]
        for rule, where in self._named_rules:
            _chosen(rules, [(rule, where)])
        if not kept and not self._foreign:
            raise InputError(f"{name}: no rule is left, so nothing would ever be found")
        if self._exclude:
            self._notes.append(f"left out by {name}: {', '.join(self._exclude)}")
        if len(kept) < len(rules) or not self._builtin:
            self._notes.append(f"{counted(len(kept), 'rule')} in use, as {name} says")
        book = RuleBook.of(with_required(kept, known), self._lists, map(_excluding, self._exclude), self._notes)
        return Configuration(book, self._options, tuple(self._files), tuple(self._entries))


def _entries(document: Mapping[str, Any], name: str) -> Iterator[tuple[str, str, str]]:
    """Give what a document says of rules and paths, a line each; whether it may say so is checked elsewhere."""
    if "builtin" in document:
        yield ("builtin", str(document["builtin"]).lower(), name)
    for key in _LIST_KEYS:
        yield from ((key, text, name) for text in texts(document, key, name))
    for rule, levels in table(document, "grades", name).items():
        said = ", ".join(f"{key} = {level}" for key, level in levels.items()) if isinstance(levels, dict) else ""
        yield ("grades", f"{rule}: {said}", name)
    for key, naming in (("allowlists", "description"), ("rules", "id")):
        for number, (fields, _) in enumerate(tables(document, key, name), 1):
            yield (key, str(fields.get(naming, f"number {number}")), name)
    for pattern in texts(table(document, GIT_SECRETS, name), "patterns", name):
        yield (GIT_SECRETS, pattern, name)


def _chosen(rules: Sequence[Rule], patterns: Iterable[tuple[str, str]]) -> set[str]:
    """Give the ids that ids, globs or families name.

    Raises:
        InputError: one of them names no rule.
    """
    chosen: set[str] = set()
    for pattern, where in patterns:
        named = {rule.id for rule in rules if fnmatchcase(rule.id, pattern) or rule.family.lower() == pattern.lower()}
        if not named:
            known = [rule.id for rule in rules] + [rule.family for rule in rules]
            raise InputError(f"{where}: {pattern!r} is no rule or family{nearest(pattern, known)}")
        chosen |= named
    return chosen


def _paths(document: Mapping[str, Any], name: str) -> list[str]:
    paths = texts(document, "exclude", name)
    for path in paths:
        if path.startswith("!") or not path.strip("/"):
            raise InputError(f"{name}: exclude: {path!r} names no path; nothing can be taken back with !")
    return paths


def _excluding(glob: str) -> str:
    """Make the pattern that finds what a line of .gitignore would: a path, or anything in a folder that it names."""
    above = "" if "/" in glob.rstrip("/") else "(?:.*/)?"
    end = "/" if glob.endswith("/") else "(?:/|\\Z)"
    return f"(?s)\\A{above}{translate(glob.strip('/'))}{end}"


def _grade(rule: str, table: object, name: str) -> tuple[str, str, dict[str, int]]:
    where = f"{name}: grades.{rule}"
    if not isinstance(table, dict) or not table:
        raise InputError(f"{where} must have confidence or severity")
    levels = {"confidence": CONFIDENCES, "severity": SEVERITIES}
    if problem := unknown_key(table, set(levels)):
        raise InputError(f"{where}: {problem}")
    return (
        rule,
        where,
        {key: levels[key][one_of(value, levels[key], f"{where}.{key}")] for key, value in table.items()},
    )


def _allowlist(table: Mapping[str, Any], where: str) -> Allowlist:
    if problem := unknown_key(table, _ALLOWLIST_KEYS):
        raise InputError(f"{where}: {problem}")
    commits = texts(table, "commits", where)
    for commit in commits:
        if not re.fullmatch(r"[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64}", commit):
            raise InputError(f"{where}: commits: {commit!r} is no full id of a commit")
    made = Allowlist(
        regexes=tuple(_pattern(text, f"{where}: regexes") for text in texts(table, "regexes", where)),
        stopwords=tuple(word.lower() for word in texts(table, "stopwords", where)),
        paths=tuple(_pattern(text, f"{where}: paths") for text in texts(table, "paths", where)),
        commits=tuple(commit.lower() for commit in commits),
        target=_TARGETS[one_of(table.get("target", "secret"), _TARGETS, f"{where}: target")],
        every=_CONDITIONS[one_of(table.get("condition", "any"), _CONDITIONS, f"{where}: condition")],
        rules=tuple(texts(table, "rules", where)),
    )
    if not any(made[:4]):
        raise InputError(f"{where} is empty: it needs regexes, stopwords, paths or commits")
    return made


def _pattern(text: str, where: str) -> str:
    try:
        UserRegex(f"(?a){text}").groups()
    except ValueError as error:
        raise InputError(f"{where}: {text!r} is no regular expression: {error}") from None
    return f"(?a){text}"


def checked(key: str, value: object, where: str) -> object:
    """Check the value of an option."""
    if key == "fail_on":
        return one_of(value, CONFIDENCES, where)
    if key == "format":
        return one_of(value, FORMATS, where)
    if key == "jobs":
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise InputError(f"{where} must be a number of at least 1")
    elif not isinstance(value, str) or not value:
        raise InputError(f"{where} must be the name of a file")
    return value
