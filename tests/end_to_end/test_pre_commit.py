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
    pre_commit(repo, "install")
    return repo


def pre_commit(repo: Repo, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", *arguments],
        cwd=repo.path, env=repo.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def commit(repo: Repo) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", "commit", "-m", "change"],
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
