"""Values that stand where a credential will be: templates, filler, keyboard runs.

One function per reason, each returning whether the value is one, so that `explain` can name the reason.
"""

import re
from functools import cache
from itertools import pairwise

from leaksieve.core.regexes import LateRegex

# What a template engine, a shell or a string formatter will replace.
_TEMPLATE = LateRegex(
    r"""
      \$\{[^}]*\} | \$\([^)]*\) | \{\{.*?\}\} | <%.*?%> | \#\{[^}]*\} | \[\[.*?\]\]
    | %\([A-Za-z0-9_]+\)[sdr] | ^__[A-Za-z_]+__$ | ^<[^<>]{0,80}>$ | ^\{[A-Za-z0-9_.:]*\}$ | ^\[[A-Za-z _-]*\]$
    """,
    re.VERBOSE,
)
# The same, where a password with all signs of a keyboard may have it by chance: one in a hundred of 16 characters has.
_TEMPLATE_SIGNS = LateRegex(
    r"""
      \$\{ | \$\( | \{\{ | %[A-Za-z_][A-Za-z0-9_]*% | @@?[A-Za-z_]+@@?$ | ^\$[A-Za-z_][A-Za-z0-9_]*$
    | %[sdv](?![A-Za-z0-9])
    """,
    re.VERBOSE,
)
# Bits of evidence for a generator (see `randomness`), for each character and in all, that the name of a variable lacks.
_GENERATED_PER_CHARACTER, _GENERATED = 1.4, 14.0
# Escapes of a URL, and directives of a date's format, are no words either, and follow one another.
_PERCENTS_APART = 6
# `sk-None-` begins keys of OpenAI that belong to no project.
_FILLER = LateRegex(
    r"""
      example | changeme | change[_-]?(?:me|this|it) | placeholder | replace[_-]?(?:me|this|with) | redacted
    | insert[_-]?(?:your|here|key|token) | enter[_-]?your
    | your[_ -]?(?:api|own|key|token|secret|password|pass|access|client|app|auth|db|account)
    | y0ur | dummy | (?:fake|sample|mock)[_-]?(?:key|token|secret|pass|api|value|data) | foo[_-]?bar
    | (?-i:xxxx|XXXX) | \*\*\*\* | \.\.\.
    | (?:^|(?<!^sk)[^a-z])(?:todo|fixme|tbd|n/a|none|null|nil|undefined|secret[_-]?here)(?:$|[^a-z])
    | my[_-]?(?:secret|api|access)[_-]?(?:key|token)
    """,
    re.IGNORECASE | re.VERBOSE,
)
#: Words that stand for a password in examples, in several languages; and the password of Oracle's sample user.
STAND_INS = frozenset(
    """
    pass password passwd pswd passwort pwd secret user username token key apikey api_key api-key contrasena
    senha motdepasse wachtwoord lozinka geslo heslo haslo jelszo salasana parola parole sifre kodeord adgangskode
    passord losenord tiger sekrit hidden masked
    """.split()  # noqa: SIM905 - a list of thirty quoted words
)
#: The letters for which digits and signs stand: `p4ssw0rd`.
LEET = str.maketrans("013457@$!", "oleastasi")
# What programmers call a thing without a name. Source: RFC 3092.
_NAMELESS = ("foo", "bar", "baz", "quux", "qux", "corge", "grault", "garply", "waldo", "plugh", "xyzzy", "thud")
# Tokens and keys that standards print, and their readers copy. Sources: RFC 6749 (sections 1.5, 4.1 to 6), RFC 6750
# section 2.1, RFC 7515 appendix A.1, RFC 7636 appendix B, RFC 4226 appendix D.
_PUBLISHED = frozenset(
    """
    2YotnFZFEjr1zCsicMWpAA tGzv3JOkF0XG5Qx2TlKWIA SplxlOBeZQQYbYS6WxSbIA czZCaGRSa3F0MzpnWDFmQmF0M2JW
    7Fjfp0ZBr1KtDRbnfVdmIw gX1fBat3bV mF_9.B5f-4.1JqM dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk
    E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM
    AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow
    3132333435363738393031323334353637383930
    """.split()  # noqa: SIM905
)
# How the keys of Azure's emulators of storage and of Cosmos DB begin, which everybody has, and the tokens in the API
# references of Docker and of Django REST framework. Sources:
# https://learn.microsoft.com/en-us/azure/storage/common/storage-connect-azurite,
# https://learn.microsoft.com/en-us/azure/cosmos-db/emulator, https://docs.docker.com/reference/api/engine/,
# https://www.django-rest-framework.org/api-guide/authentication/
_PUBLISHED_STARTS = (
    *("Eby8vdM02xNOcqFl", "C2y6yDjf5/R+ob0N"),
    *("SWMTKN-1-3pu6hszjas19xyp7", "SWMTKN-1-1h8aps2yszaiqmz2", "SWMKEY-1-7c37Cc8654o6p38H"),
    *("9944b09199c62bcf9418ad84", "401f7ac837da42b97f613d78"),
)
# Words besides these that are hashed for examples; a digest of nothing is the commonest.
_HASHED = ("", "test", "admin", "root", "hello", "hello world", "foobar", "qwerty", "1234", "123456", "12345678")
_DIGESTS = {32: "md5", 40: "sha1", 64: "sha256"}
_HEX = LateRegex(r"^[0-9a-f-]{8,64}$", re.IGNORECASE)
# Two of these four-letter words stand in one of twenty thousand random values of 64 digits.
_HEX_WORDS = ("dead", "beef", "cafe", "babe", "f00d", "face", "feed", "c0de", "d00d", "fade")
_FIRST_WORD = LateRegex(r"^[A-Za-z]+")
# In longer ones words such as `n/a` stand by chance: one of 75 keys of 1,600 characters in base64 has one.
_LONGEST_FILLER = 120
_RUN = 10
_LEAST_DISTINCT = 5
_LONG = 16
_LEAST_REPEATED = 9
_LEAST_SPELT = 6


