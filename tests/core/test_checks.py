"""Every check against vectors that are not ours: from specifications, vendors' documentation, other tools."""

import base64
import json
import shutil
import subprocess
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaksieve.core.aes import decrypt_cbc
from leaksieve.core.candidate import FAILED, IMPOSSIBLE, PASSED, SILENT
from leaksieve.core.checks import CHECKS, check_named
from leaksieve.core.der import der_key
from leaksieve.core.encodings import BASE36, BASE58, BASE62, base58_bytes, digits
from leaksieve.core.marvin import marvin64
from leaksieve.core.mnemonics import bip39_words
from leaksieve.core.private_keys import crc24
from leaksieve.ruleset.examples import expand
from makers import judge


def with_last_changed(text: str) -> str:
    """Change the last character to another of the same kind."""
    return text[:-1] + ("1" if text[-1] == "0" else "0" if text[-1].isdigit() else "b" if text[-1] == "a" else "a")


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_every_check_has_a_function_with_a_description_and_is_documented(name: str) -> None:
    assert check_named(name).__doc__
    assert f"`{name}`" in (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")


@given(st.integers(0, 2**64))
def test_digits_are_read_back(number: int) -> None:
    assert int(digits(number, BASE36), 36) == number
    read = 0
    for character in digits(number, BASE62, 6):
        read = read * 62 + BASE62.index(character)
    assert read == number
    assert int.from_bytes(base58_bytes(digits(number, BASE58)) or b"", "big") == number


@pytest.mark.parametrize(
    ("check", "secret"),
    [
        # https://github.com/grafana/grafana/blob/main/pkg/components/satokengen/tokengen_test.go, in two pieces.
        ("grafana-crc32", "glsa_" + "yscW25imSKJIuav8zF37RZmnbiDvB05G_fcaaf58a"),
        # https://docs.nats.io/using-nats/developer/connecting/nkey, in two pieces.
        ("nkey", "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6" + "BFDTJ7M6USDXIEDNPPQYYYCU3VY"),
        # https://github.com/bitcoin/bips/blob/master/bip-0173.mediawiki#test-vectors
        ("bech32", "A12UEL5L"),
        ("bech32", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw"),
        # https://en.bitcoin.it/wiki/Invoice_address: an address, which is public.
        ("base58check", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"),
        # What a Cisco router makes of "cisco".
        ("cisco-type7", "02050D480809"),
        ("cisco-type7", "070C285F4D06"),
    ],
)
def test_published_vectors_pass_and_fail_when_changed(check: str, secret: str) -> None:
    assert judge(check, secret).outcome == PASSED
    if check != "cisco-type7":  # it has no checksum
        assert judge(check, with_last_changed(secret)).outcome == FAILED


def test_a_matrix_token_ends_with_the_crc32_of_all_before_it() -> None:
    body = expand("syt_dGVzdA_{{letters 20}}")
    token = f"{body}_{digits(zlib.crc32(body.encode()), BASE62, 6)}"
    assert judge("crc32-base62", token).outcome == PASSED
    assert judge("crc32-base62", with_last_changed(token)).outcome == FAILED


@pytest.mark.parametrize("body", ["ATATT3xFfGF0{{base64url 60}}=", "cfut_{{base62 40}}", "zpka_{{alnum 32}}_"])
def test_a_hexadecimal_crc32_is_found_whatever_it_covers(body: str) -> None:
    text = expand(body)
    whole = f"{text}{zlib.crc32(text.encode()):08x}"
    assert judge("crc32-hex", whole).outcome == PASSED
    bare = text.partition("_")[2].rstrip("=_") if "_" in body[:6] else text.rstrip("=")
    assert judge("crc32-hex", f"{text}{zlib.crc32(bare.encode()):08X}").outcome == PASSED
    assert judge("crc32-hex", with_last_changed(whole)).outcome == SILENT, "what it covers is not published"


def test_wallet_phrases_against_the_vectors_of_bip_39() -> None:
    # https://github.com/trezor/python-mnemonic/blob/master/vectors.json
    for phrase in ("legal winner thank year wave sausage worth useful legal winner thank yellow", "zoo " * 23 + "vote"):
        assert judge("bip39", phrase) == (PASSED, f"bip39 checksum holds, {len(phrase.split())} words")
        assert judge("bip39", phrase.rpartition(" ")[0] + " year").outcome == FAILED
        assert judge("bip39", phrase.rpartition(" ")[0] + " the").outcome == IMPOSSIBLE
    assert len(set(bip39_words())) == 2048


def test_aes_and_the_published_password_key() -> None:
    # FIPS 197, appendix C.3.
    key, block = bytes(range(32)), bytes.fromhex("8ea2b7ca516745bfeafc49904b496089")
    assert decrypt_cbc(key, block) == bytes(0x11 * at for at in range(16))
    sample = "j1Uyj3Vx8TY9LtLZil2uAuZkFQA/4latT76ZwgdHdhw"
    assert judge("gpp-password", sample) == (PASSED, "decrypts to a password with the published key")
    assert judge("gpp-password", with_last_changed(sample)[1:] + "A").outcome == FAILED
    assert judge("gpp-password", sample[:12]).outcome == FAILED


def test_the_armor_of_openpgp() -> None:
    assert crc24(b"123456789") == 0x21CF02
    block = expand("{{pem PGP PRIVATE KEY BLOCK}}")
    assert judge("pgp", block) == (PASSED, "pgp secret key, crc24 holds")
    assert judge("pgp", block.replace("\n\n", "\nVersion: 1\nComment: a key\n\n", 1)).outcome == PASSED
    assert judge("pgp", block.replace("\n", "\\n")).outcome == PASSED
    lines = block.split("\n")
    assert judge("pgp", "\n".join([*lines[:-2], lines[-1]])) == (PASSED, "pgp secret key")
    assert judge("pgp", "\n".join([*lines[:-2], "=AAAA", lines[-1]])) == (SILENT, "pgp secret key, crc24 fails")
    assert judge("pgp", expand("{{pem PGP PUBLIC KEY BLOCK}}")).outcome == FAILED
    assert judge("base64-pem", base64.b64encode(block.encode()).decode()).outcome == PASSED


def test_checksums_of_which_only_their_being_there_is_published_raise_and_never_lower() -> None:
    body = expand("{{base62 70}}")
    token = f"ghr_{body}{digits(zlib.crc32(body.encode()), BASE62, 6)}"
    assert judge("crc32-base62-raises", token).outcome == PASSED
    assert judge("crc32-base62-raises", with_last_changed(token)).outcome == SILENT
    assert judge("azure-devops-pat", expand("{{annotated AC3p0XJ3w3AAAAAAAZDO}}")).outcome == PASSED
    assert judge("azure-devops-pat", expand("{{base62 76}}AZDO{{base62 4}}")).outcome == SILENT


@pytest.mark.parametrize("prefix", ["glpat-", "glrt-t1_"])
def test_routable_gitlab_tokens(prefix: str) -> None:
    payload = base64.urlsafe_b64encode(b"r" * 16 + b"o:1\x03").decode().rstrip("=")
    body = f"{prefix}{payload}.01.{len(payload):02}".replace(".27", ".0r")
    number, crc = zlib.crc32(body.encode()), ""
    for _ in range(7):
        number, rest = divmod(number, 36)
        crc = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + crc
    assert judge("gitlab-routable", body + crc).outcome == PASSED
    assert judge("gitlab-routable", with_last_changed(body + crc)).outcome == FAILED
    longer = body.replace(prefix, prefix + "A")
    crc = digits(zlib.crc32(longer.encode()), BASE36, 7)
    assert judge("gitlab-routable", longer + crc).outcome == FAILED, "the length is wrong"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("", 0x30ED35C100CD3C7D),
        ("af", 0x48E73FC77D75DDC1),
        ("e70f", 0xB5F6E1FC485DBFF8),
        ("37f495", 0xF0B07C789B8CF7E8),
        ("8642dc59", 0x7008F2E87E9CF556),
    ],
)
def test_marvin_agrees_with_the_vectors_of_dotnet(data: str, expected: int) -> None:
    # https://github.com/dotnet/runtime, src/libraries/Common/tests/Tests/System/MarvinTests.cs
    assert marvin64(bytes.fromhex(data), 0x004FB61A001BDBCC) == expected


@pytest.mark.parametrize(
    ("check", "hole"),
    [
        ("azure-key", "{{azure +ASt 64 Default0}}"),
        ("azure-key", "{{azure AIoT 32 Device00}}"),
        ("azure-key", "{{azureurl AzFu 40 Master00}}"),
        ("azure-annotated-key", "{{annotated AC3p0XJ3w3AAAAAAACOG}}"),
        ("entra-secret", "{{entra}}"),
    ],
)
def test_azure_keys(check: str, hole: str) -> None:
    key = expand(hole)
    assert judge(check, key).outcome == PASSED
    swapped = key[1] + key[0] + key[2:] if key[0] != key[1] else key[2] + key[1] + key[0] + key[3:]
    assert judge(check, swapped).outcome == FAILED


def test_azure_keys_whose_checksum_nobody_can_check_stay_as_they_are() -> None:
    assert judge("azure-key", expand("{{azure AZEG 32 Whatever}}")).outcome == SILENT
    assert judge("azure-key", expand("{{azure AzCa 32 Whatever}}")).outcome == SILENT
    assert judge("entra-secret", "abc7Q~" + "d" * 31).outcome == SILENT


def test_an_annotated_key_tells_when_it_was_made() -> None:
    assert "made 2025-03" in judge("azure-annotated-key", expand("{{annotated AC3p0XJ3w3AAAAAAACOG}}")).label


def token_of(header: object, claims: object) -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, claims)]
    return ".".join([*parts, "c2lnbmF0dXJl"])


