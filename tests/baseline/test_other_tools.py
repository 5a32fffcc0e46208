"""What the files of other tools accept, case by case as their formats say."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from leaksieve.baseline.excuses import load_excuses
from leaksieve.core.finding import Occurrence, PlacedMatch
from leaksieve.core.rule import HIGH
from leaksieve.core.rulebook import RuleBook
from leaksieve.errors import InputError
from leaksieve.ruleset.examples import expand
from makers import github_token

RULE = "github-personal-access-token"
TOKEN = github_token("other tools")
KEY = expand("{{pem RSA PRIVATE KEY}}")
COMMIT = "c" * 40


def sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def excuse(
    rules: RuleBook, files: Mapping[str, str], baseline: str | None = None, secret: str = TOKEN, **place: object
) -> str | None:
    """Ask for a token in line 3 of src/a.py, or wherever `place` says."""
    text = str(place.pop("text", f"t = '{TOKEN}'  # demo"))
    first_line = int(str(place.pop("first_line", 3)))
    fields: dict[str, Any] = place
    where = Occurrence("src/a.py", 3, 6, 3, 46, "file")._replace(**fields)
    match = PlacedMatch("key", "file", RULE, secret, HIGH, (), where.line, 6, 3, 46, first_line, text, None)
    excuses = load_excuses(lambda name: files[name].encode() if name in files else None, baseline, "2026-01-31", rules)
    found = excuses.excuse(match, where)
    assert excuses.notes() == [], excuses.notes()
    return found


GITLEAKSIGNORE = [
    ("src/a.py:github-pat:3", {}, True),
    (f"src/a.py:{RULE}:3", {}, True),
    # One of our rules, and not the one that found this.
    ("src/a.py:gitlab-personal-access-token:3", {}, False),
    ("  src/a.py:github-pat:3  ", {}, True),
    ("src\\a.py:github-pat:3", {}, True),
    ("# src/a.py:github-pat:3", {}, False),
    ("src/a.py:github-pat:3 # no comments at the end", {}, False),
    ("src/a.py:github-pat:4", {}, False),
    ("src/a.py:github-pat:2", {"first_line": 2}, True),
    ("src/*.py:github-pat:3", {}, False),
    ("a.py:github-pat:3", {}, False),
    ("src/a.py:github-pat:3", {"commit": COMMIT}, True),
    (f"{COMMIT}:src/a.py:github-pat:3", {"commit": COMMIT}, True),
    (f"{COMMIT}:src/a.py:github-pat:3", {"commit": "d" * 40}, False),
    (f"{COMMIT}:src/a.py:github-pat:3", {}, False),
    ("a:b.py:github-pat:3", {"path": "a:b.py"}, True),
    ("nonsense\n\nsrc/a.py:github-pat:3", {}, True),
]


@pytest.mark.parametrize(("lines", "place", "accepted"), GITLEAKSIGNORE)
def test_gitleaksignore(rules: RuleBook, lines: str, place: dict[str, Any], *, accepted: bool) -> None:
    found = excuse(rules, {".gitleaksignore": lines + "\n"}, **place)
    assert (found is not None) == accepted
    assert found is None or found.startswith(".gitleaksignore: ")


GITLEAKS: dict[str, Any] = {
    "RuleID": "github-pat", "Description": "d", "StartLine": 3, "EndLine": 3, "StartColumn": 6, "EndColumn": 45,
    "Match": TOKEN, "Secret": TOKEN, "File": "src/a.py", "SymlinkFile": "", "Commit": "", "Entropy": 4.5, "Author": "",
    "Email": "", "Date": "", "Message": "", "Tags": [], "Fingerprint": "not compared",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "place", "accepted"),
    [
        ({}, {}, True),
        ({"Secret": github_token("another")}, {}, False),
        ({"Secret": "REDACTED", "Match": "REDACTED"}, {}, True),
        ({"StartLine": 4, "EndLine": 4}, {}, False),
        ({"StartLine": 2}, {}, True),
        ({"File": "b.py"}, {}, False),
        ({"Commit": COMMIT}, {"commit": COMMIT}, True),
        ({"Commit": COMMIT}, {}, False),
        ({}, {"commit": COMMIT}, False),
        ({"RuleID": RULE}, {}, True),
        ({"RuleID": "gitlab-personal-access-token"}, {}, False),
    ],
)
def test_a_report_of_gitleaks(
    rules: RuleBook, changes: dict[str, Any], place: dict[str, Any], *, accepted: bool
) -> None:
    files = {"report.json": json.dumps([GITLEAKS | {"File": "x"}, GITLEAKS | changes])}
    found = excuse(rules, files, "report.json", **place)
    assert found == (f"report.json: {(GITLEAKS | changes)['RuleID']}" if accepted else None)


def secrets_baseline(*results: dict[str, Any], filters: Iterable[object] = ()) -> dict[str, str]:
    document = {"version": "1.5.0", "plugins_used": [], "filters_used": list(filters), "results": {"src/a.py": results}}
    return {".secrets.baseline": json.dumps(document)}


def result(secret: str, **fields: object) -> dict[str, Any]:
    return {"type": "T", "filename": "src/a.py", "hashed_secret": sha1(secret), "is_verified": False} | fields


@pytest.mark.parametrize(
    ("results", "place", "found"),
    [
        ([result(TOKEN, line_number=3)], {}, ".secrets.baseline: T"),
        ([result(TOKEN)], {}, ".secrets.baseline: T"),
        # Neither the line nor the type is part of who a finding is to us.
        ([result(TOKEN, line_number=99)], {}, ".secrets.baseline: T"),
        ([result("x"), result(TOKEN, is_secret=True)], {}, ".secrets.baseline: T, audited as a real secret"),
        ([result(TOKEN)], {"path": "b.py"}, None),
        ([result("x", line_number=3)], {}, None),
        ([result(f"prefix {TOKEN}")], {"text": f'"prefix {TOKEN}"'}, ".secrets.baseline: T"),
        ([result(TOKEN[4:])], {"secret": TOKEN[4:], "text": TOKEN}, ".secrets.baseline: T"),
        ([result("BEGIN RSA PRIVATE KEY")], {"secret": KEY, "text": KEY.split("\n")[0]}, ".secrets.baseline: T"),
        # A run of the line that has nothing to do with the secret.
        ([result("demo")], {}, None),
    ],
)
def test_secrets_baseline(
    rules: RuleBook, results: list[dict[str, Any]], place: dict[str, Any], found: str | None
) -> None:
    assert excuse(rules, secrets_baseline(*results), **place) == found


@pytest.mark.parametrize(
    ("name", "pattern", "found"),
    [
        ("regex.should_exclude_file", ["^src/"], ".secrets.baseline: excluded by the file"),
        ("regex.should_exclude_file", ["^a.py"], None),
        ("regex.should_exclude_line", ["# demo$"], ".secrets.baseline: excluded by the line"),
        ("regex.should_exclude_secret", "^ghp_", ".secrets.baseline: excluded by the secret"),
        ("allowlist.is_line_allowlisted", None, None),
    ],
)
def test_filters_of_detect_secrets(rules: RuleBook, name: str, pattern: object, found: str | None) -> None:
    one = {"path": f"detect_secrets.filters.{name}"} | ({} if pattern is None else {"pattern": pattern})
    assert excuse(rules, secrets_baseline(filters=[one])) == found


@pytest.mark.parametrize(
    ("lines", "place", "pattern"),
    [
        ("ghp_[A-Za-z0-9]{36}", {}, 1),
        ("# comment\n\n   # another\n# demo$", {}, None),
        ("demo$", {}, 1),
        ("^src/a\\.py:3:", {}, 1),
        ("^src/a\\.py:3:", {"commit": COMMIT}, None),
        (f"^{COMMIT}:src/", {"commit": COMMIT}, 1),
        ("^src/a\\.py:4:", {}, None),
        ("GHP_", {}, None),
        ("nothing\n[[:alpha:]]+/a", {}, 2),
        ("^t = ", {}, None),
        (":t = ", {}, 1),
        ("a|", {"path": None}, None),
    ],
)
def test_gitallowed(rules: RuleBook, lines: str, place: dict[str, Any], pattern: int | None) -> None:
    found = excuse(rules, {".gitallowed": lines + "\n"}, **place)
    assert found == (pattern and f".gitallowed: pattern {pattern}")


IGNORED_HASH = hashlib.sha256(f"{TOKEN},apikey".encode()).hexdigest()


@pytest.mark.parametrize(
    ("text", "place", "found"),
    [
        ("secret: {ignored_paths: ['src/*.py']}", {}, "ignored_paths"),
        ("secret: {ignored_paths: ['a.py']}", {}, "ignored_paths"),
        ("secret: {ignored_paths: ['/a.py']}", {}, None),
        ("secret: {ignored_paths: ['/src/']}", {}, "ignored_paths"),
        ("secret: {ignored_paths: ['src']}", {}, None),
        ("secret: {ignored_paths: ['sr*']}", {}, None),
        ("secret: {ignored_paths: ['**/a.py']}", {"path": "a.py"}, "ignored_paths"),
        ("secret: {ignored_paths: ['src/**/a.py']}", {"path": "src/b/c/a.py"}, "ignored_paths"),
        ("secret: {ignored_paths: ['rc/*.py']}", {}, None),
        ("paths-ignore: ['src/*.py']", {}, "ignored_paths"),
        (f"secret: {{ignored_matches: [{{name: demo, match: {TOKEN}}}]}}", {}, "demo"),
        (f"secret: {{ignored_matches: [{{name: demo, match: {IGNORED_HASH}}}]}}", {}, "demo"),
        (f"secret: {{ignored_matches: [{{name: demo, match: {'0' * 64}}}]}}", {}, None),
        (f"matches-ignore: [{TOKEN}]", {}, "ignored_matches"),
        (f"matches-ignore: [{{name: '', match: {IGNORED_HASH}}}]", {}, "ignored_matches"),
        ("version: 2", {}, None),
        ("", {}, None),
    ],
)
@pytest.mark.parametrize("name", [".gitguardian.yaml", ".gitguardian.yml", ".gitguardian"])
def test_gitguardian(rules: RuleBook, name: str, text: str, place: dict[str, Any], found: str | None) -> None:
    assert excuse(rules, {name: text}, **place) == (found and f"{name}: {found}")


@pytest.mark.parametrize(
    ("globs", "path", "accepted"),
    [
        (["src/**"], "src/a.py", True),
        (["src/**"], "src/b/c/a.py", True),
        (["src"], "src/a.py", False),
        (["*.py"], "src/a.py", False),
        (["**.py"], "src/a.py", True),
        (["src/*.py"], "src/a.py", True),
        (["src/*.py"], "src/b/a.py", False),
        (["src/a.js?"], "src/a.j", True),
        (["src/a+.py"], "src/aaa.py", True),
        (["src/[ab].py"], "src/b.py", True),
        (["src/**", "!src/a.py"], "src/a.py", False),
        (["!src/a.py", "src/**"], "src/a.py", True),
        (["**"], None, False),
    ],
)
def test_github_paths(rules: RuleBook, globs: list[str], path: str | None, *, accepted: bool) -> None:
    name = ".github/secret_scanning.yml"
    found = excuse(rules, {name: json.dumps({"paths-ignore": globs})}, path=path)
    assert found == (f"{name}: paths-ignore" if accepted else None)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("src/\n", "the path"),
        ("*.py\n!a.py\n", None),
        (f"[secrets]\n{TOKEN}\n", "the secret"),
        (f"{TOKEN}\n", None),
        ("[secrets]\nsrc/\n", None),
        ("docs/\n[secrets]\n# comment\n", None),
    ],
)
def test_secretsignore(rules: RuleBook, text: str, found: str | None) -> None:
    assert excuse(rules, {".secretsignore": text}) == (found and f".secretsignore: {found}")


BROKEN = [
    (".secrets.baseline", "{"),
    (".secrets.baseline", "{}"),
    (".secrets.baseline", '{"results": {"a": [{"type": "T"}]}}'),
    (".gitallowed", "(\n"),
    (".gitguardian.yaml", "secret: [\n"),
    (".gitguardian.yaml", "secret: x"),
    (".gitguardian.yaml", "secret: {ignored_matches: [{name: x}]}"),
    (".github/secret_scanning.yml", "- a"),
    (".github/secret_scanning.yml", "paths-ignore: {a: b}"),
]


@pytest.mark.parametrize(("name", "text"), BROKEN)
def test_a_file_that_cannot_be_understood_is_told_and_excuses_nothing(rules: RuleBook, name: str, text: str) -> None:
    files = {name: text.encode(), ".gitleaksignore": b"other:rule:1\n"}
    excuses = load_excuses(files.get, None, "2026-01-31", rules)
    assert excuses.excuse(PlacedMatch("k", "file", RULE, TOKEN, HIGH, (), 3, 6, 3, 46, 3, "", None), Occurrence(
        "src/a.py", 3, 6, 3, 46, "file")) is None  # fmt: skip
    (note,) = excuses.notes()
    assert note.startswith(f"{name}: ")
    assert note.endswith("it excuses nothing")


@pytest.mark.parametrize(
    ("text", "why"), [("[{}]", "no JSON report of gitleaks"), ("[1", "no JSON"), ("{", "no baseline of detect-secrets")]
)
def test_a_named_baseline_must_be_one(rules: RuleBook, text: str, why: str) -> None:
    with pytest.raises(InputError, match=f"report.json: {why}"):
        load_excuses({"report.json": text.encode()}.get, "report.json", "2026-01-31", rules)
    with pytest.raises(InputError, match=r"nowhere: no such file"):
        load_excuses(lambda _: None, "nowhere", "2026-01-31", rules)
