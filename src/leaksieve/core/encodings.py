"""Bytes and numbers written as text, the ways that credentials do."""

import base64
import binascii
import re

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
#: Without 0, O, I and l. Source: https://en.bitcoin.it/wiki/Base58Check_encoding
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def digits(number: int, alphabet: str, width: int = 1) -> str:
    """Write `number` with the digits of `alphabet`, padded with its zero to `width`."""
    written = ""
    while number:
        number, rest = divmod(number, len(alphabet))
        written = alphabet[rest] + written
    return written.rjust(width, alphabet[0])


def base58_bytes(text: str) -> bytes | None:
    """Decode base58, each leading 1 to a zero byte; None when it holds other characters."""
    number = 0
    for character in text:
        value = BASE58.find(character)
        if value < 0:
            return None
        number = number * 58 + value
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def base64_bytes(text: str, *, urlsafe: bool = False) -> bytes | None:
    """Decode base64 with or without padding; None when it is not base64. Source: RFC 4648, sections 4 and 5."""
    text = text.rstrip("=")
    if urlsafe:
        text = text.replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})", re.ASCII)


def percent_decoded(text: str) -> str:
    """Replace percent escapes by the characters that they stand for. Source: RFC 3986, section 2.1."""
    return _PERCENT.sub(lambda escape: chr(int(escape[1], 16)), text)


def nkey_bytes(text: str) -> bytes | None:
    """Decode an NKEY of NATS (base32 without padding) to its kind and key; None when its CRC-16/XMODEM fails.

    Sources: RFC 4648, section 6; https://github.com/nats-io/nkeys/blob/main/README.md, "Encoding", and crc16.go.
    """
    try:
        data = base64.b32decode(text + "=" * (-len(text) % 8))
    except (binascii.Error, ValueError):
        return None
    return data[:-2] if binascii.crc_hqx(data[:-2], 0) == int.from_bytes(data[-2:], "little") else None
