"""Findings are accepted, and git commits: the whole way, as a user goes it."""

import hashlib
import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from makers import Repo, github_token, leaksieve

TOKEN = github_token("excused")


@pytest.fixture
def project(repo: Repo) -> Repo:
    """A repository with the hook installed by hand."""
    hook = repo.write(".git/hooks/pre-commit", f"#!/bin/sh\nexec {shlex.quote(sys.executable)} -m leaksieve hook\n")
    hook.chmod(0o755)
    return repo


def commit(repo: Repo) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", "commit", "-m", "change"],
        cwd=repo.path,
        env=repo.environment,
        capture_output=True,
        text=True,
        check=False,
    )


def baseline(repo: Repo, *arguments: str) -> int:
    return leaksieve("baseline", *arguments, home=repo.path.parent)


def test_what_the_report_says_lets_the_commit_pass(project: Repo, capfd: pytest.CaptureFixture[str]) -> None:
    project.add("src/a.py", f"x = 1\nt = '{TOKEN}'\n")
    blocked = commit(project)
    assert blocked.returncode == 1
    assert "or accept it:  leaksieve baseline add src/a.py:2 --reason 'your reason'" in blocked.stderr
    assert baseline(project, "add", "src/a.py:2", "--reason", "revoked", "--who", "Ann") == 0
    file = (project.path / ".leaksieve-baseline").read_text()
    assert TOKEN not in file + capfd.readouterr().out
    passed = commit(project)
    assert passed.returncode == 0, passed.stderr
    # Another secret in the same place, and the same one elsewhere, are not accepted.
    project.add("src/a.py", f"x = 1\nt = '{github_token('new')}'\n")
    assert commit(project).returncode == 1
    project.add("src/a.py", f"x = 1\n\n\nt = '{TOKEN}'\n")
    assert commit(project).returncode == 0
    project.add("b.py", f"t = '{TOKEN}'\n")
    assert commit(project).returncode == 1
    assert baseline(project, "add", "b.py", "--reason", "revoked", "--path", "**/*.py") == 0
    assert commit(project).returncode == 0
    # What is accepted there already can be accepted elsewhere, too.
    project.add("c.txt", f"t = '{TOKEN}'\n")
    assert baseline(project, "add", "b.py", "--reason", "revoked", "--path", " ") == 2
    assert baseline(project, "add", "b.py", "--reason", "revoked", "--path", "*") == 0
    assert commit(project).returncode == 0


def test_an_expired_entry_blocks_and_is_told(project: Repo) -> None:
    project.add("a.py", f"t = '{TOKEN}'\n")
    assert baseline(project, "add", "a.py:1", "--reason", "until the release", "--expires", "2999-12-31") == 0
    file = project.path / ".leaksieve-baseline"
    file.write_text(file.read_text().replace("2999-12-31", "2020-12-31"))
    blocked = commit(project)
    assert blocked.returncode == 1
    assert "the entry for github-personal-access-token in a.py expired on 2020-12-31" in blocked.stderr
    assert baseline(project, "add", "a.py:1", "--reason", "still", "--expires", "2020-12-31") == 2
    assert baseline(project, "add", "a.py:1", "--reason", " ") == 2
    assert baseline(project, "add", "a.py:1", "--reason", "still") == 0
    assert commit(project).returncode == 0
    assert file.read_text().count("\ta.py\t") == 1


FILES = {
    "inline": ("a.py", f"t = '{TOKEN}'  # leaksieve:allow[github-personal-access-token] a fixture\n"),
    "gitleaks:allow": ("a.py", f"t = '{TOKEN}'  # gitleaks:allow\n"),
    "pragma": ("a.py", f"t = '{TOKEN}'  # pragma: allowlist secret\n"),
    "gitleaksignore": (".gitleaksignore", "a.py:github-pat:1\n"),
    "gitallowed": (".gitallowed", "^a\\.py:1:t = '[[:alnum:]_]{40}'$\n"),
    "gitguardian": (".gitguardian.yaml", "secret: {ignored_paths: ['*.py']}\n"),
    "github": (".github/secret_scanning.yml", "paths-ignore: ['*.py']\n"),
    "secretsignore": (".secretsignore", f"[secrets]\n{TOKEN}\n"),
}


@pytest.mark.parametrize(("name", "content"), FILES.values(), ids=FILES)
def test_what_other_tools_accept_is_accepted(project: Repo, name: str, content: str) -> None:
    project.add("a.py", f"t = '{TOKEN}'\n")
    assert commit(project).returncode == 1
    project.write(name, content)
    project.git("add", "a.py")
    assert commit(project).returncode == 0


