"""Entropy, placeholders, decoding, checks."""

import base64
import binascii
import hashlib
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaksieve.core.candidate import FAILED, IMPOSSIBLE, PASSED, SILENT, Candidate
from leaksieve.core.checks import check_named
from leaksieve.core.decode import decode, display
from leaksieve.core.entropy import shannon
from leaksieve.core.placeholders import placeholder_reason
from leaksieve.core.randomness import RANDOM_BITS, randomness
from leaksieve.ruleset.examples import expand
from makers import github_token, judge


def outcome(check: str, secret: str, before: str = "", after: str = "") -> str:
    return judge(check, secret, before, after).outcome


@given(st.text(min_size=1))
def test_entropy_is_between_nothing_and_the_logarithm_of_the_alphabet(text: str) -> None:
    assert -1e-9 <= shannon(text) <= math.log2(len(set(text))) + 1e-9


def test_entropy_of_known_texts() -> None:
    assert shannon("") == 0
    assert shannon("aaaa") == 0
    assert shannon("abcd") == 2
    assert shannon("aabb") == 1


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("${DB_PASSWORD}", "template"),
        ("{{ vault.password }}", "template"),
        ("%(password)s", "template"),
        ("%DB_PASSWORD%", "template"),
        ("Kq%zX%w2VbN8tRp4", ""),
        ("%rP%yY%mM%dDT%hH", "template"),
        ("{{9Kq7zXw2{VbN8tRp", ""),
        ("<your password>", "template"),
        ("your-api-key-goes-here", "filler"),
        ("changeme", "filler"),
        ("xxxxxxxx", "filler"),
        ("----------------", "repetitive"),
        ("1234567890", "sequential"),
        ("abcdefghijklmnop", "sequential"),
        ("zyxwvutsrqponm", "sequential"),
        ("h4x0r" * 5, "repetitive"),
        ("3b7cd72...", "filler"),
        ("3b7cd72...9f01c2", "filler"),
        ("wqzvwqzvwqzv", "repetitive"),
        ("b=ar", "sample"),
        ("Eby8vdM02xNOcqFl" + "k" * 70 + "==", "sample"),
        ("00deadbeef17", "hexadecimal sample"),
        ("7c4acafe19f3dead02d7beef41c6a9b8", "hexadecimal sample"),
        ("7c4acafe19f3d3ad02d7bee341c6a9b8", ""),
        (hashlib.sha1(b"foo", usedforsecurity=False).hexdigest(), "hexadecimal sample"),
        (hashlib.sha256(b"").hexdigest().upper(), "hexadecimal sample"),
        (hashlib.md5(b"wqzv", usedforsecurity=False).hexdigest(), ""),
        ("bazquux", "sample"),
        ("baz-12", "sample"),
        ("mF_9.B5f-4.1JqM", "sample"),
        ("u8dJ2kQp0sVx7LmN", ""),
        ("u8dJ2kQp" * 2, ""),
        ("hunter2", ""),
    ],
)
def test_placeholders(value: str, reason: str) -> None:
    assert placeholder_reason(value) == reason


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-32"])
def test_wide_text_is_transcoded(encoding: str) -> None:
    for text in ("passende Wörter für 7 Zeilen\n" * 3, "подходящие слова\n" * 40 + "key = 7\n"):
        assert display(decode(text.encode(encoding)).text) == text


@given(st.binary(max_size=300).filter(lambda data: not decode(data).encoding))
def test_other_bytes_keep_their_offsets(data: bytes) -> None:
    assert decode(data).text.encode("latin-1") == data


def test_checksums() -> None:
    token = github_token()
    assert outcome("crc32-base62", token) == PASSED
    changed = token[:-1] + ("a" if token[-1] != "a" else "b")
    assert outcome("crc32-base62", changed) == FAILED


def test_json_web_tokens() -> None:
    assert outcome("jwt", expand("{{jwt}}")) == SILENT
    assert outcome("jwt", expand("eyJ{{base64url 40}}.eyJ{{base64url 40}}.{{base64url 43}}")) == IMPOSSIBLE
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    assert outcome("jwt", f"{unsigned}.{unsigned}.x") == FAILED


