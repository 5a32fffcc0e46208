"""Many rules, of which a scan needs few: each is read from its JSON when it is first asked for.

A hook that loads a thousand rules meets the keywords of ten. Reading all of them took it 5 ms, and making the
keyword table 2 ms; both are done when the book is made, and the table is kept with it.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import overload

from leaksieve.core.rule import Allowlist, Rule, allowlist_from_json, rule_from_json

#: A rule's number, and the earliest and latest offset of a keyword in its matches.
Target = tuple[int, int, int]


class RuleBook(Sequence[Rule]):
    """An immutable sequence of rules, sorted by id, with the table of their keywords.

    Attributes:
        keywords: for every keyword, the rules that it may stand for.
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
        self.fragment_rules: list[int]
        self.excluded: list[str]
        self.notes: list[str]
        self._ids, self.path_rules, self._block_rules, self.keywords, self.fragment_rules, *rest = json.loads(table)
        lists, self.excluded, self.notes = rest
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
        table = [[rule.id for rule in ordered], paths, blocks, keywords, fragments]
        table += [[*allowlists], [*excluded], [*notes]]
        return cls("\n".join(json.dumps(part, separators=(",", ":")) for part in (table, *ordered)))

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
            self._rules[number] = rule_from_json(json.loads(self._lines[number]))
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


def with_required(kept: Sequence[Rule], known: Iterable[Rule]) -> list[Rule]:
    """Add to rules those that they require and that were left out: these stay at work, and are not reported."""
    wanted = {wanted.rule for rule in kept for wanted in rule.requires} - {rule.id for rule in kept}
    if not wanted:
        return [*kept]
    missing = [rule._replace(reported=False) for rule in known if rule.id in wanted]
    return with_required([*kept, *missing], known) if missing else [*kept]
