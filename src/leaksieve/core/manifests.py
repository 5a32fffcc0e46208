"""Values of Kubernetes manifests, of variables whose name stands a line above, and of lines of configuration."""

import re

from leaksieve.core.candidate import FAILED, IMPOSSIBLE, SILENT, Candidate, Verdict
from leaksieve.core.encodings import base64_bytes
from leaksieve.core.names import is_about, name_of
from leaksieve.core.randomness import bits_of
from leaksieve.core.value_shapes import is_escaped, is_password_hash
from leaksieve.core.values import RANDOM_PASSWORD, RANDOM_TOKEN, judge_password, judge_token

_NAME_REACH = 80
_WORD = re.compile(r"(pass|pwd)|secret|token|api[_-]?key|[a-z]+[_-]?key", re.IGNORECASE | re.ASCII)


def manifest_value(candidate: Candidate) -> Verdict:
    """Judge a value of a Kubernetes Secret, in base64 (below `data`) or as it is (below `stringData`).

    Source: https://kubernetes.io/docs/concepts/configuration/secret/
    """
    value = candidate.secret
    data = base64_bytes(value) or b""
    text = data.decode("latin-1").strip()
    if text.startswith("-----BEGIN CERTIFICATE") and "PRIVATE KEY" not in text:
        return Verdict(IMPOSSIBLE, "the value is a certificate")
    plain = text if data.isascii() and text.isprintable() and text else value
    if is_password_hash(plain.partition(":")[2] or plain):
        return Verdict(FAILED, "the value is a hash of a password")
    if bits_of(plain) < RANDOM_PASSWORD:
        return Verdict(FAILED, "the value is made of words or simple")
    return Verdict(SILENT, "")


def named_value(candidate: Candidate) -> Verdict:
    """Judge a value as that of an assignment to the name a line above: `- name: DB_PASSWORD`, and `value: x` below.

    The name stands in the match, or directly before it.
    """
    begin = max(candidate.text.rfind("\n", 0, candidate.start) + 1, candidate.start - _NAME_REACH)
    words = list(_WORD.finditer(candidate.text, begin, candidate.secret_start))
    if not words:
        return Verdict(FAILED, "no name of a credential beside it")
    word = words[-1]
    judge = judge_password if word[1] else judge_token
    return judge(candidate._replace(start=word.start()))


def config_line(candidate: Candidate) -> Verdict:
    """Judge all that stands behind the name of a password in a line of configuration, where no code is expected."""
    if is_about(*name_of(candidate)) or candidate.secret.startswith(("/", "./", "~/")) or "://" in candidate.secret:
        return Verdict(IMPOSSIBLE, "the name is about a credential, or the value is a path")
    if bits_of(candidate.secret) < RANDOM_TOKEN or is_escaped(candidate.secret):
        return Verdict(IMPOSSIBLE, "the value is made of words or simple")
    return Verdict(SILENT, "")