@pytest.mark.parametrize(
    ("claims", "outcome", "label"),
    [
        # RFC 7519, section 3.1.
        ({"iss": "joe", "exp": 1300819380}, SILENT, "jwt header and claims decode, issuer joe, expires 2011-03-22"),
        ({"iss": "a b\n", "exp": 10**30}, SILENT, "jwt header and claims decode"),
        ({"sub": "1234567890", "name": "John Doe", "iat": 1516239022}, FAILED, "a sample token"),
        ({"sub": "foo", "data": "bar-2", "n": 7}, FAILED, "a sample token"),
        ([], FAILED, "jwt claims are not JSON"),
    ],
)
def test_claims(claims: object, outcome: str, label: str) -> None:
    token = token_of({"typ": "JWT", "alg": "HS256"}, claims)
    assert judge("jwt", token) == (outcome, label)
    assert judge("jwt", "wrkaus-" + token) == (outcome, label)


def test_a_header_of_another_kind_is_no_token() -> None:
    assert judge("jwt", token_of({"version": 3}, {})).outcome == IMPOSSIBLE
    assert judge("jwt", token_of({"alg": "dir", "enc": "A256GCM"}, {})).label == "jwt, encrypted"


def test_payloads() -> None:
    assert judge("json-payload", expand("glc_{{json o,n,k,m 16}}")) == (PASSED, "json payload with o, n, k, m")
    assert judge("json-payload", expand("sntrys_{{json iat,url 16}}_{{base62 43}}")).outcome == PASSED
    assert judge("json-payload", expand("glc_eyJ{{base62 40}}")).outcome == FAILED
    assert judge("base64-pair", expand("BBDC-{{b64 {digits 12}:{base62 20}}}")).outcome == PASSED
    assert judge("base64-pair", expand("essu_{{b64 {base64url 20}:{base64url 24}}}")).outcome == PASSED
    assert judge("base64-pair", expand("essu_{{base62 60}}")).outcome == FAILED