def test_patterns_of_git_secrets_in_gits_configuration(project: Repo) -> None:
    project.add("a.py", f"t = '{TOKEN}'\n")
    project.git("config", "--add", "secrets.allowed", "nothing")
    project.git("config", "--add", "secrets.allowed", "^a.py:")
    assert commit(project).returncode == 0


def test_a_baseline_follows_its_repository(repo: Repo, capfd: pytest.CaptureFixture[str]) -> None:
    repo.add("old.py", f"t = '{TOKEN}'\n")
    repo.add("gone.py", f"t = '{github_token('gone')}'\n")
    repo.commit()
    assert baseline(repo, "check") == 2
    assert baseline(repo, "create", "--reason", "first look") == 0
    assert baseline(repo, "create") == 2
    assert leaksieve("history", home=repo.path.parent) == 0
    assert baseline(repo, "check") == 0
    repo.git("mv", "old.py", "new.py")
    repo.git("rm", "-q", "gone.py")
    repo.commit()
    assert leaksieve("scan", home=repo.path.parent) == 1
    # Old and new name alike hold it: the one in the past, the other now.
    capfd.readouterr()
    assert baseline(repo, "check", "--from", "scan") == 1
    assert capfd.readouterr().out.count("stale") == 3
    assert baseline(repo, "update", "--from", "scan") == 0
    out = capfd.readouterr().out
    assert "- gone.py  github-personal-access-token  first look" in out
    assert "+ new.py  github-personal-access-token  first look" in out
    assert baseline(repo, "check", "--from", "scan") == 0
    assert leaksieve("scan", home=repo.path.parent) == 0
    repo.add("new.py", f"t = '{github_token('second')}'\n")
    assert baseline(repo, "update", "--from", "scan") == 1
    assert baseline(repo, "update", "--from", "scan", "--reason", "second look") == 0
    assert leaksieve("scan", home=repo.path.parent) == 0
    assert baseline(repo, "show") == 0
    assert "new.py  github-personal-access-token  second look" in capfd.readouterr().out


def test_what_only_this_clone_has_is_not_accepted_unasked(repo: Repo, capfd: pytest.CaptureFixture[str]) -> None:
    for seed in ("dangling", "kept"):
        repo.add("a.py", f"t = '{github_token(seed)}'\n")
    repo.commit()
    repo.add("a.py", f"\nt = '{github_token('kept')}'\n")
    repo.git("reset", "-q", "--hard")
    assert baseline(repo, "create", "--reason", "first look") == 0
    assert "1 finding left out" in capfd.readouterr().out
    assert baseline(repo, "show") == 0
    assert [line.split()[0] for line in capfd.readouterr().out.splitlines()] == ["a.py", ".leaksieve-baseline:"]
    assert baseline(repo, "update") == 0
    assert leaksieve("history", home=repo.path.parent) == 1
    for finding in {line.rpartition("  id ")[2] for line in capfd.readouterr().out.splitlines() if "  id " in line}:
        assert baseline(repo, "add", finding, "--reason", "only here") == 0
    assert leaksieve("history", home=repo.path.parent) == 0
    assert baseline(repo, "update") == 0
    assert leaksieve("history", home=repo.path.parent) == 0


def test_unused_entries_are_told_and_pruned(repo: Repo, capfd: pytest.CaptureFixture[str]) -> None:
    repo.write("a.py", f"t = '{TOKEN}'\nu = '{github_token('u')}'\n")
    assert baseline(repo, "add", "a.py", "--reason", "fixtures") == 0
    repo.write("a.py", f"t = '{TOKEN}'\n")
    assert baseline(repo, "check", "--from", "scan") == 1
    assert "unused   a.py" in capfd.readouterr().out
    assert baseline(repo, "prune", "--from", "scan") == 0
    assert baseline(repo, "check", "--from", "scan") == 0
    file = repo.path / ".leaksieve-baseline"
    file.write_text(file.read_text() + "<<<<<<< ours\n")
    assert baseline(repo, "check") == 2
    assert ".leaksieve-baseline:5: 1 fields between tabs" in capfd.readouterr().err


def test_a_finding_of_the_history_is_accepted_by_its_id(repo: Repo, capfd: pytest.CaptureFixture[str]) -> None:
    repo.add("odd name.py", f"t = '{TOKEN}'\n")
    repo.commit(f"message with {github_token('message')}")
    repo.git("rm", "-q", "odd name.py")
    repo.commit()
    assert leaksieve("history", home=repo.path.parent) == 1
    ids = [line.rpartition("  id ")[2] for line in capfd.readouterr().out.splitlines() if "  id " in line]
    assert len(ids) == 2
    assert baseline(repo, "add", *ids, "--reason", "rotated") == 0
    assert leaksieve("history", home=repo.path.parent) == 0
    assert "2 findings excused: 2 by baseline" in capfd.readouterr().out
    assert baseline(repo, "add", "0" * 12, "--reason", "x") == 2
    assert baseline(repo, "add", ids[0], "--reason", "again") == 0
    assert "excused already" in capfd.readouterr().out


