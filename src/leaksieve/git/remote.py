"""Where a browser shows a repository's files, read from its own configuration file."""

import re
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from git.config import GitConfigParser

from leaksieve.git.repository import Repository

# How each kind of service names a line of a file at a commit.
# Sources: https://docs.github.com/en/repositories/working-with-files/using-files/getting-permanent-links-to-files
# and the address bars of GitLab and Bitbucket Cloud.
_PLACES = {
    "github": "{base}/blob/{commit}/{path}#L{line}",
    "gitlab": "{base}/-/blob/{commit}/{path}#L{line}",
    "bitbucket": "{base}/src/{commit}/{path}#lines-{line}",
}
_SCP = re.compile(r"(?:[^@/]+@)?([A-Za-z0-9.-]+):(?!/)(.+)", re.ASCII)


class Browser(NamedTuple):
    """Makes links to a hosting service."""

    template: str
    base: str

    def url(self, commit: str, path: str, line: int) -> str:
        """Give the link to a line of a file at a commit."""
        shown = quote(path.encode("utf-8", "surrogateescape"))
        return self.template.format(base=self.base, commit=commit, path=shown, line=line)


def browser_of(repository: Repository) -> Browser | None:
    """Find the hosting service of the remote `origin`, if it is one of those known."""
    config = GitConfigParser(f"{repository.common_dir}/config", read_only=True, merge_includes=False)
    address = config.get_value('remote "origin"', "url", "")
    return browser_for(address) if isinstance(address, str) else None


def browser_for(address: str) -> Browser | None:
    """Make the links for a remote's address; user and password in it are left out."""
    scp = _SCP.fullmatch(address)
    parts = urlsplit(address)
    if scp and "://" not in address:
        host, path = scp.groups()
    elif parts.scheme in ("https", "http", "ssh", "git") and parts.hostname:
        host, path = parts.hostname, parts.path
    else:
        return None
    for service, template in _PLACES.items():
        if service in host:
            return Browser(template, f"https://{host}/{path.strip('/').removesuffix('.git')}")
    return None
