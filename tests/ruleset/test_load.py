"""Bad rules are refused with the file, the rule and the reason; the compiled form says the same as the TOML."""

import json
import math
import os
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leaksieve.core.detector import Detector
from leaksieve.core.rulebook import RuleBook
from leaksieve.errors import InputError, RuleError
from leaksieve.ruleset.compiled import builtin_rules, keep, mark_used
from leaksieve.ruleset.examples import expand
from leaksieve.ruleset.load import RuleSource, check_together, load_file, load_folder, rules_of
from makers import shipped

GOOD = {
    "id": "corp-token",
    "description": "Corp token",
    "kind": "access-token",
    "regex": "corp_[0-9a-f]{16}",
    "keywords": ["corp_"],
    "severity": "high",
    "confidence": "high",
}


def toml(fields: Mapping[str, object]) -> str:
    return "[[rules]]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in fields.items())


def test_a_good_rule_loads(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(toml(GOOD))
    (source,) = load_file(path)
    assert source.rule.id == "corp-token"
    assert source.rule.longest == 21
    assert not source.rule.trusted


NESTED = "(?:a|" * 300 + "corp_" + ")" * 300


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": "Corp_Token"}, "id must be"),
        ({"id": 3}, "id must be"),
        ({"regex": "corp_[0-9a-f"}, "regex is not a regular expression"),
        ({"regex": "corp_[0-9a-f]+"}, "no longest match: unbounded repeat of a character class"),
        ({"regex": "corp_\\s{0,3}x"}, "may match a newline: write [ \\t] for \\s, "),
        ({"regex": "corp_x(?=\\s)"}, "may match a newline: write [ \\t] for \\s, "),
        ({"regex": "\\Acorp_x"}, "asks with \\A for an end of the whole text: write ^ or $"),
        ({"regex": "", "keywords": []}, "needs a regex or a path"),
        ({"regex": "(?u)corp_"}, "regex is not a regular expression: ASCII and UNICODE"),
        ({"regex": NESTED}, "nested too deeply"),
        ({"regex": "corp_[[a]"}, "regex is not a regular expression: Possible nested set"),
        ({"regex": "corp_[_[:alpha:]]"}, "regex has a class of POSIX"),
        ({"regex": "corp_{e<=a}"}, "regex is not a regular expression: "),
        ({"path": "[[:alpha:]]"}, "path is not a regular expression"),
        ({"keywords": []}, "keywords are missing"),
        ({"keywords": ["corpo"]}, "contains none of the keywords"),
        ({"keywords": ["corp_", "other"]}, "'other' is not needed"),
        ({"keywords": "corp_"}, "keywords must be a list of strings"),
        ({"secret_group": 2}, "has 0 groups"),
        ({"secret_group": 0.9}, "secret_group must be a whole number"),
        ({"severity": "severe"}, "severity 'severe' must be one of low, medium"),
        ({"confidence": 3}, "confidence must be a string"),
        ({"kind": "thing"}, "kind 'thing' must be one of"),
        ({"checks": ["magic"]}, "check 'magic' must be one of"),
        ({"entropy": -1}, "entropy must be a number"),
        ({"entropy": math.nan}, "entropy must be a number"),
        ({"entropy": True}, "entropy must be a number"),
        ({"entropy": 10**400}, "entropy must be a number"),
        ({"reach": 10.7}, "reach must be a whole number"),
        ({"reach": math.inf}, "reach must be a whole number"),
        ({"reach": 10**30}, "reach must be a whole number from 0 to 1000000"),
        ({"specificity": math.nan}, "specificity must be a whole number"),
        ({"regexp": "x"}, "unknown key 'regexp'; did you mean 'regex'?"),
        ({"requires": {"rule": "x"}}, "requires must have rule and within_lines"),
        ({"requires": {"rule": 3, "within_lines": 3}}, "requires must have rule and within_lines"),
        ({"requires": {"rule": "x", "within_lines": True}}, "within_lines must be a whole number"),
        ({"requires": {"rule": "x", "within_lines": -3}}, "within_lines must be a whole number"),
        ({"requires": {"rule": "corp-token", "within_lines": 3}}, "requires itself"),
        ({"allowlists": [{}]}, "an allowlist is empty"),
        ({"allowlists": [{"stopwords": ["x", ""]}]}, "an allowlist has an empty text"),
        ({"regex": "corp_[0-9]{70000}"}, "a match may take 70005 characters"),
    ],
)
def test_a_bad_rule_is_refused(change: dict[str, object], reason: str) -> None:
    fields = {**GOOD, **change}
    with pytest.raises(RuleError) as caught:
        rules_of({"rules": [fields]}, "mine.toml")
    assert reason in str(caught.value)
    assert str(caught.value).startswith(f"mine.toml: rule {str(fields['id'])!r}: ")
    assert "\n" not in str(caught.value)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.dates() | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)