@pytest.mark.parametrize("hole", ["{{pem RSA PRIVATE KEY}}", "{{pem ENCRYPTED PRIVATE KEY}}", "{{openssh}}"])
def test_private_keys(hole: str) -> None:
    key = expand(hole)
    assert outcome("pem", key) == PASSED
    assert outcome("pem", key.replace("\n", "\\n")) == PASSED
    assert outcome("pem", '"' + key.replace("\n", '\\n" +\n  "') + '"') == PASSED
    assert outcome("pem", '"' + key.replace("\n", ' \\n"\n\t\t+ "') + '"') == PASSED
    lines = key.split("\n")
    assert outcome("pem", "\n".join([lines[0], "!" + lines[1], lines[-1]])) == FAILED


def test_a_pem_header_is_no_obstacle() -> None:
    head = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123456789ABCDEF\n\n"
    body = base64.b64encode(bytes(range(256)) * 2).decode()
    assert outcome("pem", head + body + "\n-----END RSA PRIVATE KEY-----") == PASSED


def test_uri_passwords() -> None:
    made = expand("{{base62 9}}")
    assert outcome("uri-password", made, "postgres://app:", "@db.corp.io") == SILENT
    assert outcome("uri-password", made, "postgres://app:", "@localhost") == SILENT, "a generator made it"
    assert outcome("uri-password", "tr4vel", "postgres://app:", "@localhost") == FAILED
    assert outcome("uri-password", "tr4vel", "postgres://app:", "@db.example.com") == FAILED
    assert outcome("uri-password", "sunflower", "postgres://app:", "@db.corp.io") == SILENT, "the URI says what it is"
    assert outcome("uri-password", "summer2019", "postgres://app:", "@db.corp.io") == FAILED
    assert outcome("uri-password", "tiger^5HHH", "postgres://scott:", "@db.corp.io") == FAILED, "a stand-in, varied"
    assert outcome("uri-password", "password", "postgres://app:", "@db.corp.io") == IMPOSSIBLE
    assert outcome("uri-password", "b%3Dar", "http://app:", "@db.corp.io") == IMPOSSIBLE
    assert outcome("uri-password", "y@one,x:y", "db://x:", "@two.corp.io") == FAILED, "the first of two hosts"
    assert outcome("uri-password", "zkeolwbvr", "http://rvbwloekz:", "@db.corp.io") == FAILED, "the user, reordered"


@given(st.integers(0, 10**12 - 1), st.binary(min_size=4, max_size=4))
def test_an_aws_key_id_tells_its_account(account: int, rest: bytes) -> None:
    secret = "AKIA" + base64.b32encode((1 << 47 | account << 7).to_bytes(6, "big") + rest).decode()
    verdict = check_named("aws-key-id")(Candidate(secret, 0, 20, 0, 20))
    assert verdict == (SILENT, f"aws account {account:012d}")


def test_basic_credentials() -> None:
    assert outcome("basic-auth", base64.b64encode(b"deploy:f8Kd02jsQ").decode()) == PASSED
    assert outcome("basic-auth", base64.b64encode("deploy:f8Kdü02jsQ".encode()).decode()) == PASSED
    assert outcome("basic-auth", base64.b64encode(b"Aladdin:open sesame").decode()) == FAILED
    assert outcome("basic-auth", base64.b64encode(b"deploy:summer2019").decode()) == FAILED
    assert outcome("basic-auth", base64.b64encode(b"username:bosco").decode()) == FAILED
    assert outcome("basic-auth", base64.b64encode(b"no colon here").decode()) == IMPOSSIBLE


def test_randomness_tells_generated_values_from_written_ones() -> None:
    alphabets = ("letterslower 8", "alnum 10", "base62 16", "hex 16", "base32 20", "base64 24")
    made = [
        expand(f"{{{{{alphabet}}}}}#{number}")[: -len(f"#{number}")] for alphabet in alphabets for number in range(50)
    ]
    written = [
        "password",
        "getUserName",
        "MAX_CONNECTIONS",
        "admin123",
        "config.api_key",
        "hunter22",
        "letmein",
        "utf-8",
        "P4ssw0rd",
    ]
    assert sum(randomness(value) >= RANDOM_BITS for value in made) >= 0.97 * len(made)
    assert [value for value in written if randomness(value) >= RANDOM_BITS] == []


@given(st.text(alphabet=st.characters(max_codepoint=255), max_size=40))
def test_randomness_of_anything_is_a_number(text: str) -> None:
    assert math.isfinite(randomness(text))


