"""The prohibited patterns of git-secrets: extended regular expressions, as `grep -E -w` takes them.

Source: https://github.com/awslabs/git-secrets#options-for-configuring-patterns
"""

from collections.abc import Sequence

from leaksieve.core.posix import python_of
from leaksieve.core.regexes import UserRegex
from leaksieve.core.rule import Fragment, Rule
from leaksieve.errors import InputError
from leaksieve.ruleset.fragment_rules import fragment_rule

GIT_SECRETS = "git-secrets"
_BELOW_OURS = 1


def git_secrets_rule(patterns: Sequence[str], where: str) -> Rule:
    """Make the one rule that prohibited patterns of git-secrets come to; our own rules know more of what both find.

    Raises:
        InputError: a pattern is none.
    """
    translated = []
    for number, pattern in enumerate(patterns, 1):
        try:
            translated.append(python_of(pattern))
            UserRegex(translated[-1]).groups()
        except ValueError as error:
            raise InputError(f"{where}: pattern {number} is no extended regular expression: {error}") from None
    # grep -w: no letter, digit or underscore on either side.
    whole = f"(?p)(?a)(?<!\\w)(?:{'|'.join(f'(?:{each})' for each in translated)})(?!\\w)"
    rule = fragment_rule(GIT_SECRETS, "Prohibited pattern of git-secrets", whole, GIT_SECRETS, Fragment(()))
    return rule._replace(specificity=_BELOW_OURS)
