"""Regexes made from kept codes are those that `re.compile` makes."""

import importlib
import pkgutil
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaksieve import core
from leaksieve.core import regexes
from leaksieve.core.pattern import trusted_regex
from leaksieve.core.regexes import LateRegex, RegexCodes, UserRegex, compiled, regex_codes
from leaksieve.core.rulebook import RuleBook
from leaksieve.errors import InputError
from leaksieve.ruleset.compiled import builtin_codes, compile_regexes

PATTERNS = ("", "a+", "(?P<one>x)|(y)(?P<two>z)?", "(?i)[a-f0-9]{2,5}\\b", "(?<!k)é{3}", "[^\\W_]$")


@given(
    st.lists(st.sampled_from(PATTERNS), unique=True),
    st.sampled_from((0, int(re.ASCII), int(re.VERBOSE))),
)
def test_what_is_kept_is_what_re_compiles(patterns: list[str], flags: int) -> None:
    codes = RegexCodes(regex_codes((pattern, flags) for pattern in patterns))
    for pattern in PATTERNS:
        wanted = re.compile(pattern, flags) if pattern in patterns else None
        made = codes.compiled(pattern, flags)
        # Patterns are equal when pattern, flags and code are.
        assert made == wanted
        assert (made and (made.groups, made.groupindex)) == (wanted and (wanted.groups, wanted.groupindex))
        assert codes.compiled(pattern, flags ^ re.DOTALL) is None


def test_every_regex_of_leaksieve_is_kept(rules: RuleBook) -> None:
    for module in pkgutil.iter_modules(core.__path__, f"{core.__name__}."):
        importlib.import_module(module.name)
    codes = RegexCodes(compile_regexes(rules))
    wanted = [(late.pattern, late.flags) for late in LateRegex.made] + [
        trusted_regex(rule) for rule in rules if rule.regex
    ]
    assert len(wanted) > len(rules) / 2
    for pattern, flags in wanted:
        assert codes.compiled(pattern, flags) == re.compile(pattern, flags)


SLOW, LONG = "(?:a|aa){1,99}b", "a" * 99


@pytest.mark.parametrize(
    "search",
    [
        lambda regex: regex.search(LONG),
        lambda regex: regex.match(LONG, 0, 99),
        lambda regex: list(regex.finditer(LONG)),
    ],
)
def test_a_slow_regex_of_a_user_ends_in_time(search: Callable[[UserRegex], object]) -> None:
    with pytest.raises(TimeoutError):
        search(UserRegex(SLOW, 0.02))


def test_a_slow_path_pattern_is_named_since_nothing_can_be_said_of_the_path() -> None:
    assert UserRegex("b$").finds_in_path("a/b")
    with pytest.raises(InputError, match=re.escape(f"the path pattern {SLOW!r} takes too long")):
        UserRegex(SLOW, 0.02).finds_in_path(LONG)


def test_codes_for_another_engine_or_cut_short_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    data = regex_codes([("a+", 0)])
    assert RegexCodes(data).usable
    for other in (b"", b"\n", data[:-1], data + b"x", data.replace(sys.byteorder.encode(), b"other")):
        assert not RegexCodes(other).usable
        assert RegexCodes(other).compiled("a+", 0) is None
        monkeypatch.setattr(regexes, "_known", RegexCodes(other))
        assert compiled("a+") == re.compile("a+")


def test_two_patterns_of_one_checksum_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regexes, "_key", lambda *_: 1)
    codes = RegexCodes(regex_codes([("a", 0), ("b", 0)]))
    assert (codes.compiled("a", 0), codes.compiled("b", 0)) == (None, re.compile("b"))


def test_a_damaged_cache_of_codes_is_made_anew(
    rules: RuleBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As in a source checkout: a wheel carries them.
    monkeypatch.setattr("leaksieve.ruleset.compiled.CODES", "absent")
    monkeypatch.setattr("leaksieve.ruleset.compiled.builtin_rules", lambda _: rules)
    data = builtin_codes(str(tmp_path))
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(data[:1000])
    assert builtin_codes(str(tmp_path)) == data == kept.read_bytes()
