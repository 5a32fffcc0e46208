"""A value is found however code, configuration or markup gives it to a name; what only speaks of one is no finding."""

from pathlib import Path

import pytest

from leaksieve.core.rule import MEDIUM
from leaksieve.ruleset.examples import expand
from patterns.test_examples import DETECTOR


def lines_of(name: str) -> list[str]:
    return Path(__file__).with_name(name).read_text(encoding="latin-1").splitlines()


@pytest.mark.parametrize("line", lines_of("given.txt"))
def test_a_value_that_is_given_to_a_name_is_found(line: str) -> None:
    value = expand("{{base62 32}}")
    text = line.replace("VALUE", value)
    found = [m for m in DETECTOR.matches(text) if m.confidence >= MEDIUM and not DETECTOR.rules[m.rule].path]
    assert {text[m.secret_start : m.secret_end] for m in found} == {value}


@pytest.mark.parametrize("line", lines_of("harmless.txt"))
def test_what_speaks_of_a_credential_is_none(line: str) -> None:
    assert not [match for match in DETECTOR.matches(line) if match.confidence >= MEDIUM]
