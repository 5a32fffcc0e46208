"""Private keys parsed: what kind and size they are, encrypted or not, and what is no private key after all."""

import re

from leaksieve.core.candidate import FAILED, IMPOSSIBLE, PASSED, SILENT, Candidate, Verdict
from leaksieve.core.der import SEQUENCE, der_key
from leaksieve.core.encodings import base58_bytes, base64_bytes

_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]*)-----(.*)", re.DOTALL)
# In source code and JSON a key's lines are joined by escapes, quotes and plus signs.
_PEM_JOINTS = re.compile(r"\\[nrt]|&#(?:1[03]|x[AaDd]);|[\"']\s*(?:[+.&]\s*)?[\"']|[\s\"',;\\]|-----.*", re.DOTALL)
_PEM_HEADERS = re.compile(r"^(?:[A-Za-z-]+:[^\n]*?(?:\n|\\n)\s*)+", re.MULTILINE)
_QUOTES = frozenset("\"'")
_LEAST_DER = 40


def pem(candidate: Candidate) -> Verdict:
    """Decode a PEM private key, and tell its kind and size.

    Sources: RFC 7468 (textual encodings), RFC 1421 section 4.6 (encrypted bodies).
    """
    found = _PEM.search(candidate.secret)
    if found is None:
        return Verdict(FAILED, "no PEM header")
    return _pem_body(*found.groups())


# The CRC-24 of OpenPGP. Source: RFC 9580, section 6.1.1.
_CRC24_START, _CRC24_GENERATOR = 0xB704CE, 0x1864CFB
_ARMOR = re.compile(r"([A-Za-z0-9+/]+={0,2}?)(?:=([A-Za-z0-9+/]{4}))?$", re.ASCII)
# Secret keys and subkeys, as packet headers of either format give them. Source: RFC 9580, sections 4.2 and 5.
_SECRET_TAGS = (5, 7)


def pgp(candidate: Candidate) -> Verdict:
    """Decode an OpenPGP private key block: it begins with a secret key, and its CRC-24 holds when it has one.

    A checksum that fails lowers nothing: programs must read the block all the same.

    Source: RFC 9580, sections 6.1 (the checksum, which newer programs leave out) and 10.2.
    """
    found = _PEM.search(candidate.secret)
    return _pgp_body(found[2]) if found else Verdict(FAILED, "no PGP header")


def _pgp_body(body: str) -> Verdict:
    armor = _ARMOR.match(_bare(body))
    data = base64_bytes(armor[1]) if armor else None
    if not armor or not data:
        return Verdict(FAILED, "pgp armor is not base64")
    tag = data[0] & 0x3F if data[0] & 0x40 else data[0] >> 2 & 0xF
    if not data[0] & 0x80 or tag not in _SECRET_TAGS:
        return Verdict(FAILED, "pgp block does not begin with a secret key")
    if not armor[2]:
        return Verdict(PASSED, "pgp secret key")
    holds = base64_bytes(armor[2]) == crc24(data).to_bytes(3, "big")
    return Verdict(PASSED, "pgp secret key, crc24 holds") if holds else Verdict(SILENT, "pgp secret key, crc24 fails")


def crc24(data: bytes) -> int:
    """Give OpenPGP's checksum of armored data. Source: RFC 9580, section 6.1.1."""
    code = _CRC24_START
    for byte in data:
        code ^= byte << 16
        for _ in range(8):
            code = code << 1 ^ (_CRC24_GENERATOR if code & 0x800000 else 0)
    return code & 0xFFFFFF


