"""The baseline file: findings that were accepted, one line each, made to be read in a review.

docs/baseline.md describes the format. Lines that a merge doubled, reordered or took from two files are understood.
"""

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

_HEADER = """\
# leaksieve baseline: accepted findings, one line each (docs/baseline.md). `leaksieve baseline` writes it.
# fingerprint\trule\tpath\treason\twho\tdate\texpires
"""
_KEY = "key"
_FINGERPRINT_BYTES = 16
_SALT_BYTES = 16
# The parameters for interactive use: 16 MB and 55 ms for each guess on the measuring machine.
# Source: Colin Percival, "Stronger key derivation via sequential memory-hard functions" (2009), section 7; RFC 7914.
_ROUNDS, _BLOCK_SIZE, _LANES = 1 << 14, 8, 1
# What a file from elsewhere may make a guess cost: 256 MB, 4 s.
_MOST_ROUNDS, _MOST_BLOCK_SIZE, _MOST_LANES = 1 << 17, 16, 4
# Fewer are done before threads have started.
_WORTH_THREADS = 4
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_UNESCAPES = {escaped: character for character, escaped in _ESCAPES.items()}
_DATE = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])", re.ASCII)


class Key(NamedTuple):
    """What fingerprints of one file are made with: a random salt, and how much work a guess shall be."""

    salt: bytes
    rounds: int = _ROUNDS
    block_size: int = _BLOCK_SIZE
    lanes: int = _LANES

    def fingerprint(self, rule: str, secret: str) -> str:
        """Give 32 hexadecimal digits for a rule and a secret: scrypt (RFC 7914). Slow on purpose."""
        import hashlib  # noqa: PLC0415 - 2 ms that a hook without findings never needs

        return hashlib.scrypt(
            f"{rule}\0{secret}".encode("utf-8", "surrogatepass"),
            salt=self.salt,
            n=self.rounds,
            r=self.block_size,
            p=self.lanes,
            # What RFC 7914 says it takes, and a little for OpenSSL.
            maxmem=128 * self.block_size * (self.rounds + self.lanes) + (1 << 20),
            dklen=_FINGERPRINT_BYTES,
        ).hex()


def fingerprints(keys: Iterable[Key], pairs: Collection[tuple[str, str]]) -> dict[tuple[str, str], frozenset[str]]:
    """Fingerprint pairs of rule and secret with each key, on all cores: hashing does not hold Python's lock."""

    def made(pair: tuple[str, str]) -> frozenset[str]:
        return frozenset(key.fingerprint(*pair) for key in keys)

    ordered = sorted(pairs)
    if len(ordered) < _WORTH_THREADS:
        return dict(zip(ordered, map(made, ordered), strict=True))
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - a hook has no use for it

    with ThreadPoolExecutor() as threads:
        return dict(zip(ordered, threads.map(made, ordered), strict=True))


class Entry(NamedTuple):
    """An accepted finding.

    Attributes:
        fingerprint: of the rule and the secret, by one of the file's keys.
        path: where it is accepted: a path, a pattern, `(commit message)` and the like, or `*` for everywhere.
        date: when it was accepted, as in 2026-01-31.
        expires: the last day on which it is accepted, or "" for ever.
    """

    fingerprint: str
    rule: str
    path: str
    reason: str
    who: str
    date: str
    expires: str = ""


class Baseline(NamedTuple):
    """What a baseline file says.

    Attributes:
        keys: one, or more after a merge of files that were made apart.
        entries: in the order of the file.
        problems: the lines that are no entries, by their number, and why.
    """

    keys: tuple[Key, ...]
    entries: tuple[Entry, ...]
    problems: tuple[tuple[int, str], ...] = ()


def new_key() -> Key:
    """Make a key for a new file."""
    import secrets  # noqa: PLC0415 - only a new file needs one

    return Key(secrets.token_bytes(_SALT_BYTES))


def is_date(text: str) -> bool:
    """Tell whether text is a date such as 2026-01-31."""
    return bool(_DATE.fullmatch(text))


def read_baseline(data: bytes) -> Baseline:
    """Understand a baseline file. A line that cannot be understood accepts nothing, and is told."""
    keys: list[Key] = []
    entries: list[Entry] = []
    problems: list[tuple[int, str]] = []
    for number, line in enumerate(data.decode("utf-8", "surrogateescape").split("\n"), 1):
        fields = [_unescape(field) for field in line.removesuffix("\r").split("\t")]
        if not line.strip() or line.startswith("#"):
            continue
        try:
            if fields[0] == _KEY:
                keys.append(_key(fields))
            else:
                entries.append(_entry(fields))
        except ValueError as error:
            problems.append((number, str(error)))
    return Baseline(tuple(dict.fromkeys(keys)), tuple(dict.fromkeys(entries)), tuple(problems))


def write_baseline(keys: Iterable[Key], entries: Iterable[Entry]) -> bytes:
    """Give the file's bytes: sorted by fingerprint, so that what two branches add rarely stands side by side."""
    made = [[_KEY, "scrypt", *map(str, key[1:]), key.salt.hex()] for key in sorted(set(keys))]
    made += [list(entry if entry.expires else entry[:-1]) for entry in sorted(set(entries))]
    lines = "".join("\t".join(map(_escape, fields)) + "\n" for fields in made)
    return (_HEADER + lines).encode("utf-8", "surrogateescape")


def _escape(field: str) -> str:
    return re.sub(r"[\\\t\n\r]", lambda found: _ESCAPES[found[0]], field)


def _unescape(field: str) -> str:
    return re.sub(r"\\[\\tnr]", lambda found: _UNESCAPES[found[0]], field) if "\\" in field else field


def _key(fields: list[str]) -> Key:
    match fields:
        case [_, "scrypt", rounds, block_size, lanes, salt]:
            key = Key(bytes.fromhex(salt), int(rounds), int(block_size), int(lanes))
        case _:
            raise ValueError("a key of a kind that this version does not know")
    limits = (_MOST_ROUNDS, _MOST_BLOCK_SIZE, _MOST_LANES)
    if not all(1 <= value <= most for value, most in zip(key[1:], limits, strict=True)) or key.rounds & key.rounds - 1:
        raise ValueError("the key asks for more work than is allowed")
    return key


def _entry(fields: list[str]) -> Entry:
    if not 6 <= len(fields) <= 7:  # noqa: PLR2004 - the fields of an entry
        raise ValueError(f"{len(fields)} fields between tabs, an entry has 6 or 7")
    entry = Entry(*fields)
    if not re.fullmatch(r"[0-9a-f]{32}", entry.fingerprint):
        raise ValueError("the first field is no fingerprint")
    if not all((entry.rule, entry.path, entry.reason.strip(), is_date(entry.date))):
        raise ValueError("rule, path, reason or date is missing")
    if entry.expires and not is_date(entry.expires):
        raise ValueError("the last field is no date")
    return entry
