"""Proof without a network: what a credential's own bytes tell of it.

A check takes a `Candidate` and gives a `Verdict`. Rules name checks in their `checks` field.
"""

import base64
import binascii
import json
import re
import zlib
from typing import Any

from leaksieve.core.candidate import FAILED, IMPOSSIBLE, PASSED, SILENT, Candidate, Check, Verdict
from leaksieve.core.placeholders import STAND_INS, is_sequential

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def base62(number: int, width: int) -> str:
    """Write `number` in base 62 (digits, upper case, lower case), padded with zeros to `width`."""
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = _BASE62[rest] + digits
    return digits.rjust(width, "0")


def crc32_base62(candidate: Candidate) -> Verdict:
    """Compare the last six characters with the CRC32 of those between the prefix and them.

    Source: https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
    (GitHub), and the same construction for npm: https://github.blog/security/application-security/announcing-npm-automation-tokens-format/
    """
    body = candidate.secret.rpartition("_")[2]
    if base62(zlib.crc32(body[:-6].encode("latin-1")), 6) == body[-6:]:
        return Verdict(PASSED, "crc32 checksum holds")
    return Verdict(FAILED, "crc32 checksum fails")


def _base64_bytes(text: str, *, urlsafe: bool = False) -> bytes | None:
    """Decode base64 with or without padding; None when it is not base64."""
    text = text.rstrip("=")
    if urlsafe:
        text = text.replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _json_object(part: str) -> dict[str, Any] | None:
    """Decode one part of a JSON web token; None when it is not a base64url JSON object."""
    raw = _base64_bytes(part, urlsafe=True)
    if raw is None:
        return None
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def jwt(candidate: Candidate) -> Verdict:
    """Decode header and claims of a JSON web token. Source: RFC 7519, sections 3 and 5."""
    header, claims, _ = (candidate.secret + "..").split(".", 2)
    fields = _json_object(header)
    if fields is None or not isinstance(fields.get("alg", fields.get("enc")), str):
        return Verdict(IMPOSSIBLE, "not a JWT header")
    if fields.get("alg") == "none":
        return Verdict(FAILED, "jwt is unsigned")
    payload = _json_object(claims)
    if payload is None:
        return Verdict(FAILED, "jwt claims are not JSON")
    known = [name for name in ("iss", "sub", "aud", "exp") if name in payload]
    return Verdict(SILENT, "jwt header and claims decode" + (f" ({', '.join(known)})" if known else ""))


_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]*)-----(.*)", re.DOTALL)
# In source code and JSON a key's lines are joined by escapes, quotes and plus signs.
_PEM_JOINTS = re.compile(r"\\[nrt]|[\"'][ \t]*[+.&]?\s*[\"']|[\s\"',;\\]|-----.*", re.DOTALL)
_PEM_HEADERS = re.compile(r"^(?:[A-Za-z-]+:[^\n]*?(?:\n|\\n)\s*)+", re.MULTILINE)
_DER_SEQUENCE = 0x30
_LEAST_DER = 40


def pem(candidate: Candidate) -> Verdict:
    """Decode a PEM private key far enough to tell a key from a stub.

    Sources: RFC 7468 (textual encodings), RFC 5208 (PKCS#8), RFC 8017 appendix A.1.2 (RSA), and
    https://cvsweb.openbsd.org/src/usr.bin/ssh/PROTOCOL.key (OpenSSH).
    """
    found = _PEM.search(candidate.secret)
    if found is None:
        return Verdict(FAILED, "no PEM header")
    label, body = found.groups()
    encrypted = "ENCRYPTED" in label or "ENCRYPTED" in body
    data = _base64_bytes(_PEM_JOINTS.sub("", _PEM_HEADERS.sub("", body.lstrip("\\rn\r\n \"'+,"))))
    if data is None:
        return Verdict(FAILED, "pem body is not base64")
    if label.startswith("PGP"):
        return Verdict(SILENT, "pem body decodes")
    if data.startswith(b"openssh-key-v1\0"):
        kind = "encrypted" if data[19:23] != b"none" else "not encrypted"
        return Verdict(PASSED, f"openssh key, {kind}")
    if len(data) >= _LEAST_DER and (encrypted or data[0] == _DER_SEQUENCE):
        return Verdict(PASSED, f"pem key, {'encrypted' if encrypted else 'not encrypted'}")
    return Verdict(FAILED, "pem body is no key")


