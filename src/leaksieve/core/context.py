"""Judging a value that only a provider's name beside it makes a credential."""

import re

from leaksieve.core.candidate import FAILED, IMPOSSIBLE, SILENT, Candidate, Verdict
from leaksieve.core.names import is_about
from leaksieve.core.values import judge_command_token, judge_token

# Names that mean a credential whoever the provider is, as generic rules know them.
_CREDENTIAL = re.compile(
    r"(?i:secret|token|pass(?:word|wd)?|pwd|(?:api|access|auth|account|private|signing|master|encryption)[_. -]?key)$"
)
# The word before these may make them names of protocols, pages and tables: `cache_key`, but not `cache_api_key`.
_PLAIN = ("key", "token")
_COMPOUND = re.compile(r"(?i:api|access|auth|account|private|signing|master|encryption|app|client)[_. -]?$")
# What may stand between the provider's word and the name when both are one: `acme.prod["key`, `[acme] key`.
_JOINED = re.compile(r"""[0-9A-Za-z_. \[\]"'`>:-]{0,24}""")
_SIGNS = re.compile(r"[^0-9A-Za-z]")
# The constructor of a client, of which a generic rule would have found the argument.
_CLIENT = re.compile(r"(?i:client\([\"'`])$")
_NOWHERE = (-1, -1)
# In the place of a name that a rule knows, whatever it means.
_KNOWN = "credential"
# A setter's name stands before, and the end of a pair behind.
_REACH = 80


def judge_name(candidate: Candidate) -> Verdict:
    """Judge by the rest of the name alone, for a value that its beginning or form tells: `ACME_KEY_HASH` has none.

    The rule's regex has the group `rest`.
    """
    begin, end = candidate.groups.get("rest", _NOWHERE)
    if is_about("", _KNOWN + candidate.text[max(begin, 0) : max(end, 0)]):
        return Verdict(IMPOSSIBLE, "the name is about a credential")
    return Verdict(SILENT, "")


def judge_in_context(candidate: Candidate) -> Verdict:
    """Judge a value of the provider's alphabet and length as a generic rule would: by the name and by its characters.

    The rule's regex has the groups `rest`, the rest of the name, and, where it knows a provider's word and a name apart
    from it, `between` or `joined`, what stands between them. It is strong context when the name means a credential by
    itself, or is one with the provider's word, and the value looks generated; otherwise the finding is lowered.
    """
    groups, text = candidate.groups, candidate.text
    name_end, _ = groups.get("rest", _NOWHERE)
    if name_end < 0:
        return _judge_argument(candidate)
    begin, end = max(groups.get("between", _NOWHERE), groups.get("joined", _NOWHERE))
    gap, name = (text[begin:end], text[end:name_end]) if begin >= 0 else ("", "")
    verdict = judge_token(_plain(candidate, gap, name, name_end))
    if verdict.outcome != SILENT:
        return verdict
    if name and not _CREDENTIAL.search(gap + name) and not _JOINED.fullmatch(gap):
        return Verdict(FAILED, "only the provider's name beside it says so")
    return Verdict(SILENT, "provider's name, alphabet and length")


def _judge_argument(candidate: Candidate) -> Verdict:
    """Judge what no name is assigned: the argument of a call that the provider's word begins, or what a rule knows."""
    begin, end = candidate.groups.get("call", _NOWHERE)
    if begin < 0:
        return Verdict(SILENT, "")
    is_client = _CLIENT.search(candidate.text, begin, end) is not None
    if is_client and judge_command_token(candidate).outcome == SILENT:
        return Verdict(SILENT, "provider's name, alphabet and length")
    return Verdict(FAILED, "only the provider's name beside it says so")


def _plain(candidate: Candidate, gap: str, name: str, name_end: int) -> Candidate:
    """Put a plain word in the place of those that the rule knows; what they mean says nothing of the value.

    The "route" of Route4Me and Telegram's `api_hash` would excuse any value. So would the signs of one whose form is
    what the rule looks for: it is no UUID, path or reference, and judged by its letters and digits.
    """
    text = candidate.text
    before = text[max(0, candidate.start - _REACH) : candidate.start] + gap
    known = name if name.lower() in _PLAIN and not _COMPOUND.search(gap) else _KNOWN
    named = before + known + text[name_end : candidate.secret_start]
    whole = named + _SIGNS.sub("", candidate.secret)
    behind = text[candidate.secret_end : candidate.secret_end + _REACH]
    return Candidate(whole + behind, len(before), len(whole), len(named), len(whole))
