"""What kind of key a DER encoding holds.

DER writes a value as its tag, its length and its content. Source: ITU-T X.690, section 8.1; the tags are those of
section 8 (2 INTEGER, 3 BIT STRING, 4 OCTET STRING, 6 OBJECT IDENTIFIER, 0x30 SEQUENCE, 0xA0 the first context tag).
"""

from typing import NamedTuple

_INTEGER, _BIT_STRING, _OCTET_STRING, _OID, SEQUENCE, _CONTEXT = 0x02, 0x03, 0x04, 0x06, 0x30, 0xA0

# Object identifiers, as DER writes them. Sources: RFC 8017 appendix A.1, RFC 5480 section 2.1.1, RFC 8410 section 3,
# RFC 3279 section 2.3.2 and https://www.secg.org/sec2-v2.pdf (secp256k1).
_ALGORITHMS = {
    "2a864886f70d010101": "rsa",
    "2a864886f70d01010a": "rsa",
    "2a8648ce380401": "dsa",
    "2a8648ce3d0201": "ec",
    "2b656e": "x25519",
    "2b656f": "x448",
    "2b6570": "ed25519",
    "2b6571": "ed448",
}
_CURVES = {
    "2a8648ce3d030107": "p-256",
    "2b81040022": "p-384",
    "2b81040023": "p-521",
    "2b8104000a": "secp256k1",
}
_PKCS7_DATA = "2a864886f70d010701"


class DerValue(NamedTuple):
    """A value: its tag and its content."""

    tag: int
    content: bytes

    @property
    def members(self) -> "list[DerValue] | None":
        """The values that a SEQUENCE is made of; None when it is none, or its content is no DER."""
        if self.tag != SEQUENCE:
            return None
        members = []
        rest = self.content
        while rest:
            value, rest = _first(rest)
            if value is None:
                return None
            members.append(value)
        return members


class DerKey(NamedTuple):
    """What a DER encoding is.

    Attributes:
        name: "rsa", "ec p-256", "certificate", ...
        is_private: whether it holds a private key; certificates and public keys do not.
        bits: size of the modulus, where there is one.
    """

    name: str
    is_private: bool = True
    bits: int = 0

    def __str__(self) -> str:
        """Describe it: `rsa key, 2048 bits`."""
        kind = f"{self.name} key" if self.is_private else self.name
        return f"{kind}, {self.bits} bits" if self.bits else kind


def _first(data: bytes) -> tuple[DerValue | None, bytes]:
    """Read the first value of `data`; None when there is none or it is longer than `data`."""
    if len(data) < 2:  # noqa: PLR2004 - a tag and a length
        return None, b""
    size, begin = data[1], 2
    if size & 0x80:
        begin += size & 0x7F
        size = int.from_bytes(data[2:begin], "big")
    if begin + size > len(data):
        return None, b""
    return DerValue(data[0], data[begin : begin + size]), data[begin + size :]


def der_key(data: bytes) -> DerKey | None:  # noqa: PLR0911 - a table of shapes
    """Tell what key, certificate or container `data` is; None when it is none of those known here.

    Sources: RFC 8017 appendix A.1 (RSA), RFC 5958 (PKCS#8, encrypted or not), RFC 5915 (elliptic curves),
    RFC 5280 section 4.1 (certificates and public keys), RFC 7292 section 4 (PKCS#12); DSA as OpenSSL writes it.
    """
    value, _ = _first(data)
    members = value.members if value else None
    if not members or value is None:
        return None
    shape = tuple(member.tag for member in members)
    if set(shape) == {_INTEGER}:
        return _of_integers(members)
    if shape[:3] == (_INTEGER, SEQUENCE, _OCTET_STRING):
        return _pkcs8(members)
    if shape[:2] == (_INTEGER, _OCTET_STRING):
        curve = [member.content[2:].hex() for member in members[2:] if member.tag == _CONTEXT]
        return DerKey(_named("ec", _CURVES.get(curve[0]) if curve else None))
    if shape == (SEQUENCE, _OCTET_STRING) and _algorithm(members[0]):
        return DerKey("encrypted")
    if shape == (SEQUENCE, SEQUENCE, _BIT_STRING):
        return DerKey("certificate", is_private=False)
    if shape == (SEQUENCE, _BIT_STRING):
        return DerKey("public key", is_private=False)
    if shape[:2] == (_INTEGER, SEQUENCE) and _algorithm(members[1]) == _PKCS7_DATA:
        return DerKey("pkcs12")
    return None


def _of_integers(members: list[DerValue]) -> DerKey | None:
    """Tell the keys that are numbers only by how many there are."""
    numbers = [int.from_bytes(member.content, "big") for member in members]
    # Version, modulus, exponents, primes and their remainders; version, p, q, g, y, x; modulus and exponent.
    names = {9: ("rsa", 1), 6: ("dsa", 1)}
    if len(members) in names:
        name, at = names[len(members)]
        return DerKey(name, bits=numbers[at].bit_length())
    return DerKey("public key", is_private=False, bits=numbers[0].bit_length()) if len(members) == 2 else None  # noqa: PLR2004


def _algorithm(value: DerValue) -> str:
    """Give the object identifier at the head of an AlgorithmIdentifier, "" when there is none."""
    members = value.members
    return members[0].content.hex() if members and members[0].tag == _OID else ""


def _pkcs8(members: list[DerValue]) -> DerKey | None:
    name = _ALGORITHMS.get(_algorithm(members[1]))
    if name is None:
        return DerKey("pkcs8") if _algorithm(members[1]) else None
    if name == "rsa":
        inner, _ = _first(members[2].content)
        key = _of_integers((inner and inner.members) or [])
        return key if key and key.name == "rsa" else None
    parameters = (members[1].members or [])[1:]
    return DerKey(_named(name, _CURVES.get(parameters[0].content.hex()) if parameters else None))


def _named(name: str, curve: str | None) -> str:
    return f"{name} {curve}" if curve else name