def aws_key_id(candidate: Candidate) -> Verdict:
    """Read the account number that an AWS access key id carries.

    Source: base32 of the id after its four-letter prefix; the account is bits 1 to 40 of the first six
    bytes (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html gives the same).
    """
    try:
        head = base64.b32decode(candidate.secret[4:20])[:6]
    except (binascii.Error, ValueError):
        return Verdict(FAILED, "not a base32 key id")
    account = (int.from_bytes(head, "big") & 0x7FFFFFFFFF80) >> 7
    return Verdict(SILENT, f"aws account {account:012d}" if account < 10**12 else "aws key id")


def mixed_case_and_digits(candidate: Candidate) -> Verdict:
    """Drop what lacks upper case, lower case or digits: forty random base64 characters have all three."""
    secret = candidate.secret
    mixed = any(map(str.isdigit, secret)) and any(map(str.isupper, secret)) and any(map(str.islower, secret))
    return Verdict(SILENT, "") if mixed else Verdict(IMPOSSIBLE, "not upper case, lower case and digits")


_LOCAL_HOST = re.compile(r"(?:localhost|127\.|0\.0\.0\.0|\[?::1|host\.docker\.internal)", re.ASCII)
_STAND_IN_HOST = re.compile(r"(?:example\.(?:com|org|net)|\.example|\.test|\.invalid)(?![A-Za-z0-9-])", re.ASCII)

# Source: RFC 3986, section 2.1.
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})", re.ASCII)


def uri_password(candidate: Candidate) -> Verdict:
    """Judge the password of a URI by itself, its user and its host. Source: RFC 3986, section 3.2.1."""
    secret = candidate.secret
    before = candidate.text[candidate.start : candidate.secret_start]
    user = before.rpartition("//")[2].rstrip(":")
    if secret.lower() in STAND_INS or secret.strip(".*xX") == "":
        return Verdict(IMPOSSIBLE, "password is a placeholder")
    host = candidate.text[candidate.secret_end + 1 : candidate.end]
    if _STAND_IN_HOST.search(host):
        return Verdict(FAILED, "host is reserved for examples")
    if _LOCAL_HOST.match(host):
        return Verdict(FAILED, "host is local")
    if user.lower() == secret.lower():
        return Verdict(FAILED, "password repeats the user")
    from leaksieve.core.randomness import is_random_password  # noqa: PLC0415 - 0.4 ms that a hook without URLs saves

    if not is_random_password(_PERCENT.sub(lambda escape: chr(int(escape[1], 16)), secret)):
        return Verdict(FAILED, "password is made of words or simple")
    return Verdict(SILENT, "uri with user, password and host")


def basic_auth(candidate: Candidate) -> Verdict:
    """Decode HTTP Basic credentials to `user:password`. Source: RFC 7617, section 2."""
    data = _base64_bytes(candidate.secret)
    if data is None or b":" not in data or not data.isascii() or not data.decode().isprintable():
        return Verdict(IMPOSSIBLE, "does not decode to user:password")
    _, _, password = data.decode().partition(":")
    if not password or password.lower() in STAND_INS or is_sequential(password):
        return Verdict(FAILED, "decodes to a placeholder")
    return Verdict(PASSED, "decodes to user:password")


def _judge(name: str) -> Check:
    """Give a judge of generic values, imported when there is a value: its patterns cost 2 ms that most hooks save."""

    def judge(candidate: Candidate) -> Verdict:
        from leaksieve.core import values  # noqa: PLC0415

        judge_value: Check = getattr(values, name)
        return judge_value(candidate)

    return judge


CHECKS: dict[str, Check] = {
    "aws-key-id": aws_key_id,
    "basic-auth": basic_auth,
    "command-password": _judge("judge_command_password"),
    "crc32-base62": crc32_base62,
    "generic-key": _judge("judge_key"),
    "generic-password": _judge("judge_password"),
    "generic-token": _judge("judge_token"),
    "jwt": jwt,
    "mixed-case-and-digits": mixed_case_and_digits,
    "pem": pem,
    "uri-password": uri_password,
}
