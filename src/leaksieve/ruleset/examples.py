"""Examples of credentials that no scanner mistakes for real ones until they are made.

A rule file may not hold anything that looks like a working credential. Its examples therefore say how
to make one: `{{base62 36}}` stands for 36 random characters, and `{{github ghp_}}` for a token whose
checksum holds. The random numbers come from the example's own text, so an example is always the same.

    {{ALPHABET N}}      N characters: hex hexupper base62 base64 base64url base32 base32lower base58 bech32upper digits
                        alnum (lower case and digits) alnumupper letters letterslower word password
    {{uuid}}            a random UUID
    {{github PREFIX}}   PREFIX, 30 base62 characters, CRC32 in base 62 (GitHub and npm tokens)
    {{jwt}} {{jwt JSON}} an HS256 JSON web token, with the claims given
    {{pem LABEL}}       a PEM block with that label around random DER of the right outline
    {{openssh}}         an OpenSSH private key block
    {{b64 TEXT}}        TEXT (which may hold the above in single braces) in base64
    {{pieces A B}}      A and B joined: a literal that would itself look like a credential
"""

import base64
import json
import random
import re
import string
import uuid
import zlib
from collections.abc import Callable

from leaksieve.core.checks import base62

ALPHABETS = {
    "hex": "0123456789abcdef",
    "hexupper": "0123456789ABCDEF",
    "base62": string.digits + string.ascii_letters,
    "base64": string.digits + string.ascii_letters + "+/",
    "base64url": string.digits + string.ascii_letters + "-_",
    "base32": string.ascii_uppercase + "234567",
    "base32lower": string.ascii_lowercase + "234567",
    "base58": "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
    "bech32upper": "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
    "digits": string.digits,
    "alnum": string.digits + string.ascii_lowercase,
    "alnumupper": string.digits + string.ascii_uppercase,
    "letters": string.ascii_letters,
    "letterslower": string.ascii_lowercase,
    "word": string.digits + string.ascii_letters + "_",
    "password": string.digits + string.ascii_letters + "!#%*+-_?",
}
_HOLE = re.compile(r"\{\{([a-z0-9]+)((?: (?:[^{}]|\{[^{}]*\})*)?)\}\}")
_INNER_HOLE = re.compile(r"\{([a-z0-9]+ [^{}]+)\}")
_PEM_LINE = 64


def expand(example: str) -> str:
    """Fill the holes of an example; what is not a known hole stays as it is."""
    source = random.Random(example)  # noqa: S311 - examples must be reproducible, and are no secrets
    return _fill(example, source)


def _fill(example: str, source: random.Random) -> str:
    def hole(match: re.Match[str]) -> str:
        made = _make(match[1], match[2].strip(), source)
        return match[0] if made is None else made

    return _HOLE.sub(hole, example)


def _make(name: str, argument: str, source: random.Random) -> str | None:
    if name in ALPHABETS and argument.isdigit():
        return _characters(ALPHABETS[name], int(argument), source)
    maker = _MAKERS.get(name)
    return maker(argument, source) if maker else None


def _characters(alphabet: str, count: int, source: random.Random) -> str:
    """Draw characters until all kinds that the alphabet has (digits, cases) are there, as in most real ones."""
    kinds = [kind for kind in (str.isdigit, str.islower, str.isupper) if any(map(kind, alphabet))]
    while True:
        drawn = "".join(source.choices(alphabet, k=count))
        if count < 2 * len(kinds) or all(any(map(kind, drawn)) for kind in kinds):
            return drawn


def _uuid(_: str, source: random.Random) -> str:
    return str(uuid.UUID(int=source.getrandbits(128), version=4))


def _github(prefix: str, source: random.Random) -> str:
    body = _characters(ALPHABETS["base62"], 30, source)
    return prefix + body + base62(zlib.crc32(body.encode()), 6)


def _jwt(claims: str, source: random.Random) -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, json.loads(claims or '{"sub": "1234", "exp": 1700000000}'))
    encoded = [_url64(json.dumps(part, separators=(",", ":")).encode()) for part in parts]
    return ".".join([*encoded, _characters(ALPHABETS["base64url"], 43, source)])


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _pem(label: str, source: random.Random) -> str:
    body = source.randbytes(608)
    # A SEQUENCE of 608 content bytes with a two-byte length. Source: ITU-T X.690, section 8.1.3.
    data = b"\x30\x82" + len(body).to_bytes(2, "big") + body
    return _block(label, data)


def _openssh(_: str, source: random.Random) -> str:
    head = b"openssh-key-v1\0" + b"".join(len(s).to_bytes(4, "big") + s for s in (b"none", b"none", b""))
    return _block("OPENSSH PRIVATE KEY", head + b"\0\0\0\x01" + source.randbytes(300))


def _block(label: str, data: bytes) -> str:
    text = base64.b64encode(data).decode()
    lines = [text[at : at + _PEM_LINE] for at in range(0, len(text), _PEM_LINE)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----"])


def _base64(text: str, source: random.Random) -> str:
    inner = _INNER_HOLE.sub(lambda match: _fill("{{" + match[1] + "}}", source), text)
    return base64.b64encode(inner.encode()).decode()


def _pieces(text: str, _: random.Random) -> str:
    return text.replace(" ", "")


_MAKERS: dict[str, Callable[[str, random.Random], str]] = {
    "uuid": _uuid,
    "github": _github,
    "jwt": _jwt,
    "pem": _pem,
    "openssh": _openssh,
    "b64": _base64,
    "pieces": _pieces,
}
