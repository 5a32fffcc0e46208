"""Files on disk."""

import os
from pathlib import Path

import pytest

from leaksieve.core.rulebook import RuleBook
from leaksieve.errors import InputError
from leaksieve.scan import scan
from leaksieve.sources.files import FilesSource
from makers import Repo, github_token

TOKEN = github_token("files")


def scanned(rules: RuleBook, *names: str, ignore: bool = True, piped: bytes = b"") -> list[str | None]:
    result = scan(FilesSource(names, os.environ, ignore=ignore, piped=piped), rules)
    return [place.path for finding in result.findings for place in finding.occurrences]


def test_a_directory_that_is_no_repository(tmp_path: Path, rules: RuleBook, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "d" / "e").mkdir(parents=True)
    (tmp_path / "d" / "e" / "f.txt").write_text(f"'{TOKEN}'\n")
    (tmp_path / "d" / "link").symlink_to(f"/nowhere/{TOKEN}")
    (tmp_path / "d" / ".git").mkdir()
    (tmp_path / "d" / ".git" / "config").write_text(TOKEN)
    monkeypatch.chdir(tmp_path)
    assert scanned(rules, "d") == ["d/e/f.txt", "d/link"]


def test_gitignore_is_respected_unless_told_otherwise(repo: Repo, rules: RuleBook) -> None:
    repo.add(".gitignore", "*.log\nbuild/\n")
    for name in ("a.log", "build/x.py", "untracked.py", "sub/tracked.py", "ä\n.py"):
        repo.write(name, f"'{TOKEN}'\n")
    repo.git("add", "sub/tracked.py")
    assert scanned(rules, ".") == ["sub/tracked.py", "untracked.py", "ä\n.py"]
    assert scanned(rules, "sub") == ["sub/tracked.py"]
    assert scanned(rules, "a.log") == ["a.log"]
    assert scanned(rules, ".", ignore=False) == ["a.log", "build/x.py", "sub/tracked.py", "untracked.py", "ä\n.py"]


def test_repositories_inside_a_repository(repo: Repo, rules: RuleBook) -> None:
    inner = Repo(repo.path / "vendor" / "inner")
    inner.add("a.py", f"'{TOKEN}'\n")
    inner.commit()
    assert scanned(rules, ".") == ["vendor/inner/a.py"]
    repo.git("add", "vendor/inner")
    assert scanned(rules, ".") == ["vendor/inner/a.py"]


def test_standard_input(rules: RuleBook) -> None:
    assert scanned(rules, "-", piped=f"x\n{TOKEN}\n".encode()) == ["-"]


def test_a_missing_path_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        FilesSource([str(tmp_path / "nothing")], os.environ)


def test_what_is_no_regular_file_is_noted(tmp_path: Path, rules: RuleBook) -> None:
    os.mkfifo(tmp_path / "pipe")
    result = scan(FilesSource([str(tmp_path)], os.environ), rules)
    assert "pipe is no regular file" in result.coverage.notes[0]
