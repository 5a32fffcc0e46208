"""Ranges of commits: whatever one of them brings is found, with the commit that brought it."""

import pytest

from leaksieve.core.finding import Occurrence
from leaksieve.core.rulebook import RuleBook
from leaksieve.errors import InputError
from leaksieve.git.repository import open_repository
from leaksieve.ruleset.examples import expand
from leaksieve.scan import scan
from leaksieve.sources.commits import Known, RangeSource, commits_between
from leaksieve.sources.source import Source
from makers import Repo, github_token

TOKEN = github_token("commits")


def in_range(repo: Repo, rules: RuleBook, begin: str, end: str) -> list[tuple[str | None, int, str | None]]:
    source = commits_between(open_repository(str(repo.path), repo.environment), begin, end)
    return [(o.path, o.line, o.commit) for o in places(source, rules)]


def places(source: Source, rules: RuleBook) -> list[Occurrence]:
    result = scan(source, rules)
    assert result.coverage.complete
    return [place for finding in result.findings for place in finding.occurrences]


def source_of(repo: Repo, *tips: str, known: Known, refs: tuple[str, ...] = ()) -> RangeSource:
    return RangeSource(open_repository(str(repo.path), repo.environment), tips, known, "a push", refs)


def test_a_range_finds_what_was_added_and_removed_again(repo: Repo, rules: RuleBook) -> None:
    old = github_token("old")
    repo.add("a", f"'{old}'\n")
    base = repo.commit()
    repo.add("a", f"'{old}'\n'{TOKEN}'\n")
    added = repo.commit()
    repo.add("a", f"'{old}'\nclean\n")
    last = repo.commit()
    assert in_range(repo, rules, base, "HEAD") == [("a", 2, added)]
    assert in_range(repo, rules, added, last) == []
    repo.git("mv", "a", "b")
    repo.add("b", f"'{old}'\nclean\nmore\n")
    repo.commit()
    assert in_range(repo, rules, last, "HEAD") == []


def test_a_ref_that_is_no_commit_is_an_error(repo: Repo) -> None:
    repo.commit()
    with pytest.raises(InputError, match="nothing: not a commit"):
        commits_between(open_repository(str(repo.path), repo.environment), "nothing", "HEAD")


def test_texts_of_commits_and_tags_and_names_of_files_and_refs(repo: Repo, rules: RuleBook) -> None:
    secrets = {name: github_token(name) for name in ("message", "author", "tag", "folder", "file", "ref")}
    base = repo.commit(f"old {github_token('before')}")
    repo.environment["GIT_AUTHOR_NAME"] = secrets["author"]
    repo.add(f"{secrets['folder']}/{secrets['file']}.txt", "x\n")
    commit = repo.commit(f"subject\n\n{secrets['message']}")
    repo.git("tag", "-a", "inner", "-m", secrets["tag"])
    repo.git("tag", "-a", "outer", "inner", "-m", "a tag of a tag")
    outer = repo.git("rev-parse", "outer")
    found = places(source_of(repo, outer, known=Known((base,)), refs=(f"refs/heads/{secrets['ref']}",)), rules)
    path = f"{secrets['folder']}/{secrets['file']}.txt"
    assert sorted((o.where, o.path, o.line, o.commit) for o in found) == [
        ("commit header", None, 3, commit),
        ("commit message", None, 3, commit),
        ("file name", path, 1, commit),
        ("file name", path, 1, commit),
        ("ref name", f"refs/heads/{secrets['ref']}", 1, None),
        ("tag message", None, 1, None),
    ]
    repo.add(f"{secrets['folder']}/more.txt", "x\n")
    repo.commit("the folder was there already")
    assert [o.where for o in places(source_of(repo, "HEAD", known=Known((commit,))), rules)] == ["commit header"]


def test_tags_of_blobs_and_trees(repo: Repo, rules: RuleBook) -> None:
    repo.commit()
    blob = repo.git("hash-object", "-w", "--stdin", data=f"'{TOKEN}'\n".encode())
    tree = repo.git("mktree", data=f"100644 blob {blob}\tname\n".encode())
    for target in (blob, tree):
        repo.git("tag", "-f", "-a", "odd", target, "-m", "no commit")
        (place,) = places(source_of(repo, repo.git("rev-parse", "odd"), known=Known(("--all",))), rules)
        assert (place.where, place.blob, place.line) == ("tagged blob", blob, 1)


