"""`leaksieve rules`: look at the rules, and try one's own."""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from leaksieve.cli.options import cache_folder, only
from leaksieve.cli.parsing import Parser
from leaksieve.cli.settings import rules_in_use, work_tree
from leaksieve.core.decode import decode, display
from leaksieve.core.detector import Detector
from leaksieve.core.explain import explain, explain_absence
from leaksieve.core.pattern import path_search
from leaksieve.core.rule import LEVEL_NAMES
from leaksieve.core.rulebook import RuleBook
from leaksieve.errors import InputError, LeaksieveError
from leaksieve.report.words import advice, counted, reason
from leaksieve.ruleset.compiled import builtin_rules, patterns_folder
from leaksieve.ruleset.examples import expand
from leaksieve.ruleset.load import RuleSource, check_together, load_file, load_folder
from leaksieve.ruleset.slow import slow_constructs

_DESCRIPTION = "List, show, check and try rules."


def run(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the command."""
    made = Parser(prog="leaksieve rules", description=_DESCRIPTION, allow_abbrev=False)
    actions = made.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="list rules, a line each", allow_abbrev=False)
    listing.add_argument(
        "words",
        nargs="*",
        metavar="WORD",
        help="only rules that have every word in id, description, provider, family or kind",
    )
    listing.add_argument("--format", choices=("text", "json"), default="text")
    showing = actions.add_parser("show", help="show one rule", allow_abbrev=False)
    showing.add_argument("id", metavar="ID")
    checking = actions.add_parser("check", help="check the rules of TOML files, and their examples", allow_abbrev=False)
    checking.add_argument("files", nargs="+", metavar="FILE", type=Path)
    testing = actions.add_parser("test", help="show how far a text gets through the sieve", allow_abbrev=False)
    testing.add_argument("text", metavar="TEXT", help="the text, or - for standard input")
    for each in (listing, showing, testing):
        each.add_argument("--config", metavar="FILE", help="the configuration, see docs/configuration.md")
        each.add_argument("--no-config", action="store_true", help="heed no configuration file")
    testing.add_argument("--rule", metavar="ID", action="append", help="only this rule; may be repeated")
    arguments = made.parse_args(argv)
    if arguments.action == "check":
        shipped = builtin_rules(cache_folder(environment))
        return max(_checked(path, shipped) for path in arguments.files)
    actions_by_name = {"list": _list, "show": _show, "test": _test}
    rules = rules_in_use(arguments, environment, work_tree(os.curdir, environment))
    return actions_by_name[arguments.action](arguments, rules)


def _list(arguments: argparse.Namespace, rules: RuleBook) -> int:
    words = [word.lower() for word in arguments.words]
    chosen = [
        rule
        for rule in rules
        if all(
            word in f"{rule.id} {rule.description} {rule.provider} {rule.family} {rule.kind}".lower() for word in words
        )
    ]
    if arguments.format == "json":
        fields = ("id", "description", "provider", "family", "kind")
        listed = [
            {name: getattr(rule, name) for name in fields}
            | {"severity": LEVEL_NAMES[rule.severity], "confidence": LEVEL_NAMES[rule.confidence]}
            for rule in chosen
        ]
        print(json.dumps(listed, indent=2))
        return 0
    width = max((len(rule.id) for rule in chosen), default=0)
    for rule in chosen:
        levels = f"{LEVEL_NAMES[rule.confidence]:<6}  {LEVEL_NAMES[rule.severity]:<8}"
        only_required = "" if rule.reported else " (not reported: other rules require it)"
        print(f"{rule.id:<{width}}  {levels}  {rule.description}{only_required}")
    print(f"{len(chosen)} of {len(rules)} rules")
    return 0


def _show(arguments: argparse.Namespace, rules: RuleBook) -> int:
    rule = only(rules, [arguments.id]).named(arguments.id)
    sources = load_folder(Path(patterns_folder())) if rule.trusted else []
    examples = next((source.examples for source in sources if source.rule.id == rule.id), ())
    facts = {
        "id": rule.id,
        "description": rule.description,
        "provider": rule.provider,
        "family": rule.family,
        "kind": rule.kind,
        "severity": LEVEL_NAMES[rule.severity],
        "confidence": LEVEL_NAMES[rule.confidence],
        "keywords": ", ".join(display(anchor.keyword) for anchor in rule.anchors),
        "regex": rule.regex if rule.fragment else display(rule.regex),
        "path": rule.path,
        "checks": ", ".join(rule.checks),
        "longest match": f"{rule.longest} characters" if rule.regex else "",
        "requires": ", ".join(f"{wanted.rule} within {wanted.within_lines} lines" for wanted in rule.requires),
        "why": reason(rule),
        "next": advice(rule),
        "references": ", ".join(rule.references),
        "examples": "\n               ".join(examples),
    }
    for name, value in facts.items():
        if value:
            print(f"{name:<14} {value}")
    return 0


def _checked(path: Path, rules: RuleBook) -> int:
    """Check a file; one that is refused does not keep others from being checked."""
    try:
        return _check(path, rules)
    except LeaksieveError as error:
        print(f"leaksieve: {error}", file=sys.stderr)
        return 2


def _check(path: Path, rules: RuleBook) -> int:
    sources = load_file(path)
    others = [RuleSource(rule, (), ()) for rule in rules]
    own = {source.rule.id for source in sources}
    kept = [other for other in others if other.rule.id not in own]
    check_together(sources + kept, {source.rule.id: str(path) for source in sources})
    complaints = [complaint for source in sources for complaint in _complaints(source)]
    warnings = [
        f"rule {source.rule.id!r} may be slow: {construct}"
        for source in sources
        if source.rule.regex
        for construct in slow_constructs(source.rule)
    ]
    for line in complaints + warnings:
        print(f"{path}: {line}")
    for source in sources:
        print(f"{path}: {_summary(source)}")
    counts = (counted(len(sources), "rule"), counted(len(complaints), "complaint"), counted(len(warnings), "warning"))
    print(f"{path}: {', '.join(counts)}")
    return 1 if complaints else 0


def _summary(source: RuleSource) -> str:
    """Say what was proven of a rule when it was read."""
    rule = source.rule
    if not rule.regex:
        return f"rule {rule.id!r} looks at paths only"
    keywords = ", ".join(repr(display(anchor.keyword)) for anchor in rule.anchors)
    texts = f"{counted(len(source.examples), 'example')}, {counted(len(source.negatives), 'negative')}"
    return f"rule {rule.id!r}: at most {rule.longest} characters, each match holds {keywords}; {texts}"


def _complaints(source: RuleSource) -> list[str]:
    """Check a rule's examples, each alone: other rules may claim the same text."""
    rule = source.rule
    complaints = [] if source.examples else [f"rule {rule.id!r} has no examples"]
    detector = Detector(RuleBook.of([rule]))
    in_path = path_search(rule)

    def finds(text: str) -> bool:
        return bool(detector.matches(decode(text.encode()).text) if rule.regex else in_path(text))

    complaints += [] if source.negatives else [f"rule {rule.id!r} has no negatives"]
    for number, text in enumerate(source.examples, 1):
        complaints += [] if finds(expand(text)) else [f"rule {rule.id!r} does not find its example {number}"]
    for number, text in enumerate(source.negatives, 1):
        complaints += [f"rule {rule.id!r} finds its negative {number}"] if finds(expand(text)) else []
    return complaints


def _test(arguments: argparse.Namespace, rules: RuleBook) -> int:
    if arguments.rule:
        rules = only(rules, arguments.rule)
    data = sys.stdin.buffer.read() if arguments.text == "-" else arguments.text.encode("utf-8", "surrogateescape")
    if not data:
        raise InputError("there is no text to test")
    text = decode(data).text
    explanations = list(explain(Detector(rules), text))
    told_of = {explanation.rule for explanation in explanations}
    explanations += [explain_absence(rules.named(rule), text) for rule in arguments.rule or [] if rule not in told_of]
    told = [each for each in explanations if each.is_match or arguments.rule]
    for rule, steps, _ in told:
        print(rule)
        for number, step in enumerate(steps, 1):
            print(f"  {number}. {step}")
    # A common word is a keyword of ten rules, and would bury the one that matters.
    if untold := [each.rule for each in explanations if each not in told]:
        print(f"a keyword, but no match: {', '.join(untold)}")
    if not explanations:
        print("no keyword of any rule is in the text")
    return 1 if any(explanation.found for explanation in explanations) else 0
