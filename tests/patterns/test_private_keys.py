"""A private key is found and read as its base64 alone, and as its lines stand in comments, diffs and source code."""

from pathlib import Path

import pytest

from core.test_checks import made_by
from leaksieve.core.rule import HIGH
from patterns.test_examples import DETECTOR

EC = "EC -pkeyopt ec_paramgen_curve:"


@pytest.mark.parametrize(
    "kind",
    [
        "ed25519",
        "x25519",
        "ed448",
        *(EC + curve for curve in ("prime256v1", "secp384r1", "secp521r1", "secp256k1")),
        *(f"RSA -pkeyopt rsa_keygen_bits:{bits}" for bits in (512, 1024, 2048, 3072)),
        "RSA -aes256 -pass pass:word",
    ],
)
def test_a_key_without_its_header_is_found(tmp_path: Path, kind: str) -> None:
    pem = made_by(tmp_path, *f"openssl genpkey -out key -algorithm {kind}".split())
    body = "".join(line for line in pem.splitlines() if "-----" not in line)
    found = DETECTOR.matches(f'KEY = "{body}"')
    assert [DETECTOR.rules[match.rule].id for match in found] == ["raw-der-private-key-base64"]


@pytest.mark.parametrize(
    ("before", "after", "join"),
    [
        ("", "", "\n"),
        ("", "", "\r\n"),
        ("    ", "", "\n"),
        (" * ", "", "\n"),
        ("# ", "", "\n"),
        ("// ", "", "\n"),
        ("-- ", "", "\n"),
        ("> ", "", "\n"),
        ("+", "", "\n"),
        ("", "", "\\n"),
        ("", "", "\\\\n"),
        ("", "", " "),
        ("", "", "&#10;"),
        ('  "', '\\n"', "\n"),
        ('  "', '\\n" +', "\n"),
        (" '", "'.", "\n"),
    ],
)
def test_a_key_is_read_however_its_lines_are_written(tmp_path: Path, before: str, after: str, join: str) -> None:
    pem = made_by(tmp_path, "openssl", "genpkey", "-out", "key", "-algorithm", "ed25519")
    text = join.join(f"{before}{line}{after}" for line in pem.splitlines())
    (found,) = DETECTOR.matches(text)
    assert (found.confidence, found.checks) == (HIGH, ("ed25519 key, not encrypted",))