KEYS = [*GOOD, "secret_group", "entropy", "checks", "specificity", "reach", "path", "requires", "allowlists"]
PIECES = [*"ab()[]^$|?.*{},1-\\:=!<>e\né", "(?=", "(?<!", "(?i)", "\\1", "\\s", "\\A", "{0,9}", "[:a:]", "corp_"]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=2), st.lists(st.sampled_from(PIECES), max_size=9))
def test_whatever_a_rule_says_it_is_read_or_refused_in_one_line(fields: dict[str, object], pieces: list[str]) -> None:
    rule = {**GOOD, "regex": "corp_" + "".join(pieces), **fields}
    sources, refusal = [], ""
    try:
        sources = rules_of({"rules": [rule]}, "mine.toml")
    except RuleError as error:
        refusal = str(error)
    assert bool(sources) != refusal.startswith("mine.toml: rule ")
    assert "\n" not in refusal
    # And it can be used.
    Detector(RuleBook.of(source.rule for source in sources)).matches("corp_a\ncorp_(?=b")


AROUND = [*"^$", "(?<![a-z])", "(?<!{})", "(?<={})", "(?={})", "(?!{})", "(?={}|$)", "(?!{}|$)"]
AROUND += ["\\b", "\\B", "\\A", "\\Z"]
SINGLE = ["", "[^a]", "\\s", "\\S", ".", "(?s:.)", "\n", "a", "[^a\n]", "[\\s;]", "(?-m:^)", "(?-m:$)", "\\W"]
ANYWHERE = st.builds(str.replace, st.sampled_from(AROUND), st.just("{}"), st.sampled_from(SINGLE))
REGEXES = st.tuples(ANYWHERE, st.sampled_from(SINGLE), st.just("corp_"), st.sampled_from(SINGLE), ANYWHERE)


@settings(max_examples=400)
@given(REGEXES.map("".join), st.lists(st.text("a; ", max_size=3), min_size=4, max_size=4), st.booleans())
def test_what_a_rule_finds_depends_on_the_line_alone(regex: str, texts: list[str], trusted: bool) -> None:  # noqa: FBT001
    try:
        (source,) = rules_of({"rules": [{**GOOD, "regex": regex}]}, "mine.toml")
    except RuleError:
        return
    detector = Detector(RuleBook.of([source.rule._replace(trusted=trusted)]))
    lines = [f"{texts[0]}corp_{texts[1]}", texts[2], f"corp_{texts[3]}", "corp_"]
    alone = [text[found.start : found.end] for text in lines for found in detector.matches(text)]
    text = "\n".join(lines)
    assert [text[found.start : found.end] for found in detector.matches(text)] == alone


def test_a_group_in_a_lookaround_has_a_width() -> None:
    (source,) = rules_of({"rules": [{**GOOD, "regex": "corp_(?=(abc))\\1x"}]}, "mine.toml")
    assert source.rule.longest == len("corp_abcx")


def test_a_rule_that_never_matches_in_a_text_cannot_be_required() -> None:
    names = {"id": "corp-file", "regex": "", "keywords": [], "path": "corp$"}
    pair = {**GOOD, "requires": {"rule": "corp-file", "within_lines": 3}}
    sources = rules_of({"rules": [{**GOOD, **names}, pair]}, "mine.toml")
    with pytest.raises(RuleError, match="'corp-token': requires 'corp-file', which looks at paths only"):
        check_together(sources, {"corp-token": "mine.toml"})


@pytest.mark.parametrize(
    "content", ["[[rules", "rulez = []", "rules = 3", "family = 3", "\udcff", f"rules = {'[' * 9000}"]
)
def test_a_broken_file_is_refused_by_name(tmp_path: Path, content: str) -> None:
    path = tmp_path / "broken.toml"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match=r"broken\.toml"):
        load_file(path)