@pytest.mark.parametrize("after", ["gone", "a file"])
def test_what_a_submodule_was_is_not_read(repo: Repo, rules: RuleBook, after: str) -> None:
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    base = repo.commit()
    repo.git("rm", "-q", "--cached", "sub")
    path = "sub" if after == "a file" else "other"
    repo.add(path, f"'{TOKEN}'\n")
    commit = repo.commit()
    assert in_range(repo, rules, base, "HEAD") == [(path, 1, commit)]
    (place,) = places(source_of(repo, commit, known=Known((base,), base)), rules)
    assert (place.path, place.commit, place.in_head) == (path, commit, True)


def test_a_merge_counts_for_what_neither_side_had(repo: Repo, rules: RuleBook) -> None:
    repo.start_conflict()
    repo.add("a", f"both\n'{TOKEN}'\n")
    merge = repo.commit("merge")
    assert in_range(repo, rules, "HEAD^1", "HEAD") == [
        ("a", 2, merge),
        ("theirs", 1, repo.git("rev-parse", "side")),
    ]
    assert in_range(repo, rules, "side", "HEAD") == [("a", 2, merge)]


def test_the_whole_range_shows_what_a_merge_brings_back(repo: Repo, rules: RuleBook) -> None:
    repo.add("a", f"'{TOKEN}'\n")
    repo.commit()
    repo.git("checkout", "-qb", "side")
    repo.commit("nothing")
    repo.git("checkout", "-q", "main")
    repo.add("a", "gone\n")
    base = repo.commit("taken out")
    repo.git("checkout", "-q", "side")
    repo.git("merge", "-q", "-s", "ours", "main", "-m", "keep ours")
    head = repo.git("rev-parse", "HEAD")
    assert in_range(repo, rules, "main", "side") == []
    (place,) = places(source_of(repo, "side", known=Known((base,), base)), rules)
    assert (place.path, place.commit, place.in_head) == ("a", head, True)


def test_the_whole_range_moves_lines_to_where_they_stand_at_its_end(repo: Repo, rules: RuleBook) -> None:
    base = repo.commit()
    repo.add("a", f"'{TOKEN}'\n'{github_token('removed')}'\n")
    first = repo.commit()
    repo.add("a", f"one\ntwo\n'{TOKEN}'\n")
    repo.commit()
    found = places(source_of(repo, "HEAD", known=Known((base,), base)), rules)
    assert sorted((o.line, o.commit, o.in_head) for o in found) == [(2, first, False), (3, first, True)]


def test_the_newest_version_says_whether_a_secret_is_excused(repo: Repo, rules: RuleBook) -> None:
    base = repo.commit()
    repo.add("a", f"'{TOKEN}'\n")
    repo.commit()
    assert [o.suppressed_by for o in places(source_of(repo, "HEAD", known=Known((base,))), rules)] == [None]
    repo.add("a", f"'{TOKEN}'  # leaksieve:allow[*] a fixture\n")
    repo.commit()
    found = places(source_of(repo, "HEAD", known=Known((base,))), rules)
    assert [o.suppressed_by for o in found] == ["leaksieve:allow: a fixture"] * 2
    repo.add("a", f"'{TOKEN}'\n")
    repo.commit()
    found = places(source_of(repo, "HEAD", known=Known((base,))), rules)
    assert [o.suppressed_by for o in found] == [None, None, "leaksieve:allow: a fixture"]


def test_a_block_to_which_a_line_is_added_and_a_wide_text(repo: Repo, rules: RuleBook) -> None:
    key = (expand("{{pem RSA PRIVATE KEY}}") + "\n").splitlines(keepends=True)
    repo.add("key.txt", "".join(key[:3] + key[4:]))
    base = repo.commit()
    repo.add("key.txt", "".join(key))
    repo.add("wide.txt", f"token='{TOKEN}'\n".encode("utf-16"))
    head = repo.commit()
    assert in_range(repo, rules, base, "HEAD") == [("wide.txt", 1, head), ("key.txt", 1, head)]


def test_a_missing_object_makes_the_scan_incomplete(repo: Repo, rules: RuleBook) -> None:
    base = repo.commit()
    repo.add("a", "text\n")
    repo.commit()
    blob = repo.git("rev-parse", "HEAD:a")
    (repo.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    coverage = scan(source_of(repo, "HEAD", known=Known((base,))), rules).coverage
    assert coverage.problems == [f"object {blob} is missing"]
