"""What other tools left becomes one configuration, and the verdicts stay."""

import json

import pytest

from leaksieve.ruleset.examples import expand
from makers import Repo, github_token, leaksieve

CORP = expand("corp_{{hex 16}}")
HOOKS = """\
repos:
  - repo: https://github.com/gitleaks/gitleaks
    hooks:
      - id: gitleaks
  - repo: https://github.com/trufflesecurity/trufflehog
    hooks:
      - id: trufflehog
        args: [--exclude-paths=left-out.txt]
  - repo: https://github.com/Yelp/detect-secrets
    hooks:
      - id: detect-secrets
        args: ["--baseline", "known.json"]
"""
GITLEAKS = """\
title = "Corp"
[extend]
useDefault = true
disabledRules = ["generic-password"]
[[rules]]
id = "corp"
regex = '''corp_([0-9a-f]+)'''
[[allowlists]]
paths = ['''^docs/''']
"""
FILES = {
    "a.py": f"T = '{github_token('migrate')}'\nC = '{CORP}'\n",
    "b.py": f"password = '{expand('{{password 14}}')}'\n",
    "docs/a.md": f"{CORP}\n",
    "old/c.py": f"T = '{github_token('old')}'\n",
}
TOOLS = [
    {".gitleaks.toml": GITLEAKS},
    {".gitleaks.toml": GITLEAKS.replace("useDefault = true", "").replace("disabledRules", "# disabledRules")},
    {".gitleaks.toml": GITLEAKS, ".gitleaksignore": "a.py:corp:2\n"},
    {"git config": "corp_[0-9a-f]{16}"},
    {".gitleaks.toml": GITLEAKS, "git config": "old|import"},
    {".gitallowed": "^docs/"},
]


def verdicts(repo: Repo, capfd: pytest.CaptureFixture[str]) -> list[tuple[str, str | None, list[tuple[str, int]]]]:
    capfd.readouterr()
    leaksieve("scan", *sorted(FILES), "-j1", "--format", "json", home=repo.path.parent)
    findings = json.loads(capfd.readouterr().out)["findings"]
    return [
        (found["rule"], found["suppressed_by"], [(place["path"], place["line"]) for place in found["occurrences"]])
        for found in findings
    ]


@pytest.mark.parametrize("tools", TOOLS, ids=" ".join)
def test_verdicts_are_the_same_before_and_after(
    repo: Repo, capfd: pytest.CaptureFixture[str], tools: dict[str, str]
) -> None:
    for name, content in (FILES | tools).items():
        if name == "git config":
            repo.git("config", "--add", "secrets.patterns", content)
        else:
            repo.write(name, content)
    before = verdicts(repo, capfd)
    assert before
    assert leaksieve("migrate", home=repo.path.parent) == 0
    assert verdicts(repo, capfd) == before, "nothing is changed without --write"
    assert leaksieve("migrate", "--write", home=repo.path.parent) == 0
    assert (repo.path / "leaksieve.toml").exists() == bool(set(tools) & {".gitleaks.toml", "git config"})
    assert verdicts(repo, capfd) == before


def test_everything_at_once_is_told_and_written(repo: Repo, capfd: pytest.CaptureFixture[str]) -> None:
    for name, content in FILES.items():
        repo.write(name, content)
    repo.write(".pre-commit-config.yaml", HOOKS)
    repo.write("left-out.txt", "# comment\n^old/\n")
    repo.write("known.json", '{"version": "1.5.0", "results": {}}')
    repo.git("config", "--add", "secrets.providers", "git secrets --aws-provider")
    assert leaksieve("migrate", "--write", home=repo.path.parent) == 0
    out = capfd.readouterr().out
    for told in (
        "git config secrets.providers: never run",
        "left-out.txt: 1 path left out",
        "known.json: what it accepts stays accepted",
        ".pre-commit-config.yaml: take out the hook gitleaks when",
        ".pre-commit-config.yaml: take out the hook trufflehog when",
    ):
        assert told in out
    written = (repo.path / "leaksieve.toml").read_text()
    assert 'baseline = "known.json"' in written
    assert {path for _, _, places in verdicts(repo, capfd) for path, _ in places} == {"a.py", "b.py"}
    assert leaksieve("migrate", "--write", home=repo.path.parent) == 2
    assert "leaksieve.toml configures leaksieve already" in capfd.readouterr().err


TRUFFLEHOG = "- id: trufflehog\n  args: [git, 'file://.', {}]\n"


@pytest.mark.parametrize(
    ("options", "lines", "scanned"),
    [
        ("-x, paths.txt", "^old/\n# comment\n\n\\.md$", {"a.py", "b.py"}),
        ("--exclude-paths=paths.txt", "(?i)^A", {"b.py", "docs/a.md", "old/c.py"}),
        ("-i, paths.txt", "\\.md$\n^old/", {"docs/a.md", "old/c.py"}),
        ("'--exclude-globs=*.py,docs'", "", set()),
        ("--exclude-globs, '?.py'", "", {"docs/a.md", "old/c.py"}),
    ],
)
def test_paths_that_trufflehog_leaves_out(
    repo: Repo, capfd: pytest.CaptureFixture[str], options: str, lines: str, scanned: set[str]
) -> None:
    for name, content in FILES.items():
        repo.write(name, content)
    repo.write("docs/a.md", FILES["a.py"].replace("migrate", "docs"))
    repo.write("paths.txt", lines)
    repo.write(".pre-commit-config.yaml", TRUFFLEHOG.format(options))
    assert leaksieve("migrate", "--write", home=repo.path.parent) == 0
    assert {path for _, _, places in verdicts(repo, capfd) for path, _ in places} == scanned


def test_a_pattern_that_trufflehog_refuses_is_named(repo: Repo, capfd: pytest.CaptureFixture[str]) -> None:
    repo.write("paths.txt", "^old/\n(\n")
    repo.write(".pre-commit-config.yaml", TRUFFLEHOG.format("-x, paths.txt"))
    assert leaksieve("migrate", home=repo.path.parent) == 2
    assert capfd.readouterr().err.startswith("leaksieve: paths.txt: '(' is no regular expression of RE2: ")


def test_nothing_to_migrate(repo: Repo, capfd: pytest.CaptureFixture[str]) -> None:
    assert leaksieve("migrate", "--write", home=repo.path.parent) == 0
    assert capfd.readouterr().out == "Nothing of another tool is here.\n"
    assert not (repo.path / "leaksieve.toml").exists()