def test_a_message_that_was_blocked_is_accepted_by_its_id(repo: Repo, capfd: pytest.CaptureFixture[str]) -> None:
    message = repo.write(".git/COMMIT_EDITMSG", f"subject\n\nwith {TOKEN}\n")
    assert leaksieve("commit-msg", str(message), home=repo.path.parent) == 1
    advice = next(line for line in capfd.readouterr().out.splitlines() if "or accept it" in line)
    assert baseline(repo, "add", advice.split()[6], "--reason", "revoked") == 0
    assert leaksieve("commit-msg", str(message), home=repo.path.parent) == 0
    repo.commit(f"another one with {TOKEN}")
    assert leaksieve("history", home=repo.path.parent) == 0


def test_a_scan_from_a_folder_below_knows_what_is_accepted(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    repo.write("src/a.py", f"t = '{TOKEN}'\n")
    monkeypatch.chdir(repo.path / "src")
    assert baseline(repo, "add", "a.py:1", "--reason", "fixture") == 0
    for names in ((), ("a.py",), ("..",), (str(repo.path / "src" / "a.py"),)):
        assert leaksieve("scan", *names, home=tmp_path) == 0
    (repo.path / ".leaksieve-baseline").rename(repo.path / "accepted")
    assert leaksieve("scan", home=tmp_path) == 1
    assert leaksieve("scan", "--baseline", "../accepted", home=tmp_path) == 0
    assert leaksieve("scan", "--baseline", "nowhere", home=tmp_path) == 2


def test_branches_that_accept_something_merge(repo: Repo) -> None:
    repo.add(".gitattributes", "*.png binary")
    repo.commit()
    for branch in ("one", "two"):
        repo.git("checkout", "-qb", branch, "main")
        repo.add(f"{branch}.py", f"t = '{github_token(branch)}'\n")
        assert baseline(repo, "add", f"{branch}.py:1", "--reason", branch) == 0
        repo.git("add", ".")
        repo.commit()
    assert repo.git("show", "HEAD:.gitattributes") == "*.png binary\n/.leaksieve-baseline merge=union"
    repo.git("merge", "-q", "one")
    assert leaksieve("scan", home=repo.path.parent) == 0
    assert baseline(repo, "check") == 0
    file = repo.path / ".leaksieve-baseline"
    assert file.read_text().count("key\tscrypt") == 2
    assert baseline(repo, "update") == 0
    assert file.read_text().count("key\tscrypt") == 1
    assert baseline(repo, "check") == 0


def test_a_baseline_is_no_finding_itself(repo: Repo) -> None:
    repo.write("a.py", "".join(f"t{number} = '{github_token(str(number))}'\n" for number in range(20)))
    assert baseline(repo, "create", "--from", "scan") == 0
    assert leaksieve("scan", "--fail-on", "low", ".leaksieve-baseline", home=repo.path.parent) == 0


def test_a_baseline_of_another_tool_and_ours_count_together(project: Repo, capfd: pytest.CaptureFixture[str]) -> None:
    digest = hashlib.sha1(TOKEN.encode(), usedforsecurity=False).hexdigest()
    theirs = {"results": {"a.py": [{"type": "T", "filename": "a.py", "hashed_secret": digest}]}}
    project.write("theirs.json", json.dumps(theirs))
    project.write("leaksieve.toml", "baseline = 'theirs.json'\n")
    project.add("a.py", f"t = '{TOKEN}'\n")
    assert commit(project).returncode == 0
    assert baseline(project, "add", "a.py", "--reason", "known") == 0
    assert not (project.path / ".leaksieve-baseline").exists(), "nothing was left to accept"
    project.add("b.py", f"t = '{TOKEN}'\n")
    assert commit(project).returncode == 1
    assert baseline(project, "add", "b.py:1", "--reason", "demo") == 0
    assert commit(project).returncode == 0
    assert baseline(project, "check") == 0
    assert json.loads((project.path / "theirs.json").read_text()) == theirs
    capfd.readouterr()
    assert baseline(project, "show", "--baseline", "theirs.json") == 2
    assert "theirs.json: a baseline of another tool" in capfd.readouterr().err


@pytest.mark.parametrize("day", ["tomorrow", "2020-01-01", "2099-02-30"])
def test_a_last_day_is_one_to_come(project: Repo, capfd: pytest.CaptureFixture[str], day: str) -> None:
    assert baseline(project, "add", "a.py", "--reason", "x", "--expires", day) == 2
    assert f"--expires {day}: give a date to come" in capfd.readouterr().err
