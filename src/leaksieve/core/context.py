"""Judging a value that only a provider's name beside it makes a credential."""

import re

from leaksieve.core.candidate import FAILED, SILENT, Candidate, Verdict
from leaksieve.core.values import judge_command_token, judge_token

# The name that is assigned to, from its last word for a credential on, up to the value.
_NAME = re.compile(
    r"(key|token|secret|auth)[a-z0-9_-]{0,12}[^a-z0-9]{0,24}(?:(?:string|str)[ \t=:]{1,8}[^a-z0-9]{0,3})?$"
)
# The constructor of a client, of which a generic rule would have found the argument.
_CLIENT = re.compile(r"client\([\"'`]$")
# Names that mean a credential whoever the provider is, as generic rules know them.
_CREDENTIAL = re.compile(r"secret|token|(?:api|access|auth|account|private|signing|master|encryption)[_. -]?key$")


def judge_in_context(candidate: Candidate) -> Verdict:
    """Judge a value of the provider's alphabet and length as a generic rule would: by the name and by its characters.

    It is strong context when the name means a credential by itself and the value looks generated; otherwise the
    provider's name is all there is, and the finding is lowered.
    """
    before = candidate.text[candidate.start : candidate.secret_start].lower()
    if _CLIENT.search(before) and judge_command_token(candidate).outcome == SILENT:
        return Verdict(SILENT, "provider's name, alphabet and length")
    name = _NAME.search(before)
    if name is None:
        return Verdict(FAILED, "only the provider's name beside it says so")
    # The provider's own name may hold a word that would excuse any value, such as the "route" of Route4Me.
    begin = candidate.start + name.start()
    text = candidate.text[begin : candidate.end + 1]
    verdict = judge_token(Candidate(text, 0, len(text), candidate.secret_start - begin, candidate.secret_end - begin))
    if verdict.outcome != SILENT:
        return verdict
    if not _CREDENTIAL.search(before[: name.end(1)]):
        return Verdict(FAILED, "only the provider's name beside it says so")
    return Verdict(SILENT, "provider's name, alphabet and length")
