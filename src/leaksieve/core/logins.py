"""User, password and host where they stand together: URIs, HTTP Basic credentials, connection strings."""

import re

from leaksieve.core.candidate import FAILED, IMPOSSIBLE, PASSED, SILENT, Candidate, Verdict
from leaksieve.core.encodings import base64_bytes, percent_decoded
from leaksieve.core.placeholders import holds_stand_in, is_sample, is_sequential, is_stand_in
from leaksieve.core.randomness import bits_of

_LOCAL_HOST = re.compile(
    r"(?:tcp:)?(?:localhost|127\.|0\.0\.0\.0|\[?::1|host\.docker\.internal|\(local(?:db)?\)|\.(?:$|[\\,;]))",
    re.ASCII | re.IGNORECASE,
)
_STAND_IN_HOST = re.compile(
    r"(?:example\.(?:com|org|net)|\.example|\.test|\.invalid)(?![A-Za-z0-9-])", re.ASCII | re.IGNORECASE
)
# A host is shown when it is a name or an address, and no text that merely stands where a host would.
_HOST = re.compile(r"[A-Za-z0-9\[][A-Za-z0-9.:_-]{0,80}\]?", re.ASCII)

# Bits of evidence for a generator (see `randomness`) above which a password was not made up for a trial on one machine.
_GENERATED = 12.0
# A login says by its form that this is a password: it need not look generated, only not be plain words (`my-password`).
_NO_WORDS = 1.5

_WORDS = Verdict(FAILED, "password is made of words or simple")


def _judged(user: str, password: str, host: str, kind: str) -> Verdict:
    """Judge a login by its parts; those that are not known are empty."""
    if is_stand_in(password.rstrip("0123456789")) or is_sample(password) or password.strip(".*xX") == "":
        return Verdict(IMPOSSIBLE, "password is a placeholder")
    if bits_of(password) < _GENERATED and _STAND_IN_HOST.search(host):
        return Verdict(FAILED, "host is reserved for examples")
    if _is_simple(password) and _LOCAL_HOST.match(host):
        return Verdict(FAILED, "host is local")
    # Or its letters in another order: `alice:ecila`.
    if user and sorted(user.lower()) == sorted(password.lower()):
        return Verdict(FAILED, "password repeats the user")
    shown = _HOST.match(host)
    parts = ["user"] * bool(user) + ["password"]
    return Verdict(SILENT, f"{kind} with {' and '.join(parts)}" + (f" for {shown[0]}" if shown else ""))


def _is_simple(password: str) -> bool:
    return bits_of(password) < (_GENERATED if holds_stand_in(password) else _NO_WORDS)


def uri_password(candidate: Candidate) -> Verdict:
    """Judge the password of a URI by itself, its user and its host. Source: RFC 3986, section 3.2.1."""
    before = candidate.text[candidate.start : candidate.secret_start]
    user = before.rpartition("//")[2].rstrip(":")
    host = candidate.text[candidate.secret_end + 1 : candidate.end]
    password = percent_decoded(candidate.secret)
    if any(character < " " for character in password):
        return Verdict(IMPOSSIBLE, "password holds control characters")
    if "@" in password and "," in password:
        # The first of several hosts, each with its own login: `db://u:p@one,u:p@two`.
        password = password.partition("@")[0]
    verdict = _judged(user, password, host, "uri")
    return _WORDS if verdict.outcome == SILENT and _is_simple(password) else verdict


# Characters on either side of a password in which its connection string is looked for.
_STRING_REACH = 400
_PAIR = re.compile(r"(?:^|[;\"' \t,?&])([A-Za-z][A-Za-z ]{1,24}?)[ ]?=[ ]?([^;\"'<>\r\n&]{0,120})", re.ASCII)
# JDBC's URLs have the host where others have it: `jdbc:mysql://db.corp.io/shop?user=app&password=...`.
_AUTHORITY = re.compile(r"jdbc:[a-z0-9:]{1,20}//([A-Za-z0-9_.-]{1,100})", re.ASCII)
_HOST_NAMES = frozenset(
    ("server", "data source", "datasource", "host", "address", "addr", "network address", "hostname")
)
_USER_NAMES = frozenset(("user id", "uid", "user", "userid", "username", "user name"))


def connection_string(candidate: Candidate) -> Verdict:
    """Judge the password of a `name=value;` connection string by the host and the user beside it.

    Sources: https://learn.microsoft.com/en-us/dotnet/framework/data/adonet/connection-string-syntax,
    https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE
    """
    text = candidate.text
    begin = max(text.rfind("\n", 0, candidate.secret_start) + 1, candidate.secret_start - _STRING_REACH)
    end = text.find("\n", candidate.secret_end)
    last = min(len(text) if end < 0 else end, candidate.secret_end + _STRING_REACH)
    pairs = {name.lower(): value.strip() for name, value in _PAIR.findall(text[begin:last])}
    authority = _AUTHORITY.search(text, begin, candidate.secret_start)
    host = next((value for name, value in pairs.items() if name in _HOST_NAMES), authority[1] if authority else "")
    user = next((value for name, value in pairs.items() if name in _USER_NAMES), "")
    verdict = _judged(user, candidate.secret, host, "connection string")
    return _WORDS if verdict.outcome == SILENT and _is_simple(candidate.secret) else verdict


# The login of RFC 7617's example, and the way that MDN and others spell it.
_SAMPLE_PASSWORDS = frozenset(("open sesame", "opensesame"))


def basic_auth(candidate: Candidate) -> Verdict:
    """Decode HTTP Basic credentials to `user:password`. Source: RFC 7617, section 2."""
    login = _text(base64_bytes(candidate.secret))
    user, colon, password = login.partition(":")
    if not login or not login.isprintable() or (not colon and bits_of(login) < _GENERATED):
        return Verdict(IMPOSSIBLE, "does not decode to user:password")
    if not colon:
        # Some services want a bare key there: https://documentation.onesignal.com/docs/keys-and-ids
        return Verdict(SILENT, "decodes to a key")
    if not password or is_sequential(password) or password.lower() in _SAMPLE_PASSWORDS:
        return Verdict(FAILED, "decodes to a placeholder")
    if is_stand_in(user) and bits_of(password) < _GENERATED:
        return Verdict(FAILED, "user is a placeholder")
    verdict = _judged(user, password, "", "basic credentials")
    if verdict.outcome != SILENT:
        return Verdict(FAILED, "decodes to a placeholder")
    return Verdict(PASSED, "decodes to user:password") if not _is_simple(password) else _WORDS


def _text(data: bytes | None) -> str:
    """Decode UTF-8, the usual charset of HTTP Basic credentials beside ASCII; "" for what is none."""
    try:
        return (data or b"").decode()
    except UnicodeDecodeError:
        return ""
