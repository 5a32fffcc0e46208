"""Fragment rules at work: other tools' rules, searched in a whole text as those tools search theirs.

Their regexes may be unbounded and cross lines, and their keywords need not stand in their matches, so a match is no
function of a line. Texts are searched whole, under a timeout, and a history is read by the full engine.
"""

from collections.abc import Callable, Iterator, Sequence

from leaksieve.core.decode import characters
from leaksieve.core.entropy import shannon
from leaksieve.core.finding import Match
from leaksieve.core.keywords import KeywordIndex
from leaksieve.core.regexes import UserRegex
from leaksieve.core.rule import SPECIFIC, Fragment, Rule
from leaksieve.core.rulebook import RuleBook, targets_of, written

# A text is searched whole, so a rule has longer for it than one for a line has.
_TIMEOUT_SECONDS = 10.0


class FragmentDetector:
    """All fragment rules of a book, ready to search texts."""

    def __init__(self, rules: RuleBook, timed_out: Callable[[str], object]) -> None:
        """Build the keyword automaton.

        Args:
            rules: the book.
            timed_out: told the id of a rule that took too long on a text.
        """
        self._patterns = {number: _Pattern(rules[number]) for number in rules.fragment_rules}
        self._timed_out = timed_out
        keywords: dict[str, list[tuple[int, int, int]]] = {}
        self._always: list[int] = []
        for number, pattern in self._patterns.items():
            if not pattern.fragment.keywords:
                self._always.append(number)
            for keyword in pattern.fragment.keywords:
                keywords.setdefault(keyword, []).append((number, 0, 0))
        self._index = KeywordIndex({keyword: written(targets) for keyword, targets in keywords.items()})

    def matches(self, text: str, others: Sequence[Match]) -> list[Match]:
        """Find every match of every rule, in order of the rules, and of their places.

        Args:
            text: the whole text, one character per byte.
            others: what the other rules found; what overlaps them is left to them by rules that know less.
        """
        shown = characters(text)
        found: list[Match] = []
        for number in self._asked(shown):
            pattern = self._patterns[number]
            try:
                matches = [Match(number, *span, pattern.rule.confidence, ()) for span in pattern.spans(shown)]
            except TimeoutError:
                self._timed_out(pattern.rule.id)
                continue
            matches = matches if shown is text else list(_in_bytes(shown, matches))
            found += matches if pattern.rule.specificity >= SPECIFIC else _apart(matches, others)
        return found

    def _asked(self, shown: str) -> list[int]:
        """Give the rules that have a keyword in a text, and those without keywords."""
        hit = {target[0] for _, (_, targets) in self._index.hits(shown.lower()) for target in targets_of(targets)}
        return sorted(hit.union(self._always))


class _Pattern:
    """One rule at work."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.fragment: Fragment = rule.fragment or Fragment(())
        self._regex = UserRegex(rule.regex, _TIMEOUT_SECONDS)

    def spans(self, text: str) -> Iterator[tuple[int, int, int, int]]:
        """Give the span of each match without the newlines around it, and that of its secret."""
        for found in self._regex.finditer(text):
            whole = found[0]
            trimmed = whole.strip("\n")
            start = found.start() + len(whole) - len(whole.lstrip("\n"))
            secret = self._secret(trimmed)
            if secret is not None and self._is_random(trimmed[secret[0] : secret[1]]):
                yield start, start + len(trimmed), start + secret[0], start + secret[1]

    def _secret(self, match: str) -> tuple[int, int] | None:
        """Find the secret in a match by searching the match alone, as gitleaks does: its ends are ends of text then."""
        again = self._regex.search(match)
        group = self.rule.secret_group
        wanted = [group] if group else range(1, again.re.groups + 1) if again else []
        spans: list[tuple[int, int]] = [again.span(number) for number in wanted] if again else []
        spans += [] if group else [(0, len(match))]
        return next((span for span in spans if span[0] < span[1]), None)

    def _is_random(self, secret: str) -> bool:
        # Per character; gitleaks divides by bytes, which is the same for ASCII and wrong for everything else.
        return not self.rule.entropy or shannon(secret) > self.rule.entropy


def _apart(matches: Sequence[Match], others: Sequence[Match]) -> list[Match]:
    """Keep the matches whose secret no other match touches."""
    return [
        match
        for match in matches
        if not any(match.secret_start < other.secret_end and other.secret_start < match.secret_end for other in others)
    ]


def _in_bytes(shown: str, matches: Sequence[Match]) -> Iterator[Match]:
    """Turn offsets of characters into offsets of bytes."""
    wanted = sorted({offset for match in matches for offset in match[1:5]})
    offsets: dict[int, int] = {}
    last = size = 0
    for offset in wanted:
        size += len(shown[last:offset].encode("utf-8", "surrogateescape"))
        offsets[offset], last = size, offset
    for match in matches:
        yield match._replace(
            start=offsets[match.start],
            end=offsets[match.end],
            secret_start=offsets[match.secret_start],
            secret_end=offsets[match.secret_end],
        )
