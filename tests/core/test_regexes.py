"""Regexes made from kept codes are those that `re.compile` makes."""

import importlib
import pkgutil
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaksieve import core
from leaksieve.core import regexes
from leaksieve.core.pattern import trusted_regex
from leaksieve.core.regexes import LateRegex, RegexCodes, compiled, regex_codes
from leaksieve.core.rulebook import RuleBook
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
        assert made is None or (made.groups, made.groupindex) == (re.compile(pattern, flags).groups, made.groupindex)
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


def test_a_damaged_cache_of_codes_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As in a source checkout: a wheel carries them.
    monkeypatch.setattr("leaksieve.ruleset.compiled.CODES", "absent")
    data = builtin_codes(str(tmp_path))
    (kept,) = (path for path in tmp_path.iterdir() if path.suffix != ".jsonl")
    kept.write_bytes(data[:1000])
    assert builtin_codes(str(tmp_path)) == data == kept.read_bytes()
