"""AES-256 decryption, for the one credential that is encrypted with a published key."""

from functools import reduce
from operator import xor

_ROUNDS = 14
_BLOCK = 16
_WORDS_OF_KEY = 8


def _times(a: int, b: int) -> int:
    """Multiply in GF(2^8). Source: FIPS 197, section 4.2."""
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a = (a << 1) ^ (0x11B if a & 0x80 else 0)
        b >>= 1
    return product


def _substitutions() -> bytes:
    """Make the S-box: inverses in GF(2^8) and an affine map. Source: FIPS 197, section 5.1.1."""
    table = bytearray(256)
    inverse_of = power = 1
    for _ in range(255):
        # 3 generates the field, and 0xF6 is its inverse.
        rotated = [(inverse_of << by | inverse_of >> (8 - by)) & 0xFF for by in range(5)]
        table[power] = rotated[0] ^ rotated[1] ^ rotated[2] ^ rotated[3] ^ rotated[4] ^ 0x63
        power, inverse_of = _times(power, 3), _times(inverse_of, 0xF6)
    table[0] = 0x63
    return bytes(table)


def _round_keys(key: bytes, box: bytes) -> list[bytes]:
    """Expand the key to fifteen blocks. Source: FIPS 197, section 5.2."""
    words = [key[at : at + 4] for at in range(0, len(key), 4)]
    constant = 1
    for number in range(_WORDS_OF_KEY, 4 * (_ROUNDS + 1)):
        word = words[-1]
        if number % _WORDS_OF_KEY == 0:
            word = (word[1:] + word[:1]).translate(box)
            word = bytes([word[0] ^ constant]) + word[1:]
            constant <<= 1
        elif number % _WORDS_OF_KEY == 4:  # noqa: PLR2004 - keys of 256 bits have one more substitution
            word = word.translate(box)
        words.append(_xor(words[-_WORDS_OF_KEY], word))
    return [b"".join(words[at : at + 4]) for at in range(0, len(words), 4)]


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


# Where each byte of a block comes from when its rows are shifted back.
_ROWS_BACK = [(4 * (column - row) + row) % _BLOCK for column in range(4) for row in range(4)]


def _columns_back(block: bytes) -> bytes:
    """Multiply each column by the inverse polynomial. Source: FIPS 197, section 5.3.3."""
    factors = (14, 11, 13, 9)
    return bytes(
        reduce(xor, (_times(block[column + (row + at) % 4], factors[at]) for at in range(4)))
        for column in range(0, _BLOCK, 4)
        for row in range(4)
    )


def decrypt_cbc(key: bytes, data: bytes, first: bytes = bytes(_BLOCK)) -> bytes:
    """Decrypt whole blocks with a key of 32 bytes, in cipher block chaining mode; padding stays.

    Slow and not in constant time: for short texts under keys that are no secret.

    Sources: FIPS 197, section 5.3; NIST SP 800-38A, section 6.2.
    """
    box = _substitutions()
    back = bytes(box.index(value) for value in range(256))
    *keys, last = _round_keys(key, box)
    plain = b""
    for at in range(0, len(data), _BLOCK):
        block = _xor(data[at : at + _BLOCK], last)
        for number in range(_ROUNDS - 1, -1, -1):
            block = _xor(bytes(block[place] for place in _ROWS_BACK).translate(back), keys[number])
            block = _columns_back(block) if number else block
        plain += _xor(block, first)
        first = data[at : at + _BLOCK]
    return plain
