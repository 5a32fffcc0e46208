"""`LEAKSIEVE_SKIP="reason"`: lets a commit or a push pass unchecked, and puts that on record.

Every skip is appended to `leaksieve/skips.jsonl` in the git directory, which stays on this machine. Of a commit,
the commit-msg hook adds the reason to its message as a trailer, which goes wherever the commit goes: that is what a
reviewer sees and what `leaksieve ci --accept-skips` demands.
"""

import json
import os
import sys
import time
from collections.abc import Mapping

from leaksieve.cli.options import cache_folder
from leaksieve.core.decode import decode
from leaksieve.core.detector import Detector
from leaksieve.core.rule import MEDIUM
from leaksieve.errors import InputError
from leaksieve.git.command import plain_git, setting
from leaksieve.git.repository import Repository
from leaksieve.ruleset.compiled import builtin_rules

VARIABLE = "LEAKSIEVE_SKIP"
TRAILER = "Leaksieve-Skip"
_NO_REASONS = ("", "0", "1", "true", "false", "yes", "no", "on")
_LONGEST = 200


def skip_reason(environment: Mapping[str, str]) -> str:
    """Read why the hook shall be skipped.

    Raises:
        InputError: that is no reason, or it holds what looks like a credential: the reason is kept and shown.
    """
    reason = " ".join(environment[VARIABLE].split())[:_LONGEST]
    if reason.lower() in _NO_REASONS:
        raise InputError(f'{VARIABLE} wants a reason, such as {VARIABLE}="public test key, see ticket 12"')
    found = Detector(builtin_rules(cache_folder(environment))).matches(decode(reason.encode("utf-8", "replace")).text)
    if any(match.confidence >= MEDIUM for match in found):
        raise InputError(f"{VARIABLE}: the reason holds what looks like a credential; name it without its value")
    return reason


def record_skip(repository: Repository, hook: str, reason: str, environment: Mapping[str, str]) -> None:
    """Append a skip to the log, and say so."""
    user = plain_git(repository.git.directory, environment)
    entry = {
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "hook": hook,
        "name": environment.get("GIT_AUTHOR_NAME") or setting(user, "user.name"),
        "email": environment.get("GIT_AUTHOR_EMAIL") or setting(user, "user.email"),
        "reason": reason,
    }
    folder = os.path.join(repository.common_dir, "leaksieve")
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "skips.jsonl")
    with open(path, "a", encoding="utf-8", errors="replace") as file:
        file.write(json.dumps(entry) + "\n")
    sys.stderr.write(f"leaksieve: {hook} skipped, which is on record in {path}: {reason}\n")
