"""The hook's source: what is staged, and of that only what is new."""

from pathlib import Path

import pytest

from leaksieve.core.finding import Finding, Result
from leaksieve.core.rulebook import RuleBook
from leaksieve.errors import GitError
from leaksieve.git.repository import open_repository
from leaksieve.ruleset.examples import expand
from leaksieve.scan import scan
from leaksieve.sources.staged import StagedSource
from makers import Repo, github_token

TOKEN = github_token("staged")


@pytest.fixture
def staged(repo: Repo, rules: RuleBook) -> "Scan":
    return Scan(repo, rules)


class Scan:
    """Scans what is staged."""

    def __init__(self, repo: Repo, rules: RuleBook) -> None:
        self.repo = repo
        self.rules = rules

    def result(self) -> Result:
        repository = open_repository(str(self.repo.path), self.repo.environment, located=True)
        return scan(StagedSource(repository), self.rules)

    def places(self) -> list[tuple[str | None, int, str]]:
        return [(o.path, o.line, o.where) for finding in self.findings() for o in finding.occurrences]

    def findings(self) -> list[Finding]:
        result = self.result()
        assert result.coverage.problems == []
        return result.findings


def test_the_first_commit_ever(staged: Scan) -> None:
    staged.repo.add("a.py", f"one\ntoken = '{TOKEN}'\n")
    assert staged.places() == [("a.py", 2, "file")]


def test_nothing_staged(staged: Scan) -> None:
    assert staged.findings() == []
    staged.repo.write("a.py", TOKEN)
    assert staged.findings() == []


def test_only_added_lines_count(staged: Scan) -> None:
    staged.repo.add("a.py", f"old = '{TOKEN}'\nx = 1\n")
    staged.repo.commit()
    staged.repo.add("a.py", f"old = '{TOKEN}'\nx = 2\n")
    assert staged.findings() == []
    other = github_token("new")
    staged.repo.add("a.py", f"old = '{TOKEN}'\nx = 2\nnew = '{other}'\n")
    (finding,) = staged.findings()
    assert finding.secret == other


def test_the_index_counts_and_not_the_work_tree(staged: Scan) -> None:
    staged.repo.add("a.py", f"t = '{TOKEN}'\n")
    staged.repo.write("a.py", "clean\n")
    assert staged.places() == [("a.py", 1, "file")]
    staged.repo.add("a.py", "clean\n")
    staged.repo.write("a.py", f"t = '{TOKEN}'\n")
    assert staged.findings() == []


def test_a_block_that_is_partly_added_is_seen_whole(staged: Scan) -> None:
    key = expand("{{pem RSA PRIVATE KEY}}") + "\n"
    lines = key.splitlines(keepends=True)
    staged.repo.add("key.txt", "".join(lines[:3] + lines[4:]))
    staged.repo.commit()
    staged.repo.add("key.txt", key)
    (finding,) = staged.findings()
    assert finding.rule.id == "private-key-pem"
    assert (finding.occurrences[0].line, finding.occurrences[0].end_line) == (1, len(lines))


def test_rename_with_edit(staged: Scan) -> None:
    body = "".join(f"line {number}\n" for number in range(50))
    staged.repo.add("old.py", f"old = '{github_token('old')}'\n" + body)
    staged.repo.commit()
    staged.repo.git("mv", "old.py", "new.py")
    staged.repo.add("new.py", f"old = '{github_token('old')}'\n{body}new = '{TOKEN}'\n")
    assert staged.places() == [("new.py", 52, "file")]


def test_symbolic_link_and_type_change(staged: Scan) -> None:
    staged.repo.add("a", "plain\n")
    staged.repo.add("z", "z\n")
    staged.repo.commit()
    (staged.repo.path / "a").unlink()
    (staged.repo.path / "a").symlink_to(f"/mnt/{TOKEN}")
    staged.repo.git("add", "a")
    staged.repo.add("z", f"z\n'{github_token('z')}'\n")
    assert staged.places() == [("a", 1, "symlink target"), ("z", 2, "file")]


