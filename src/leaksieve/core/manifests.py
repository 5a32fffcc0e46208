"""Values of Kubernetes manifests."""

from leaksieve.core.candidate import FAILED, IMPOSSIBLE, SILENT, Candidate, Verdict
from leaksieve.core.encodings import base64_bytes
from leaksieve.core.randomness import bits_of
from leaksieve.core.values import RANDOM_PASSWORD, is_password_hash


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
