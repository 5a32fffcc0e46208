"""The rules that leaksieve ships, read as fast as a hook needs them.

Parsing TOML and analysing regexes takes longer than everything else a hook does, so both are done once:
the wheel carries the result, and a source checkout keeps it in the user's cache, keyed by its digest.
"""

import contextlib
import mmap
import os
import re
import sys
import time
from collections.abc import Iterable
from functools import cache

from leaksieve import __version__
from leaksieve.core.regexes import RegexCodes
from leaksieve.core.rule import Rule
from leaksieve.core.rulebook import RuleBook

COMPILED = "compiled.jsonl"
CODES = "regexes.codes"
# What files of the cache begin with, how many seconds they stay unused, and nanoseconds between two marks: 2 us each.
_KEPT = ("config-", "rules-")
_KEPT_UNUSED = 30 * 86_400
_MARKED_EVERY = 86_400 * 10**9
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def patterns_folder() -> str:
    """Give the folder with the TOML files: beside the package in a wheel, at the top of a checkout."""
    inside = os.path.join(_PACKAGE, "patterns")
    return inside if os.path.isdir(inside) else os.path.join(_PACKAGE, "..", "..", "patterns")


def builtin_rules(cache: str) -> RuleBook:
    """Read the shipped rules.

    Args:
        cache: a folder that may keep the compiled form, used by a source checkout only. Where it cannot
            be written, the rules are compiled anew.
    """
    path = builtin_path(cache)
    if os.path.basename(path) == COMPILED:
        return _read(path)
    with contextlib.suppress(OSError, ValueError):  # none yet, or one that was cut short
        mark_used(path)
        return _read(path)
    text = compile_patterns(patterns_folder())
    with contextlib.suppress(OSError):
        keep(path, text.encode())
    return RuleBook(text)


def builtin_path(cache: str) -> str:
    """Give the file that the compiled rules are in, or will be."""
    folder = patterns_folder()
    shipped = os.path.join(folder, COMPILED)
    return shipped if os.path.exists(shipped) else os.path.join(cache, f"rules-{_digest(folder)}.jsonl")


def builtin_codes(cache: str) -> bytes | mmap.mmap:
    """Read the compiled regexes of the shipped rules, for `core.regexes.know`; the folder is as above."""
    shipped = os.path.join(patterns_folder(), CODES)
    if os.path.exists(shipped):
        return _mapped(shipped)
    path = os.path.join(cache, f"{os.path.basename(builtin_path(cache))}.{sys.implementation.cache_tag}")
    with contextlib.suppress(OSError, ValueError):  # none yet, or an empty one
        mark_used(path)
        kept = _mapped(path)
        if RegexCodes(kept).usable:
            return kept
    data = compile_regexes(builtin_rules(cache))
    with contextlib.suppress(OSError):
        keep(path, data)
    return data


def _mapped(path: str) -> mmap.mmap:
    with open(path, "rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _read(path: str) -> RuleBook:
    with open(path, "rb") as file:
        return RuleBook(file.read().decode())


def mark_used(path: str) -> None:
    """Let a kept file live on: its access time tells when it was used, which not every file system writes down."""
    with contextlib.suppress(OSError):  # none yet, or one of another user
        state = os.stat(path)
        now = time.time_ns()
        if now - state.st_atime_ns > _MARKED_EVERY:
            os.utime(path, ns=(now, state.st_mtime_ns))


def keep(path: str, data: bytes) -> None:
    """Write a file of the cache whole or not at all, since two hooks may do so at once; drop those of no use any more.

    Raises:
        OSError: it cannot be written.
    """
    os.makedirs(os.path.dirname(path), exist_ok=True)
    part = f"{path}.{os.getpid()}"
    with open(part, "wb") as file:
        file.write(data)
    os.replace(part, path)
    _forget_unused(os.path.dirname(path))


def _forget_unused(cache: str) -> None:
    """Drop the files of a cache that nobody has used for long, parts that were never finished among them."""
    oldest = time.time() - _KEPT_UNUSED
    for entry in os.scandir(cache):
        with contextlib.suppress(OSError):  # another process does the same
            if entry.name.startswith(_KEPT) and max(entry.stat().st_atime, entry.stat().st_mtime) < oldest:
                os.remove(entry.path)


@cache
def _digest(folder: str) -> str:
    """Digest what compiled rules, and configurations of them, depend on: files and the code that reads them."""
    import hashlib  # noqa: PLC0415 - 2 ms that an installed hook never needs

    code = [os.path.join("core", name) for name in ("rule.py", "rulebook.py")]
    code += [os.path.join("cli", name) for name in ("configuration.py", "configured.py", "git_secrets.py", "keys.py")]
    code += [os.path.join("ruleset", name) for name in os.listdir(os.path.dirname(__file__)) if name.endswith(".py")]
    inputs = [os.path.join(_PACKAGE, name) for name in sorted(code)]
    inputs += [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if name.endswith((".toml", ".csv"))]
    digest = hashlib.sha256(__version__.encode())
    for path in inputs:
        with open(path, "rb") as file:
            data = file.read()
        digest.update(f"{os.path.basename(path)} {len(data)} ".encode() + data)
    return digest.hexdigest()


def compile_patterns(folder: str) -> str:
    """Compile the TOML files of a folder to the text that `builtin_rules` reads.

    Raises:
        RuleError: a rule is refused.
    """
    from pathlib import Path  # noqa: PLC0415 - as below

    from leaksieve.ruleset.load import load_folder  # noqa: PLC0415 - the parsers cost 10 ms that a hook saves

    return RuleBook.of(source.rule for source in load_folder(Path(folder))).text


def compile_regexes(rules: Iterable[Rule]) -> bytes:
    """Compile the regexes of rules, and those of the judges, to what `builtin_codes` reads."""
    # Those that have regexes of their own.
    from leaksieve.core import file_kinds, placeholders, values  # noqa: F401, PLC0415 - only this needs them
    from leaksieve.core.pattern import trusted_regex  # noqa: PLC0415
    from leaksieve.core.regexes import LateRegex, regex_codes  # noqa: PLC0415

    regexes = [(late.pattern, late.flags) for late in LateRegex.made]
    for rule in rules:
        regexes += [trusted_regex(rule)] if rule.regex else []
        paths = [rule.path, *(path for allow in rule.allow for path in allow.paths)]
        allowed = (regex for allow in rule.allow for regex in allow.regexes)
        regexes += [(regex, int(re.ASCII)) for regex in (*paths, *allowed) if regex]
    return regex_codes(dict.fromkeys(regexes))
