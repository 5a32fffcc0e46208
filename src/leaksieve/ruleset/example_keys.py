"""Private keys, certificates and public keys of the right outline with random numbers: examples for rules."""

import base64
import random

from leaksieve.core.private_keys import crc24

_PEM_LINE = 64


def _der(tag: int, *contents: bytes) -> bytes:
    """Write a DER value. Source: ITU-T X.690, section 8.1.3."""
    content = b"".join(contents)
    size = len(content)
    if size < 0x80:  # noqa: PLR2004 - a longer length takes more than one byte
        return bytes([tag, size]) + content
    return bytes([tag, 0x82]) + size.to_bytes(2, "big") + content


def _rsa(source: random.Random) -> bytes:
    """Outline an RSAPrivateKey of 2,048 bits: version and eight numbers, all but the exponent random."""
    sizes = (256, 0, 256, 128, 128, 128, 128, 128)
    numbers = [b"\0\x80" + source.randbytes(size - 1) if size else b"\1\0\1" for size in sizes]
    return _der(0x30, _der(2, b"\0"), *(_der(2, number) for number in numbers))


def _ec(source: random.Random) -> bytes:
    curve = _der(0xA0, _der(6, bytes.fromhex("2a8648ce3d030107")))
    public = _der(0xA1, _der(3, b"\0\4" + source.randbytes(64)))
    return _der(0x30, _der(2, b"\1"), _der(4, source.randbytes(32)), curve, public)


def _dsa(source: random.Random) -> bytes:
    sizes = (128, 20, 128, 128, 20)
    return _der(0x30, _der(2, b"\0"), *(_der(2, b"\0\x80" + source.randbytes(size - 1)) for size in sizes))


def _pkcs8(source: random.Random) -> bytes:
    algorithm = _der(0x30, _der(6, bytes.fromhex("2a864886f70d010101")), _der(5))
    return _der(0x30, _der(2, b"\0"), algorithm, _der(4, _rsa(source)))


def _encrypted(source: random.Random) -> bytes:
    scheme = _der(0x30, _der(6, bytes.fromhex("2a864886f70d01050d")), _der(0x30))
    return _der(0x30, scheme, _der(4, source.randbytes(640)))


def _public(source: random.Random) -> bytes:
    algorithm = _der(0x30, _der(6, bytes.fromhex("2a864886f70d010101")), _der(5))
    return _der(0x30, algorithm, _der(3, source.randbytes(270)))


def _certificate(source: random.Random) -> bytes:
    algorithm = _der(0x30, _der(6, bytes.fromhex("2a864886f70d01010b")), _der(5))
    return _der(0x30, _der(0x30, source.randbytes(400)), algorithm, _der(3, source.randbytes(257)))


def _pgp(source: random.Random) -> bytes:
    # A secret key packet in the old format, with two bytes of length. Source: RFC 9580, section 4.2.2.
    return b"\x95" + (600).to_bytes(2, "big") + b"\4" + source.randbytes(599)


_KEYS = {
    "PGP PRIVATE KEY BLOCK": _pgp,
    "RSA PRIVATE KEY": _rsa,
    "EC PRIVATE KEY": _ec,
    "DSA PRIVATE KEY": _dsa,
    "PRIVATE KEY": _pkcs8,
    "ENCRYPTED PRIVATE KEY": _encrypted,
    "PUBLIC KEY": _public,
    "CERTIFICATE": _certificate,
}


def pem(label: str, source: random.Random) -> str:
    """Make a PEM block with that label."""
    make = _KEYS.get(label)
    data = make(source) if make else source.randbytes(608)
    if make is not _pgp:
        return _block(label, data)
    checksum = base64.b64encode(crc24(data).to_bytes(3, "big")).decode()
    return _block(label, data).replace("\n-----END", f"\n={checksum}\n-----END").replace("-----\n", "-----\n\n", 1)


def der(kind: str, source: random.Random) -> str:
    """Make a key of that kind (a PEM label; PKCS#8 when empty), in base64 without a block around it."""
    return base64.b64encode(_KEYS[kind or "PRIVATE KEY"](source)).decode()


def openssh(_: str, source: random.Random) -> str:
    """Outline an ed25519 key that is not encrypted: its two check numbers agree."""
    public = _strings(b"ssh-ed25519", source.randbytes(32))
    check = source.randbytes(4)
    private = check + check + _strings(b"ssh-ed25519", source.randbytes(32), source.randbytes(64), b"deploy")
    data = b"openssh-key-v1\0" + _strings(b"none", b"none", b"") + b"\0\0\0\1" + _strings(public, private)
    return _block("OPENSSH PRIVATE KEY", data)


def _strings(*strings: bytes) -> bytes:
    """Join strings, each after its length in four bytes. Source: RFC 4251, section 5."""
    return b"".join(len(string).to_bytes(4, "big") + string for string in strings)


def _block(label: str, data: bytes) -> str:
    text = base64.b64encode(data).decode()
    lines = [text[at : at + _PEM_LINE] for at in range(0, len(text), _PEM_LINE)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----"])
