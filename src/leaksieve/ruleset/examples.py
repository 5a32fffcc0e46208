"""Examples of credentials that no scanner mistakes for real ones until they are made.

A rule file may not hold anything that looks like a working credential. Its examples therefore say how
to make one: `{{base62 36}}` stands for 36 random characters, and `{{github ghp_}}` for a token whose
checksum holds. The random numbers come from the example's own text, so an example is always the same.

    {{ALPHABET N}}      N characters: hex hexupper base62 base64 base64url base32 base32lower base58 bech32upper digits
                        alnum (lower case and digits) alnumupper letters letterslower word password
    {{uuid}}            a random UUID
    {{github PREFIX}}   PREFIX, 30 base62 characters, CRC32 in base 62 (GitHub and npm tokens)
    {{jwt}} {{jwt JSON}} an HS256 JSON web token, with the claims given
    {{json A,B N}}      a JSON object with the fields A and B of N random characters each, in base64url; A:TEXT
                        gives A the value TEXT, A=TEXT one that begins with it
    {{pem LABEL}}       a PEM block with that label around a key of that kind with random numbers
    {{der}}             a PKCS#8 key with random numbers in base64
    {{openssh}}         an OpenSSH private key block
    {{b64 TEXT}}        TEXT in base64
    {{pieces A B}}      A and B joined: a literal that would itself look like a credential

A hole inside a hole stands in single braces. With the checksums of `leaksieve.core.checksums`:

    {{crc32 TEXT}}      TEXT, an underscore, CRC32 in base 62 (Matrix tokens)
    {{crc32hex TEXT}}   TEXT and its CRC32 in hexadecimal, in upper case as Atlassian's
    {{crc32hexlower TEXT}}  the same in lower case, as Cloudflare's
    {{grafana}}         a service account token of Grafana
    {{gitlab PREFIX}}   a routable GitLab token
    {{azure SIGNATURE BYTES SEED}}  an identifiable key of Azure; azureurl in base64url, azure62 without + and /
    {{annotated NAME}}  a common annotated security key of Azure, NAME its platform and provider fields
    {{entra}}           a client secret of Microsoft Entra ID
    {{nkey TYPE}}       an NKEY seed of NATS, TYPE A, U, ...
    {{base58check HEX N}}  N random bytes after those given, and their checksum, in base58
    {{base58bytes N}}   N random bytes in base58
    {{cisco7 TEXT}}     TEXT as Cisco's type 7 writes it
    {{bip39 N}}         N words of BIP 39 whose checksum holds
    {{bech32 PREFIX}}   PREFIX, 1, 32 random bytes and their checksum in bech32
"""

import random
import re

from leaksieve.ruleset.example_tokens import ALPHABETS, MAKERS, characters

_HOLE = re.compile(r"\{\{([a-z0-9]+)((?: (?:[^{}]|\{[^{}]*\})*)?)\}\}")
_INNER_HOLE = re.compile(r"\{([a-z0-9]+)((?: [^{}]+)?)\}")


def expand(example: str) -> str:
    """Fill the holes of an example; what is not a known hole stays as it is."""
    source = random.Random(example)  # noqa: S311 - examples must be reproducible, and are no secrets
    return _fill(_HOLE, example, source)


def _fill(holes: re.Pattern[str], text: str, source: random.Random) -> str:
    def hole(match: re.Match[str]) -> str:
        made = _make(match[1], match[2].strip(), source)
        return match[0] if made is None else made

    return holes.sub(hole, text)


def _make(name: str, argument: str, source: random.Random) -> str | None:
    if name in ALPHABETS and argument.isdigit():
        return characters(ALPHABETS[name], int(argument), source)
    maker = MAKERS.get(name)
    return maker(_fill(_INNER_HOLE, argument, source), source) if maker else None
