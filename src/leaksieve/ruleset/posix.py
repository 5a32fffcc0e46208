"""The patterns of git-secrets: extended regular expressions of POSIX, as `grep -E -w` takes them.

Source: https://pubs.opengroup.org/onlinepubs/9699919799/basedefs/V1_chap09.html#tag_09_04 and
https://github.com/awslabs/git-secrets#options-for-configuring-patterns
"""

import re
from collections.abc import Sequence

from leaksieve.core.rule import Fragment, Rule
from leaksieve.errors import InputError
from leaksieve.ruleset.fragment_rules import fragment_rule

GIT_SECRETS = "git-secrets"
_BELOW_OURS = 1
# A class, what is escaped, a count, or one other character.
_PART = re.compile(r"\[\^?\]?(?:\[[:.=][a-z]+[:.=]\]|[^\]])*\]|\\.|\{\d*,?\d*\}|.", re.DOTALL | re.ASCII)
_CLASSES = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "blank": " \\t", "cntrl": "\\x00-\\x1f\\x7f", "digit": "0-9",
    "graph": "!-~", "lower": "a-z", "print": " -~", "punct": "!-/:-@\\[-`{-~", "space": "\\t-\\r ", "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}  # fmt: skip
# What GNU grep adds.
_ESCAPES = {"\\<": r"\b(?=\w)", "\\>": r"\b(?<=\w)", "\\`": r"\A", "\\'": r"\Z"}


def python_of_ere(pattern: str) -> str:
    """Translate an extended regular expression, for text of which a match may take one line.

    Raises:
        ValueError: it is none.
    """
    return "".join(_part(found[0]) for found in _PART.finditer(pattern))


def _part(part: str) -> str:
    if part in _ESCAPES:
        return _ESCAPES[part]
    if part == ".":
        return "[^\\n]"
    if part in "^$":
        return f"(?m:{part})"
    if part.startswith("["):
        return _class(part)
    if part.startswith("{"):
        # An interval may leave out its least count; other braces are braces.
        return part.replace("{,", "{0,") if re.fullmatch(r"\{\d*,?\d*\}", part) and part not in ("{}", "{,}") else "\\{"
    return part if part.startswith("\\") or part in "()|*+?" else re.escape(part)


def _class(part: str) -> str:
    """Translate a bracket expression: a backslash in it is itself."""
    if not part.endswith("]") or len(part) < len("[x]"):
        raise ValueError("a bracket expression is not closed")
    negated = part.startswith("[^")
    inner = part[1 + negated : -1]
    pieces = []
    for found in re.finditer(r"\[[:.=]([a-z]+)[:.=]\]|(.)-(?=.)(.)|(.)", inner, re.DOTALL):
        if found[1]:
            if found[1] not in _CLASSES:
                raise ValueError(f"there is no class {found[1]!r}")
            pieces.append(_CLASSES[found[1]])
        elif found[4]:
            pieces.append(re.escape(found[4]))
        else:
            pieces.append(f"{re.escape(found[2])}-{re.escape(found[3])}")
    members = "".join(pieces)
    return f"[^\\n{members}]" if negated else f"[{members}]"


def git_secrets_rule(patterns: Sequence[str], where: str) -> Rule:
    """Make the one rule that prohibited patterns of git-secrets come to; our own rules know more of what both find.

    Raises:
        InputError: a pattern is none.
    """
    import regex  # noqa: PLC0415 - 10 ms that only users of such patterns need

    translated = []
    for number, pattern in enumerate(patterns, 1):
        try:
            translated.append(python_of_ere(pattern))
            regex.compile(translated[-1], regex.VERSION0)
        except (ValueError, regex.error) as error:
            raise InputError(f"{where}: pattern {number} is no extended regular expression: {error}") from None
    # grep -w: no letter, digit or underscore on either side.
    whole = f"(?a)(?p)(?<!\\w)(?:{'|'.join(f'(?:{each})' for each in translated)})(?!\\w)"
    always = Fragment((), (), reported=True)
    rule = fragment_rule(GIT_SECRETS, "Prohibited pattern of git-secrets", whole, GIT_SECRETS, always)
    return rule._replace(specificity=_BELOW_OURS)
