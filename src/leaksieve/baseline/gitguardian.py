"""What users of ggshield ignore: the paths and matches of `.gitguardian.yaml`, by their older names, too.

`ignored_detectors` name detectors of GitGuardian's own and have no counterpart here.
"""

import hashlib
import re
from typing import Any

from leaksieve.baseline.extents import extents
from leaksieve.baseline.yaml_files import read_mapping, strings
from leaksieve.core.finding import Occurrence, PlacedMatch
from leaksieve.errors import InputError

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
# An ignored match may be the hash of the secret and its type. These are the types of credentials that stand alone.
# Source: https://docs.gitguardian.com/secrets-detection/secrets-detection-engine/detectors
_TYPES = ("apikey", "password", "token", "client_secret", "connection_uri", "private_key", "secret_key", "webhook_uri")
_GLOB_PARTS = re.compile(r"(\*\*/)|(\*\*)|(\*)|(\?)|(.)", re.DOTALL)


class GitGuardian:
    """One configuration file of ggshield."""

    def __init__(self, data: bytes, name: str) -> None:
        """Read the file.

        Raises:
            InputError: it is no YAML, or a key holds something else than it should.
        """
        self._name = name
        mapping = read_mapping(data, name)
        secret = mapping.get("secret") or {}
        if not isinstance(secret, dict):
            raise InputError(f"{name}: secret: a mapping was expected")
        sections = ((secret, "ignored_paths", "ignored_matches"), (mapping, "paths-ignore", "matches-ignore"))
        self._paths: list[re.Pattern[str]] = []
        self._matches: dict[str, str] = {}
        for section, paths, matches in sections:
            globs = strings(section, paths, name)
            self._paths += (re.compile(_pattern(glob), re.DOTALL) for glob in globs)
            self._matches |= dict(_ignored_match(entry, name) for entry in section.get(matches) or [])
        self._hashed = any(_SHA256.fullmatch(accepted) for accepted in self._matches)

    def excuse(self, match: PlacedMatch, occurrence: Occurrence) -> str | None:
        """Say whether the path or the secret is ignored."""
        if occurrence.path is not None and any(pattern.search(occurrence.path) for pattern in self._paths):
            return f"{self._name}: ignored_paths"
        for secret in extents(match.secret, match.text):
            hashes = (_ignore_hash(secret, kind) for kind in _TYPES) if self._hashed else ()
            for accepted in (secret, *hashes):
                if accepted in self._matches:
                    return f"{self._name}: {self._matches[accepted] or 'ignored_matches'}"
        return None


def _ignored_match(entry: Any, name: str) -> tuple[str, str]:  # noqa: ANN401 - what YAML held
    """Give what is ignored and its name; the oldest files hold the first alone."""
    match entry:
        case str():
            return entry, ""
        case {"match": str(accepted)}:
            return accepted, str(entry.get("name") or "")
    raise InputError(f"{name}: ignored_matches: an entry needs a name and a match")


def _ignore_hash(secret: str, kind: str) -> str:
    return hashlib.sha256(f"{secret},{kind}".encode("utf-8", "replace")).hexdigest()


def _pattern(glob: str) -> str:
    r"""Translate a glob: a leading slash means the top, none any folder; a last one, all below."""
    begin = "^" if glob.startswith("/") else "(?:^|/)"
    parts = [
        (deep and "(?:.*/)?") or (stars and ".*") or (star and "[^/]*") or (mark and "[^/]") or re.escape(other)
        for deep, stars, star, mark, other in _GLOB_PARTS.findall(glob.removeprefix("/"))
    ]
    return begin + "".join(parts) + ("" if glob.endswith("/") else r"\Z")
