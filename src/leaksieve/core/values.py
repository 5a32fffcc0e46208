"""Judging the value of a generic assignment, such as `password = "..."`.

There is no structure to prove here, so the key's name, the way the value is written and its characters
decide together whether it is strong context (medium confidence), plausible (low) or no credential.
"""

import re

from leaksieve.core.candidate import FAILED, IMPOSSIBLE, SILENT, Candidate, Verdict
from leaksieve.core.entropy import shannon

_QUOTES = "\"'`"
_KEY_REACH = 48
_NAME_BEFORE = re.compile(r"[A-Za-z0-9_.\-$]*\Z", re.ASCII)
_NAME_AFTER = re.compile(r"[A-Za-z0-9_\-]*", re.ASCII)

# Words beside "password" or "token" in a name which say that the value is about it, and not it.
_ABOUT = frozenset(
    """
    field fields input inputs label labels name names type types id ids idx index length len min max size count
    limit regex pattern format valid validator validation policy policies rule rules error errors message msg text
    title hint help prompt placeholder confirm confirmation reset forgot change changed url uri endpoint path file
    filename dir location header headers param params parameter column attr attribute property prop selector class
    style icon button form page view route controller service provider manager handler factory model schema table
    event action expiry expire expires expiration expired ttl timeout lifetime duration age interval date time at
    enable enabled disable disabled required visible show hide strength checker encoder generator hasher algorithm
    alg method scheme status state mode version public pub env var variable ref reference arn description desc
    comment example template store storage cache prefix suffix separator bucket region issuer audience scope scopes
    kind fingerprint checksum thumbprint hash hashed hashes digest salt
    """.split()  # noqa: SIM905 - a list of a hundred and fifty quoted words would take a page
)
_NAME_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", re.ASCII)
_CODE = re.compile(
    r"""
      [()\[\]] | ^[a-z_]{2,20}= | [A-Za-z0-9]:$ | -> | => | :: | \+\+ | &&
    | \|\| | ^\$ | ^[:@&*][A-Za-z_] | ^!
    | ^(?:self|this|process|os|env|config|settings|options|opts|args|params|props|state|data|ctx|context|req|request|res
        |response|user|app|secrets|vars?|local|module|each|current_user|Rails|System|input)\s*[.\[]
    | ^(?:true|false|null|none|nil|undefined|void|string|str|int|bool|boolean|bytes|char|object|any|optional|required
        |function|new|return|await|async|lambda|get|set|yes|no|on|off|default|unknown|empty|todo|const|let|var|final|self
        |this|type|sha1|sha256|md5|basic|bearer|oauth2?|jwt|aes)$
    """,
    re.ASCII | re.VERBOSE | re.IGNORECASE,
)
# A regular expression about passwords; it mixes all kinds of characters as a password would.
_REGEX = re.compile(r"\(\?[:=!<iP]|\[\^?[A-Za-z0-9\\]+-[A-Za-z0-9]|\\[dws]|\{\d+,\d*\}", re.ASCII)
_DOTTED = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*(?:\??\.[A-Za-z0-9_-]+)+;?$", re.ASCII)
_IDENTIFIER = re.compile(r"^[A-Za-z_][A-Za-z_]*$", re.ASCII)
_WORDS = re.compile(r"^[A-Za-z]+(?:[_\-./: ][A-Za-z]+)*[.!?:]?$", re.ASCII)
_PATH = re.compile(
    r"^(?:\.{0,2}/|~/|[A-Za-z]:\\|[a-z][a-z0-9+.]*://|\w+/\w+/)|\.(?:js|py|json|ya?ml|html?|txt|pem|key|crt|java|rb|go|ts|php|xml|conf)$",
    re.ASCII,
)
_DATE_OR_VERSION = re.compile(r"^[vV^~<>= ]{0,3}\d+(?:[.\-/:]\d+)+(?:[.\-][A-Za-z0-9]+)?$", re.ASCII)
_REFERENCES = (_DOTTED, _PATH, _DATE_OR_VERSION, _REGEX)
_UUID = re.compile(r"^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$", re.ASCII)