def test_binary_and_files_without_diff(staged: Scan) -> None:
    staged.repo.add(".gitattributes", "*.dat -diff\n*.bin binary\n")
    staged.repo.add("a.dat", f"\n'{TOKEN}'\n")
    staged.repo.add("b.bin", f"\0\1\n\n'{TOKEN}'\n")
    assert staged.places() == [("a.dat", 2, "file"), ("b.bin", 3, "file")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_encodings(staged: Scan, encoding: str) -> None:
    body = "line of text\n" * 20
    staged.repo.add("a.txt", (body + f"token='{TOKEN}'\n").encode(encoding))
    assert staged.places() == [("a.txt", 21, "file")]
    staged.repo.commit()
    staged.repo.add("a.txt", (body + f"token='{TOKEN}'\nmore\n").encode(encoding))
    assert staged.findings() == []
    staged.repo.add("a.txt", (body + f"token='{TOKEN}'\nmore\n'{github_token('more')}'\n").encode(encoding))
    assert staged.places() == [("a.txt", 23, "file")]


@pytest.mark.parametrize(
    "name",
    [
        "ä ö.txt",
        'quo"te',
        "tab\there",
        "new\nline",
        "-dash",
        "a\\b",
        ":colon",
        b"\xff\xfe".decode("utf-8", "surrogateescape"),
    ],
)
def test_odd_file_names(staged: Scan, name: str) -> None:
    staged.repo.add(name, f"'{TOKEN}'\n")
    assert staged.places() == [(name, 1, "file")]


def test_merge_in_progress(staged: Scan) -> None:
    repo = staged.repo
    repo.start_conflict()
    assert staged.result().coverage.notes == ["a has an unresolved conflict and was not scanned"]
    repo.add("a", f"main and side\n'{TOKEN}'\n")
    # What the other side already has is no news; what resolves the conflict is.
    assert staged.places() == [("a", 2, "file")]


def test_an_index_of_its_own(staged: Scan, tmp_path: Path) -> None:
    staged.repo.add("a", "clean\n")
    staged.repo.commit()
    staged.repo.environment["GIT_INDEX_FILE"] = str(tmp_path / "index")
    staged.repo.git("read-tree", "HEAD")
    staged.repo.add("a", f"clean\n'{TOKEN}'\n")
    assert staged.places() == [("a", 2, "file")]
    del staged.repo.environment["GIT_INDEX_FILE"]
    assert staged.findings() == []


def test_mode_changes_deletions_and_submodules_are_nothing_to_scan(staged: Scan) -> None:
    repo = staged.repo
    repo.add("a", f"'{TOKEN}'\n")
    repo.add("b", "b\n")
    commit = repo.commit()
    (repo.path / "a").chmod(0o755)
    repo.git("add", "a")
    repo.git("rm", "-q", "b")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{commit},sub")
    assert staged.findings() == []


def test_no_object_is_written_and_the_work_tree_is_not_read(staged: Scan) -> None:
    staged.repo.add("a", f"'{TOKEN}'\n")
    (staged.repo.path / "a").unlink()
    before = sorted(path for path in (staged.repo.path / ".git").rglob("*"))
    index = (staged.repo.path / ".git" / "index").stat().st_mtime_ns
    assert staged.places() == [("a", 1, "file")]
    assert sorted(path for path in (staged.repo.path / ".git").rglob("*")) == before
    assert (staged.repo.path / ".git" / "index").stat().st_mtime_ns == index


def test_a_path_rule_sees_new_names_only(staged: Scan) -> None:
    staged.repo.add("keys/server.p12", b"\x30\x82")
    assert [finding.rule.id for finding in staged.findings()] == ["pkcs12-file"]
    staged.repo.commit()
    staged.repo.add("keys/server.p12", b"\x30\x82\x01")
    assert staged.findings() == []


def test_a_missing_blob_makes_the_scan_incomplete(staged: Scan) -> None:
    staged.repo.git("update-index", "--add", "--cacheinfo", f"100644,{'1' * 40},gone")
    staged.repo.add("a", f"'{TOKEN}'\n")
    repository = open_repository(str(staged.repo.path), staged.repo.environment, located=True)
    with pytest.raises(GitError, match="unable to read 1111"):
        StagedSource(repository)


def test_names_of_new_files(staged: Scan) -> None:
    name = f"key {TOKEN}"
    staged.repo.add(f"old/{name}/a", "")
    staged.repo.commit()
    staged.repo.add(f"old/{name}/b", "")
    assert staged.places() == []
    staged.repo.add(f"new/{name}.txt", "")
    staged.repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub-{TOKEN}")
    assert staged.places() == [(f"new/{name}.txt", 1, "file name"), (f"sub-{TOKEN}", 1, "file name")]
    staged.repo.commit()
    staged.repo.add(f"new/{name}.txt", "changed")
    assert staged.places() == []
