"""Learn the character model of `leaksieve.core.randomness` from the source of Python's standard library.

Names, comments and docstrings of a thousand programs are what a key must be told from: words, abbreviations,
identifiers and numbers as people write them. A token counts once however often it stands there, so that `self` does not
drown the rare word. Tokens that may be keys or digests themselves are left out.

The file that it writes holds one byte for each of 37 x 37 x 37 sequences of three symbols; see
`leaksieve.core.randomness`.

Usage: python tools/train_randomness.py [--output FILE]
"""

import argparse
import math
import re
import sysconfig
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

from leaksieve.core.randomness import SYMBOLS, TABLE, UNITS_PER_BIT, symbols_of

Sequence = tuple[int, ...]
#: What follows a context: how often anything does, how many different symbols do, and how often each.
Followers = tuple[int, int, dict[int, int]]

_TOKEN = re.compile(r"[A-Za-z0-9]+(?:[_'.-][A-Za-z0-9]+)*", re.ASCII)
_LONGEST_TOKEN = 40
# `utf8`, `x86_64` and `py3k` change between letters and digits a few times, digests all the time.
_MOST_CHANGES = 3
_RAREST_WITH_DIGITS = 3


def main() -> None:
    """Read, count, smooth and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path(TABLE))
    arguments = parser.parse_args()
    tokens = Counter(tokens_of(Path(sysconfig.get_paths()["stdlib"])))
    table = costs(count(tokens))
    arguments.output.write_bytes(table)
    print(f"{len(tokens):,} tokens; {len(table):,} bytes to {arguments.output}")


def tokens_of(folder: Path) -> Iterator[str]:
    """Give the tokens of all Python files in a folder but those of installed packages and of tests' data."""
    for path in sorted(folder.rglob("*.py")):
        if "site-packages" not in path.parts:
            yield from _TOKEN.findall(path.read_text(encoding="latin-1"))


def is_teachable(token: str, times: int) -> bool:
    """Tell whether a token is one that people write; test data hold digests, keys and encoded bytes."""
    if len(token) > _LONGEST_TOKEN:
        return False
    if token.isalpha():
        return True
    changes = sum(1 for _ in groupby(token, str.isdigit)) - 1
    return changes <= _MOST_CHANGES and times >= _RAREST_WITH_DIGITS


def count(tokens: Counter[str]) -> Counter[Sequence]:
    """Count the sequences of three symbols in the distinct tokens."""
    counts: Counter[Sequence] = Counter()
    for token, times in tokens.items():
        if is_teachable(token, times):
            symbols = symbols_of(token)
            counts.update(zip(symbols, symbols[1:], symbols[2:], strict=False))
    return counts


def costs(triples: Counter[Sequence]) -> bytes:
    """Turn counts into costs: -log2 of the probability of a symbol after two others, in sixteenths of a bit.

    Smoothed by interpolation with shorter contexts, each weighted by how many different symbols follow it (Witten
    and Bell, "The zero-frequency problem", IEEE Transactions on Information Theory 37(4), 1991, method C).
    """
    size = len(SYMBOLS)
    pairs: Counter[Sequence] = Counter()
    singles: Counter[Sequence] = Counter()
    for triple, times in triples.items():
        pairs[triple[1:]] += times
        singles[triple[2:]] += times
    levels = [_contexts(singles), _contexts(pairs), _contexts(triples)]
    table = bytearray()
    for first in range(size):
        for second in range(size):
            for third in range(size):
                likely = 1 / size
                for level, context in zip(levels, ((), (second,), (first, second)), strict=True):
                    total, kinds, follows = level.get(context, (0, 0, {}))
                    if total:
                        likely = (follows.get(third, 0) + kinds * likely) / (total + kinds)
                table.append(min(255, round(-math.log2(likely) * UNITS_PER_BIT)))
    return bytes(table)


def _contexts(counts: Mapping[Sequence, int]) -> dict[Sequence, Followers]:
    """Give, for each context, its count, how many different symbols follow it, and the count of each."""
    contexts: dict[Sequence, Followers] = {}
    for sequence, times in counts.items():
        total, kinds, follows = contexts.get(sequence[:-1], (0, 0, {}))
        follows[sequence[-1]] = times
        contexts[sequence[:-1]] = total + times, kinds + 1, follows
    return contexts


if __name__ == "__main__":
    main()
