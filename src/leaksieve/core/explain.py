"""How far a text gets through the sieve, step by step, for a person who writes or doubts a rule."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from leaksieve.core.allowlists import Allowlists
from leaksieve.core.candidate import FAILED, IMPOSSIBLE, PASSED, SILENT
from leaksieve.core.decode import characters, display
from leaksieve.core.detector import Detector, lower_ascii
from leaksieve.core.entropy import shannon
from leaksieve.core.finding import Match
from leaksieve.core.fragments import FragmentDetector
from leaksieve.core.pattern import path_search
from leaksieve.core.positions import Positions, has_what_it_requires
from leaksieve.core.rule import LEVEL_NAMES, Rule

_MEANINGS = {
    PASSED: "passed, which raises the confidence to high",
    FAILED: "failed, which lowers the confidence to low",
    IMPOSSIBLE: "cannot be a credential",
    SILENT: "neither raises nor lowers",
}
_NO_MATCH = "the regex does not match around it"
_TOO_SLOW = "the regex took too long: it is skipped here, and a scan is incomplete"


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
        return self.steps[-1] != _NO_MATCH


class _Text(NamedTuple):
    """A text with all that rules find in it, which decides about each match."""

    detector: Detector
    allowlists: Allowlists
    text: str
    settled: Sequence[Match]


def explain(detector: Detector, text: str) -> Iterator[Explanation]:
    """Explain every rule with a keyword in `text`, then fragment rules that match it."""
    settled = detector.matches(text)
    fragments = FragmentDetector(detector.rules, detector.timed_out.add).matches(text, settled)
    whole = _Text(detector, Allowlists(detector.rules.allowlists), text, [*settled, *fragments])
    for number, matches in detector.regex_matches(text):
        rule = detector.rules[number]
        keywords = _keywords(rule, lower_ascii(text))
        if not matches:
            yield Explanation(rule.id, (keywords, _TOO_SLOW if matches is None else _NO_MATCH), found=False)
        for match in matches or ():
            yield _explained(whole, number, match, keywords)
    for found in fragments:
        rule = detector.rules[found.rule]
        spans = _spans(found.start, found.end, found[3:5])
        yield _settled(
            whole, found, rule, ["searched in the whole text, as the tool that it was written for does", spans]
        )


def explain_absence(rule: Rule, text: str) -> Explanation:
    """Explain a rule of which `explain` had nothing to say."""
    if rule.is_path_rule:
        matches = bool(path_search(rule)(characters(text).strip()))
        verdict = "found, if the text is one" if matches else "the text would be none"
        return Explanation(rule.id, (f"looks at file names that match {rule.path}", verdict), found=matches)
    if rule.fragment:
        keywords = ", ".join(map(repr, rule.fragment.keywords))
        wanted = f" that hold {keywords}" if keywords else ""
        return Explanation(rule.id, (f"searches whole texts{wanted}", "does not match"), found=False)
    keywords = ", ".join(repr(display(anchor.keyword)) for anchor in rule.anchors)
    return Explanation(rule.id, (f"none of its keywords is in the text: {keywords}",), found=False)


def _keywords(rule: Rule, lowered: str) -> str:
    places = {anchor.keyword: lowered.find(anchor.keyword) for anchor in rule.anchors}
    found = [f"{display(keyword)!r} at character {at + 1}" for keyword, at in places.items() if at >= 0]
    return f"keyword {' and '.join(found)}"


def _spans(start: int, end: int, secret: tuple[int, ...]) -> str:
    matched = f"the regex matches characters {start + 1} to {end}"
    return matched if secret == (start, end) else f"{matched}, of which {secret[0] + 1} to {secret[1]} are the secret"


def _explained(whole: _Text, number: int, match: Any, keywords: str) -> Explanation:  # noqa: ANN401 - either engine
    pattern, rule = whole.detector.pattern(number), whole.detector.rules[number]
    candidate = pattern.candidate(match)
    span = candidate.secret_start, candidate.secret_end
    judgement = pattern.judge(candidate)
    steps = [keywords, _spans(match.start(), match.end(), span)]
    if rule.entropy:
        steps.append(f"entropy {shannon(candidate.secret):.2f} bits a character, of at least {rule.entropy}")
    if judgement.dropped:
        return Explanation(rule.id, (*steps, f"dropped: {judgement.dropped}"), found=False)
    steps += [
        f"check {name}: {label or 'nothing to tell'} ({_MEANINGS[outcome]})"
        for name, (outcome, label) in pattern.verdicts(candidate)
    ]
    rivals = [other for other in whole.settled if other.secret_start < span[1] and span[0] < other.secret_end]
    found = next((other for other in rivals if other.rule == number and other[3:5] == span), None)
    if found is None:
        names = " and ".join(dict.fromkeys(whole.detector.rules[other.rule].id for other in rivals))
        return Explanation(rule.id, (*steps, f"left to {names}, which knows more of it"), found=False)
    return _settled(whole, found, rule, steps)


def _settled(whole: _Text, found: Match, rule: Rule, steps: list[str]) -> Explanation:
    """Say what allowlists, conditions and other rules make of a match that the proofs let through."""
    if whole.allowlists.by_text(rule.id, whole.text, found) is None:
        return Explanation(rule.id, (*steps, "dropped: an allowlist of the configuration has it"), found=False)
    steps += [f"counts in paths that match {rule.path}"] if rule.path else []
    steps += [f"counts within {wanted.within_lines} lines of {wanted.rule}" for wanted in rule.requires]
    if not has_what_it_requires(whole.detector.rules, found, whole.settled, Positions(whole.text)):
        return Explanation(rule.id, (*steps, "dropped: that is not in the text"), found=False)
    if not rule.reported:
        return Explanation(rule.id, (*steps, "counts only for the rules that require it"), found=False)
    return Explanation(rule.id, (*steps, f"found with {LEVEL_NAMES[found.confidence]} confidence"), found=True)