def judged(line: str, check: str = "generic-password") -> str:
    """Judge the text between angle brackets, which stands in the place of the secret; the name begins the line."""
    before, secret, after = re.split("[<>]", line)
    text = before + secret + after
    start = re.search("(?i)pass|token|secret|key", text)
    assert start
    return check_named(check)(
        Candidate(text, start.start(), len(before + secret), len(before), len(before + secret))
    ).outcome


@pytest.mark.parametrize(
    ("line", "check", "expected"),
    [
        ('password = "<wqzvkxjr>"', "generic-password", SILENT),
        ('password = "<sunflower>"', "generic-password", FAILED),
        ('password = "<wqzv>"', "generic-password", SILENT),
        ('password = "<test>"', "generic-password", FAILED),
        ('password = "<4711>"', "generic-password", FAILED),
        ('password = "<secret-wqz7>"', "generic-password", FAILED),
        ('{"name": "DB_PASSWORD", "value": "<wqzvkxjr>"}', "generic-password", SILENT),
        ('["--db-password", "<Wq7zVkxJr2>"]', "generic-password", SILENT),
        ('password_field = "<wqzvkxjr>"', "generic-password", IMPOSSIBLE),
        ('password = "<$2b$12$Kq7zXw2VbN8tRp4LsJfGhu>"', "generic-password", FAILED),
        ("password = <wqzvkxjr>)", "generic-password", IMPOSSIBLE),
        ("PASSWORD: <wqzvkxjr>", "generic-password", SILENT),
        ('"forgotPassword": "<Zapomeli ste geslo>"', "generic-password", IMPOSSIBLE),
        ('token = "<dGhlIHNhbXBsZSBub25jZQ==>"', "generic-token", FAILED),
        ('token = "<iVBORw0KGgoAAAANSUhEUg>"', "generic-token", IMPOSSIBLE),
        ('csrfToken = "<Kq7zXw2VbN8tRp4LsJ>"', "generic-token", IMPOSSIBLE),
        ('public_key = "<Kq7zXw2VbN8tRp4LsJ>"', "generic-key", IMPOSSIBLE),
    ],
)
def test_names_and_values_together_decide(line: str, check: str, expected: str) -> None:
    assert judged(line, check) == expected


