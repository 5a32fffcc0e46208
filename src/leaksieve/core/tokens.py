"""Tokens read as far as they explain themselves: whose they are, until when, live or test."""

import base64
import binascii
import json
import re
from datetime import UTC, datetime
from typing import Any

from leaksieve.core.aes import decrypt_cbc
from leaksieve.core.candidate import FAILED, IMPOSSIBLE, PASSED, SILENT, Candidate, Verdict
from leaksieve.core.encodings import base64_bytes
from leaksieve.core.placeholders import is_sample


def _day(seconds: float) -> str:
    """Write a Unix time as a date, or "" when it lies outside of the calendar."""
    try:
        return datetime.fromtimestamp(seconds, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return ""


def _json_object(data: bytes | None) -> dict[str, Any] | None:
    """Read a JSON object; None when it is anything else."""
    try:
        value = json.loads(data or b"")
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


# `{"` and `{` with a line break, in base64; a provider's prefix may stand before.
_JWT_BEGIN = re.compile(r"eyJ|ewo")
# An issuer is shown only when it looks like a name or an address.
_ISSUER = re.compile(r"[A-Za-z0-9._:/@~-]{1,80}", re.ASCII)
#: The claims of the token on https://jwt.io, which half of all tutorials show.
_SAMPLE_CLAIMS = {"sub": "1234567890", "name": "John Doe"}


def jwt(candidate: Candidate) -> Verdict:
    """Decode header and claims of a JSON web token; tell its issuer and the day it expires.

    An encrypted token (five parts) has no readable claims. Sources: RFC 7515 section 4, RFC 7516, RFC 7519 section 4.1.
    """
    return _jwt(candidate.secret)


def base64_jwt(candidate: Candidate) -> Verdict:
    """Decode base64 around a JSON web token, and judge the token."""
    data = base64_bytes(candidate.secret) or b""
    return _jwt(data.decode("latin-1")) if b"." in data else Verdict(IMPOSSIBLE, "does not decode to a JWT")


def _jwt(token: str) -> Verdict:
    begin = _JWT_BEGIN.search(token)
    header, claims, *_ = (token[begin.start() if begin else 0 :] + "..").split(".")
    fields = _json_object(base64_bytes(header, urlsafe=True))
    if fields is None or not isinstance(fields.get("alg", fields.get("enc")), str):
        return Verdict(IMPOSSIBLE, "not a JWT header")
    if str(fields.get("alg")).lower() == "none":
        return Verdict(FAILED, "jwt is unsigned")
    if "enc" in fields:
        return Verdict(SILENT, "jwt, encrypted")
    payload = _json_object(base64_bytes(claims, urlsafe=True))
    if payload is None:
        return Verdict(FAILED, "jwt claims are not JSON")
    if _are_samples(payload):
        return Verdict(FAILED, "a sample token")
    return Verdict(SILENT, ", ".join(["jwt header and claims decode", *_known_claims(payload)]))


def _are_samples(payload: dict[str, Any]) -> bool:
    """Tell whether claims are those of jwt.io, or all of their texts are names for nothing."""
    texts = [value for value in payload.values() if isinstance(value, str)]
    return payload.items() >= _SAMPLE_CLAIMS.items() or (texts != [] and all(map(is_sample, texts)))


def _known_claims(payload: dict[str, Any]) -> list[str]:
    told = []
    issuer, expires = payload.get("iss"), payload.get("exp")
    if isinstance(issuer, str) and _ISSUER.fullmatch(issuer):
        told.append(f"issuer {issuer}")
    if isinstance(expires, int | float) and (day := _day(expires)):
        told.append(f"expires {day}")
    return told


_JSON_IN_BASE64 = re.compile(r"(?:ey|ew)[A-Za-z0-9+/_-]+", re.ASCII)
_FIELD_NAME = re.compile(r"[A-Za-z_]{1,20}", re.ASCII)


def json_payload(candidate: Candidate) -> Verdict:
    """Decode the JSON object that a token carries in base64, as those of Grafana, Sentry, Mapbox and 1Password do."""
    found = _JSON_IN_BASE64.search(candidate.secret)
    # A checksum or signature may follow after an underscore, which base64url uses too.
    parts = [found[0], found[0].rpartition("_")[0]] if found else []
    for part in parts:
        payload = _json_object(base64_bytes(part, urlsafe=True))
        if payload is not None:
            names = [name for name in list(payload)[:5] if _FIELD_NAME.fullmatch(name)]
            return Verdict(PASSED, f"json payload with {', '.join(names)}" if names else "json payload")
    return Verdict(FAILED, "payload is not JSON")


def base64_pair(candidate: Candidate) -> Verdict:
    """Decode a token whose base64 is `id:secret`, as those of Elastic, Intercom, NGC and Atlassian Data Center are."""
    secret = candidate.secret
    # A prefix ends with one of base64url's own characters.
    for text in (secret, secret.partition("_")[2], secret.partition("-")[2]):
        name, _, rest = (base64_bytes(text, urlsafe=True) or b"").partition(b":")
        # Atlassian's second half is random bytes; the first is text everywhere.
        if name and rest and name.isascii() and name.decode().isprintable():
            return Verdict(PASSED, "decodes to id and secret")
    return Verdict(FAILED, "does not decode to id and secret")


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


_AMZ_DATE = re.compile(r"X-Amz-Date=([0-9]{8})", re.ASCII)
_SAS_EXPIRY = re.compile(r"(?:[?&;]|\\u0026)se=([0-9]{4}-[0-9]{2}-[0-9]{2})", re.ASCII)


def signed_url(candidate: Candidate) -> Verdict:
    """Read the day on which an AWS URL was signed, or on which one of Azure storage expires.

    Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html,
    https://learn.microsoft.com/en-us/rest/api/storageservices/create-service-sas
    """
    text = candidate.text[candidate.start : candidate.end]
    if found := _SAS_EXPIRY.search(text):
        return Verdict(SILENT, f"expires {found[1]}")
    found = _AMZ_DATE.search(text)
    return Verdict(SILENT, f"signed {found[1][:4]}-{found[1][4:6]}-{found[1][6:]}" if found else "")


# Discord's ids count milliseconds since this Unix time, in all but their lower 22 bits.
# Source: https://discord.com/developers/docs/reference#snowflakes
_DISCORD_EPOCH_MS = 1_420_070_400_000


def discord_token(candidate: Candidate) -> Verdict:
    """Decode the bot's id in front of a Discord token, and the day it was made."""
    data = base64_bytes(candidate.secret.partition(".")[0], urlsafe=True) or b""
    if not data.isdigit():
        return Verdict(FAILED, "does not begin with an id")
    made = _day(((int(data) >> 22) + _DISCORD_EPOCH_MS) / 1000)
    return Verdict(PASSED, f"discord id {data.decode()}, made {made}" if made else "discord id")


_TEST_MODE = re.compile(r"(?:^|[_.$-])(?:test|sandbox|sbox|sdbx|development|dev|staging|branch)[_.$-]", re.ASCII)
_LIVE_MODE = re.compile(r"(?:^|[_.$-])(?:live|prod|production)[_.$-]", re.ASCII)
# Characters that hold the longest prefix, `access_token$production$`.
_MODE_REACH = 24


def mode(candidate: Candidate) -> Verdict:
    """Tell by its prefix whether a key is for live use or for tests, as Stripe and many others write it.

    It is told, and the finding not lowered: a test key still opens a test account, with its customers and webhooks.
    """
    prefix = candidate.secret[:_MODE_REACH]
    if _TEST_MODE.search(prefix):
        return Verdict(SILENT, "test mode")
    return Verdict(SILENT, "live mode" if _LIVE_MODE.search(prefix) else "")


_SLACK_KINDS = {
    "xoxb": "bot", "xoxp": "user", "xoxa": "workspace", "xoxr": "refresh", "xoxe": "rotating", "xapp": "app",
    "xoxc": "browser session", "xoxd": "browser cookie", "xoxs": "session", "xoxo": "legacy",
}  # fmt: skip
_SLACK_TEAM = re.compile(r"xox[bpcso]-([0-9]{8,14})-", re.ASCII)


def slack_token(candidate: Candidate) -> Verdict:
    """Tell the kind of a Slack token and the number of its workspace.

    Source: https://api.slack.com/concepts/token-types
    """
    kind = _SLACK_KINDS.get(candidate.secret[:4], "webhook")
    team = _SLACK_TEAM.match(candidate.secret)
    return Verdict(SILENT, f"slack {kind} token" + (f" of workspace {team[1]}" if team else ""))


#: The constant with which Cisco devices combine a password, from the offset that its first two digits give.
#: Published in 1995, and in every manual since: https://www.cisco.com/c/en/us/support/docs/security-vpn/remote-authentication-dial-user-service-radius/107614-64.html
CISCO_CONSTANT = b"dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87"


def cisco_type7(candidate: Candidate) -> Verdict:
    """Undo Cisco's type 7 "encryption", and look whether a password comes out."""
    offset, data = int(candidate.secret[:2]), bytes.fromhex(candidate.secret[2 : len(candidate.secret) // 2 * 2])
    plain = bytes(byte ^ CISCO_CONSTANT[(offset + at) % len(CISCO_CONSTANT)] for at, byte in enumerate(data))
    if plain.isascii() and plain.decode().isprintable():
        return Verdict(PASSED, "decodes to a password")
    return Verdict(FAILED, "does not decode to a password")


# Published by Microsoft in section 2.2.1.1.4 of [MS-GPPREF], as the key of every Group Policy password.
_GPP = bytes.fromhex("4e9906e8fcb66cc9faf49310620ffee8" + "f496e806cc057990209b09a433b66c1b")
_AES_BLOCK = 16


def gpp_password(candidate: Candidate) -> Verdict:
    """Decrypt a password of Group Policy Preferences, which all Windows domains encrypt with one published key.

    Source: https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-gppref/2c15cbf0-f086-4c74-8b70-1f2fa45dd4be
    """
    data = base64_bytes(candidate.secret) or b""
    if data and len(data) % _AES_BLOCK == 0:
        plain = decrypt_cbc(_GPP, data)
        padding = plain[-1]
        text = plain[:-padding].decode("utf-16-le", "replace")
        if 0 < padding <= _AES_BLOCK and text.isprintable() and "\ufffd" not in text:
            return Verdict(PASSED, "decrypts to a password with the published key")
    return Verdict(FAILED, "does not decrypt to a password")


def mixed_case_and_digits(candidate: Candidate) -> Verdict:
    """Drop what lacks upper case, lower case or digits: forty random base64 characters have all three."""
    secret = candidate.secret
    mixed = any(map(str.isdigit, secret)) and any(map(str.isupper, secret)) and any(map(str.islower, secret))
    return Verdict(SILENT, "") if mixed else Verdict(IMPOSSIBLE, "not upper case, lower case and digits")
