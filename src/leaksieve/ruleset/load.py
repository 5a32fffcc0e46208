"""Read rules from TOML, and refuse bad ones with the file, the rule and the reason."""

import difflib
import re
import tomllib
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from leaksieve.core.checks import CHECKS
from leaksieve.core.decode import display
from leaksieve.core.regexes import UserRegex
from leaksieve.core.rule import CONFIDENCES, KINDS, SEVERITIES, SPECIFIC, Allowlist, Anchor, Neighbour, Rule
from leaksieve.errors import InputError, RuleError
from leaksieve.ruleset.boundary import allow_escapes
from leaksieve.ruleset.context import context_tables
from leaksieve.ruleset.shape import Shape, UnboundedError, anchors_of, shape_of
from leaksieve.ruleset.utf8 import bytes_of, bytes_pattern

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_LEAST_KEYWORD = 2
_LONGEST_MATCH = 65_536
_LARGEST = 1_000_000
_WITHIN_LINE = "write [ \\t] for \\s, add \\r\\n to negated classes, end a lookahead with |$"
_POSIX_CLASS = re.compile(r"\[:\^?[a-z]+:\]")
_CONTEXT_FAMILY = "Known by context"

#: What a file of rules may hold beside them.
RULE_FILE_KEYS = {"family", "rules"}
_RULE_KEYS = {
    "id", "description", "provider", "kind", "regex", "keywords", "secret_group", "entropy", "severity",
    "confidence", "checks", "specificity", "reach", "path", "requires", "allowlists", "revoke", "references",
    "examples", "negatives",
}  # fmt: skip
_ALLOWLIST_KEYS = {"regexes", "stopwords", "paths"}
_REQUIRES_KEYS = {"rule", "within_lines"}


class RuleSource(NamedTuple):
    """A rule with the texts that show what it finds and what it leaves alone."""

    rule: Rule
    examples: tuple[str, ...]
    negatives: tuple[str, ...]


