"""A server that refuses pushes: a bare repository with the pre-receive hook, and real pushes to it."""

import subprocess
import sys
from pathlib import Path

import pytest

from leaksieve.ruleset.examples import expand
from makers import Repo, github_token

TOKEN = github_token("server")


@pytest.fixture
def server(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "server.git", "--bare")
    subprocess.run(
        [sys.executable, "-P", "-m", "leaksieve", "install"],
        cwd=made.path, env=made.environment, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return made


@pytest.fixture
def project(repo: Repo, server: Repo) -> Repo:
    repo.git("remote", "add", "origin", str(server.path))
    repo.add("readme", "hello\n")
    repo.commit("first")
    assert push(repo, "origin", "main").returncode == 0
    return repo


def push(repo: Repo, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", "push", *arguments],
        cwd=repo.path, env=repo.environment | {"LEAKSIEVE_SKIP": "not for you"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 1, done.stderr
    for word in ("pre-receive hook declined", *words):
        assert word in done.stderr
    assert TOKEN not in done.stderr


def options(server: Repo, text: str) -> None:
    """Give the hook's command more arguments."""
    hook = server.path / "hooks" / "pre-receive"
    hook.write_text(hook.read_text().replace('pre-receive "$@"', f"pre-receive {text}"))


def test_what_is_added_and_taken_out_again_is_refused(project: Repo, server: Repo) -> None:
    project.add("a.py", f"T = '{TOKEN}'\n")
    bad = project.commit()
    project.add("a.py", "gone\n")
    project.commit()
    done = push(project, "origin", "main")
    refused(done, f"remote:     a.py:1:6  commit {bad[:12]}", "remote: What to do:", "git rebase -i")
    # Git itself pads lines with eight spaces where a terminal might show something else.
    assert max(len(line.rstrip()) for line in done.stderr.splitlines() if line.startswith("remote:")) <= 80
    assert server.git("rev-parse", "main") == project.git("rev-parse", "main~2")
    assert server.git("cat-file", "-e", bad, check=False) == ""


def test_new_branches_tags_many_refs_deletions_and_forced_pushes(project: Repo) -> None:
    project.add("b.py", "fine\n")
    project.commit()
    for number in range(300):
        project.git("update-ref", f"refs/heads/many/{number}", "HEAD")
    assert push(project, "--all", "origin").returncode == 0
    assert push(project, "origin", ":many/1").returncode == 0
    project.git("tag", "-a", "v1", "-m", f"with {TOKEN}")
    done = push(project, "origin", "v1")
    refused(done, "tag message, line 1", "git tag -d NAME")
    assert "commit --amend" not in done.stderr
    project.git("commit", "-q", "--amend", "-m", "rewritten")
    assert push(project, "--force", "origin", "main").returncode == 0
    project.git("commit", "-q", "--amend", "-m", f"rewritten {TOKEN}")
    refused(push(project, "--force", "origin", "main"), "commit message, line 1")
    project.git("checkout", "-q", "--orphan", "new")
    project.add("c.py", f"T = '{TOKEN}'\n")
    project.git("commit", "-q", "-m", "root")
    refused(push(project, "origin", "new"), "c.py:1:6")


def test_what_the_server_has_already_is_not_new(project: Repo, server: Repo) -> None:
    hook = server.path / "hooks" / "pre-receive"
    hook.rename(server.path / "kept")
    project.add("a.py", f"T = '{TOKEN}'\n")
    project.commit()
    assert push(project, "origin", "main").returncode == 0
    (server.path / "kept").rename(hook)
    assert push(project, "origin", "main:other").returncode == 0


@pytest.mark.parametrize(("choice", "code"), [("", 1), ("--on-timeout allow", 0)])
def test_a_time_budget_fails_closed_unless_told_otherwise(project: Repo, server: Repo, choice: str, code: int) -> None:
    options(server, f"--time-budget 0.001 {choice}")
    project.add("b.py", "fine\n")
    project.commit()
    done = push(project, "origin", "main")
    assert done.returncode == code
    assert "longer than 0.001 s" in done.stderr
    assert ("UNCHECKED" in done.stderr) is not bool(code)
    options(server, "")


def test_a_server_has_rules_of_its_own(project: Repo, server: Repo, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(
        '[[rules]]\nid = "corp"\ndescription = "Corp token"\nkind = "access-token"\nregex = "corp_[0-9a-f]{16}"\n'
        'keywords = ["corp_"]\nseverity = "high"\nconfidence = "high"\n'
    )
    options(server, f"--config {rules}")
    project.add("a.txt", expand("corp_{{hex 16}}\n"))
    project.commit()
    refused(push(project, "origin", "main"), "[corp]")


def test_a_push_that_breaks_the_configuration_is_refused(project: Repo, server: Repo) -> None:
    project.add("leaksieve.toml", "fail_onn = 'high'\n")
    project.commit()
    refused(push(project, "origin", "main"), "did you mean 'fail_on'?", "would stop every check to come")
    hook = server.path / "hooks" / "pre-receive"
    hook.rename(server.path / "kept")
    assert push(project, "origin", "main").returncode == 0
    (server.path / "kept").rename(hook)
    project.add("leaksieve.toml", "fail_on = 'high'\n")
    project.commit()
    refused(push(project, "origin", "main"), "in the base commit", "--no-config")
    options(server, "--no-config")
    assert push(project, "origin", "main").returncode == 0
