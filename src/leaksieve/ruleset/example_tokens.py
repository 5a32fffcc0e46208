"""Tokens whose structure and checksum hold: examples for rules.

Each maker takes its argument as the example has it, and the source of its random numbers.
"""

import base64
import binascii
import hashlib
import json
import random
import string
import uuid
import zlib
from collections.abc import Callable

from leaksieve.core.checksums import BECH32, ENTRA_ALPHABET, bech32_code
from leaksieve.core.encodings import BASE36, BASE58, BASE62, digits
from leaksieve.core.marvin import marvin32
from leaksieve.core.mnemonics import bip39_checksum, bip39_words
from leaksieve.core.tokens import CISCO_CONSTANT
from leaksieve.ruleset.example_keys import der, openssh, pem

#: The characters of each alphabet that a hole can name.
ALPHABETS = {
    "hex": "0123456789abcdef",
    "hexupper": "0123456789ABCDEF",
    "base62": string.digits + string.ascii_letters,
    "base64": string.digits + string.ascii_letters + "+/",
    "base64url": string.digits + string.ascii_letters + "-_",
    "base32": string.ascii_uppercase + "234567",
    "base32lower": string.ascii_lowercase + "234567",
    "base58": BASE58,
    "bech32upper": "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
    "digits": string.digits,
    "alnum": string.digits + string.ascii_lowercase,
    "alnumupper": string.digits + string.ascii_uppercase,
    "letters": string.ascii_letters,
    "letterslower": string.ascii_lowercase,
    "word": string.digits + string.ascii_letters + "_",
    "password": string.digits + string.ascii_letters + "!#%*+-_?",
}


def characters(alphabet: str, count: int, source: random.Random) -> str:
    """Draw characters until all kinds that the alphabet has (digits, cases) are there, as in most real ones."""
    kinds = [kind for kind in (str.isdigit, str.islower, str.isupper) if any(map(kind, alphabet))]
    while True:
        drawn = "".join(source.choices(alphabet, k=count))
        if count < 2 * len(kinds) or all(any(map(kind, drawn)) for kind in kinds):
            return drawn


def _uuid(_: str, source: random.Random) -> str:
    return str(uuid.UUID(int=source.getrandbits(128), version=4))


def _github(prefix: str, source: random.Random) -> str:
    body = characters(ALPHABETS["base62"], 30, source)
    return prefix + body + digits(zlib.crc32(body.encode()), BASE62, 6)


def _jwt(claims: str, source: random.Random) -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, json.loads(claims or '{"sub": "1234", "exp": 1700000000}'))
    encoded = [_url64(json.dumps(part, separators=(",", ":")).encode()) for part in parts]
    return ".".join([*encoded, characters(ALPHABETS["base64url"], 43, source)])


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _base64(text: str, _: random.Random) -> str:
    return base64.b64encode(text.encode()).decode()


def _json(argument: str, source: random.Random) -> str:
    names, _, count = argument.partition(" ")
    made = {}
    for field in names.split(","):
        name, _, value = field.partition(":")
        name, _, begin = name.partition("=")
        made[name] = value or begin + characters(ALPHABETS["base62"], int(count), source)
    return _url64(json.dumps(made, separators=(",", ":")).encode())


def _crc32(text: str, _: random.Random) -> str:
    return f"{text}_{digits(zlib.crc32(text.encode()), BASE62, 6)}"


def _crc32hex(text: str, _: random.Random) -> str:
    return f"{text}{zlib.crc32(text.encode()):08X}"


def _crc32hexlower(text: str, _: random.Random) -> str:
    return f"{text}{zlib.crc32(text.encode()):08x}"


def _grafana(_: str, source: random.Random) -> str:
    body = "glsa_" + characters(ALPHABETS["base62"], 32, source)
    return f"{body}_{zlib.crc32(body.encode()).to_bytes(4, 'little').hex()}"


def _gitlab(prefix: str, source: random.Random) -> str:
    routing = b"o:1\nu:2s"
    payload = _url64(source.randbytes(16) + routing + bytes([len(routing)]))
    body = f"{prefix}{payload}.01.{digits(len(payload), BASE36, 2)}"
    return body + digits(zlib.crc32(body.encode()), BASE36, 7)