@pytest.mark.parametrize(
    ("line", "check", "expected"),
    [
        # Words that the model does not know, in small letters; and words that are spelt.
        ('password = "<rhubarb>"', "generic-password", FAILED),
        ('password = "<Rhu7barb!x>"', "generic-password", SILENT),
        ('password = "<s$cr$t>"', "generic-password", FAILED),
        ('password = "<my_n1c3_p@ssw0rd!>"', "generic-password", FAILED),
        ('password = "<s3krit>"', "generic-password", FAILED),
        ('password = "<wqz-secret>"', "generic-password", FAILED),
        # Hashes as Spring keeps them; `{noop}` is none.
        ('password = "<{sha256}97cde38028ad898ebc02>"', "generic-password", FAILED),
        ('password = "<{MD4}{wqz}152ce09d3261d2b53>"', "generic-password", FAILED),
        ('password = "<{noop}wqzvkxjr7>"', "generic-password", SILENT),
        # Names of what opens nothing.
        ('WRONG_PASSWORD = "<wqzvkxjr7>"', "generic-password", FAILED),
        ('private String malformedToken = "<Kq7zXw2VbN8tRp4LsJfG>"', "generic-token", FAILED),
        ('csrfmiddlewaretoken = "<Kq7zXw2VbN8tRp4LsJfG>"', "generic-token", IMPOSSIBLE),
        ('the public key "<RWTx5Zr1tiHQLwG9keckT0c45M3AGeHD6Ivi>"', "generic-key", IMPOSSIBLE),
        # What is no value: numbers, patterns, addresses, sentences, replies of a mail server.
        ("SYS_PASSWD_APPLID = <0xCE3>", "generic-password", IMPOSSIBLE),
        ('token = "<wqzv(.*?)kxjr>"', "generic-token", IMPOSSIBLE),
        ("token = <config://0bt9dmxjvjiqermk6xrop3ekq>", "generic-token", IMPOSSIBLE),
        ("copy.password=<Skopiuj> haslo z jednej z lokalizacji", "generic-password", IMPOSSIBLE),
        ('password = "<334 UGFzc3dvcmQ6>"', "generic-password", FAILED),
        # openssl's words for where a password is.
        ("-passin <pass:wqzvkxjr7>", "command-password", SILENT),
        ("-passin <pass:secret>", "command-password", IMPOSSIBLE),
        ("-passin <env:DATABASE>", "command-password", IMPOSSIBLE),
        ("-pass <8e557245-73e2-4286-969a-ff57fe326336>", "command-password", FAILED),
        # Escapes: what they stand for is judged, except where a generator made the sign.
        ('password = "<x%40y>"', "generic-password", IMPOSSIBLE),
        ('password = "<p%40ss%2Fword>"', "generic-password", FAILED),
        ('password = "<w%88q2Z9vOKit*>"', "generic-password", SILENT),
        (r'password = "<c\r\n\u000c\t d>"', "generic-password", IMPOSSIBLE),
        (r"emptyPassword=<\u7528\u6237\u540d\u6216>", "generic-password", IMPOSSIBLE),
        (r'password = "<wq\\r7Zb\\t2Lm4>"', "generic-password", SILENT),
        ('secret_iv = "<' + "wqzvkxJr7" * 2 + r'\n>"', "generic-token", SILENT),
        # Encoded words.
        ('password = "<cGFzc3dvcmQ=>"', "generic-password", FAILED),
        ('token = "<LS0tLS1CRUdJTiBLRVktLS0tLQotLS0tLUVORCBLRVktLS0tLQ==>"', "generic-token", FAILED),
        ("tls.key: <LS0tLS1CRUdJTiBLRVktLS0tLQotLS0tLUVORCBLRVktLS0tLQ==>", "generic-key", IMPOSSIBLE),
        # Names and places.
        ('x-keepass2 = "<wqzvkxjr>"', "generic-password", IMPOSSIBLE),
        ('PASSHASH = "<wqzvkxjr7Zb>"', "generic-password", IMPOSSIBLE),
        ('PASSPHRASE = "<wqzvkxjr7Zb>"', "generic-password", SILENT),
        ("https://ci.corp.io/badge.svg?token=<Kq7zXw2VbN>)", "generic-token", FAILED),
        ("https://ci.corp.io/app.svg?token=<Kq7zXw2VbN>)", "generic-token", SILENT),
        ("KEY=<4C51A07FB92E863D>\n", "generic-key", FAILED),
    ],
)
def test_what_only_looks_like_a_secret(line: str, check: str, expected: str) -> None:
    assert judged(line, check) == expected


def test_a_public_key_is_no_secret() -> None:
    # SubjectPublicKeyInfo of RSA, its modulus replaced by one byte again and again. Source: RFC 5280, section 4.1.
    info = bytes.fromhex("30819f300d06092a864886f70d010101050003818d0030818902818100") + b"\x9b" * 128 + b"\2\3\1\0\1"
    assert judged(f'secret = "<{base64.b64encode(info).decode()}>"', "generic-token") == IMPOSSIBLE


def test_a_password_that_names_something_else_on_its_line() -> None:
    assert outcome("command-password", "acmedb", "ldapadd -D cn=admin,dc=acmedb -w ") == FAILED
    assert outcome("command-password", "acmedb", "ldapadd -D cn=admin,dc=other -w ") == SILENT


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (base64.b64encode(b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n").decode(), IMPOSSIBLE),
        (base64.b64encode(b"TESTROOTCA0").decode(), FAILED),
        (base64.b64encode(b"admin_password").decode(), FAILED),
        (base64.b64encode(b"user:{SHA}" + base64.b64encode(bytes(range(20)))).decode(), FAILED),
        (base64.b64encode(b"wqzvkxjr-7Zb2").decode(), SILENT),
        ("mysecret12345678", FAILED),
        ("Kq7zXw2VbN8tRp4L", SILENT),
    ],
)
def test_values_of_kubernetes_secrets(value: str, expected: str) -> None:
    assert outcome("manifest-value", value) == expected


def test_a_public_nkey_is_no_secret() -> None:
    body = b"\xa0" + hashlib.sha256(b"made up").digest()
    key = base64.b32encode(body + binascii.crc_hqx(body, 0).to_bytes(2, "little")).decode()
    assert judged(f'key = "<{key}>"', "generic-key") == IMPOSSIBLE
    assert judged(f'key = "<{key[:-1] + ("A" if key[-1] != "A" else "B")}>"', "generic-key") == SILENT