def test_a_discord_token_begins_with_an_id() -> None:
    # https://discord.com/developers/docs/reference#snowflakes
    head = base64.urlsafe_b64encode(b"175928847299117063").decode()
    assert judge("discord-token", f"{head}.Gabcde.x") == (PASSED, "discord id 175928847299117063, made 2016-04-30")
    assert judge("discord-token", "MTIzabc.Gabcde.x").outcome == FAILED


@pytest.mark.parametrize(
    ("secret", "label"),
    [
        ("sk_" + "live_f8Kd02", "live mode"),
        ("rk_" + "test_f8Kd02", "test mode"),
        ("sandbox-" + "sq0csp-x", "test mode"),
        ("pdl_" + "sdbx_apikey_01", "test mode"),
        ("signkey-" + "prod-0123", "live mode"),
        ("sk_" + "f8Kd02jslatest", ""),
    ],
)
def test_modes(secret: str, label: str) -> None:
    assert judge("mode", secret) == (SILENT, label)


def test_slack_tokens_tell_kind_and_workspace() -> None:
    bot = "xox" + "b-123456789012-123456789012-x"
    assert judge("slack-token", bot) == (SILENT, "slack bot token of workspace 123456789012")
    assert judge("slack-token", "xap" + "p-1-A0123") == (SILENT, "slack app token")