def holds_stand_in(value: str) -> bool:
    """Tell whether the first word of a password stands for one, or it holds one spelt: `tiger^5`, `my_p@ssw0rd!`."""
    word = _FIRST_WORD.search(value)
    plain = value.lower().translate(LEET)
    return (word is not None and word[0].lower() in STAND_INS) or "password" in plain or "secret" in plain


def is_stand_in(value: str) -> bool:
    """Tell whether a password is a word that stands for one, perhaps with signs for some letters: `s$cr$t`."""
    value = value.lower()
    return value in STAND_INS or (
        len(value) >= _LEAST_SPELT and not value.isalpha() and any(_spells(value, word) for word in STAND_INS)
    )


def _spells(value: str, word: str) -> bool:
    """Tell whether `value` has at least half of the letters of `word` in their places, and no other letters."""
    if len(value) != len(word) or any(
        sign != letter for sign, letter in zip(value, word, strict=True) if sign.isalpha()
    ):
        return False
    return 2 * sum(map(str.isalpha, value)) >= len(word)


def is_template(value: str) -> bool:
    """Tell whether part of `value` is filled in by a template, a shell or a formatter."""
    return _TEMPLATE.search(value) is not None or (
        _TEMPLATE_SIGNS.search(value) is not None and not _is_generated(value)
    )


def _is_generated(value: str) -> bool:
    from leaksieve.core.randomness import randomness  # noqa: PLC0415 - it needs this module, and most commits not it

    if value.count("%") * _PERCENTS_APART > len(value):
        return False
    return randomness(value) >= max(_GENERATED, _GENERATED_PER_CHARACTER * len(value))


def is_filler(value: str) -> bool:
    """Tell whether `value` says of itself that it is an example or is to be replaced."""
    return len(value) <= _LONGEST_FILLER and _FILLER.search(value) is not None


def is_repetitive(value: str) -> bool:
    """Tell whether `value` is made of too few different characters to be generated."""
    # A token's first third may be a prefix with characters of its own.
    body = set(value[len(value) // 3 :])
    if len(set(value)) <= 2 or (len(value) >= _LONG and len(body) < _LEAST_DISTINCT):  # noqa: PLR2004
        return True
    # `h4x0rh4x0rh4x0r` is its own third, or less, again and again.
    return len(value) >= _LEAST_REPEATED and value in (value + value)[1 : len(value) + len(value) // 3]


def is_sequential(value: str) -> bool:
    """Tell whether ten characters in a row, or every second, count up or down: `1234567890`, `00112233445566778899`."""
    return any(_counts(each) for each in (value, value[::2], value[1::2]))


def _counts(value: str) -> bool:
    # A run of ten has nine steps, so that one of them stands among every ninth of all: few values have one there.
    if not any(_step(value[at], value[at + 1]) for at in range(_RUN - 2, len(value) - 1, _RUN - 1)):
        return False
    up = down = 1
    for previous, current in pairwise(value):
        step = _step(previous, current)
        up = up + 1 if step == 1 else 1
        down = down + 1 if step == -1 else 1
        if max(up, down) >= _RUN:
            return True
    return False


def _step(previous: str, current: str) -> int:
    """Give 1 or -1 when two characters are neighbours; after 9 a row of keys goes on with 0, hexadecimal with a."""
    step = 1 if previous == "9" and current in "0aA" else ord(current) - ord(previous)
    return step if step in (1, -1) else 0


def is_sample(value: str) -> bool:
    """Tell whether a manual prints `value`, or it is made of names for nothing: `barbaz`, `quux-12`, `b=ar`."""
    plain = rest = "".join(filter(str.isalnum, value.lower()))
    for name in _NAMELESS:
        rest = rest.replace(name, "")
    return (
        value in _PUBLISHED
        or value.startswith(_PUBLISHED_STARTS)
        or (len(rest) < len(plain) and not any(map(str.isalpha, rest)))
    )


def is_hexadecimal_sample(value: str) -> bool:
    """Tell whether hexadecimal digits spell words (`deadbeef`), or are the digest of a word for examples."""
    if not _HEX.search(value):
        return False
    value = value.lower()
    return sum(map(value.count, _HEX_WORDS)) > 1 or value in _digests(len(value))


@cache
def _digests(length: int) -> frozenset[str]:
    import hashlib  # noqa: PLC0415 - seldom needed, and no commit should wait for it

    words = (*STAND_INS, *_NAMELESS, *_HASHED) if length in _DIGESTS else ()
    return frozenset(hashlib.new(_DIGESTS[length], w.encode(), usedforsecurity=False).hexdigest() for w in words)


REASONS = {
    "template": is_template,
    "filler": is_filler,
    "sample": is_sample,
    "hexadecimal sample": is_hexadecimal_sample,
    "repetitive": is_repetitive,
    "sequential": is_sequential,
}


def placeholder_reason(value: str) -> str:
    """Name the reason why `value` is a placeholder, or "" when it may be a credential."""
    return next((reason for reason, holds in REASONS.items() if holds(value)), "")