def base64_pem(candidate: Candidate) -> Verdict:
    """Decode base64 around a PEM private key, as Kubernetes and CI variables hold it, and judge the key."""
    data = base64_bytes(candidate.secret[: len(candidate.secret) // 4 * 4])
    found = _PEM.search(data.decode("latin-1")) if data else None
    return _pem_body(*found.groups()) if found else Verdict(FAILED, "does not decode to a PEM key")


def _bare(body: str) -> str:
    """Leave the base64 of a block, without headers and what joins its lines."""
    return _PEM_JOINTS.sub("", _PEM_HEADERS.sub("", _unmarked(body).lstrip("\\rn\r\n\t \"'+,.")))


def _unmarked(body: str) -> str:
    """Take away what the last line has before its dashes, when all begin so: ` * ` in a comment, `+` in a diff."""
    first, *lines = body.partition("-----END")[0].split("\n")
    mark = lines[-1] if lines else ""
    if not mark.strip() or not _QUOTES.isdisjoint(mark) or not all(line.startswith(mark) for line in lines):
        return body
    return "\n".join([first, *(line.removeprefix(mark) for line in lines)])


def _pem_body(label: str, body: str) -> Verdict:
    if label.startswith("PGP"):
        return _pgp_body(body)
    data = base64_bytes(_bare(body))
    if data is None:
        return Verdict(FAILED, "pem body is not base64")
    if data.startswith(_OPENSSH_MAGIC):
        return _openssh(data)
    if "4,ENCRYPTED" in body and len(data) >= _LEAST_DER:
        return Verdict(PASSED, "pem key, encrypted")
    if len(data) < _LEAST_DER or data[0] != SEQUENCE:
        return Verdict(FAILED, "pem body is no key")
    return _of_der(data, "pem body is not a key known here")


def der(candidate: Candidate) -> Verdict:
    """Tell a private key in bare base64 DER from a certificate, a public key and other things that begin alike."""
    data = base64_bytes(candidate.secret)
    if data is None:
        return Verdict(IMPOSSIBLE, "not base64")
    verdict = _of_der(data, "")
    return verdict if verdict.outcome != SILENT else Verdict(IMPOSSIBLE, "no private key in DER")


def _of_der(data: bytes, otherwise: str) -> Verdict:
    key = der_key(data)
    if key is None:
        return Verdict(SILENT, otherwise)
    if not key.is_private:
        return Verdict(IMPOSSIBLE, f"{key}, not a private key")
    if key.name == "pkcs12":
        # Its bags are encrypted with a password, which may be empty.
        return Verdict(PASSED, "pkcs12 key store")
    return Verdict(PASSED, str(key) if key.name == "encrypted" else f"{key}, not encrypted")


_OPENSSH_MAGIC = b"openssh-key-v1\0"


def _strings(data: bytes, count: int) -> tuple[list[bytes], bytes]:
    """Split `count` strings, each after its length in four bytes, off `data`. Source: RFC 4251, section 5."""
    strings = []
    for _ in range(count):
        size = int.from_bytes(data[:4], "big")
        strings.append(data[4 : 4 + size])
        data = data[4 + size :]
    return strings, data


def _openssh(data: bytes) -> Verdict:
    """Read cipher, type and size of an OpenSSH private key; when it is not encrypted, its two check numbers agree.

    Source: https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key
    """
    (cipher, _, _), rest = _strings(data[len(_OPENSSH_MAGIC) :], 3)
    (public, private), _ = _strings(rest[4:], 2)
    (kind, _, modulus), _ = _strings(public, 3)
    name = kind.decode("latin-1")
    if not name.isascii() or not name.startswith(("ssh-", "ecdsa-", "sk-")):
        return Verdict(SILENT, "openssh key, damaged or cut short")
    size = f", {int.from_bytes(modulus, 'big').bit_length()} bits" if name == "ssh-rsa" else ""
    if cipher != b"none":
        return Verdict(PASSED, f"openssh key, {name}{size}, encrypted")
    if private[:4] != private[4:8] or not private:
        return Verdict(SILENT, f"openssh key, {name}{size}, damaged or cut short")
    return Verdict(PASSED, f"openssh key, {name}{size}, not encrypted")


# Source: https://www.secg.org/sec2-v2.pdf, section 2.4.1: the order of secp256k1's base point.
_SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def secp256k1(candidate: Candidate) -> Verdict:
    """Drop what is no private key of secp256k1: it must lie between zero and the curve's order."""
    number = int(candidate.secret.lower().removeprefix("0x"), 16)
    return Verdict(SILENT, "") if 0 < number < _SECP256K1_ORDER else Verdict(IMPOSSIBLE, "outside secp256k1's range")


_CURVE25519_BYTES = 32


def curve25519(candidate: Candidate) -> Verdict:
    """Look whether three low bits and the high bit are cleared and the next set, as `wg genkey` does.

    A random number passes once in 32 times, and WireGuard takes keys that do not, so this proves little alone.
    Source: RFC 7748, section 5.
    """
    data = base64_bytes(candidate.secret) or b""
    clamped = len(data) == _CURVE25519_BYTES and not data[0] & 7 and data[31] & 0xC0 == 0x40  # noqa: PLR2004
    return Verdict(PASSED, "clamped curve25519 key") if clamped else Verdict(SILENT, "not clamped")


_ED25519_PAIR = 64


def base58_key_pair(candidate: Candidate) -> Verdict:
    """Drop what does not decode to a seed and a public key of 32 bytes each, as Solana writes a key pair."""
    data = base58_bytes(candidate.secret)
    good = data is not None and len(data) == _ED25519_PAIR
    return Verdict(SILENT, "decodes to 64 bytes") if good else Verdict(IMPOSSIBLE, "does not decode to 64 bytes")
