"""Slow constructs are named, and rules that are well built pass."""

import time
from pathlib import Path

import pytest

from leaksieve.core.keywords import KeywordIndex
from leaksieve.core.rulebook import RuleBook
from leaksieve.ruleset.load import load_file
from leaksieve.ruleset.slow import slow_constructs


def warnings(tmp_path: Path, regex: str, keyword: str) -> list[str]:
    path = tmp_path / "mine.toml"
    fields = 'id = "x"\ndescription = "X"\nkind = "password"\nseverity = "high"\nconfidence = "high"\n'
    path.write_text(f"[[rules]]\n{fields}regex = '''{regex}'''\nkeywords = ['{keyword}']\n")
    return list(slow_constructs(load_file(path)[0].rule))


@pytest.mark.parametrize(
    ("regex", "keyword", "expected"),
    [
        ("abc[0-9]{3}", "abc", "keyword 'abc' is short"),
        ("[a-z ]{0,300}corp_[0-9]{3}", "corp_", "stands up to 300 characters into a match"),
        ("corp_(?:[a-z]{1,30}){1,30}x", "corp_", "a repeat of nothing but a repeat"),
        ("corp_((?:[a-z]{0,9}\\d{0,9})){2,30}x", "corp_", "a repeat of nothing but a repeat"),
        ("corp_[a-z0-9]{0,200}[^x\\r\\n]{0,200}y", "corp_", "two repeats side by side"),
        ("corp_\\w{0,200}.{0,200}y", "corp_", "two repeats side by side"),
    ],
)
def test_slow_constructs(tmp_path: Path, regex: str, keyword: str, expected: str) -> None:
    (warning,) = warnings(tmp_path, regex, keyword)
    assert expected in warning


@pytest.mark.parametrize(
    ("regex", "keyword"),
    [
        ("corp_[0-9a-f]{32}", "corp_"),
        ("ab-[0-9]{3}", "ab-"),
        ("corp_[a-z]{0,200}[0-9]{0,200}", "corp_"),
        ("corp_(?:[a-z]{1,20}=[0-9]{1,20};){1,5}", "corp_"),
        ("[a-z]{0,20}corp_\\S{3}", "corp_"),
    ],
)
def test_well_built_rules_pass(tmp_path: Path, regex: str, keyword: str) -> None:
    assert warnings(tmp_path, regex, keyword) == []


def test_shipped_rules_have_no_repeats_of_repeats(rules: RuleBook) -> None:
    slow = [(rule.id, warning) for rule in rules if rule.regex for warning in slow_constructs(rule)]
    assert [rule_id for rule_id, warning in slow if "nothing but a repeat" in warning] == []


def test_compiled_rules_are_read_in_less_than_fifteen_milliseconds(rules: RuleBook, tmp_path: Path) -> None:
    path = tmp_path / "compiled"
    path.write_text(rules.text)
    times = []
    for _ in range(7):
        begin = time.perf_counter()
        KeywordIndex(RuleBook(path.read_text()).keywords)
        times.append(time.perf_counter() - begin)
    # The least of several: other work on the machine only adds.
    assert min(times) < 0.015
