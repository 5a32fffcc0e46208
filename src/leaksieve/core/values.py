"""Judging the value of a generic assignment, such as `password = "..."`.

There is no structure to prove here, so the key's name, the way the value is written and its characters decide together
whether it is strong context (medium confidence), plausible (low) or no credential.
"""

import re
from collections.abc import Iterator

from leaksieve.core.candidate import FAILED, IMPOSSIBLE, SILENT, Candidate, Verdict
from leaksieve.core.encodings import nkey_bytes, percent_decoded
from leaksieve.core.names import is_about, is_unreal, name_of
from leaksieve.core.placeholders import holds_stand_in, is_stand_in
from leaksieve.core.randomness import bits_of
from leaksieve.core.regexes import LateRegex
from leaksieve.core.value_shapes import (
    is_code,
    is_encoded_text,
    is_escaped,
    is_identifier,
    is_password_hash,
    is_pattern,
    is_public,
    is_reference,
    is_url,
    is_uuid,
)

_QUOTES = "\"'`"
# Words of any language; the text is in Latin-1.
_PROSE = re.compile(r"(?: [A-Za-z\x80-\xff]+[,.]?){3}")
# What stands before a name in `put("name", "value")` and `["--name", "value"]`, and around `{"name", "value"}`.
_SETTER = LateRegex(
    r"""
      (?:^|[^A-Za-z])(?:put|set|insert|define|add|emplace|store|strn?cmp|with|get|env|fetch|config|option|string|flag)\w*
      (?:\([:&\w]{0,40}(?:,[ ]?)?[:"'`]?)?[\w.$-]*$
    | ["'`]--?[\w-]*$
    """,
    re.IGNORECASE | re.VERBOSE,
)
_PAIR_BEGIN, _PAIR_END = LateRegex(r"(?:^|[^\w])[{(\[][ ]?@?[\"'][\w.-]*$"), LateRegex(r"^[\"'][ ]?[})\]]")
# `{"name": "DB_PASSWORD", "value": "..."}` and `"--password", default="..."`, behind the name.
_VALUE_OF_NAME = LateRegex(
    r"(?:value|default|body|content|with)[\"']?[ \t]{0,3}[:=]?[ \t]{0,3}[@$]?[\"'`]$", re.IGNORECASE
)
# A comma that stands directly behind the name, and not among the arguments of what is assigned to it.
_COMMA = LateRegex(r"^[^=:>(]*,")
_NAME_REACH, _PAIR_REACH, _WORD_REACH = 80, 3, 120
# A read-only token in the address of a picture that shows a build's state.
_BADGE = LateRegex(r"badge[\w./-]{0,40}\?(?:[\w.-]{1,40}=[\w.-]{0,40}&)*$")
# The long id of an OpenPGP key. Source: RFC 9580, section 5.5.4.
_KEY_ID = LateRegex(r"^(?=[0-9]*[A-F])[0-9A-F]{16}$")
_PUBLIC = LateRegex(r"public[ \t]$", re.IGNORECASE)
_PUBLIC_NKEY = LateRegex(r"^[ACNOUX][A-Z2-7]{55}$")
_DIGITS = frozenset("0123456789")

#: Bits of evidence for a generator (see `randomness`) from which on a password is taken for one. More is asked of other
#: secrets, which people do not make up.
RANDOM_PASSWORD = 4.0
# Small letters alone are mostly a word, and the model does not know them all: `rhubarb` has nine.
_RANDOM_LETTERS = 10.5
RANDOM_TOKEN = 14.0
_RANDOM_KEY = 32.0
# After a comma, a value may belong to the name before it, as in `put("password", "...")`, or be the next of a list.
_RANDOM_BESIDE = 40.0
_RANDOM_PAIR = 20.0
# Code writes names without quotes, and abbreviates them.
_RANDOM_BARE = 12.0
# A value this random is a secret whatever else it looks like.
_CERTAIN = 24.0
_CERTAIN_PER_CHARACTER = 1.4
# Less is needed in quotes, where there is seldom code.
_CERTAIN_QUOTED = 12.0
# Words of any language look random to a model that has not seen them.
_RANDOM_WORDS = 25.0
_LEAST_PASSWORD = 4
# A password of fewer characters is mostly a word (`test`, `admin`) or a number; others need this evidence.
_SHORT = 6
_RANDOM_SHORT = 7.0
# So much is needed of a password whose first word stands for one: `tiger^5`.
_RANDOM_STAND_IN = 12.0
_LEAST_TOKEN = 8
_LEAST_KEY = 16
_MANY_WORDS = 3
_ENDS_OF_CODE = ");,."
# Where openssl reads a password from; `pass:` is the password itself.
# Source: https://docs.openssl.org/master/man1/openssl-passphrase-options/
_OPENSSL_SOURCES = ("env:", "file:", "fd:")


