"""The sieve finds what a slow, obvious search finds."""

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leaksieve.core.detector import Detector, resolve
from leaksieve.core.finding import Match
from leaksieve.core.rule import HIGH, Anchor, Rule
from leaksieve.core.rulebook import RuleBook
from leaksieve.ruleset.examples import expand
from makers import github_token, shipped

SOURCES = [source for source in shipped() if source.rule.regex]
DETECTOR = Detector(RuleBook.of(source.rule for source in SOURCES))
EXAMPLES = [expand(text) for source in SOURCES for text in source.examples + source.negatives]
KEYWORDS = sorted({anchor.keyword for source in SOURCES for anchor in source.rule.anchors})


def slow_matches(detector: Detector, text: str) -> list[Match]:
    """Run every regex over every whole line (or, for a block rule, over the whole text)."""
    found = []
    for number in range(len(detector.rules)):
        pattern = detector.pattern(number)
        compiled = re.compile(pattern.rule.regex, re.ASCII)
        if pattern.is_block:
            spans = list(compiled.finditer(text))
        else:
            lines = re.finditer(r"[^\n]+", text)
            spans = [match for line in lines for match in compiled.finditer(text, line.start(), line.end())]
        for match in spans:
            candidate = pattern.candidate(match)
            judgement = pattern.judge(candidate)
            if not judgement.dropped:
                found.append(Match(number, *candidate[1:5], judgement.confidence, judgement.checks))
    return resolve(detector.rules, found)


piece = st.one_of(
    st.sampled_from(EXAMPLES),
    st.sampled_from(KEYWORDS),
    st.sampled_from(KEYWORDS).map(str.upper),
    st.sampled_from(["\n", "\n\n", "\r\n", " ", "=", '"', ": ", "'", "\\n", "\0", ",", "://", "@", "x" * 300]),
    st.text(st.characters(max_codepoint=255), max_size=12),
    st.from_regex(r"[A-Za-z0-9+/_-]{1,80}", fullmatch=True),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(piece, max_size=14).map("".join))
def test_sieve_agrees_with_every_regex_over_every_line(text: str) -> None:
    text = text.encode("latin-1", "replace").decode("latin-1")
    assert DETECTOR.matches(text) == slow_matches(DETECTOR, text)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(piece, max_size=4).map("".join), max_size=6))
def test_a_match_is_a_function_of_its_line(texts: list[str]) -> None:
    lines = [line for text in texts for line in text.encode("latin-1", "replace").decode("latin-1").split("\n")]
    line_rules = Detector(RuleBook.of(rule for rule in DETECTOR.rules if not rule.reach))

    def secrets(text: str) -> list[tuple[int, str, int, tuple[str, ...]]]:
        return sorted(
            (m.rule, text[m.secret_start : m.secret_end], m.confidence, m.checks) for m in line_rules.matches(text)
        )

    assert secrets("\n".join(lines)) == sorted(found for line in lines for found in secrets(line))


def rule(regex: str, *anchors: Anchor, **changes: Any) -> Rule:  # noqa: ANN401 - fields of any type
    made = SOURCES[0].rule._replace(
        id="test", regex=regex, anchors=anchors, checks=(), allow=(), requires=(), path="", reach=0, secret_group=0,
        entropy=0.0, longest=100, ahead=1, confidence=HIGH, specificity=100, trusted=True,
    )  # fmt: skip
    return made._replace(**changes)


def test_a_keyword_in_a_very_long_line_is_found_without_reading_the_whole_line_as_one_window() -> None:
    token = github_token()
    text = "x" * 200_000 + " " + token + " " + "y" * 200_000
    (match,) = DETECTOR.matches(text)
    assert text[match.secret_start : match.secret_end] == token


def test_a_rule_that_knows_more_wins_the_same_bytes() -> None:
    token = github_token()
    (match,) = DETECTOR.matches(f'password = "{token}"')
    assert DETECTOR.rules[match.rule].id == "github-personal-access-token"


def test_first_group_that_took_part_is_the_secret() -> None:
    detector = Detector(RuleBook.of([rule("key=(?:a([0-9]{3})|b([0-9]{3}))", Anchor("key=", 0, 0))]))
    text = "key=b739"
    (match,) = detector.matches(text)
    assert text[match.secret_start : match.secret_end] == "739"


def test_a_slow_pattern_of_a_user_times_out_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leaksieve.core.regexes.TIMEOUT_SECONDS", 0.05)
    slow = rule("k(?:a{1,30}){1,30}b", Anchor("k", 0, 0), longest=1000, trusted=False)
    detector = Detector(RuleBook.of([slow]))
    assert detector.matches("k" + "a" * 60) == []
    assert detector.timed_out == {"test"}
