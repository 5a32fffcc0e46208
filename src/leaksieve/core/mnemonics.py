"""Phrases of words that stand for the seed of a wallet."""

import hashlib
import os
from functools import cache

from leaksieve.core.candidate import FAILED, IMPOSSIBLE, PASSED, Candidate, Verdict

_LIST = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bip39.txt")
_BITS_OF_A_WORD = 11


@cache
def bip39_words() -> list[str]:
    """Read the English list: the place of a word is the number that it stands for."""
    with open(_LIST, encoding="ascii") as file:
        return [word for line in file if not line.startswith("#") for word in line.split()]


def bip39_checksum(entropy: bytes) -> int:
    """Give a bit of SHA-256 for each 32 bits of entropy."""
    bits = len(entropy) * 8 // 32
    return hashlib.sha256(entropy).digest()[0] >> (8 - bits)


def bip39(candidate: Candidate) -> Verdict:
    """Check that a phrase is made of BIP 39's English words and that its checksum of 4 to 8 bits holds.

    Source: https://github.com/bitcoin/bips/blob/master/bip-0039.mediawiki
    """
    numbers = {word: number for number, word in enumerate(bip39_words())}
    words = candidate.secret.split()
    if not all(word in numbers for word in words):
        return Verdict(IMPOSSIBLE, "not all words are of the BIP 39 list")
    value = 0
    for word in words:
        value = value << _BITS_OF_A_WORD | numbers[word]
    size = len(words) * _BITS_OF_A_WORD * 32 // 33
    checksum_bits = size // 32
    entropy = (value >> checksum_bits).to_bytes(size // 8, "big")
    if bip39_checksum(entropy) != value & (1 << checksum_bits) - 1:
        return Verdict(FAILED, "bip39 checksum fails")
    return Verdict(PASSED, f"bip39 checksum holds, {len(words)} words")
