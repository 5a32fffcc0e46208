"""What the parse tree is said to tell holds for strings that the regex really matches."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leaksieve.core.rule import Anchor
from leaksieve.ruleset.shape import UnboundedError, anchors_of, shape_of
from makers import shipped

SHORT = [source.rule for source in shipped() if source.rule.regex and source.rule.longest < 3000]


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_strings_made_from_the_shipped_rules(data: st.DataObject) -> None:
    rule = data.draw(st.sampled_from(SHORT), label="rule")
    compiled = re.compile(rule.regex, re.ASCII)
    text = data.draw(st.from_regex(compiled, alphabet=st.characters(max_codepoint=255)))
    for match in compiled.finditer(text):
        assert len(match[0]) <= rule.longest
        assert rule.reach or "\n" not in match[0]
        lowered = match[0].lower()
        places = [(anchor, lowered.find(anchor.keyword, anchor.earliest)) for anchor in rule.anchors]
        assert any(anchor.earliest <= at <= anchor.latest for anchor, at in places)


@pytest.mark.parametrize(
    ("regex", "longest", "ahead"),
    [
        ("abc", 3, 1),
        ("a{2,5}b?", 6, 1),
        ("(?:ab|c)(?=defg)", 2, 5),
        ("(?<!x)(a{3})-\\1", 7, 1),
        ("(?>ab|c){2}", 4, 1),
    ],
)
def test_widths(regex: str, longest: int, ahead: int) -> None:
    shape = shape_of(regex)
    assert (shape.longest, shape.ahead) == (longest, ahead)


@pytest.mark.parametrize("regex", ["a+", "[ab]*", "(?:ab){2,}", "x(?:a|b+)y", ".*?z", "(a*)+"])
def test_unbounded_patterns_are_refused_by_name(regex: str) -> None:
    with pytest.raises(UnboundedError, match="unbounded repeat of"):
        shape_of(regex)


@pytest.mark.parametrize(
    ("regex", "newline"),
    [
        ("a.b", False),
        ("(?s)a.b", True),
        ("a\\sb", True),
        ("[^x]", True),
        ("[^x\\n]", False),
        ("[^\\s]", False),
        ("\\S", False),
        ("(?s:a).b", False),
        ("(?s)(?-s:a).b", True),
        # In lookarounds, too; where the end of the line will do as well, a line tells all.
        ("(?<=\n)x", True),
        ("(?<!\\s)x", True),
        ("(?<!\\S)x", False),
        ("(?<![^,])x", True),
        ("(?<![A-Z])x", False),
        ("x(?=\\s)", True),
        ("x(?!\\s)", True),
        ("x(?=\\s|$)", False),
        ("x(?=[\\s;]|b|$)", False),
        ("x(?=y(?:\\s|$))", False),
        ("x(?:\\s|$)", True),
        ("x(?=(?<=\n|x))", True),
    ],
)
def test_patterns_that_may_match_a_newline(regex: str, *, newline: bool) -> None:
    assert shape_of(regex).newline is newline


@pytest.mark.parametrize(
    ("regex", "end"),
    [
        ("\\Ax", "\\A"),
        ("x(?:y|\\Z)", "\\Z"),
        ("x(?=\\s|\\Z)", "\\Z"),
        ("(?<!\\A)x", "\\A"),
        ("(?-m:^)x", "(?-m:^)"),
        ("(?-m:x$)", ""),
        ("^x$", ""),
        ("(?m:^)x\\b", ""),
    ],
)
def test_patterns_that_ask_for_the_ends_of_the_text(regex: str, end: str) -> None:
    assert shape_of(regex).text_end == end


def test_keywords_are_found_in_every_variant() -> None:
    shape = shape_of("(?i)(?:api[_-]?key|token)=[0-9]{4}")
    anchors, without = anchors_of(shape, ["apikey", "api_key", "api-key", "token"])
    assert without == ""
    assert sorted(anchors) == [Anchor(keyword, 0, 0) for keyword in ("api-key", "api_key", "apikey", "token")]
    assert anchors_of(shape, ["token"]) == ((), "apikey=...")
    (anchor,) = anchors_of(shape_of("[0-9]{2,4}key"), ["key"])[0]
    assert anchor == Anchor("key", 2, 4)