def _reasons(candidate: Candidate, bits: float, *, quoted: bool) -> Iterator[str]:
    """Give the reasons why the value of an assignment is no credential."""
    value = candidate.secret
    before, after = name_of(candidate)
    if is_about(before, after):
        yield "the name is about a credential"
    if is_public(value):
        yield "the value is an image, a font or a public key"
    if is_escaped(value):
        yield "the value is binary or of another script"
    if is_pattern(value):
        yield "the value is a pattern"
    if is_url(value):
        yield "the value is a URL"
    if value.lower().strip(" _-:.?!>*") in (before + after).lower():
        yield "the value repeats the name"
    if not quoted and _is_code_name(candidate):
        yield "the value is a name"
    if not _is_certain(value, bits, quoted=quoted) and not is_password_hash(value):
        yield from _reasons_of_doubt(candidate, bits, quoted=quoted)


def _is_certain(value: str, bits: float, *, quoted: bool) -> bool:
    """Tell whether a value is so random that it is a secret whatever else it looks like."""
    least, each = (_CERTAIN_QUOTED, 1.0) if quoted else (_CERTAIN, _CERTAIN_PER_CHARACTER)
    return bits >= max(least, each * len(value))


def _reasons_of_doubt(candidate: Candidate, bits: float, *, quoted: bool) -> Iterator[str]:
    """Give the reasons against a value that is not certainly random."""
    value = candidate.secret
    if is_code(value, quoted=quoted):
        yield "the value is code"
    if is_reference(value):
        yield "the value is a reference, path or version"
    if value.count(" ") >= _MANY_WORDS or bits == -1.0:
        yield "the value is prose"
    if not quoted and value.isalpha() and _PROSE.match(candidate.text, candidate.secret_end):
        yield "the value begins a sentence"


def _is_code_name(candidate: Candidate) -> bool:
    """Tell whether a value without quotes stands as a variable does in code."""
    value = candidate.secret
    following = candidate.text[candidate.secret_end : candidate.secret_end + 1]
    return is_identifier(value) and bool(following) and following in _ENDS_OF_CODE and _DIGITS.isdisjoint(value)


def _is_quoted(candidate: Candidate) -> bool:
    return candidate.text[candidate.secret_start - 1] in _QUOTES


def _needed_beside(candidate: Candidate) -> float:
    """Give the bits that a value needs after a comma, less where a setter's call or a pair ties it to the name."""
    text = candidate.text
    between = text[candidate.start : candidate.secret_start]
    if "," not in between or not _COMMA.search(between) or _VALUE_OF_NAME.search(between):
        return 0.0
    before = text[max(0, candidate.start - _NAME_REACH) : candidate.start]
    closed = _PAIR_END.search(text[candidate.secret_end : candidate.secret_end + _PAIR_REACH])
    return _RANDOM_PAIR if _SETTER.search(before) or (closed and _PAIR_BEGIN.search(before)) else _RANDOM_BESIDE


def _judge(candidate: Candidate, least: int, needed: float) -> Verdict:
    value = candidate.secret
    # `%8` in a password that a generator made stands for itself.
    if (decoded := percent_decoded(value)).isascii() and decoded.isprintable():
        value = decoded
    quoted = _is_quoted(candidate)
    bits = bits_of(value)
    reason = next(_reasons(candidate, bits, quoted=quoted), "")
    if reason or len(value) < least:
        return Verdict(IMPOSSIBLE, reason or "too short")
    if not value.isascii() and bits < _CERTAIN:
        return Verdict(FAILED, "the value is not ASCII")
    needed = max(needed, _needed_beside(candidate), _needed(value, quoted=quoted))
    if weakness := _weakness(value, bits, needed):
        return Verdict(FAILED, weakness)
    if is_unreal(*name_of(candidate)):
        return Verdict(FAILED, "the name says that it does not work as it is")
    return Verdict(SILENT, "")


def _needed(value: str, *, quoted: bool) -> float:
    """Give the bits that a value needs for the way it is written: without digits it may be words or names."""
    if not _DIGITS.isdisjoint(value):
        return 0.0
    if value.isalpha() and value.islower():
        return _RANDOM_LETTERS if quoted else _RANDOM_BARE
    if " " in value or (not quoted and "-" in value):
        return _RANDOM_WORDS
    return _RANDOM_BARE if not quoted and is_identifier(value) else 0.0


