"""How far a text gets through the sieve, step by step, for a person who writes or doubts a rule."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from leaksieve.core.candidate import FAILED, IMPOSSIBLE, PASSED, SILENT
from leaksieve.core.checks import check_named
from leaksieve.core.decode import display
from leaksieve.core.detector import Detector, lower_ascii
from leaksieve.core.entropy import shannon
from leaksieve.core.finding import Match
from leaksieve.core.rule import LEVEL_NAMES, Rule

_NO_MATCH = "the regex does not match around it"
_MEANINGS = {
    PASSED: "passed, which raises the confidence to high",
    FAILED: "failed, which lowers the confidence to low",
    IMPOSSIBLE: "cannot be a credential",
    SILENT: "neither raises nor lowers",
}


class Explanation(NamedTuple):
    """What became of one rule and one match of its regex, or of the rule when its regex matches nowhere.

    Attributes:
        steps: one sentence for each step of the sieve, in order; the last is the verdict.
        found: whether it ends as a finding.
    """

    rule: str
    steps: tuple[str, ...]
    found: bool

    @property
    def is_match(self) -> bool:
        """Whether the regex matches, so that there is more to tell than keywords."""
        return self.steps[1] != _NO_MATCH


def explain(detector: Detector, text: str) -> Iterator[Explanation]:
    """Explain every rule with a keyword in `text`."""
    settled = detector.matches(text)
    for number, matches in detector.regex_matches(text):
        rule = detector.rules[number]
        keywords = _keywords(rule, lower_ascii(text))
        if not matches:
            yield Explanation(rule.id, (keywords, _NO_MATCH), found=False)
        for match in matches:
            yield _explained(detector, number, match, settled, keywords)


def _keywords(rule: Rule, lowered: str) -> str:
    places = {anchor.keyword: lowered.find(anchor.keyword) for anchor in rule.anchors}
    found = [f"{display(keyword)!r} at character {at + 1}" for keyword, at in places.items() if at >= 0]
    return f"keyword {' and '.join(found)}"


def _explained(detector: Detector, number: int, match: Any, settled: list[Match], keywords: str) -> Explanation:  # noqa: ANN401
    pattern, rule = detector.pattern(number), detector.rules[number]
    candidate = pattern.candidate(match)
    span = candidate.secret_start, candidate.secret_end
    judgement = pattern.judge(candidate)
    steps = [keywords, f"the regex matches characters {match.start() + 1} to {match.end()}"]
    if span != match.span():
        steps[-1] += f", of which {span[0] + 1} to {span[1]} are the secret"
    if rule.entropy:
        steps.append(f"entropy {shannon(candidate.secret):.2f} bits a character, of at least {rule.entropy}")
    if judgement.dropped:
        return Explanation(rule.id, (*steps, f"dropped: {judgement.dropped}"), found=False)
    for name in rule.checks:
        outcome, label = check_named(name)(candidate)
        steps.append(f"check {name}: {label or 'nothing to tell'} ({_MEANINGS[outcome]})")
    rivals = [other for other in settled if other.secret_start < span[1] and span[0] < other.secret_end]
    if not any(other.rule == number and other[3:5] == span for other in rivals):
        names = " and ".join(dict.fromkeys(detector.rules[other.rule].id for other in rivals))
        return Explanation(rule.id, (*steps, f"left to {names}, which knows more of it"), found=False)
    steps += [f"counts in paths that match {rule.path}"] if rule.path else []
    steps += [f"counts within {wanted.within_lines} lines of {wanted.rule}" for wanted in rule.requires]
    if not rule.reported:
        return Explanation(rule.id, (*steps, "counts only for the rules that require it"), found=False)
    return Explanation(rule.id, (*steps, f"found with {LEVEL_NAMES[judgement.confidence]} confidence"), found=True)
