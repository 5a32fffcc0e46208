"""Every example of every rule goes through the whole detector, and is found; every negative is not."""

import pytest

from leaksieve.core.detector import Detector
from leaksieve.core.rule import LOW
from leaksieve.core.rulebook import RuleBook
from leaksieve.ruleset.examples import expand
from leaksieve.ruleset.load import RuleSource
from makers import shipped

SOURCES = [s for s in shipped() if s.rule.regex]
DETECTOR = Detector(RuleBook.of(source.rule for source in SOURCES))
NUMBERS = {source.rule.id: number for number, source in enumerate(SOURCES)}


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.rule.id)
def test_every_rule_finds_its_examples_and_leaves_its_negatives(source: RuleSource) -> None:
    rule = source.rule
    assert source.examples, "a rule needs an example"
    assert source.negatives, "a rule needs a negative example"
    for example in source.examples:
        found = [m for m in DETECTOR.matches(expand(example)) if m.rule == NUMBERS[rule.id]]
        assert found, f"not found: {example}"
        assert rule.confidence == LOW or found[0].confidence > LOW, f"{found[0].checks}: {example}"
    for negative in source.negatives:
        found = [m for m in DETECTOR.matches(expand(negative)) if m.rule == NUMBERS[rule.id]]
        assert not found, f"found: {negative}"


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.rule.id)
def test_what_is_found_in_a_line_does_not_depend_on_the_lines_around_it(source: RuleSource) -> None:
    for example in source.examples:
        line = expand(example)
        if "\n" in line or source.rule.requires:
            continue
        before, after = "a password_field.", "_type: size"
        alone = DETECTOR.matches(line)
        shift = len(before) + 1
        among = DETECTOR.matches(f"{before}\n{line}\n{after}")
        assert [(m.rule, m.secret_start - shift, m.confidence) for m in among] == [
            (m.rule, m.secret_start, m.confidence) for m in alone
        ]
