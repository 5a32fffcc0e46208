"""Read rules from TOML, and refuse bad ones with the file, the rule and the reason."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from leaksieve.core.checks import CHECKS
from leaksieve.core.decode import display
from leaksieve.core.rule import CONFIDENCES, KINDS, SEVERITIES, SPECIFIC, Anchor, Rule
from leaksieve.errors import InputError, RuleError
from leaksieve.ruleset.context import context_tables
from leaksieve.ruleset.fields import Fields, unknown_key
from leaksieve.ruleset.shape import Shape, UnboundedError, anchors_of, shape_of

_LEAST_KEYWORD = 2
_LONGEST_MATCH = 65_536
_WITHIN_LINE = "write [ \\t] for \\s, add \\r\\n to negated classes, end a lookahead with |$"

#: What a file of rules may hold beside them.
RULE_FILE_KEYS = {"family", "rules"}


class RuleSource(NamedTuple):
    """A rule with the texts that show what it finds and what it leaves alone."""

    rule: Rule
    examples: tuple[str, ...]
    negatives: tuple[str, ...]


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
        _rule(Fields(name, table, number, trusted=trusted), family, trusted=trusted)
        for number, table in enumerate(tables, 1)
    ]


def _rule(fields: Fields, family: str, *, trusted: bool) -> RuleSource:
    regex, short = fields.regex("regex")
    path = fields.pattern("path")
    if not regex and not path:
        raise fields.error("needs a regex or a path")
    reach = fields.whole("reach", 0)
    shape = _checked_shape(fields, short, reach)
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


def _checked_shape(fields: Fields, regex: str, reach: int) -> Shape:
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


def _anchors(fields: Fields, shape: Shape) -> tuple[Anchor, ...]:
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
        for number, (family, table) in enumerate(context_tables(path), 1):
            source = _rule(Fields(f"{path}", table, number, trusted=True), family, trusted=True)
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