def test_days_of_signed_urls() -> None:
    url = "https://x?sv=2022-11-02&se=2031-01-01T00:00:00Z&sig="
    assert judge("signed-url", "abc", before=url).label == "expires 2031-01-01"
    assert (
        judge("signed-url", "abc", before="X-Amz-Date=20240102T000000Z&X-Amz-Signature=").label == "signed 2024-01-02"
    )


LOCAL = "connection string with user and password for localhost"
SERVER = "Server=tcp:db.corp.io,1433;Database=shop;User Id=sa;Password="


@pytest.mark.parametrize(
    ("before", "secret", "after", "expected"),
    [
        (SERVER, "f8Kd02jsQ", ";", (SILENT, "connection string with user and password for tcp:db.corp.io")),
        ("Data Source=(local);Password=", "sunflower1", ";", (FAILED, "host is local")),
        ("Server=.\\SQLEXPRESS;Pwd=", "sunflower1", ";Uid=sa", (FAILED, "host is local")),
        ("host=localhost user=app password=", "sunflower1", " dbname=x", (FAILED, "host is local")),
        ("Server=localhost;User Id=app;Password=", "f8Kd02jsQ", "", (SILENT, LOCAL)),
        ("Server={host};Password=", "f8Kd02jsQ", ";", (SILENT, "connection string with password")),
        ("Server=db.example.com;Password=", "sunflower1", ";", (FAILED, "host is reserved for examples")),
        ("Server=db.corp.io;Password=", "password", ";", (IMPOSSIBLE, "password is a placeholder")),
        ("Server=localhost\nPassword=", "f8Kd02jsQ", "", (SILENT, "connection string with password")),
    ],
)
def test_connection_strings(before: str, secret: str, after: str, expected: tuple[str, str]) -> None:
    assert judge("connection-string", secret, before, after) == expected