def test_an_id_used_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(toml(GOOD))
    (tmp_path / "b.toml").write_text(toml(GOOD))
    with pytest.raises(RuleError, match="used twice"):
        load_folder(tmp_path)


def test_rules_are_checked_together_in_less_time_than_each_id_takes_to_be_looked_for(rules: RuleBook) -> None:
    sources = [RuleSource(rule, (), ()) for rule in rules]
    ids = [rule.id for rule in rules]
    begin = time.process_time()
    check_together(sources, {})
    middle = time.process_time()
    assert sum(map(ids.count, ids)) == len(ids)
    # 0.3 ms beside 19.
    assert middle - begin < (time.process_time() - middle) / 2


def test_compiled_rules_are_those_of_the_toml_files(rules: RuleBook) -> None:
    wanted = [source.rule for source in shipped()]
    assert list(rules) == wanted
    book = RuleBook(rules.text)
    assert list(book) == wanted, "from what is kept"
    assert book.keywords == rules.keywords
    assert book.named("jwt") == next(rule for rule in wanted if rule.id == "jwt")
    assert [book[number].id for number in book.path_rules] == [rule.id for rule in wanted if not rule.regex]


def test_a_damaged_cache_is_made_anew(rules: RuleBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As in a source checkout: a wheel carries the compiled rules and needs no cache.
    monkeypatch.setattr("leaksieve.ruleset.compiled.COMPILED", "absent")
    monkeypatch.setattr("leaksieve.ruleset.compiled.compile_patterns", lambda _: rules.text)
    assert builtin_rules(str(tmp_path)).text == rules.text
    (kept,) = tmp_path.iterdir()
    kept.write_text(kept.read_text()[:1000])
    assert builtin_rules(str(tmp_path)).text == rules.text == kept.read_text()


def test_what_nobody_has_used_for_a_month_is_removed_from_the_cache(tmp_path: Path) -> None:
    now, month = time.time(), 31 * 86_400
    ages = {  # when used, when written
        "config-1.jsonl": (now - month, now - month),
        "rules-1.jsonl.cpython-399": (now - month, now - 2 * month),
        "rules-1.jsonl.4711": (now - month, now - month),
        "config-used.jsonl": (now - 86_400, now - month),
        "config-new.jsonl": (now - month, now - 86_400),
        "rules-read.jsonl": (now - month, now - 2 * month),
        "of-another.jsonl": (now - month, now - month),
    }
    for name, times in ages.items():
        (tmp_path / name).write_text("x")
        os.utime(tmp_path / name, times)
    written = (tmp_path / "rules-read.jsonl").stat().st_mtime_ns
    mark_used(str(tmp_path / "rules-read.jsonl"))
    keep(str(tmp_path / "config-2.jsonl"), b"new")
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"config-2.jsonl", "config-used.jsonl", "config-new.jsonl", "rules-read.jsonl", "of-another.jsonl"}
    assert (tmp_path / "rules-read.jsonl").stat().st_mtime_ns == written, "it tells one version from another"


def test_what_cannot_be_marked_is_used_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError

    path = tmp_path / "rules-of-another-user.jsonl"
    path.write_text("x")
    os.utime(path, (0, 0))
    monkeypatch.setattr(os, "utime", refused)
    mark_used(str(path))
    mark_used(str(tmp_path / "absent"))


def test_two_processes_may_clear_a_cache_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        (tmp_path / f"config-{number}.jsonl").write_text("x")
        os.utime(tmp_path / f"config-{number}.jsonl", (0, 0))
    remove = os.remove

    def removed_by_both(path: str) -> None:
        remove(path)
        remove(path)

    monkeypatch.setattr(os, "remove", removed_by_both)
    keep(str(tmp_path / "config-new.jsonl"), b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["config-new.jsonl"]


def test_a_description_tells_one_shipped_rule_from_all_others(rules: RuleBook) -> None:
    described = Counter(rule.description for rule in rules)
    assert described.pop("", 0) == 0
    assert [description for description, count in described.items() if count > 1] == []


def test_examples_are_made_the_same_each_time_and_differ_from_what_stands_in_the_file() -> None:
    assert expand("{{hex 32}}") == expand("{{hex 32}}")
    assert len(expand("{{hex 32}}")) == 32
    assert expand("x {{hex 32}}") != expand("y {{hex 32}}")
    assert expand("{{ password }} {{unknown 3}}") == "{{ password }} {{unknown 3}}"
