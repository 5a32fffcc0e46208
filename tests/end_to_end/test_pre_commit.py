"""The real pre-commit installs this checkout and blocks a real commit."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from makers import Repo, github_token

ROOT = Path(__file__).resolve().parents[2]
CONFIG = """\
repos:
  - repo: {url}
    rev: {rev}
    hooks:
      - id: leaksieve
      - id: leaksieve-commit-msg
      - id: leaksieve-pre-push
      - id: leaksieve-manual
"""


@pytest.fixture(scope="module")
def hook_repository(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A repository with what this checkout holds now, committed or not."""
    repo = Repo(tmp_path_factory.mktemp("hooks") / "leaksieve")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            target = repo.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)
    repo.git("add", ".")
    repo.commit()
    return repo


@pytest.fixture(scope="module")
def project(hook_repository: Repo, tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A repository that uses the hook, with pre-commit installed in it."""
    folder = tmp_path_factory.mktemp("project")
    repo = Repo(folder / "project")
    repo.environment["PRE_COMMIT_HOME"] = str(folder / "cache")
    rev = hook_repository.git("rev-parse", "HEAD")
    repo.add(".pre-commit-config.yaml", CONFIG.format(url=hook_repository.path, rev=rev))
    repo.commit()
    types = ("pre-commit", "pre-merge-commit", "commit-msg", "pre-push")
    pre_commit(repo, "install", *(f"--hook-type={name}" for name in types))
    return repo


def pre_commit(repo: Repo, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", *arguments],
        cwd=repo.path, env=repo.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def commit(repo: Repo, *arguments: str) -> subprocess.CompletedProcess[str]:
    return git(repo, "commit", *(arguments or ("-m", "change")))


def git(repo: Repo, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", *arguments],
        cwd=repo.path,
        env=repo.environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_commit_is_blocked_until_the_secret_is_gone(project: Repo) -> None:
    token = github_token("commit")
    project.add("settings.py", f"TOKEN = '{token}'\n")
    blocked = commit(project)
    assert blocked.returncode == 1, blocked.stderr
    assert "[github-personal-access-token]" in blocked.stderr
    assert "settings.py:1:10" in blocked.stderr
    assert token not in blocked.stderr + blocked.stdout
    project.add("settings.py", "TOKEN = os.environ['TOKEN']\n")
    assert commit(project).returncode == 0


def test_a_symbolic_link_alone_is_checked(project: Repo) -> None:
    link = project.path / "link"
    link.symlink_to(f"/mnt/{github_token('link')}")
    project.git("add", "link")
    assert commit(project).returncode == 1
    link.unlink()
    project.git("rm", "-q", "--cached", "link")


def test_all_files_and_ranges_are_really_scanned(project: Repo) -> None:
    project.add("clean.py", "x = 1\n")
    assert commit(project).returncode == 0
    assert pre_commit(project, "run", "--all-files").returncode == 0
    base = project.git("rev-parse", "HEAD")
    project.add("old.py", f"T = '{github_token('all')}'\n")
    project.git("commit", "-q", "--no-verify", "-m", "slipped through")
    blocked = pre_commit(project, "run", "--all-files")
    assert blocked.returncode == 1
    assert "old.py:1:6" in blocked.stdout
    project.add("old.py", "T = None\n")
    project.git("commit", "-q", "--no-verify", "-m", "taken out")
    assert pre_commit(project, "run", "--all-files").returncode == 0
    blocked = pre_commit(project, "run", "--from-ref", base, "--to-ref", "HEAD")
    assert blocked.returncode == 1
    assert "old.py:1:6" in blocked.stdout
    assert pre_commit(project, "run", "--from-ref", "HEAD~1", "--to-ref", "HEAD").returncode == 0


def test_a_message_is_checked(project: Repo) -> None:
    project.add("m.py", "x = 1\n")
    blocked = commit(project, "-m", "subject", "-m", f"with {github_token('message')}")
    assert blocked.returncode == 1
    assert "commit message:3:6" in blocked.stderr
    assert commit(project).returncode == 0


def test_a_push_finds_what_no_verify_let_through(project: Repo, tmp_path: Path) -> None:
    origin = Repo(tmp_path / "origin.git", "--bare")
    project.git("remote", "add", "origin", str(origin.path))
    project.git("checkout", "-q", "-b", "clean", project.git("rev-list", "--max-parents=0", "HEAD"))
    assert git(project, "push", "origin", "clean").returncode == 0, "pre-commit names no range for a root"
    project.add("p.py", f"T = '{github_token('push')}'\n")
    project.git("commit", "-q", "--no-verify", "-m", "hidden")
    project.add("p.py", "T = None\n")
    project.git("commit", "-q", "--no-verify", "-m", f"taken out {github_token('in the message')}")
    blocked = git(project, "push", "origin", "clean:other")
    assert blocked.returncode == 1
    assert "p.py:1:6  commit" in blocked.stderr + blocked.stdout
    assert "commit message, line 1" in blocked.stderr + blocked.stdout
    assert origin.git("branch", "--list", "other") == ""
    project.git("checkout", "-q", "--orphan", "root")
    project.git("commit", "-q", "--no-verify", "-m", f"a root {github_token('root')}")
    assert git(project, "push", "origin", "root").returncode == 1
    project.git("checkout", "-qf", "main")


def test_the_manual_hook_audits_the_whole_history(project: Repo) -> None:
    audited = pre_commit(project, "run", "--hook-stage", "manual", "leaksieve-manual")
    assert audited.returncode == 1
    assert "old.py:1:6" in audited.stdout, "which was taken out long ago"


def test_files_by_name_and_in_batches(project: Repo) -> None:
    project.git("checkout", "-q", "-b", "batches")
    # pre-commit cuts a list of this length in several.
    for number in range(1500):
        project.write(f"{'long' * 40}/{number:04}.txt", "x\n")
    project.git("add", ".")
    assert commit(project).returncode == 0
    name = f"{'long' * 40}/0777.txt"
    project.add(name, f"'{github_token('batch')}'\n")
    project.git("commit", "-q", "--no-verify", "-m", "hidden")
    assert pre_commit(project, "run", "--files", "old.py").returncode == 0
    for arguments in (["--files", name], ["--all-files"]):
        found = pre_commit(project, "run", *arguments)
        assert found.returncode == 1
        assert f"{name}:1:2" in found.stdout
    # An old secret in a file that is touched blocks nothing.
    project.add(name, f"'{github_token('batch')}'\nmore\n")
    assert commit(project).returncode == 0
    project.git("checkout", "-q", "main")


def test_a_merge_in_progress_and_a_worktree(project: Repo, tmp_path: Path) -> None:
    project.git("checkout", "-q", "main")
    for branch, text in (("theirs", "theirs\n"), ("ours", "ours\n")):
        project.git("checkout", "-q", "-b", branch, "main")
        project.add("conflict", text)
        project.git("commit", "-q", "--no-verify", "-m", branch)
    assert git(project, "merge", "theirs").returncode == 1
    project.add("conflict", f"both\n'{github_token('merge')}'\n")
    blocked = commit(project, "--no-edit")
    assert blocked.returncode == 1
    assert "conflict:2:2" in blocked.stderr
    project.add("conflict", "both\n")
    assert commit(project, "--no-edit").returncode == 0
    project.git("worktree", "add", "-q", "-b", "tree", str(tmp_path / "tree"), "main")
    tree = Repo(tmp_path / "spare")
    tree.path = tmp_path / "tree"
    tree.environment = project.environment
    tree.add("t.py", f"T = '{github_token('tree')}'\n")
    assert "t.py:1:6" in commit(tree).stderr


def test_partial_commits(project: Repo) -> None:
    project.add("one.py", "1\n")
    project.add("two.py", "2\n")
    assert commit(project).returncode == 0
    project.write("one.py", "1\nmore\n")
    project.add("two.py", f"2\nT = '{github_token('partial')}'\n")
    assert commit(project, "-m", "one", "one.py").returncode == 0
    assert "two.py:2:6" in commit(project, "-m", "two", "two.py").stderr
    project.git("reset", "-q", "--hard")
