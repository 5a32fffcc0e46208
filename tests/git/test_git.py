"""The layer that talks to git: safe, exact, and honest about what it cannot read."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leaksieve.errors import GitError, InputError
from leaksieve.git.cat_file import list_objects, read_objects
from leaksieve.git.diff import staged_changes
from leaksieve.git.refs import list_refs, tags_behind
from leaksieve.git.repository import Repository, open_repository
from leaksieve.git.revisions import Tips, follow_tips
from makers import Repo, plain_environment


def opened(repo: Repo) -> Repository:
    return open_repository(str(repo.path), repo.environment)


def test_every_object_is_listed_and_read(repo: Repo) -> None:
    repo.add("a", "one\n")
    repo.commit()
    repo.add("b", b"two\0\n\n")
    git = opened(repo).git
    problems: list[str] = []
    infos = list_objects(git, problems.append)
    assert sorted(info.type for info in infos) == ["blob", "blob", "commit", "tree"]
    for found in read_objects(git, [info.oid for info in infos], problems.append):
        assert len(found.data) == next(info.size for info in infos if info.oid == found.oid)
    assert problems == []


def test_a_missing_object_is_named_and_the_rest_is_read(repo: Repo) -> None:
    repo.add("a", "one\n")
    repo.add("b", "two\n")
    git = opened(repo).git
    oids = repo.git("ls-files", "-s").split()[1::4]
    problems: list[str] = []
    read = list(read_objects(git, [oids[0], "0" * 39 + "1", oids[1]], problems.append))
    assert [found.data for found in read] == [b"one\n", b"two\n"]
    assert problems == ["object " + "0" * 39 + "1 is missing"]


def test_a_corrupt_object_is_named_and_the_rest_is_read(repo: Repo) -> None:
    for name in "abc":
        repo.add(name, name * 2000)
    oids = repo.git("ls-files", "-s").split()[1::4]
    path = repo.path / ".git" / "objects" / oids[1][:2] / oids[1][2:]
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:20])
    problems: list[str] = []
    read = list(read_objects(opened(repo).git, oids, problems.append))
    assert [found.data for found in read] == [b"a" * 2000, b"c" * 2000]
    assert len(problems) == 1
    assert oids[1] in problems[0]


NAMES = st.text(
    st.characters(min_codepoint=1, max_codepoint=0x2FF, exclude_characters="/\\"), min_size=1, max_size=30
).filter(lambda name: name.strip(".") and not name.lower().startswith((".git", "git~")) and len(name.encode()) < 200)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    name=NAMES,
    before=st.lists(st.sampled_from("abc\r"), max_size=8),
    after=st.lists(st.sampled_from("abcd"), max_size=8),
)
def test_added_lines_are_those_of_git(
    tmp_path_factory: pytest.TempPathFactory, name: str, before: list[str], after: list[str]
) -> None:
    repo = Repo(tmp_path_factory.mktemp("repo"))
    repo.add(name, "\n".join(before))
    repo.commit()
    repo.add(name, "\n".join(after))
    changes = staged_changes(opened(repo).git)
    if before == after:
        assert changes == []
        return
    (change,) = changes
    assert change.path == name
    patch = repo.git("diff", "--cached", "-U0", "--text").encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    counted = sum(line.startswith("+") and not line.startswith("+++ ") for line in patch.split("\n"))
    assert sum(end - begin + 1 for begin, end in change.added) == counted


def test_lines_that_look_like_a_patch_are_lines(repo: Repo) -> None:
    repo.add("a", "x\n")
    repo.add("b", "y\n")
    repo.commit()
    repo.add("a", "diff --git a/z b/z\n@@ -1 +9 @@\n+++ q\nx\n")
    repo.add("b", "y\nlast")
    first, second = staged_changes(opened(repo).git)
    assert (first.path, first.added) == ("a", ((1, 3),))
    assert (second.path, second.added) == ("b", ((2, 2),))


def test_settings_of_the_repository_run_nothing_and_change_nothing(repo: Repo) -> None:
    touched = repo.path / "touched"
    script = repo.write("evil.sh", f"#!/bin/sh\ntouch {touched}\ncat\n")
    script.chmod(0o755)
    for setting in ("diff.external", "core.fsmonitor", "diff.evil.command", "diff.evil.textconv", "core.pager"):
        repo.git("config", setting, str(script))
    repo.git("config", "diff.noprefix", "true")
    repo.git("config", "diff.orderFile", str(repo.write("order", "z*\n")))
    repo.git("config", "color.ui", "always")
    repo.write(".gitattributes", "*.x diff=evil\n*.y -diff\n")
    repo.git("add", ".gitattributes")
    repo.commit()
    touched.unlink(missing_ok=True)
    repo.git("-c", "core.fsmonitor=false", "add", "--", ".gitattributes")
    repo.write("b.y", "one\n")
    repo.write("a.x", "two\n")
    repo.git("-c", "core.fsmonitor=false", "add", "a.x", "b.y")
    touched.unlink(missing_ok=True)
    changes = staged_changes(opened(repo).git)
    assert [(change.path, change.added) for change in changes] == [("a.x", ((1, 1),)), ("b.y", ((1, 1),))]
    repo.git("config", "diff.relative", "true")
    (repo.path / "folder").mkdir()
    folder = open_repository(str(repo.path / "folder"), repo.environment, located=True)
    assert staged_changes(folder.git) == changes
    assert not touched.exists()


def test_tags_are_followed_as_git_follows_them(repo: Repo) -> None:
    commit = repo.commit()
    repo.git("tag", "-a", "inner", "-m", "inner")
    inner = repo.git("rev-parse", "inner")
    # Git itself reads capital digits, and its fsck does not mind them.
    outer = raw_tag(repo, f"object {inner.upper()}\ntype tag\ntag outer\ntagger a <a@b> 1 +0000\n\nouter\n")
    repo.git("update-ref", "refs/tags/outer", outer)
    assert repo.git("rev-parse", "outer^{commit}") == commit
    git = opened(repo).git
    assert follow_tips(git, [outer]) == Tips((commit,), (outer, inner), ())
    repo.git("update-ref", "-d", "refs/tags/inner")
    assert tags_behind(git, list_refs(git))[inner] == "refs/tags/outer"


@pytest.mark.parametrize("text", ["", "object\n\nmessage\n", "object {}\nnot a type\n", "type commit\nobject {}\n"])
def test_a_damaged_tag_is_a_clear_error(repo: Repo, text: str) -> None:
    tag = raw_tag(repo, text.format(repo.commit()))
    with pytest.raises(GitError, match=f"object {tag} is a damaged tag"):
        follow_tips(opened(repo).git, [tag])


def raw_tag(repo: Repo, text: str) -> str:
    return repo.git("hash-object", "-t", "tag", "-w", "--literally", "--stdin", data=text.encode())


def test_no_repository_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a git repository"):
        open_repository(str(tmp_path), plain_environment(tmp_path))
    with pytest.raises(InputError, match="no such directory"):
        open_repository(str(tmp_path / "nowhere"), plain_environment(tmp_path))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a repository away")
def test_another_users_repository_is_opened_when_the_user_trusts_it(repo: Repo, tmp_path: Path) -> None:
    for path in (repo.path, repo.path / ".git"):
        os.chown(path, 65534, 65534)
    with pytest.raises(InputError, match="git config --global --add"):
        opened(repo)
    (tmp_path / ".gitconfig").write_text(f"[safe]\n\tdirectory = {repo.path}\n")
    assert opened(repo).git_dir == str(repo.path / ".git")


def test_git_that_is_not_installed_is_a_clear_error(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError, match="not installed"):
        open_repository(str(repo.path), os.environ)


def test_a_named_repository_wins_over_the_variables_of_a_hook(repo: Repo, tmp_path: Path) -> None:
    other = Repo(tmp_path / "other")
    environment = repo.environment | {"GIT_DIR": str(other.path / ".git")}
    assert open_repository(str(repo.path), environment).git_dir == str(repo.path / ".git")
    assert open_repository(str(repo.path), environment, located=True).git_dir == str(other.path / ".git")