#: Words that stand for a password in examples.
STAND_INS = frozenset(
    ("pass", "password", "passwd", "pwd", "secret", "user", "username", "token", "key", "apikey", "api_key", "api-key")
)

_LEAST_PASSWORD = 4
_STRONG_PASSWORD = 6
_LEAST_TOKEN = 8
_STRONG_TOKEN = 16
_TOKEN_ENTROPY = 3.0
_MANY_WORDS = 2
_ALL_KINDS = 4


def key_name(candidate: Candidate) -> str:
    """Give the whole identifier around a rule's keyword: `db.passwordField` for a match at `password`."""
    text = candidate.text
    before = _NAME_BEFORE.search(text[max(0, candidate.start - _KEY_REACH) : candidate.start])
    after = _NAME_AFTER.match(text, candidate.start, candidate.secret_start)
    return (before[0] if before else "") + (after[0] if after else "")


def _kinds_of_characters(value: str) -> int:
    """Count which of lower case, upper case, digits and others `value` uses."""
    tests = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
    return sum(any(map(test, value)) for test in tests)


def _no_credential(candidate: Candidate, *, quoted: bool) -> str:
    """Give the reason why the value of an assignment is no credential, or ""."""
    value = candidate.secret
    name = key_name(candidate)
    words = {word.lower() for word in _NAME_WORD.findall(name)}
    reasons = {
        "the name is about a credential": not _ABOUT.isdisjoint(words),
        "the value is code": bool(_CODE.search(value)) and not (quoted and _kinds_of_characters(value) == _ALL_KINDS),
        "the value is a reference, path, version or pattern": any(shape.search(value) for shape in _REFERENCES),
        "the value repeats the name": value.lower().strip("_-") in name.lower(),
        "the value is prose": value.count(" ") > _MANY_WORDS or not value.isascii(),
        "the value is binary": not value.isprintable(),
        "the value is an identifier": not quoted and bool(_IDENTIFIER.match(value)),
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def judge_password(candidate: Candidate) -> Verdict:
    """Judge the value assigned to a name that contains a word for password."""
    value = candidate.secret
    quoted = candidate.text[candidate.secret_start - 1] in _QUOTES
    reason = _no_credential(candidate, quoted=quoted)
    if reason or len(value) < _LEAST_PASSWORD:
        return Verdict(IMPOSSIBLE, reason or "too short")
    if _WORDS.match(value):
        return Verdict(FAILED, "the value is a word")
    if len(value) < _STRONG_PASSWORD or _kinds_of_characters(value) < 2 or " " in value:  # noqa: PLR2004
        return Verdict(FAILED, "the value is simple")
    return Verdict(SILENT, "")


def judge_token(candidate: Candidate) -> Verdict:
    """Judge the value assigned to a name that contains a word for token, secret or key."""
    value = candidate.secret
    quoted = candidate.text[candidate.secret_start - 1] in _QUOTES
    reason = _no_credential(candidate, quoted=quoted)
    if reason or len(value) < _LEAST_TOKEN or " " in value:
        return Verdict(IMPOSSIBLE, reason or "too short or with spaces")
    if _WORDS.match(value):
        return Verdict(IMPOSSIBLE, "the value is made of words")
    if len(value) < _STRONG_TOKEN or shannon(value) < _TOKEN_ENTROPY or _kinds_of_characters(value) < 2:  # noqa: PLR2004
        return Verdict(FAILED, "the value is short or even")
    if _UUID.match(value):
        return Verdict(FAILED, "the value is a UUID")
    if not any(map(str.isdigit, value)):
        return Verdict(FAILED, "the value has no digit")
    return Verdict(SILENT, "")


def judge_command_password(candidate: Candidate) -> Verdict:
    """Judge a password given on a command line or in a login entry, where no name tells what it is."""
    value = candidate.secret
    if value.lower() in STAND_INS or (value.isupper() and _IDENTIFIER.match(value)):
        return Verdict(IMPOSSIBLE, "the value stands for a password")
    if _WORDS.match(value) or len(value) < _STRONG_PASSWORD:
        return Verdict(FAILED, "the value is simple")
    return Verdict(SILENT, "")
