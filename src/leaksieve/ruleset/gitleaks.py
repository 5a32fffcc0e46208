"""Read a configuration of gitleaks, and make of it the rules that give the same verdicts.

Keys count in any case, what a configuration extends is merged as gitleaks merges it, and its rules become fragment
rules. `useDefault` stands for the rules that leaksieve ships. The format is described at
https://github.com/gitleaks/gitleaks#configuration.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from leaksieve.core.rule import Allowlist, Fragment, Neighbour, Rule
from leaksieve.core.rulebook import RuleBook
from leaksieve.errors import InputError
from leaksieve.ruleset.fragment_rules import fragment_rule
from leaksieve.ruleset.load import parse
from leaksieve.ruleset.loose_table import LooseTable

FAMILY = "gitleaks"
_MOST_EXTENSIONS = 2
_CONDITIONS = {"": False, "or": False, "||": False, "and": True, "&&": True}
_TARGETS = {"": "secret", "secret": "secret", "match": "match", "line": "line"}
_TOP_KEYS = {
    "title",
    "description",
    "minversion",
    "betterleaksminversion",
    "extend",
    "rules",
    "allowlist",
    "allowlists",
}
_EXTEND_KEYS = {"path", "url", "usedefault", "disabledrules"}
_RULE_KEYS = {
    "id", "description", "regex", "path", "secretgroup", "entropy", "keywords", "tags", "skipreport", "allowlist",
    "allowlists", "required",
}  # fmt: skip
_ALLOWLIST_KEYS = {
    "description", "condition", "commits", "paths", "regextarget", "regexes", "stopwords", "targetrules",
}  # fmt: skip


class _Rule(NamedTuple):
    """A rule as it is written, before it is merged with one that it extends."""

    description: str
    regex: str
    path: str
    secret_group: int
    entropy: float
    keywords: tuple[str, ...]
    skipped: bool
    required: tuple[Neighbour, ...]
    allowlists: tuple[Allowlist, ...]

    def over(self, base: "_Rule") -> "_Rule":
        """Merge with the rule that this one extends."""
        return self._replace(
            description=self.description or base.description,
            regex=self.regex or base.regex,
            path=self.path or base.path,
            secret_group=self.secret_group or base.secret_group,
            entropy=self.entropy or base.entropy,
            keywords=base.keywords + self.keywords,
            allowlists=base.allowlists + self.allowlists,
            skipped=self.skipped or base.skipped,
            required=self.required or base.required,
        )


class _Config(NamedTuple):
    """A configuration with what it extends, except leaksieve's own rules."""

    rules: dict[str, _Rule]
    allowlists: tuple[Allowlist, ...]
    use_default: bool
    disabled: tuple[str, ...]
    notes: list[str]


def load_gitleaks(data: bytes, name: str, read: Callable[[str], bytes | None], shipped: RuleBook) -> RuleBook:
    """Make a rule book of a configuration.

    Args:
        data: the configuration.
        name: the file that it was read from, for messages.
        read: reads the files that it extends.
        shipped: the rules that `useDefault` stands for.

    Raises:
        InputError: the configuration is refused, as gitleaks would, or for what leaksieve does not know.
    """
    config = _Reader(name, read).config(data, 0)
    rules: dict[str, Rule] = {}
    lists = [*config.allowlists]
    notes = [*config.notes]
    if config.use_default:
        rules = {rule.id: rule for rule in shipped if rule.id not in config.disabled}
        unknown = set(config.disabled) - {rule.id for rule in shipped}
        notes += [f"{name}: disabledRules: leaksieve has no rule {rule_id!r}" for rule_id in sorted(unknown)]
    for rule_id, written in config.rules.items():
        rule = _merged(rule_id, written, rules.get(rule_id))
        if not rule.regex and not rule.path:
            if not config.use_default:
                raise InputError(f"{name}: rule {rule_id!r} needs a regex or a path")
            notes.append(
                f"{name}: rule {rule_id!r} extends one of gitleaks' own that leaksieve does not have: left out"
            )
            continue
        if rule.regex or not written.skipped:
            rules[rule_id] = rule
        lists += [allow._replace(rules=(rule_id,)) for allow in written.allowlists]
    _check_required(name, rules)
    return RuleBook.of(rules.values(), lists, (), notes)


def _check_required(name: str, rules: Mapping[str, Rule]) -> None:
    for rule in rules.values():
        for wanted in rule.requires:
            if wanted.rule not in rules:
                raise InputError(f"{name}: rule {rule.id!r} requires {wanted.rule!r}, which does not exist")


def _merged(rule_id: str, written: _Rule, shipped: Rule | None) -> Rule:
    """Make a rule; one with the id of a shipped rule changes that one."""
    if shipped is not None and not written.regex:
        return shipped._replace(
            description=written.description or shipped.description,
            entropy=written.entropy or shipped.entropy,
            path=written.path or shipped.path,
            requires=written.required or shipped.requires,
            reported=not written.skipped,
        )
    keywords = written.keywords + tuple(anchor.keyword for anchor in (shipped.anchors if shipped else ()))
    return fragment_rule(
        rule_id,
        written.description or (shipped.description if shipped else rule_id),
        written.regex,
        FAMILY,
        Fragment(tuple(word.lower() for word in keywords)),
    )._replace(
        path=written.path,
        secret_group=written.secret_group,
        entropy=written.entropy,
        requires=written.required,
        reported=not written.skipped,
    )


