"""What git makes of the file in which a commit's message is written.

Source: https://git-scm.com/docs/git-commit ("--cleanup") and https://git-scm.com/docs/githooks ("commit-msg").
"""

import re
from typing import NamedTuple

_SCISSORS = b" ------------------------ >8 ------------------------"
# With core.commentChar=auto git takes the first of these that begins no line of the message.
_AUTOMATIC = b"#;@!$%^&|:"
_TRAILER = re.compile(rb"[A-Za-z0-9-]+: .*", re.ASCII)


class Cleanup(NamedTuple):
    """How git cleans a message up.

    Attributes:
        mode: the value of commit.cleanup, or "default".
        comment: what begins a comment, the value of core.commentChar.
        edited: whether the message went through an editor: only then does git, by default, drop comments.
    """

    mode: str
    comment: str
    edited: bool


def stored_part(message: bytes, cleanup: Cleanup) -> bytes:
    """Blank the lines that git will not store; those that it stores keep their numbers."""
    lines = message.split(b"\n")
    comment = _comment(lines, cleanup.comment)
    end = len(lines)
    if cleanup.mode == "scissors" or (cleanup.edited and cleanup.mode in ("default", "strip")):
        cuts = (number for number, line in enumerate(lines) if line.rstrip(b"\r") == comment + _SCISSORS)
        end = next(cuts, end)
    if cleanup.mode == "strip" or (cleanup.mode == "default" and cleanup.edited):
        lines = [b"" if line.startswith(comment) else line for line in lines]
    return b"\n".join(lines[:end])


def _comment(lines: list[bytes], setting: str) -> bytes:
    if setting != "auto":
        return setting.encode()
    # What git chose stands before the help below the message.
    last = next((line for line in reversed(lines) if line.strip()), b"#")
    return last[:1] if last[:1] in _AUTOMATIC else b"#"


def with_trailer(message: bytes, cleanup: Cleanup, trailer: bytes) -> bytes:
    """Add a trailer line at the end of what git will store. Source: https://git-scm.com/docs/git-interpret-trailers."""
    lines = message.split(b"\n")
    stored = stored_part(message, cleanup).rstrip().split(b"\n")
    last_paragraph = stored[len(stored) - stored[::-1].index(b"") :] if b"" in stored else []
    gap = [] if last_paragraph and all(map(_TRAILER.fullmatch, last_paragraph)) else [b""]
    return b"\n".join([*lines[: len(stored)], *gap, trailer, *(lines[len(stored) :] or [b""])])
