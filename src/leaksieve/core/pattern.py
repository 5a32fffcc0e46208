"""One rule at work: its regexes, and the proofs that a candidate must pass."""

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

from leaksieve.core.candidate import FAILED, IMPOSSIBLE, PASSED, Candidate, Verdict
from leaksieve.core.checks import check_named
from leaksieve.core.entropy import shannon
from leaksieve.core.placeholders import placeholder_reason
from leaksieve.core.regexes import UserRegex, compiled
from leaksieve.core.rule import HIGH, LOW, Rule


def path_search(rule: Rule) -> Callable[[str], object]:
    """Give the search for the pattern that a rule has for paths."""
    if rule.trusted:
        return compiled(rule.path, int(re.ASCII)).search
    return UserRegex(rule.path if rule.fragment else f"(?a){rule.path}").finds_in_path


def trusted_regex(rule: Rule) -> tuple[str, int]:
    """Give the regex of a rule of leaksieve's own, and its flags. In a line rule, `^` and `$` stand at its ends."""
    return rule.regex, int(re.ASCII if rule.reach else re.ASCII | re.MULTILINE)


class Judgement(NamedTuple):
    """What the proofs say of a candidate: kept at some confidence, or dropped for a reason."""

    confidence: int
    checks: tuple[str, ...]
    dropped: str


class Pattern:
    """A rule's regexes, compiled when they are first needed.

    Leaksieve's own patterns are bounded and reviewed and run on `re`. Others run on `regex`, which has
    timeouts (see docs/decisions/0002-two-regex-engines.md).
    """

    def __init__(self, rule: Rule) -> None:
        """Remember the rule; compile nothing."""
        self.rule = rule
        anchors = rule.anchors
        self.is_block = rule.reach > 0
        #: Whether every keyword fixes where a match that contains it begins.
        self.is_anchored = all(anchor.earliest == anchor.latest for anchor in anchors)

    @cached_property
    def regex(self) -> re.Pattern[str] | UserRegex:
        """The regex. Character classes are ASCII: the text has one character per byte.

        In a line rule, `^` and `$` stand at the ends of its line, wherever that is in the text.
        """
        if self.rule.trusted:
            return compiled(*trusted_regex(self.rule))
        return UserRegex(f"(?a){self.rule.regex}" if self.is_block else f"(?am){self.rule.regex}")

    @cached_property
    def allowed(self) -> tuple[re.Pattern[str], ...]:
        """Patterns of the rule's allowlists; a secret that one of them finds is dropped."""
        return tuple(compiled(regex, int(re.ASCII)) for allow in self.rule.allow for regex in allow.regexes)

    def at(self, text: str, start: int, end: int) -> Any:  # noqa: ANN401 - a match of either engine
        """Match at `start` exactly."""
        return self.regex.match(text, start, end)

    def within(self, text: str, start: int, end: int) -> Iterator[Any]:
        """Find every match between `start` and `end`, leftmost first, none overlapping."""
        found: Iterator[Any] = self.regex.finditer(text, start, end)
        return found

    def candidate(self, match: Any) -> Candidate:  # noqa: ANN401 - a match of either engine
        """Give what the proofs look at."""
        groups = {name: match.span(name) for name in match.re.groupindex} if match.re.groupindex else {}
        (start, end), (secret_start, secret_end) = match.span(), self._secret_span(match)
        return Candidate(match.string, start, end, secret_start, secret_end, groups)

    def _secret_span(self, match: Any) -> tuple[int, int]:  # noqa: ANN401
        span: tuple[int, int]
        if self.rule.secret_group:
            span = match.span(self.rule.secret_group)
            return span
        # Groups that rules of leaksieve's own name are about the name.
        about = match.re.groupindex.values() if self.rule.trusted else ()
        for group in range(1, match.re.groups + 1):
            if group in about:
                continue
            span = match.span(group)
            if span[0] < span[1]:
                return span
        span = match.span()
        return span

    def judge(self, candidate: Candidate) -> Judgement:
        """Run the proofs on a candidate, cheapest first."""
        rule = self.rule
        secret = candidate.secret
        if not secret:
            return Judgement(0, (), "the secret is empty")
        if rule.entropy and shannon(secret) < rule.entropy:
            return Judgement(0, (), f"entropy is below {rule.entropy}")
        if self._is_allowed(secret):
            return Judgement(0, (), "an allowlist of the rule has it")
        if "\n" not in secret and (reason := placeholder_reason(secret)):
            return Judgement(0, (), f"the value is a placeholder ({reason})")
        confidence, labels = rule.confidence, []
        for _, (outcome, label) in self.verdicts(candidate):
            if outcome == IMPOSSIBLE:
                return Judgement(0, (), label)
            confidence = HIGH if outcome == PASSED else LOW if outcome == FAILED else confidence
            if label:
                labels.append(label)
        return Judgement(confidence, tuple(labels), "")

    def verdicts(self, candidate: Candidate) -> Iterator[tuple[str, Verdict]]:
        """Run the checks of the rule, each with its name. The last that passes or fails decides the confidence."""
        for name in self.rule.checks:
            yield name, check_named(name)(candidate)

    def _is_allowed(self, secret: str) -> bool:
        lowered = secret.lower()
        return any(word in lowered for allow in self.rule.allow for word in allow.stopwords) or any(
            pattern.search(secret) for pattern in self.allowed
        )