class _Reader:
    def __init__(self, name: str, read: Callable[[str], bytes | None]) -> None:
        self._name = name
        self._read = read

    def config(self, data: bytes, depth: int) -> _Config:
        notes: list[str] = []
        top = LooseTable(self._name, parse(data, self._name), notes)
        top.check_keys(_TOP_KEYS)
        rules: dict[str, _Rule] = {}
        for table in top.tables("rules", "rule number"):
            rule_id = table.text("id")
            if not rule_id:
                raise table.error("id", "is missing")
            table.name = f"{self._name}: rule {rule_id!r}"
            table.check_keys(_RULE_KEYS)
            rules[rule_id] = self._rule(table)
        own = _Config(rules, self._allowlists(top), use_default=False, disabled=(), notes=notes)
        extended = top.tables("extend", "extend")
        return self._extended(own, extended[0], depth) if extended else own

    def _extended(self, own: _Config, extend: LooseTable, depth: int) -> _Config:
        extend.check_keys(_EXTEND_KEYS)
        path, disabled = extend.text("path"), extend.texts("disabledRules")
        if path and extend.flag("useDefault"):
            raise extend.error("path", "and useDefault exclude one another")
        if extend.text("url"):
            own.notes.append(f"{self._name}: extend.url means nothing, to gitleaks either")
        if not path:
            use_default = extend.flag("useDefault")
            return own._replace(use_default=use_default, disabled=disabled if use_default else ())
        if depth >= _MOST_EXTENSIONS:
            own.notes.append(f"{self._name}: extends more than {_MOST_EXTENSIONS} files deep; {path} is not read")
            return own
        data = self._read(path)
        if data is None:
            raise extend.error("path", f"names {path}, which is not there")
        base = _Reader(path, self._read).config(data, depth + 1)
        unknown = [rule_id for rule_id in disabled if rule_id not in base.rules and not base.use_default]
        own.notes.extend(f"{self._name}: disabledRules: {path} has no rule {rule_id!r}" for rule_id in unknown)
        merged = {
            rule_id: own.rules[rule_id].over(rule) if rule_id in own.rules else rule
            for rule_id, rule in base.rules.items()
            if rule_id not in disabled
        }
        return _Config(
            {**own.rules, **merged},
            own.allowlists + base.allowlists,
            base.use_default,
            base.disabled + (disabled if base.use_default else ()),
            own.notes + base.notes,
        )

    def _rule(self, table: LooseTable) -> _Rule:
        regex = table.regex("regex")
        group = table.whole("secretGroup")
        if regex and group > table.groups("regex"):
            raise table.error("secretGroup", f"is {group}, but the regex has fewer groups")
        required = tuple(
            Neighbour(each.text("id"), each.distance("withinLines"), each.distance("withinColumns"))
            for each in table.tables("required", "required")
        )
        return _Rule(
            table.text("description"),
            regex,
            table.regex("path"),
            group,
            table.number("entropy"),
            table.texts("keywords"),
            table.flag("skipReport"),
            required,
            self._allowlists(table),
        )

    def _allowlists(self, table: LooseTable) -> tuple[Allowlist, ...]:
        if "allowlist" in table and "allowlists" in table:
            raise table.error("allowlist", "is deprecated, and allowlists is there too: write one of them")
        key = "allowlist" if "allowlist" in table else "allowlists"
        return tuple(_allowlist(each) for each in table.tables(key, key.removesuffix("s")))


def _allowlist(table: LooseTable) -> Allowlist:
    table.check_keys(_ALLOWLIST_KEYS)
    condition, target = table.text("condition").lower(), table.text("regexTarget")
    if condition not in _CONDITIONS:
        raise table.error("condition", f"{condition!r} must be OR or AND")
    if target not in _TARGETS:
        raise table.error("regexTarget", f"{target!r} must be secret, match or line")
    made = Allowlist(
        regexes=table.regexes("regexes"),
        stopwords=tuple(word.lower() for word in table.texts("stopwords")),
        paths=table.regexes("paths"),
        commits=tuple(commit.lower() for commit in table.texts("commits")),
        target=_TARGETS[target],
        every=_CONDITIONS[condition],
        rules=table.texts("targetRules"),
    )
    if not (made.regexes or made.stopwords or made.paths or made.commits):
        raise InputError(f"{table.name} is empty: it needs commits, paths, regexes or stopwords")
    return made


def own_files(names: Sequence[str]) -> Allowlist:
    """Make the allowlist for the files that gitleaks never scans: its configuration."""
    return Allowlist(paths=tuple(f"\\A{re.escape(name)}\\Z" for name in names))
