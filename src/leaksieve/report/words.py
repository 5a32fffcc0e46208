"""What a report says of a kind of credential: why it matters, and what to do."""

import re

from leaksieve.core.finding import ReviewItem
from leaksieve.core.rule import Rule
from leaksieve.report.redact import Redactor

# With those that turn the direction of writing about, of Unicode's Bidirectional Algorithm (UAX 9).
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")

_REASONS = {
    "access-token": "Whoever has it acts as the account it belongs to until it is revoked.",
    "api-key": "Whoever has it can use the service in your name and at your cost.",
    "client-id-pair": "It is half of a pair: whoever finds the other half, too, has the account.",
    "connection-string": "Whoever has it can log in to the service that it names.",
    "encryption-key": "Whoever has it can read, or forge, what it protects.",
    "file": "Files of this kind usually hold keys or passwords.",
    "oauth-client-secret": "Whoever has it can pose as your application.",
    "password": "Whoever has it can log in with it.",
    "private-key": "Whoever has it can log in, sign or decrypt as its owner.",
    "refresh-token": "Whoever has it can make new access tokens for as long as it lives.",
    "session": "Whoever has it takes over the session without logging in.",
    "signing-key": "Whoever has it can forge what it signs.",
    "webhook-url": "Whoever has it can post messages in its name.",
}

_ACTIONS = {
    "connection-string": "Change its password",
    "encryption-key": "Replace it",
    "file": "Replace the keys it holds",
    "password": "Change it",
    "private-key": "Replace the key pair",
    "signing-key": "Replace it",
}


def reason(rule: Rule) -> str:
    """Say why a finding of this rule matters."""
    return _REASONS[rule.kind]


def advice(rule: Rule) -> str:
    """Say what to do about a finding of this rule."""
    # Servers that people run themselves have no page that would be the same for all.
    manual = f" (see {rule.references[0]})" if rule.provider and rule.references else ""
    place = f" at {rule.revoke}" if rule.revoke else manual
    return (
        f"{_ACTIONS.get(rule.kind, 'Revoke it')}{place}, then read the new one from the environment or a secret store."
    )


def one_line(text: str) -> str:
    """Show a name on one line: control characters in it must not move a cursor, begin a line or reorder it."""
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def counted(number: int, noun: str) -> str:
    """Give a number with its noun: "1 finding", "2,000 findings"."""
    return f"{number:,} {noun}" if number == 1 or noun == "stdin" else f"{number:,} {noun}s"


def review_line(item: ReviewItem, redactor: Redactor) -> str:
    """Show something that a reviewer should look at: `excuse  a.py:3  leaksieve:allow[...] a fixture`."""
    place = f"{item.path}:{item.line}" if item.path is not None and item.line else item.path or ""
    commit = f"commit {item.commit[:12]}" if item.commit else ""
    return one_line(redactor.name("  ".join(filter(None, (item.kind, place, commit, item.text)))))
