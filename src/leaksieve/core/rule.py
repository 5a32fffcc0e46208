"""A rule: what one kind of credential looks like and how sure a match of it is."""

from typing import Any, NamedTuple

LOW, MEDIUM, HIGH, CRITICAL = 1, 2, 3, 4
CONFIDENCES = {"low": LOW, "medium": MEDIUM, "high": HIGH}
SEVERITIES = {"low": LOW, "medium": MEDIUM, "high": HIGH, "critical": CRITICAL}
LEVEL_NAMES = {LOW: "low", MEDIUM: "medium", HIGH: "high", CRITICAL: "critical"}

#: How much a rule knows of its credential, when two rules claim the same bytes: the larger number wins.
SPECIFIC = 100

#: What a credential is, in the words of the report.
KINDS = (
    "access-token",
    "api-key",
    "client-id-pair",
    "connection-string",
    "encryption-key",
    "file",
    "oauth-client-secret",
    "password",
    "private-key",
    "refresh-token",
    "session",
    "signing-key",
    "webhook-url",
)


class Anchor(NamedTuple):
    """A keyword of a rule, and where in a match it begins (characters from the match's start)."""

    keyword: str
    earliest: int
    latest: int


class Allowlist(NamedTuple):
    """Shapes that are never findings of a rule. Those of shipped rules have the first three fields only.

    Attributes:
        regexes: patterns searched in the target.
        stopwords: lower-case words; a secret that contains one is dropped.
        paths: patterns searched in the slash-separated path.
        commits: full object ids, in lower case, of commits that brought what is no finding.
        target: where the regexes are searched: in the "secret", the whole "match", or every "line" that it touches.
        every: whether all the conditions that are given must hold together; otherwise one is enough.
        rules: the ids of the rules that it speaks of; none for all.
    """

    regexes: tuple[str, ...] = ()
    stopwords: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    target: str = "secret"
    every: bool = False
    rules: tuple[str, ...] = ()


class Neighbour(NamedTuple):
    """The other half of a composite: a rule that must match in the same text, so many lines and columns away at most.

    What counts is where the matches begin; None is anywhere.
    """

    rule: str
    within_lines: int | None
    within_columns: int | None = None


class Fragment(NamedTuple):
    """What makes a *fragment rule*: one that is searched in whole texts, as other tools' rules are.

    Its regex may be unbounded and cross lines, and its keywords need not stand in its matches.

    Attributes:
        keywords: in lower case; a text that has none of them is not searched. Empty: every text is.
    """

    keywords: tuple[str, ...]


class Rule(NamedTuple):
    """What to look for. Built from TOML by `leaksieve.ruleset`, which has checked every field.

    Attributes:
        anchors: keywords with their offsets; every match contains one of them. Empty for a path rule.
        secret_group: the capture group that holds the secret; 0 takes the first group that took part
            in the match, or the whole match when there is none.
        entropy: least Shannon entropy of the secret in bits per character; 0 for no bound.
        reach: 0 for a line rule; for a block rule the characters that a match may span over lines.
        longest: the longest possible match, in characters, computed from the parse tree.
        ahead: characters after a match that its lookaheads may read.
        path: a pattern searched in the path; alone, without a regex, it makes a path rule.
        requires: makes a composite: all of these must match nearby.
        trusted: whether the pattern comes with leaksieve. Others run under a timeout.
        fragment: what a fragment rule has beyond this; its anchors are empty, and its lengths 0.
        reported: whether its matches are findings, rather than only what composites require.
    """

    id: str
    description: str
    provider: str
    kind: str
    regex: str
    anchors: tuple[Anchor, ...]
    secret_group: int
    entropy: float
    severity: int
    confidence: int
    checks: tuple[str, ...]
    specificity: int
    reach: int
    longest: int
    ahead: int
    path: str
    requires: tuple[Neighbour, ...]
    allow: tuple[Allowlist, ...]
    revoke: str
    references: tuple[str, ...]
    family: str
    trusted: bool
    fragment: Fragment | None = None
    reported: bool = True

    @property
    def is_path_rule(self) -> bool:
        """Whether the rule looks at file names only."""
        return not self.regex


def rule_from_json(fields: list[Any]) -> Rule:
    """Rebuild a rule after a trip through JSON, which makes lists of its tuples."""
    fields = list(fields)
    fields[5] = tuple(Anchor(*anchor) for anchor in fields[5])
    fields[10] = tuple(fields[10])
    fields[16] = tuple(Neighbour(*each) for each in fields[16])
    fields[17] = tuple(allowlist_from_json(allow) for allow in fields[17])
    fields[19] = tuple(fields[19])
    fields[22] = fields[22] and Fragment(tuple(fields[22][0]))
    return Rule(*fields)


def allowlist_from_json(fields: list[Any]) -> Allowlist:
    """Rebuild an allowlist in the same way."""
    regexes, stopwords, paths, commits, target, every, rules = fields
    return Allowlist(tuple(regexes), tuple(stopwords), tuple(paths), tuple(commits), target, every, tuple(rules))
