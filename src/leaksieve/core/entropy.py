"""How evenly a secret uses its characters."""

from collections import Counter
from math import log2


def shannon(text: str) -> float:
    """Shannon entropy of `text` in bits per character, 0.0 for the empty string.

    Source: C. E. Shannon, "A Mathematical Theory of Communication", 1948, section 6.
    """
    size = len(text)
    return -sum(n / size * log2(n / size) for n in Counter(text).values()) if size else 0.0
