"""Checksums inside credentials: who passes one was made by the provider's generator, who fails one was not."""

import hashlib
import zlib
from collections.abc import Iterable

from leaksieve.core.candidate import FAILED, PASSED, SILENT, Candidate, Verdict
from leaksieve.core.encodings import BASE36, BASE62, base58_bytes, base64_bytes, digits, nkey_bytes
from leaksieve.core.marvin import marvin32

_CRC_DIGITS = 6


def _verdict(name: str, *, holds: bool) -> Verdict:
    return Verdict(PASSED, f"{name} checksum holds") if holds else Verdict(FAILED, f"{name} checksum fails")


def crc32_base62(candidate: Candidate) -> Verdict:
    """Compare the last six characters with a CRC32.

    It covers what stands between the prefix and them in tokens of GitHub and npm, and everything before their
    underscore in tokens of Matrix, which write it as a part of its own.

    Sources: https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/,
    https://github.blog/security/application-security/announcing-npm-automation-tokens-format/, and
    https://github.com/element-hq/synapse/blob/develop/synapse/handlers/auth.py (generate_access_token).
    """
    head, _, tail = candidate.secret.rpartition("_")
    covered = head if len(tail) == _CRC_DIGITS else tail[:-_CRC_DIGITS]
    expected = digits(zlib.crc32(covered.encode("latin-1")), BASE62, _CRC_DIGITS)
    return _verdict("crc32", holds=expected == tail[-_CRC_DIGITS:])


def crc32_base62_raises(candidate: Candidate) -> Verdict:
    """Compare as `crc32_base62` does, where that a checksum is there is published and what it covers is not."""
    verdict = crc32_base62(candidate)
    return verdict if verdict.outcome == PASSED else Verdict(SILENT, "")


def crc32_hex(candidate: Candidate) -> Verdict:
    """Look whether the last eight hexadecimal digits are a CRC32 of what stands before them.

    Atlassian and Cloudflare say that their tokens end with a checksum, and not what it covers: with or without
    prefix, with or without the separator. Any of the four proves the token (chance: one in a thousand million);
    none of them proves nothing.

    Source: https://developers.cloudflare.com/fundamentals/api/get-started/token-formats
    """
    body, checksum = candidate.secret[:-8], candidate.secret[-8:].lower()
    readings = {body, body.rstrip("=_"), body.partition("_")[2], body.rstrip("=_").partition("_")[2]}
    if any(f"{zlib.crc32(text.encode('latin-1')):08x}" == checksum for text in readings):
        return Verdict(PASSED, "crc32 checksum holds")
    return Verdict(SILENT, "")


def grafana_crc32(candidate: Candidate) -> Verdict:
    """Compare the part after the last underscore with the CRC32 of all before it, its bytes in reverse order.

    Source: https://github.com/grafana/grafana/blob/main/pkg/components/satokengen/tokengen.go
    """
    body, _, checksum = candidate.secret.rpartition("_")
    return _verdict("crc32", holds=zlib.crc32(body.encode("latin-1")).to_bytes(4, "little").hex() == checksum)


def gitlab_routable(candidate: Candidate) -> Verdict:
    """Check the length and CRC32, both in base 36, at the end of a GitLab token that carries its routing.

    `PREFIX PAYLOAD . [VERSION .] LENGTH CRC`: two digits of the payload's length, seven of the CRC32 of all before.

    Source: https://gitlab.com/gitlab-org/gitlab/-/blob/master/lib/authn/token_field/generator/routable_token.rb
    """
    secret = candidate.secret
    payload = secret.partition("-")[2].partition(".")[0]
    # A runner's token says what type it is between prefix and payload: glrt-t1_PAYLOAD.
    lengths = {digits(len(text), BASE36, 2) for text in (payload, payload.partition("_")[2])}
    crc = digits(zlib.crc32(secret[:-7].encode("latin-1")), BASE36, 7)
    return _verdict("length and crc32", holds=secret[-9:-7] in lengths and crc == secret[-7:])


#: The checksum's seed, for each signature that Azure puts into keys; services with several kinds of key have several.
_AZURE_SEEDS = {
    "+ABa": ("AbAcct00",),
    "+ACR": ("ACRDflt0",),
    "+AEh": ("Send0000", "Listen00", "Manage00", "System00", "Unknown0"),
    "+AMC": ("Classic0",),
    "+ARm": ("Send0000", "Listen00", "Manage00", "Unknown0"),
    "+ASb": ("Send0000", "Listen00", "Manage00", "System00", "Unknown0"),
    "+ASt": ("Default0",),
    "ACDb": ("MastRO00", "MastRW00", "SysAll00", "SystRO00", "SystRW00", "Resour00", "Encryp00"),
    "AIoT": ("IoTHub00", "DpsKey00", "Device00"),
    "APIM": ("Tenant00", "IoTHub00", "Gatewy00", "GitKey00"),
    "AzCa": ("Access00",),
    "AzFu": ("Functi00", "System00", "Master00"),
    "AzSe": ("Query000", "PAdmin00"),
}


