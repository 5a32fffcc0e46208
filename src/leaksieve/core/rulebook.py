"""Many rules, of which a scan needs few: each is read from its JSON when it is first asked for.

A hook that loads a thousand rules meets the keywords of ten. Reading all of them took it 5 ms, and making the
keyword table 2 ms; both are done when the book is made, and the table is kept with it.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import overload

from leaksieve.core.rule import Allowlist, Rule, allowlist_from_json, rule_from_json

# Where the regexes of a thousand rules begin to be alike, for two thousand characters (`leaksieve.ruleset.assignment`).
# They are written once, and this, which JSON escapes, in their place.
_ALIKE, _MARK = "(?P<rest>", "\0"

#: A rule's number, and the earliest and latest offset of a keyword in its matches.
Target = tuple[int, int, int]


def written(targets: Iterable[Target]) -> str:
    """Write targets as a line of numbers: a table of five thousand keywords is read three times as fast."""
    return " ".join(str(number) for target in targets for number in target)


@cache
def targets_of(text: str) -> tuple[Target, ...]:
    """Read what `written` wrote; few keywords are met."""
    numbers = iter(map(int, text.split()))
    return tuple(zip(numbers, numbers, numbers, strict=True))


# Signs of source code, the commonest first. The automaton tries the ways on from a place in the order in which its
# words were added: 12.4 ns a character for 14.3.
_BY_FREQUENCY = {
    sign: place for place, sign in enumerate(" etaoinsrlcdpumfgh_.=\"'(),-y:bvwk/xj01q2z[]{}3456789>\\<*#;+&@$%!|?~`^")
}


class RuleBook(Sequence[Rule]):
    """An immutable sequence of rules, sorted by id, with the table of their keywords.

    Attributes:
        keywords: for every keyword, the rules that it may stand for, as `targets_of` reads them.
        path_rules: the numbers of the rules that look at file names only.
        fragment_rules: the numbers of the rules that are searched in whole texts.
        allowlists: those that speak of many rules or of all.
        excluded: patterns of paths that are left out.
        notes: what a report must tell of the rules, a line each.
    """

    def __init__(self, text: str) -> None:
        """Open a book from the text that `text` gave."""
        table, _, rules = text.partition("\n")
        self._table = table
        self._ids: list[str]
        self.keywords: dict[str, str]
        self.fragment_rules: list[int]
        self.excluded: list[str]
        self.notes: list[str]
        self._ids, self.path_rules, self._block_rules, self.keywords, self.fragment_rules, *rest = json.loads(table)
        lists, self.excluded, self.notes, self._shared = rest
        self.allowlists = tuple(allowlist_from_json(fields) for fields in lists)
        self._lines = rules.split("\n") if rules else []
        self._rules: dict[int, Rule] = {}
        self._numbers: dict[str, int] = {}

    @classmethod
    def of(
        cls,
        rules: Iterable[Rule],
        allowlists: Iterable[Allowlist] = (),
        excluded: Iterable[str] = (),
        notes: Iterable[str] = (),
    ) -> "RuleBook":
        """Make a book of rules, in the order of their ids."""
        ordered = sorted(rules, key=lambda rule: rule.id)
        keywords: dict[str, list[Target]] = {}
        for number, rule in enumerate(ordered):
            for keyword, earliest, latest in rule.anchors:
                keywords.setdefault(keyword, []).append((number, earliest, latest))
        paths = [number for number, rule in enumerate(ordered) if rule.is_path_rule]
        blocks = [number for number, rule in enumerate(ordered) if rule.reach]
        fragments = [number for number, rule in enumerate(ordered) if rule.fragment and rule.regex]
        ordered_keywords = sorted(
            keywords, key=lambda keyword: [_BY_FREQUENCY.get(sign, len(keywords)) for sign in keyword]
        )
        places = {keyword: written(keywords[keyword]) for keyword in ordered_keywords}
        table = [[rule.id for rule in ordered], paths, blocks, places, fragments]
        lines = [json.dumps(rule, separators=(",", ":")) for rule in ordered]
        shared = _shared(lines)
        table += [[*allowlists], [*excluded], [*notes], shared]
        lines = [line.replace(shared, _MARK) for line in lines] if shared else lines
        return cls("\n".join([json.dumps(table, separators=(",", ":")), *lines]))

    @property
    def text(self) -> str:
        """The book as text: a line with the table, then a line for each rule."""
        return "\n".join((self._table, *self._lines))

    @overload
    def __getitem__(self, number: int) -> Rule: ...

    @overload
    def __getitem__(self, number: slice) -> list[Rule]: ...

    def __getitem__(self, number: int | slice) -> Rule | list[Rule]:
        """Give a rule by its number."""
        if isinstance(number, slice):
            return [self[each] for each in range(len(self))[number]]
        if number not in self._rules:
            self._rules[number] = rule_from_json(json.loads(self._lines[number].replace(_MARK, self._shared)))
        return self._rules[number]

    def __len__(self) -> int:
        """Count the rules."""
        return len(self._ids)

    def __iter__(self) -> Iterator[Rule]:
        """Read every rule."""
        return (self[number] for number in range(len(self)))

    def only(self, kept: Callable[[Rule], bool]) -> "RuleBook":
        """Give a book of those rules that `kept` accepts, and of those that they require; the rest of it stays."""
        rules = with_required(list(filter(kept, self)), self)
        return RuleBook.of(rules, self.allowlists, self.excluded, self.notes)

    def is_block(self, number: int) -> bool:
        """Tell whether a rule is a block rule, without reading it."""
        return number in self._block_rules

    def named(self, rule_id: str) -> Rule:
        """Give a rule by its id.

        Raises:
            KeyError: there is none.
        """
        if not self._numbers:
            self._numbers = {name: number for number, name in enumerate(self._ids)}
        return self[self._numbers[rule_id]]


def _shared(lines: Iterable[str]) -> str:
    """Give the text with which many lines go on alike."""
    tails = [line[at:] for line in lines if (at := line.find(_ALIKE)) >= 0]
    first, last = min(tails, default=""), max(tails, default="")
    return next((first[:size] for size in range(len(first), 0, -1) if last.startswith(first[:size])), "")


def with_required(kept: Sequence[Rule], known: Iterable[Rule]) -> list[Rule]:
    """Add to rules those that they require and that were left out: these stay at work, and are not reported."""
    wanted = {wanted.rule for rule in kept for wanted in rule.requires} - {rule.id for rule in kept}
    if not wanted:
        return [*kept]
    missing = [rule._replace(reported=False) for rule in known if rule.id in wanted]
    return with_required([*kept, *missing], known) if missing else [*kept]