def _weakness(value: str, bits: float, needed: float) -> str:
    """Give the reason why a value is less than a secret, or ""."""
    if is_password_hash(value):
        return "the value is a hash of a password"
    if is_uuid(value):
        return "the value is a UUID"
    if is_encoded_text(value):
        return "the value is base64 of words"
    if len(value) < _SHORT and (bits < _RANDOM_SHORT or value.isdigit()):
        return "the value is short"
    if holds_stand_in(value):
        needed = max(needed, _RANDOM_STAND_IN)
    return "the value is made of words or simple" if is_stand_in(value) or bits < needed else ""


def _repeats(candidate: Candidate) -> bool:
    """Tell whether a value of letters stands near as another word, too, such as a user, a database or a domain."""
    value = candidate.secret
    if not value.isalpha():
        return False
    begin = candidate.text.rfind("\n", 0, candidate.secret_start) + 1
    before = candidate.text[max(begin, candidate.secret_start - _WORD_REACH) : candidate.secret_start]
    return bool(re.search(rf"(?<![A-Za-z]){value}(?![A-Za-z])", before))


def judge_password(candidate: Candidate) -> Verdict:
    """Judge the value assigned to a name that contains a word for password."""
    return _judge(candidate, _LEAST_PASSWORD, RANDOM_PASSWORD)


def judge_token(candidate: Candidate) -> Verdict:
    """Judge the value assigned to a name that contains a word for token, secret or key."""
    if _BADGE.search(candidate.text[max(0, candidate.start - _NAME_REACH) : candidate.start]):
        return Verdict(FAILED, "the token of a badge")
    verdict = _judge(candidate, _LEAST_TOKEN, RANDOM_TOKEN)
    if verdict.outcome == FAILED and bits_of(candidate.secret) < 0:
        return Verdict(IMPOSSIBLE, verdict.label)
    return verdict


def judge_key(candidate: Candidate) -> Verdict:
    """Judge the value assigned to a name that ends with `key`, `salt` or `seed`, which may be no secret at all."""
    if _PUBLIC_NKEY.search(candidate.secret) and nkey_bytes(candidate.secret):
        return Verdict(IMPOSSIBLE, "the value is a public key")
    if candidate.secret.startswith("0x") and not _is_quoted(candidate):
        return Verdict(IMPOSSIBLE, "the value is a number")
    if _PUBLIC.search(candidate.text[max(0, candidate.start - _NAME_REACH) : candidate.start]):
        return Verdict(IMPOSSIBLE, "the value is a public key")
    if _KEY_ID.search(candidate.secret):
        return Verdict(FAILED, "the value is the id of a key")
    verdict = _judge(candidate, _LEAST_KEY, _RANDOM_KEY)
    if verdict.outcome == FAILED:
        return Verdict(IMPOSSIBLE, verdict.label)
    beside = _needed_beside(candidate) > _RANDOM_PAIR
    return Verdict(FAILED, "the value may belong to another name") if beside else verdict


def judge_command_password(candidate: Candidate) -> Verdict:
    """Judge a password given on a command line or in a login entry, where no name tells what it is."""
    value = candidate.secret.removeprefix("pass:")
    bits = bits_of(value)
    is_variable = value.isupper() and bits < _CERTAIN and is_identifier(value)
    if is_stand_in(value) or is_variable or value.startswith(_OPENSSL_SOURCES):
        return Verdict(IMPOSSIBLE, "the value stands for a password")
    if bits < RANDOM_PASSWORD or len(value) < _LEAST_PASSWORD:
        return Verdict(FAILED, "the value is simple")
    if is_uuid(value):
        return Verdict(FAILED, "the value is a UUID")
    if _repeats(candidate):
        return Verdict(FAILED, "the value repeats a word beside it")
    return Verdict(SILENT, "")


def judge_command_token(candidate: Candidate) -> Verdict:
    """Judge a token given on a command line: prose about an option and other arguments are no secrets."""
    value, bits = candidate.secret, bits_of(candidate.secret)
    certain = _is_certain(value, bits, quoted=False)
    if bits < RANDOM_TOKEN or is_code(value, quoted=True) or (not certain and is_reference(value)):
        return Verdict(IMPOSSIBLE, "the value is made of words, a reference or code")
    return Verdict(SILENT, "")
