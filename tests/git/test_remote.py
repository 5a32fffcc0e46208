"""Links to hosting services never carry what stands in a remote's address beside host and path."""

import pytest

from leaksieve.git.remote import browser_for, browser_of
from leaksieve.git.repository import open_repository
from makers import Repo, github_token


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("https://github.com/o/r.git", "https://github.com/o/r/blob/c0ffee/a%20b.py#L3"),
        ("git@github.com:o/r.git", "https://github.com/o/r/blob/c0ffee/a%20b.py#L3"),
        ("ssh://git@gitlab.corp.io:2222/g/s/r.git", "https://gitlab.corp.io/g/s/r/-/blob/c0ffee/a%20b.py#L3"),
        ("https://bitbucket.org/o/r", "https://bitbucket.org/o/r/src/c0ffee/a%20b.py#lines-3"),
        ("/srv/git/github/r.git", None),
        ("https://git.corp.io/r.git", None),
        ("", None),
    ],
)
def test_links(address: str, url: str | None) -> None:
    browser = browser_for(address)
    assert (browser and browser.url("c0ffee", "a b.py", 3)) == url


def test_the_address_is_read_without_its_password(repo: Repo) -> None:
    token = github_token()
    repo.git("remote", "add", "origin", f"https://me:{token}@github.com/o/r.git")
    browser = browser_of(open_repository(str(repo.path), repo.environment))
    assert browser is not None
    assert browser.base == "https://github.com/o/r"
