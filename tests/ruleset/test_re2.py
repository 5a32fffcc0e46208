"""Patterns in RE2's syntax mean to `regex` what they mean to RE2 itself, which is the oracle."""

import contextlib
from typing import Any

import pytest
import re2
import regex
from hypothesis import given
from hypothesis import strategies as st

from leaksieve.ruleset.re2 import python_of

PATTERNS = [
    r"(?i)token\s*=\s*([0-9a-z]{4,8})\b",
    r"a(?i)b|c",
    r"x(a(?i)b|c)d",
    r"(?i:a(?-i:b))c",
    r"\Aab\z",
    r"^ab$",
    r"(?m)^ab$",
    r"(?s)a.b|(?-s)c.d",
    r"(?U)a+b*?",
    r"[[:alnum:]_-]+[^[:space:]]",
    r"[\w.-]+[\S]",
    r"[\D]|[^\W]",
    r"[]a]+[^]b]",
    r"[[a&&b||~~]+",
    r"[a\]b-]+-[\-x]",
    r"\x60\x{41}\101\t?",
    r"\Qa.b*\E+",
    r"a{,2}b{2}{x|c{2",
    r"(?P<name>a)(?<other>b)?",
    r"\bab\B",
    "(?i)\u00e9\\b",
    r"\pL+\PN\p{Greek}?\p{^Greek}",
    r"a|",
    r"(?:|a)+b",
    r"\.\/\:\#\-\_",
    r"(?i)[^k]",
    r"[\x00-\x1f\x7f]",
]
REFUSED = [
    (r"a(?=b)", "lookarounds"),
    (r"(?<!a)b", "lookarounds"),
    (r"(a)\1", r"no '\1'"),
    (r"a**", "repeats a repeat"),
    (r"a++", "repeats a repeat"),
    (r"*a", "nothing to repeat"),
    (r"a{1001}", "no count that RE2 takes"),
    (r"a{3,2}", "no count that RE2 takes"),
    (r"(a", "not closed"),
    (r"a)", "closes nothing"),
    (r"[a", "class is not closed"),
    (r"[b-a]", "ends before it begins"),
    (r"[[:nonsense:]]", "no class 'nonsense'"),
    ("a\\", "backslash ends"),
    (r"\y", r"no '\y'"),
    (r"(?x)a", "lookarounds"),
]
TEXTS = st.text(alphabet="abcdxABC01 _-.=\n\t\v*{},2]['&|~\u00e9\u03b1kK", max_size=12)


def _translated(pattern: str) -> "regex.Pattern[str]":
    return regex.compile(python_of(pattern), regex.VERSION0)


@pytest.mark.parametrize("pattern", PATTERNS)
@given(text=TEXTS)
def test_a_pattern_finds_what_re2_finds(pattern: str, text: str) -> None:
    # The binding's own syntax for names is the older one.
    oracle = re2.compile(pattern.replace("(?<", "(?P<").replace("(?P<P", "(?P"))
    theirs, ours = oracle.search(text), _translated(pattern).search(text)
    assert (ours and (ours.span(), ours.groups())) == (theirs and (theirs.span(), theirs.groups()))


@given(pattern=st.text(alphabet=r"ab|()[]^-\dwbQE*+?{}1,.:isU$&", max_size=10), text=TEXTS)
def test_any_pattern_is_refused_or_finds_what_re2_finds(pattern: str, text: str) -> None:
    options = re2.Options()
    options.log_errors = False
    oracle: Any = None
    with contextlib.suppress(re2.error):
        oracle = re2.compile(pattern, options)
    try:
        translated = _translated(pattern)
    except ValueError:
        assert oracle is None
        return
    assert oracle is not None
    theirs, ours = oracle.search(text), translated.search(text)
    assert (ours and ours.span()) == (theirs and theirs.span())


@pytest.mark.parametrize(("pattern", "reason"), REFUSED)
def test_what_re2_refuses_is_refused(pattern: str, reason: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        python_of(pattern)
    assert reason in str(caught.value)