def _azure(argument: str, source: random.Random) -> str:
    """Put the signature where ten characters remain, and the hash into the last four bytes."""
    signature, size, seed = argument.split()
    text = base64.b64encode(source.randbytes(int(size))).decode()
    body = text.rstrip("=")
    data = base64.b64decode(body[:-10] + signature + "A" * 6 + text[len(body) :])[:-4]
    return base64.b64encode(data + marvin32(data, seed.encode()).to_bytes(4, "little")).decode()


def _azureurl(argument: str, source: random.Random) -> str:
    return _azure(argument, source).replace("+", "-").replace("/", "_")


def _azure62(argument: str, source: random.Random) -> str:
    while not (made := _azure(argument, source)).isalnum():
        pass
    return made


def _annotated(fields: str, source: random.Random) -> str:
    """Draw keys until one is free of + and /, as Azure does. `fields` are the twenty characters after the date."""
    while True:
        body = characters(ALPHABETS["base62"], 52, source) + "JQQJ99BC" + fields
        checksum = marvin32(base64.b64decode(body), b"Default0").to_bytes(4, "little")
        text = base64.b64encode(checksum[:3]).decode()
        if text.isalnum():
            return body + text


def _entra(_: str, source: random.Random) -> str:
    body = characters(ALPHABETS["base62"], 3, source) + "8Q~" + characters(ALPHABETS["base62"], 31, source)
    return body + digits(marvin32(body.encode(), b"AadPwd00"), ENTRA_ALPHABET)[:3]


def _nkey(kind: str, source: random.Random) -> str:
    # Five bits say seed (S), the next five its type; the rest of two bytes is zero. Source: nats-io/nkeys, strkey.go.
    base32 = ALPHABETS["base32"]
    head = (base32.index("S") << 11 | base32.index(kind) << 6).to_bytes(2, "big")
    data = head + source.randbytes(32)
    return base64.b32encode(data + binascii.crc_hqx(data, 0).to_bytes(2, "little")).decode().rstrip("=")


def _base58check(argument: str, source: random.Random) -> str:
    head, count = argument.split()
    data = bytes.fromhex(head) + source.randbytes(int(count))
    data += hashlib.sha256(hashlib.sha256(data).digest()).digest()[:4]
    return digits(int.from_bytes(data, "big"), BASE58)


def _base58bytes(count: str, source: random.Random) -> str:
    return digits(int.from_bytes(b"\1" + source.randbytes(int(count) - 1), "big"), BASE58)


def _cisco7(password: str, source: random.Random) -> str:
    offset = source.randrange(10)
    code = bytes(ord(c) ^ CISCO_CONSTANT[(offset + at) % len(CISCO_CONSTANT)] for at, c in enumerate(password))
    return f"{offset:02}{code.hex().upper()}"


def _bip39(count: str, source: random.Random) -> str:
    words, size = bip39_words(), int(count) * 352 // 33
    entropy = source.randbytes(size // 8)
    value = int.from_bytes(entropy, "big") << size // 32 | bip39_checksum(entropy)
    return " ".join(words[value >> 11 * at & 2047] for at in range(int(count) - 1, -1, -1))


def _bech32(prefix: str, source: random.Random) -> str:
    values = [source.randrange(32) for _ in range(51)] + [0]
    head = [ord(c) >> 5 for c in prefix.lower()] + [0] + [ord(c) & 31 for c in prefix.lower()]
    code = bech32_code([*head, *values, 0, 0, 0, 0, 0, 0]) ^ 1
    values += [code >> 5 * (5 - at) & 31 for at in range(6)]
    text = "1" + "".join(BECH32[value] for value in values)
    return prefix + (text.upper() if prefix.isupper() else text)


def _pieces(text: str, _: random.Random) -> str:
    return text.replace(" ", "")


#: What makes the other holes.
MAKERS: dict[str, Callable[[str, random.Random], str]] = {
    "uuid": _uuid,
    "github": _github,
    "jwt": _jwt,
    "pem": pem,
    "openssh": openssh,
    "der": der,
    "json": _json,
    "crc32": _crc32,
    "crc32hex": _crc32hex,
    "crc32hexlower": _crc32hexlower,
    "grafana": _grafana,
    "gitlab": _gitlab,
    "azure": _azure,
    "azureurl": _azureurl,
    "azure62": _azure62,
    "annotated": _annotated,
    "entra": _entra,
    "nkey": _nkey,
    "base58check": _base58check,
    "base58bytes": _base58bytes,
    "bech32": _bech32,
    "bip39": _bip39,
    "cisco7": _cisco7,
    "b64": _base64,
    "pieces": _pieces,
}
