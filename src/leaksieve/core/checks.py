"""Proof without a network: what a credential's own bytes tell of it.

A check takes a `Candidate` and gives a `Verdict`. Rules name checks in their `checks` field.
"""

from functools import cache
from importlib import import_module

from leaksieve.core.candidate import Check

#: Every check, with the module and the function that it is.
CHECKS = {
    "aws-key-id": ("tokens", "aws_key_id"),
    "azure-annotated-key": ("checksums", "azure_annotated_key"),
    "azure-devops-pat": ("checksums", "azure_devops_pat"),
    "azure-key": ("checksums", "azure_key"),
    "base58-key-pair": ("private_keys", "base58_key_pair"),
    "base58check": ("checksums", "base58check"),
    "base64-jwt": ("tokens", "base64_jwt"),
    "base64-pair": ("tokens", "base64_pair"),
    "base64-pem": ("private_keys", "base64_pem"),
    "basic-auth": ("logins", "basic_auth"),
    "bech32": ("checksums", "bech32"),
    "bip39": ("mnemonics", "bip39"),
    "cisco-type7": ("tokens", "cisco_type7"),
    "command-password": ("values", "judge_command_password"),
    "command-token": ("values", "judge_command_token"),
    "config-line": ("manifests", "config_line"),
    "connection-string": ("logins", "connection_string"),
    "context-token": ("context", "judge_in_context"),
    "credential-name": ("context", "judge_name"),
    "crc32-base62": ("checksums", "crc32_base62"),
    "crc32-base62-raises": ("checksums", "crc32_base62_raises"),
    "crc32-hex": ("checksums", "crc32_hex"),
    "curve25519": ("private_keys", "curve25519"),
    "der": ("private_keys", "der"),
    "discord-token": ("tokens", "discord_token"),
    "entra-secret": ("checksums", "entra_secret"),
    "generic-key": ("values", "judge_key"),
    "generic-password": ("values", "judge_password"),
    "generic-token": ("values", "judge_token"),
    "gitlab-routable": ("checksums", "gitlab_routable"),
    "gpp-password": ("tokens", "gpp_password"),
    "grafana-crc32": ("checksums", "grafana_crc32"),
    "json-payload": ("tokens", "json_payload"),
    "jwt": ("tokens", "jwt"),
    "manifest-value": ("manifests", "manifest_value"),
    "mixed-case-and-digits": ("tokens", "mixed_case_and_digits"),
    "mode": ("tokens", "mode"),
    "named-value": ("manifests", "named_value"),
    "nkey": ("checksums", "nkey"),
    "pem": ("private_keys", "pem"),
    "pgp": ("private_keys", "pgp"),
    "secp256k1": ("private_keys", "secp256k1"),
    "signed-url": ("tokens", "signed_url"),
    "slack-token": ("tokens", "slack_token"),
    "uri-password": ("logins", "uri_password"),
}


@cache
def check_named(name: str) -> Check:
    """Give a check by its name. Its module is imported now: most commits meet no credential, and need none.

    Raises:
        KeyError: there is none of that name.
    """
    module, function = CHECKS[name]
    found: Check = getattr(import_module(f"leaksieve.core.{module}"), function)
    return found
