"""What another tool may have taken for the secret where we found ours."""

import re
from collections.abc import Iterator

# What stands in quotes; words; values after = or :; runs of base64 and of its URL-safe alphabet.
_RUNS = re.compile(
    r""""(?=([^"]*)")|'(?=([^']*)')|`(?=([^`]*)`)|(?<!\S)(?=(\S+))|(?<=[=:])(?=\s*([^\s"',;]+))"""
    r"""|(?<![A-Za-z0-9+/=_-])(?=([A-Za-z0-9+/=_-]+))|(?<![A-Za-z0-9+/=])(?=([A-Za-z0-9+/=]+))"""
)
_PEM = re.compile(r"-----(BEGIN [A-Z0-9 ]+)-----")


def extents(secret: str, line: str) -> Iterator[str]:
    """Yield a secret, and the strings of its line that hold it or lie in it.

    Whoever compares them by hash or as a whole accepts only what really was accepted: no string is cut anywhere else
    than another tool might cut it.
    """
    seen = {secret}
    yield secret
    header = _PEM.search(secret)
    if header:
        # Some report of a private key only its first line.
        yield header[1]
    for found in _RUNS.finditer(line):
        for run in filter(None, found.groups()):
            if run not in seen and (secret in run or run in secret):
                seen.add(run)
                yield run
