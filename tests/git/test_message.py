"""What git stores of a message, and where a trailer goes."""

import pytest

from leaksieve.git.message import Cleanup, stored_part, with_trailer

TEXT = b"subject\n\n# comment\nbody\n"
SCISSORS = b"# ------------------------ >8 ------------------------\n"
DIFF = TEXT + SCISSORS + b"+diff\n"


@pytest.mark.parametrize(
    ("cleanup", "message", "stored"),
    [
        (Cleanup("default", "#", edited=True), TEXT, b"subject\n\n\nbody\n"),
        (Cleanup("default", "#", edited=False), TEXT, TEXT),
        (Cleanup("strip", "#", edited=False), TEXT, b"subject\n\n\nbody\n"),
        (Cleanup("verbatim", "#", edited=True), DIFF, DIFF),
        (Cleanup("whitespace", "#", edited=True), TEXT, TEXT),
        (Cleanup("default", "#", edited=True), DIFF, b"subject\n\n\nbody"),
        (Cleanup("scissors", "#", edited=True), DIFF, TEXT.rstrip()),
        (Cleanup("default", "#", edited=False), DIFF, DIFF),
        (Cleanup("default", ";", edited=True), TEXT + b"; help\n", TEXT + b"\n"),
        (Cleanup("default", "auto", edited=True), TEXT + b"; help\n", TEXT + b"\n"),
        (Cleanup("default", "auto", edited=True), b"", b""),
    ],
)
def test_what_is_stored(cleanup: Cleanup, message: bytes, stored: bytes) -> None:
    assert stored_part(message, cleanup) == stored


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        (b"subject\n", b"subject\n\nA: b\n"),
        (b"subject\n\nbody\n", b"subject\n\nbody\n\nA: b\n"),
        (b"subject\n\nSigned-off-by: x\n", b"subject\n\nSigned-off-by: x\nA: b\n"),
        (b"subject: x\n", b"subject: x\n\nA: b\n"),
        (b"subject\n# help\n", b"subject\n\nA: b\n# help\n"),
    ],
)
def test_a_trailer_stands_at_the_end_of_what_is_stored(message: bytes, wanted: bytes) -> None:
    assert with_trailer(message, Cleanup("default", "#", edited=True), b"A: b") == wanted
