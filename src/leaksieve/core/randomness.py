"""How much more a value looks like random characters than like something that a person wrote.

A model of three characters in a row, learned by tools/train_randomness.py, says how many bits it takes to write the
value as words, names and numbers. A generator needs the logarithm of its alphabet for each character. The difference is
the evidence for a generator: of a value with 10 bits, a generator is a thousand times the likelier author.
"""

import os
import re
from functools import cache, lru_cache
from math import log2

from leaksieve.core.placeholders import LEET

#: What the model knows: letters of either case, digits, and everything else, which ends a word.
SYMBOLS = "abcdefghijklmnopqrstuvwxyz0123456789-"
#: Its costs, a byte for each three symbols: -log2 of the probability of the third after the first two.
TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "randomness.bin")
UNITS_PER_BIT = 16

_BREAK = len(SYMBOLS) - 1
_CODES = {ord(symbol): code for code, symbol in enumerate(SYMBOLS)}
_PLAIN = {ord(c): None for c in "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_SIZE = len(SYMBOLS)
# Words are separated, and a hump in camelCase begins one: the model sees a break there.
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+", re.ASCII)
# Characters that join words cost little more than a break, others are rare among words.
_JOINTS = frozenset(" _-./:")
_JOINT_BITS, _SIGN_BITS = 1.0, 5.0
_SIGNS_IN_USE = 12
# Who makes up a password takes one sign or two for it; each other one speaks for a generator that has them all.
_SIGNS_AMONG_WORDS, _NEW_SIGN_BITS = 2, 3.0
#: Bits from which on a value is random: four random letters have 10 on average, an English word less than none.
RANDOM_BITS = 6.0
# Words are written in lower case, in upper case or with a capital.
_CASE_BITS = 1.0
# Neighbours in the alphabet and on keyboards (QWERTY, AZERTY and QWERTZ rows, and the columns of QWERTY).
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "qwertz", "azerty", "asdfghjkl", "zxcvbnm",
    "1qaz2wsx3edc4rfv", "qazwsxedcrfv", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6", "!@#$%^&*()",
)  # fmt: skip
# Stands for each character of a run; a generator makes one by chance now and then, a person often.
_RUN, _RUN_BITS = "\n", 2.0
# Few passwords are spelt so; a key that by chance reads better so stays far above any threshold.
_LEET_BITS = 4.0
_LEAST_HEX = 20
_LONG_HEX = re.compile(r"(?:[0-9a-f]-?){24,}$|(?:[0-9A-F]-?){24,}$", re.ASCII)
_MOSTLY = 0.8
# Fewer characters than these, runs aside, tell nothing.
_LEAST = 4


@cache
def _table() -> bytes:
    """Read the model when a value is first judged: most scans of a hook judge none."""
    with open(TABLE, "rb") as file:
        return file.read()


def symbols_of(text: str) -> bytes:
    """Give the numbers of the symbols of `text`, with breaks around and between its words."""
    return f"--{_HUMP.sub('-', text).strip('-').lower()}-".translate(_CODES).encode()


# A line is judged when it is screened and again when it is kept, and a value by several rules.
@lru_cache(maxsize=4096)
def randomness(value: str) -> float:
    """Weigh a generator against a person as the author of `value`, in bits; positive is for the generator.

    Runs of keys or of the alphabet (`123`, `qwerty`, `aaa`) speak for a person, and signs that may stand for letters
    (`p4ssw0rd`) are read as these where that tells more of a person.
    """
    plain = _without_runs(value)
    if len(plain) < _LEAST:
        return 0.0
    evidence = _evidence(plain)
    if (spelt := plain.translate(LEET)) != plain:
        evidence = min(evidence, _evidence(spelt) + _LEET_BITS)
    # The text that the model has learned from holds digests, but nobody makes up so many hexadecimal digits.
    if len(plain) - plain.count(_RUN) >= _LEAST_HEX and _LONG_HEX.match(value):
        return max(evidence, float(len(value)))
    return evidence


def bits_of(value: str) -> float:
    """Give the randomness of a value that may hold letters of any script: of its ASCII part, or -1 if that is small."""
    if value.isascii():
        return randomness(value)
    plain = value.encode("ascii", "ignore").decode()
    return randomness(plain) if len(plain) >= _MOSTLY * len(value) else -1.0


def _without_runs(value: str) -> str:
    """Put marks for runs of three or more characters that are neighbours, or the same."""
    lowered, runs = value.lower(), _runs()
    starts = [at for at in range(len(value) - 2) if lowered[at : at + 3] in runs]
    if not starts:
        return value
    run = {at + step for at in starts for step in range(3)}
    return "".join(_RUN if at in run else character for at, character in enumerate(value)).strip(_RUN)


@cache
def _runs() -> frozenset[str]:
    both = [row[::step] for row in _ROWS for step in (1, -1)]
    return frozenset(row[at : at + 3] for row in both for at in range(len(row) - 2)) | {c * 3 for c in SYMBOLS + "*.#x"}


def _evidence(value: str) -> float:
    table = _table()
    symbols = symbols_of(value)
    in_runs = value.count(_RUN)
    value = value.replace(_RUN, "")
    cost = 0
    for first, second, third in zip(symbols, symbols[1:], symbols[2:], strict=False):
        cost += table[(first * _SIZE + second) * _SIZE + third]
    written = cost / UNITS_PER_BIT
    if not value.islower():
        written += _CASE_BITS * symbols.count(_BREAK)
    signs = value.translate(_PLAIN)
    for sign in signs:
        written += _JOINT_BITS if sign in _JOINTS else _SIGN_BITS
    if 4 * len(signs) <= 3 * len(value):
        written += _NEW_SIGN_BITS * max(0, len(set(signs)) - _SIGNS_AMONG_WORDS)
    return written - len(value) * bits_per_character(value) - in_runs * _RUN_BITS


# The alphabets that a generator may use, each with its size; hexadecimal letters count as such only without others.
_DIGITS, _HEX_LOWER, _HEX_UPPER = frozenset("0123456789"), frozenset("abcdef"), frozenset("ABCDEF")
_LOWER, _UPPER = frozenset("abcdefghijklmnopqrstuvwxyz"), frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_HEX_DIGITS = (_DIGITS | _HEX_LOWER, _DIGITS | _HEX_UPPER)


def bits_per_character(value: str) -> float:
    """Give the bits that a generator spends on each character: the logarithm of the alphabet that it seems to use."""
    used = set(value)
    if used <= _DIGITS and used:
        return log2(10)
    if any(used <= alphabet for alphabet in _HEX_DIGITS):
        return log2(16)
    size = 0 if used.isdisjoint(_DIGITS) else len(_DIGITS)
    for alphabet in (_LOWER, _UPPER):
        size += 0 if used.isdisjoint(alphabet) else len(alphabet)
    return log2(size if used <= _DIGITS | _LOWER | _UPPER else size + _SIGNS_IN_USE)