def azure_key(candidate: Candidate) -> Verdict:
    """Check the Marvin32 hash in the last four bytes of an Azure key, which covers the bytes before them.

    Services that the list of seeds does not name stay as they are, and so do Redis keys that fail: some of them
    had characters replaced after the hash was made.

    Source: https://github.com/microsoft/security-utilities, src/Marvin/IdentifiableSecrets.cs (the algorithm) and
    src/Microsoft.Security.Utilities.Core/IdentifiableMetadata.cs (signatures and seeds).
    """
    text = candidate.secret.rstrip("=")
    data = base64_bytes(text, urlsafe="-" in text or "_" in text)
    seeds = _AZURE_SEEDS.get(text[-10:-6])
    if data is None or seeds is None:
        return Verdict(SILENT, "")
    checksum = int.from_bytes(data[-4:], "little")
    holds = any(marvin32(data[:-4], seed.encode()) == checksum for seed in seeds)
    return Verdict(SILENT, "") if not holds and text[-10:-6] == "AzCa" else _verdict("marvin32", holds=holds)


_ANNOTATED_BYTES = 60


def azure_annotated_key(candidate: Candidate) -> Verdict:
    """Check the Marvin32 hash of a common annotated security key, and read the month in which it was made.

    84 characters end with the hash's first three bytes, 88 with all four; it covers the sixty bytes before.
    Year and month follow the signature, A for 2024 and January.

    Source: https://github.com/microsoft/security-utilities,
    src/Microsoft.Security.Utilities.Core/IdentifiableSecrets.cs
    """
    secret = candidate.secret
    data = base64_bytes(secret) or b""
    checksum = marvin32(data[:_ANNOTATED_BYTES], b"Default0").to_bytes(4, "little")
    if not data[_ANNOTATED_BYTES:] or not checksum.startswith(data[_ANNOTATED_BYTES:]):
        return Verdict(FAILED, "marvin32 checksum fails")
    year, month = (ord(letter) - ord("A") for letter in secret[58:60])
    made = f", made {2024 + year}-{1 + month:02}" if year in range(26) and month in range(12) else ""
    return Verdict(PASSED, f"marvin32 checksum holds{made}")


def azure_devops_pat(candidate: Candidate) -> Verdict:
    """Check an Azure DevOps token as the common annotated key that newer ones are; older ones prove nothing.

    Source: https://learn.microsoft.com/en-us/azure/devops/organizations/accounts/use-personal-access-tokens-to-authenticate
    """
    verdict = azure_annotated_key(candidate)
    return verdict if verdict.outcome == PASSED else Verdict(SILENT, "")


#: Digits of the base 66 in which Entra ID writes its checksums.
ENTRA_ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~"


def entra_secret(candidate: Candidate) -> Verdict:
    """Check the end of a client secret of Microsoft Entra ID: three digits of a Marvin32 hash in base 66.

    Secrets with `8Q~` have one, those with `7Q~` do not. Three digits pass by chance once in 287,496 times.

    Source: https://github.com/microsoft/security-utilities,
    src/Microsoft.Security.Utilities.Core/IdentifiableMetadata.cs (IsAzureAadClientAppIdentifiableSecret)
    """
    secret = candidate.secret
    if secret[3:6] != "8Q~":
        return Verdict(SILENT, "")
    written = digits(marvin32(secret[:-3].encode("latin-1"), b"AadPwd00"), ENTRA_ALPHABET)
    return _verdict("marvin32", holds=written[:3] == secret[-3:])


def nkey(candidate: Candidate) -> Verdict:
    """Check the CRC-16 in the last two bytes of a NATS key."""
    return _verdict("crc16", holds=nkey_bytes(candidate.secret) is not None)


def base58check(candidate: Candidate) -> Verdict:
    """Compare the last four bytes with the double SHA-256 of those before.

    Source: https://en.bitcoin.it/wiki/Base58Check_encoding
    """
    data = base58_bytes(candidate.secret) or b""
    expected = hashlib.sha256(hashlib.sha256(data[:-4]).digest()).digest()[:4]
    return _verdict("base58check", holds=data[-4:] == expected)


#: Digits of bech32.
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def bech32_code(values: Iterable[int]) -> int:
    """Reduce five-bit values by bech32's generator; 1 for a string whose checksum holds."""
    code = 1
    for value in values:
        top = code >> 25
        code = (code & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_BECH32_GENERATORS):
            code ^= generator if top >> bit & 1 else 0
    return code


def bech32(candidate: Candidate) -> Verdict:
    """Check the BCH code of the last six characters.

    Source: https://github.com/bitcoin/bips/blob/master/bip-0173.mediawiki, used by age and by Nostr (NIP-19).
    """
    prefix, _, data = candidate.secret.lower().rpartition("1")
    values = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix] + [BECH32.find(c) for c in data]
    return _verdict("bech32", holds=bech32_code(values) == 1)
