"""Path patterns, against what git makes of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaksieve.baseline.globs import IgnoreList, is_literal, literal, scope
from makers import Repo

PATHS = st.text(st.sampled_from("ab/.*?[]!-\\ ü"), min_size=1, max_size=12)
PATTERNS = (
    "a",
    "/a",
    "a/",
    "*.pem",
    "a/*",
    "a/**",
    "**/b",
    "a/**/b",
    "b/c",
    "?",
    "[ab]",
    "[!a]",
    "!a",
    "#a",
    r"\#a",
    "a ",
)
NAMES = ("a", "b", "x.pem", "a/b", "a/x/b", "a/x/y/b", "z/b/c", "b/c", "z/a/q", "c", "#a", "x/x.pem")


@given(PATHS)
def test_a_literal_scope_is_that_path_alone(path: str) -> None:
    assert scope(literal(path)).fullmatch(path)
    assert not scope(literal(path)).fullmatch(f"{path}x")
    assert is_literal(path) == (literal(path) == path)


@given(st.text(st.sampled_from("ab*?[]!^-/\\&~|"), max_size=12), PATHS)
def test_any_pattern_can_be_used(glob: str, path: str) -> None:
    scope(glob).fullmatch(path)
    IgnoreList([glob]).ignores(path)


@pytest.mark.parametrize(
    ("glob", "path", "fits"),
    [
        ("*", "a/b/c.py", True),
        ("*", "(commit message)", True),
        ("*.py", "a.py", True),
        ("*.py", "a/b.py", False),
        ("**/*.py", "a/b.py", True),
        ("**/*.py", "b.py", True),
        ("tests/**", "tests/a/b", True),
        ("tests/**", "tests", False),
        ("tests/**/data.json", "tests/data.json", True),
        ("tests/?.py", "tests/ab.py", False),
        ("tests/[a-c].py", "tests/b.py", True),
        ("tests/[!a-c].py", "tests/b.py", False),
        ("tests/[!a-c].py", "tests//.py", False),
        (r"tests/\[a\].py", "tests/[a].py", True),
    ],
)
def test_scopes(glob: str, path: str, *, fits: bool) -> None:
    assert bool(scope(glob).fullmatch(path)) == fits


@pytest.mark.parametrize(
    "lines", [[pattern] for pattern in PATTERNS] + [["a", "!a/b"], ["*", "!*.pem"], ["a/*", "!a/b"]]
)
def test_an_ignore_list_agrees_with_git(repo: Repo, lines: list[str]) -> None:
    repo.write(".git/info/exclude", "\n".join(lines) + "\n")
    del repo.environment["GIT_LITERAL_PATHSPECS"]
    listed = repo.git("check-ignore", "--no-index", "-z", "--stdin", data="\0".join(NAMES).encode(), check=False)
    ignores = IgnoreList(lines)
    assert {name for name in NAMES if ignores.ignores(name)} == set(filter(None, listed.split("\0")))