class _Fields:
    """The keys of one rule in TOML, read with checks that name the file, the rule and the reason."""

    def __init__(self, source: str, table: Mapping[str, Any], number: int, *, trusted: bool) -> None:
        self._source = source
        self._trusted = trusted
        self._table = table
        self.id = table.get("id")
        self._name = str(self.id or f"number {number}")
        if not isinstance(self.id, str) or not _ID.fullmatch(self.id):
            raise self.error("id must be lower-case words, digits and single hyphens")
        self._known(table, _RULE_KEYS)

    def error(self, reason: str) -> RuleError:
        return RuleError(self._source, self._name, reason)

    def _known(self, table: Mapping[str, Any], keys: set[str]) -> None:
        if problem := unknown_key(table, keys):
            raise self.error(problem)

    def text(self, key: str, default: str | None = None) -> str:
        value = self._table.get(key, default)
        if not isinstance(value, str):
            raise self.error(f"{key} must be a string" if key in self._table else f"{key} is missing")
        return value

    def number(self, key: str) -> float:
        value = self._table.get(key, 0)
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= _LARGEST:
            raise self.error(f"{key} must be a number from 0 to {_LARGEST}")
        return float(value)

    def whole(self, key: str, default: int, table: Mapping[str, Any] | None = None) -> int:
        value = (self._table if table is None else table).get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LARGEST:
            raise self.error(f"{key} must be a whole number from 0 to {_LARGEST}")
        return value

    def texts(self, key: str, table: Mapping[str, Any] | None = None) -> tuple[str, ...]:
        value = (self._table if table is None else table).get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.error(f"{key} must be a list of strings")
        return tuple(value)

    def level(self, key: str, levels: Mapping[str, int]) -> int:
        value = self.text(key)
        if value not in levels:
            raise self.error(f"{key} {value!r} must be one of {', '.join(levels)}")
        return levels[value]

    def pattern(self, key: str) -> str:
        """Read a pattern for paths, which are characters."""
        value = self.text(key, "")
        self._compiles(key, value)
        return value

    def regex(self, key: str) -> str:
        """Read a pattern for texts, which are bytes."""
        return self._in_bytes(key, self.pattern(key))

    def _in_bytes(self, key: str, pattern: str) -> str:
        try:
            translated = bytes_pattern(pattern)
        except ValueError as error:
            raise self.error(f"{key}: {error}") from None
        if translated != pattern:
            self._compiles(f"{key} in UTF-8", translated)
        return translated

    def _compiles(self, key: str, pattern: str) -> None:
        try:
            with warnings.catch_warnings():
                # Of a class in a class, which Python may read otherwise one day, and `regex` partly does today.
                warnings.simplefilter("error", FutureWarning)
                re.compile(pattern, re.ASCII)
            if _POSIX_CLASS.search(pattern):
                raise self.error(f"{key} has a class of POSIX such as [:alpha:]: write its characters")
            if not self._trusted:
                UserRegex(f"(?am){pattern}").groups()
        except RecursionError:
            raise self.error(f"{key} is not a regular expression: nested too deeply") from None
        except (re.error, ValueError, OverflowError, FutureWarning) as error:
            raise self.error(f"{key} is not a regular expression: {error}") from None

    def allowlists(self) -> tuple[Allowlist, ...]:
        tables = self._table.get("allowlists", [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise self.error("allowlists must be tables: write [[rules.allowlists]]")
        allowlists = []
        for table in tables:
            self._known(table, _ALLOWLIST_KEYS)
            stopwords = tuple(bytes_of(word).lower() for word in self.texts("stopwords", table))
            allow = Allowlist(self.texts("regexes", table), stopwords, self.texts("paths", table))
            if "" in allow.regexes + allow.stopwords + allow.paths:
                raise self.error("an allowlist has an empty text, which would be found everywhere")
            for pattern in allow.regexes + allow.paths:
                self._compiles("an allowlist pattern", pattern)
            if not any(allow[:3]):
                raise self.error("an allowlist is empty")
            regexes = (self._in_bytes("an allowlist pattern", pattern) for pattern in allow.regexes)
            allowlists.append(allow._replace(regexes=tuple(regexes)))
        return tuple(allowlists)

    def requires(self) -> tuple[Neighbour, ...]:
        table = self._table.get("requires")
        if table is None:
            return ()
        if not isinstance(table, dict) or set(table) != _REQUIRES_KEYS or not isinstance(table["rule"], str):
            raise self.error("requires must have rule and within_lines")
        if table["rule"] == self.id:
            raise self.error("requires itself")
        return (Neighbour(table["rule"], self.whole("within_lines", 0, table)),)


def unknown_key(table: Mapping[str, Any], keys: set[str]) -> str:
    """Describe the first key of `table` that is not in `keys`, with the nearest that is; "" when all are."""
    for key in table:
        if key not in keys:
            near = difflib.get_close_matches(key, keys, 1)
            return f"unknown key {key!r}" + (f"; did you mean {near[0]!r}?" if near else "")
    return ""


def load_file(path: Path, *, trusted: bool = False) -> list[RuleSource]:
    """Read the rules of a TOML file.

    Args:
        path: the file, see docs/rules.md for its format.
        trusted: whether the rules come with leaksieve.

    Raises:
        InputError: the file cannot be read or is not TOML.
        RuleError: a rule in it is refused.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot read the rule file: {error.strerror}") from None
    document = parse(data, str(path))
    if problem := unknown_key(document, RULE_FILE_KEYS):
        raise InputError(f"{path}: {problem}")
    return rules_of(document, str(path), trusted=trusted)


def parse(data: bytes, name: str) -> dict[str, Any]:
    """Parse TOML.

    Raises:
        InputError: it is none; the message names the file.
    """
    try:
        # Editors of Windows begin a file with a byte order mark.
        return tomllib.loads(data.decode("utf-8-sig"))
    except ValueError as error:
        raise InputError(f"{name}: not a TOML file: {error}") from None
    except RecursionError:
        raise InputError(f"{name}: not a TOML file: nested too deeply") from None


def rules_of(document: Mapping[str, Any], name: str, *, trusted: bool = False) -> list[RuleSource]:
    """Read the rules of a document that was parsed.

    Raises:
        InputError: they are no tables.
        RuleError: a rule is refused.
    """
    tables = document.get("rules", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise InputError(f"{name}: rules must be tables: write [[rules]]")
    family = document.get("family", Path(name).stem)
    if not isinstance(family, str):
        raise InputError(f"{name}: family must be a string")
    return [
        _rule(_Fields(name, table, number, trusted=trusted), family, trusted=trusted)
        for number, table in enumerate(tables, 1)
    ]


def _rule(fields: _Fields, family: str, *, trusted: bool) -> RuleSource:
    regex = allow_escapes(fields.regex("regex")) if trusted else fields.regex("regex")
    path = fields.pattern("path")
    if not regex and not path:
        raise fields.error("needs a regex or a path")
    reach = fields.whole("reach", 0)
    shape = _checked_shape(fields, regex, reach)
    group = fields.whole("secret_group", 0)
    if group > shape.groups:
        raise fields.error(f"secret_group is {group}, but the regex has {shape.groups} groups")
    kind = fields.text("kind")
    if kind not in KINDS:
        raise fields.error(f"kind {kind!r} must be one of {', '.join(KINDS)}")
    checks = fields.texts("checks")
    for check in checks:
        if check not in CHECKS:
            raise fields.error(f"check {check!r} must be one of {', '.join(sorted(CHECKS))}")
    rule = Rule(
        id=str(fields.id),
        description=fields.text("description"),
        provider=fields.text("provider", ""),
        kind=kind,
        regex=regex,
        anchors=_anchors(fields, shape) if regex else (),
        secret_group=group,
        entropy=fields.number("entropy"),
        severity=fields.level("severity", SEVERITIES),
        confidence=fields.level("confidence", CONFIDENCES),
        checks=checks,
        specificity=fields.whole("specificity", SPECIFIC),
        reach=reach,
        longest=shape.longest,
        ahead=shape.ahead,
        path=path,
        requires=fields.requires(),
        allow=fields.allowlists(),
        revoke=fields.text("revoke", ""),
        references=fields.texts("references"),
        family=family,
        trusted=trusted,
    )
    return RuleSource(rule, fields.texts("examples"), fields.texts("negatives"))


def _checked_shape(fields: _Fields, regex: str, reach: int) -> Shape:
    try:
        shape = shape_of(regex)
    except UnboundedError as error:
        raise fields.error(f"the regex has no longest match: {error}") from None
    except RecursionError:
        raise fields.error("the regex is nested too deeply") from None
    if shape.newline and not reach:
        raise fields.error(f"the regex may match a newline: {_WITHIN_LINE}, or give the rule a reach")
    if shape.text_end and not reach:
        remedy = "write ^ or $ for the ends of a line, or give the rule a reach"
        raise fields.error(f"the regex asks with {shape.text_end} for an end of the whole text: {remedy}")
    if shape.longest > (reach or _LONGEST_MATCH):
        raise fields.error(f"a match may take {shape.longest} characters, more than {reach or _LONGEST_MATCH}")
    return shape


def _anchors(fields: _Fields, shape: Shape) -> tuple[Anchor, ...]:
    keywords = [keyword.encode().lower().decode("latin-1") for keyword in fields.texts("keywords")]
    if not keywords:
        raise fields.error("keywords are missing: name literals one of which every match contains")
    for keyword in keywords:
        if len(keyword) < _LEAST_KEYWORD or "\n" in keyword:
            raise fields.error(
                f"keyword {display(keyword)!r} must have at least {_LEAST_KEYWORD} characters and no newline"
            )
    anchors, without = anchors_of(shape, keywords)
    if not anchors:
        raise fields.error(f"a match like {display(without)!r} contains none of the keywords")
    unused = sorted(set(keywords) - {anchor.keyword for anchor in anchors})
    if unused:
        raise fields.error(f"keyword {display(unused[0])!r} is not needed: other keywords stand in every match")
    return anchors


def check_together(sources: list[RuleSource], names: Mapping[str, str]) -> None:
    """Refuse rules that are each well but do not go together.

    Args:
        sources: all rules.
        names: the file that each rule id was read from.

    Raises:
        RuleError: an id is used twice, or a composite requires a rule that does not exist or never matches in texts.
    """
    ids = Counter(source.rule.id for source in sources)
    paths = {source.rule.id for source in sources if source.rule.is_path_rule}
    for source in sources:
        rule = source.rule
        if ids[rule.id] > 1:
            raise RuleError(names[rule.id], rule.id, "the id is used twice")
        for wanted in rule.requires:
            if wanted.rule not in ids:
                raise RuleError(names[rule.id], rule.id, f"requires {wanted.rule!r}, which does not exist")
            if wanted.rule in paths:
                raise RuleError(names[rule.id], rule.id, f"requires {wanted.rule!r}, which looks at paths only")


def load_folder(folder: Path) -> list[RuleSource]:
    """Read every TOML file and table of leaksieve's own patterns folder, sorted by id.

    Raises:
        RuleError: a rule is refused.
    """
    sources, names = [], {}
    for path in sorted(folder.glob("*.toml")):
        for source in load_file(path, trusted=True):
            names[source.rule.id] = str(path)
            sources.append(source)
    for path in sorted(folder.glob("*.csv")):
        for number, table in enumerate(context_tables(path), 1):
            source = _rule(_Fields(f"{path}", table, number, trusted=True), _CONTEXT_FAMILY, trusted=True)
            names[source.rule.id] = str(path)
            sources.append(source)
    check_together(sources, names)
    return sorted(sources, key=lambda source: source.rule.id)


def beside(rules: Iterable[Rule], own: list[RuleSource], name: str) -> list[Rule]:
    """Add the rules of a user's file to `rules`; one with the same id replaces the shipped one.

    Raises:
        RuleError: they do not go together.
    """
    ids = {source.rule.id for source in own}
    sources = own + [RuleSource(rule, (), ()) for rule in rules if rule.id not in ids]
    check_together(sources, dict.fromkeys(ids, name))
    return [source.rule for source in sources]
