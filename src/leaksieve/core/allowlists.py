"""Allowlists that speak of many rules, in two steps: what the text decides, and what the path and the commit do.

The text is known to the worker that scans it; the paths and commits of a history are known only when every text has
been scanned.
"""

from collections.abc import Sequence

from leaksieve.core.decode import characters
from leaksieve.core.finding import Match
from leaksieve.core.regexes import UserRegex
from leaksieve.core.rule import Allowlist


class Allowlists:
    """Allowlists at work."""

    def __init__(self, allowlists: Sequence[Allowlist]) -> None:
        """Compile nothing yet."""
        self._each = [
            (allow, [UserRegex(regex) for regex in allow.regexes], [UserRegex(path) for path in allow.paths])
            for allow in allowlists
        ]

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return bool(self._each)

    def by_text(self, rule: str, text: str, match: Match) -> tuple[int, ...] | None:
        """Judge a match by its text.

        Returns:
            None when an allowlist drops it. Otherwise the numbers of those that the text satisfies and that drop it
            where their paths and commits hold, too.

        Raises:
            TimeoutError: a pattern took too long.
        """
        pending = []
        for number, (allow, regexes, _) in enumerate(self._each):
            if allow.rules and rule not in allow.rules:
                continue
            conditions = _text_conditions(allow, regexes, text, match)
            if not allow.every and any(conditions):
                return None
            if allow.every and all(conditions):
                if not allow.paths and not allow.commits:
                    return None
                pending.append(number)
        return tuple(pending)

    def by_place(self, rule: str, satisfied: Sequence[int], path: str, commit: str | None) -> bool:
        """Tell whether an allowlist drops what stands at a path and came with a commit.

        Args:
            rule: the rule's id.
            satisfied: what `by_text` gave; a match of a file's name has no text, and gets ().
            path: slash-separated, "" where there is none.
            commit: the commit's full id, or None where there is none.
        """
        for number, (allow, regexes, paths) in enumerate(self._each):
            if allow.rules and rule not in allow.rules:
                continue
            conditions = [any(path_pattern.finds_in_path(path) for path_pattern in paths)] if paths else []
            conditions += [commit in allow.commits] if allow.commits else []
            of_text = bool(regexes or allow.stopwords)
            if allow.every and of_text and number not in satisfied:
                continue
            if conditions and (all if allow.every else any)(conditions):
                return True
        return False


def _text_conditions(allow: Allowlist, regexes: Sequence[UserRegex], text: str, match: Match) -> list[bool]:
    """Tell for each kind of condition on the text whether it holds. The text has one character per byte."""
    conditions = []
    secret = characters(text[match.secret_start : match.secret_end])
    if regexes:
        target = secret if allow.target == "secret" else characters(text[slice(*_target(allow.target, text, match))])
        conditions.append(any(regex.search(target) for regex in regexes))
    if allow.stopwords:
        lowered = secret.lower()
        conditions.append(any(word in lowered for word in allow.stopwords))
    return conditions


def _target(target: str, text: str, match: Match) -> tuple[int, int]:
    if target == "match":
        return match.start, match.end
    end = text.find("\n", max(match.start, match.end - 1))
    return text.rfind("\n", 0, match.start) + 1, len(text) if end < 0 else end
