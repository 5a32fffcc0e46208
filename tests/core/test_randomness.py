"""Values that generators make are told from those that people write, whatever the generator's alphabet."""

import random
import string

import pytest

from leaksieve.core.candidate import SILENT, Candidate
from leaksieve.core.checks import check_named
from leaksieve.core.placeholders import placeholder_reason
from leaksieve.core.randomness import randomness

LETTERS_AND_DIGITS = string.ascii_letters + string.digits
# What password managers and cloud consoles offer.
ALPHABETS = {
    "letters and digits": LETTERS_AND_DIGITS,
    "signs of the upper row": LETTERS_AND_DIGITS + "!@#$%^&*",
    "signs that need no quoting": LETTERS_AND_DIGITS + "-_.!~*",
    "all signs but quotes": LETTERS_AND_DIGITS + "!@#$%^&*()-_=+[]{}|;:,.<>?/~",
}
# One in forty reads like words, a template or code by chance, the shortest most often.
TRIED, LOST = 400, 12


@pytest.mark.parametrize("alphabet", ALPHABETS.values(), ids=ALPHABETS)
@pytest.mark.parametrize("length", [14, 20, 32])
def test_generated_passwords_are_taken(alphabet: str, length: int) -> None:
    source = random.Random(length)  # noqa: S311 - the same passwords each time
    made = ["".join(source.choices(alphabet, k=length)) for _ in range(TRIED)]
    assert sum(not is_taken(value) for value in made) <= LOST


def is_taken(password: str) -> bool:
    text = f'password = "{password}"'
    candidate = Candidate(text, 0, len(text), 12, len(text) - 1)
    return not placeholder_reason(password) and check_named("generic-password")(candidate).outcome == SILENT


@pytest.mark.parametrize(
    "value",
    ["Summer!2023", "it's-5-o'clock", "rows[at].size(1)", "%!*'();:@&=+$,/?#[] ", "mail@corp.io?x=1&y=2"],
)
def test_signs_alone_are_no_evidence(value: str) -> None:
    assert randomness(value) < 14
