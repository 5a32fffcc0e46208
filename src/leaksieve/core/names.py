"""What the name of an assignment says of its value: `db.passwordField` names a field, `oldPassword` a password."""

import re

from leaksieve.core.candidate import Candidate

_REACH = 48
_BEFORE = re.compile(r"[A-Za-z0-9_.\-$]*\Z", re.ASCII)
_AFTER = re.compile(r"[A-Za-z0-9_\-]*", re.ASCII)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", re.ASCII)

# The last noun of a name says what it is: words after "password" or "token" which make it something about one.
_ABOUT = frozenset(
    """
    field fields input inputs label labels name names type types id ids idx index length len min max size count
    limit regex regexp pattern format valid validator validators validation policy policies rule rules error errors
    message msg title hint help prompt placeholder forgot url uri urls endpoint path file filename dir location
    header headers param params parameter parameters column attr attribute property prop selector class style icon
    button form page view route controller service provider manager handler factory model schema table event action
    expiry expire expires expiration expired ttl timeout lifetime duration age interval date time at enable enabled
    disable disabled required visible visibility show hide strength checker encoder generator hasher algorithm alg
    method scheme status state mode version public env variable ref reference arn description desc comment template
    store storage cache prefix suffix separator bucket region issuer audience scope scopes kind fingerprint checksum
    thumbprint hash hashed hashes digest num number identifier usage uses used by for is has parser lexer stream
    kinds
    """.split()  # noqa: SIM905 - a list of a hundred and fifty quoted words would take a page
)
# Words before it, or joined with it, which make it a text, a hash or another word.
_HARMLESS = frozenset(
    """
    hash hashed title label show hide forgot tooltip bypass compass surpass trespass encompass askpass monkey turkey
    donkey hotkey hockey whiskey keyboard resourcekey sitekey formkey keepass
    """.split()  # noqa: SIM905
)
# Words before `token` or `key` which make it one of protocols, pages and tables.
_HARMLESS_KEYS = frozenset(
    """
    public pub pubkey authenticity forgery page next previous prev continuation pagination sync cursor sort cache
    primary foreign partition row column unique composite index shortcut accelerator translation locale dedup
    idempotency etag checksum fingerprint digest integrity resource websocket socket object map dict json field
    """.split()  # noqa: SIM905
)
# What a name without a hump goes on after: `pwdhash`, `TOKENURL`.
_KEYWORD = re.compile(r"^(?:password|passwd|pass|pwd|secret|token|key)")
_KEY_WORDS = ("token", "key")
_FORGERY = ("csrf", "xsrf")
# Words before it which say that the value opens nothing, or not before it is decrypted.
_UNREAL = frozenset("invalid malformed wrong bad bogus fake dummy incorrect expired encrypted sealed masked".split())  # noqa: SIM905


def name_of(candidate: Candidate) -> tuple[str, str]:
    """Give the identifier around a rule's keyword in two parts: before it, and from it on.

    `db.password` and `Field` stand for a match at `password`: `("db.", "passwordField")`.
    """
    text = candidate.text
    before = _BEFORE.search(text[max(0, candidate.start - _REACH) : candidate.start])
    after = _AFTER.match(text, candidate.start, candidate.secret_start)
    return before[0] if before else "", after[0] if after else ""


def _words(before: str, after: str) -> set[str]:
    # A keyword may begin inside a word: `bypass`, `monkey`.
    return {word.lower() for word in _WORD.findall(before.rpartition(".")[2] + after)}


def is_about(before: str, after: str) -> bool:
    """Tell whether a name (as `name_of` gives it) is of something about a credential."""
    words = _words(before, after)
    if not _HARMLESS.isdisjoint(words) or any(word.startswith(_FORGERY) for word in words):
        return True
    if after.lower().startswith(_KEY_WORDS) and not _HARMLESS_KEYS.isdisjoint(words):
        return True
    first, *others = [word.lower() for word in _WORD.findall(after)] or [""]
    return not _ABOUT.isdisjoint((*others, _KEYWORD.sub("", first)))


def is_unreal(before: str, after: str) -> bool:
    """Tell whether a name (as `name_of` gives it) says that its value is no working credential: `WRONG_PASSWORD`."""
    return not _UNREAL.isdisjoint(_words(before, after))