def made_by(tmp_path: Path, *command: str) -> str:
    """Run a tool that writes a key to the file `key`."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    subprocess.run([*command], cwd=tmp_path, check=True, capture_output=True)
    return (tmp_path / "key").read_text()


@pytest.mark.parametrize(
    ("command", "label"),
    [
        ("openssl genrsa -traditional -out key 1024", "rsa key, 1024 bits, not encrypted"),
        ("openssl genrsa -out key 1024", "rsa key, 1024 bits, not encrypted"),
        ("openssl genrsa -aes128 -passout pass:word -out key 1024", "encrypted key"),
        ("openssl genrsa -traditional -aes128 -passout pass:word -out key 1024", "pem key, encrypted"),
        ("openssl ecparam -name prime256v1 -genkey -noout -out key", "ec p-256 key, not encrypted"),
        ("openssl genpkey -algorithm ed25519 -out key", "ed25519 key, not encrypted"),
        ("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp384r1 -out key", "ec p-384 key, not encrypted"),
        ("ssh-keygen -q -t ed25519 -N f8Kd02 -f key", "openssh key, ssh-ed25519, encrypted"),
        ("ssh-keygen -q -t ed25519 -N  -f key", "openssh key, ssh-ed25519, not encrypted"),
        ("ssh-keygen -q -t rsa -b 1024 -N  -f key", "openssh key, ssh-rsa, 1024 bits, not encrypted"),
    ],
)
def test_keys_made_by_other_tools_are_read(tmp_path: Path, command: str, label: str) -> None:
    key = made_by(tmp_path, *command.split(" "))
    assert judge("pem", key) == (PASSED, label)
    assert judge("base64-pem", base64.b64encode(key.encode()).decode()) == (PASSED, label)


def test_a_key_cut_short_is_not_proven(tmp_path: Path) -> None:
    rsa = made_by(tmp_path, "openssl", "genrsa", "-traditional", "-out", "key", "1024").splitlines()
    assert judge("pem", "\n".join([*rsa[:5], rsa[-1]])).outcome == SILENT
    (tmp_path / "key").unlink()
    ssh = made_by(tmp_path, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "key").splitlines()
    assert judge("pem", "\n".join([*ssh[:2], ssh[-1]])).outcome == SILENT


@pytest.mark.parametrize("label", ["CERTIFICATE", "PUBLIC KEY"])
def test_what_is_public_is_told_from_private_keys(label: str) -> None:
    assert judge("der", expand(f"{{{{der {label}}}}}")).outcome == IMPOSSIBLE
    assert judge("der", expand("{{der}}")) == (PASSED, "rsa key, 2048 bits, not encrypted")


def test_a_container_is_named() -> None:
    # PFX ::= SEQUENCE { version INTEGER 3, authSafe ContentInfo }. Source: RFC 7292, section 4.
    content = bytes.fromhex("3010020103300b06092a864886f70d010701")
    assert str(der_key(content)) == "pkcs12 key"


@given(st.binary(max_size=80))
def test_any_bytes_can_be_read_as_der(data: bytes) -> None:
    der_key(data)
    der_key(b"\x30" + data)


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=12, max_size=120))
def test_no_check_stumbles_over_what_a_rule_may_give_it(secret: str) -> None:
    # These are only run on what their rule's regex lets through: hexadecimal digits, two digits before them.
    strict = {"secp256k1", "cisco-type7"}
    for name in set(CHECKS) - strict:
        assert judge(name, secret, before='x = "', after='"').outcome


def test_shells_around_a_key_are_not_followed() -> None:
    algorithm = bytes.fromhex("300d06092a864886f70d0101010500")
    shell = b""
    for _ in range(600):
        size = (len(algorithm) + 3 + 4 + len(shell)).to_bytes(2, "big")
        shell = b"\x30\x82" + size + b"\x02\x01\0" + algorithm + b"\x04\x82" + len(shell).to_bytes(2, "big") + shell
    assert der_key(shell) is None


def test_scalars_and_clamped_keys() -> None:
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    assert judge("secp256k1", f"0x{order - 1:064x}").outcome == SILENT
    assert judge("secp256k1", f"{order:064x}").outcome == IMPOSSIBLE
    assert judge("secp256k1", "0" * 64).outcome == IMPOSSIBLE
    # RFC 7748, section 6.1: the private key of Alice is not clamped as written, that of Bob is not either.
    clamped = bytes([0xF8, *range(1, 31), 0x40])
    assert judge("curve25519", base64.b64encode(clamped).decode()).outcome == PASSED
    assert judge("curve25519", base64.b64encode(bytes([1]) + clamped[1:]).decode()).outcome == SILENT
    assert judge("base58-key-pair", expand("{{base58bytes 64}}")).outcome == SILENT
    assert judge("base58-key-pair", expand("{{base58bytes 63}}")).outcome == IMPOSSIBLE
