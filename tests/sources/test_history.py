"""The audit: every object, attributed, and in agreement with a slow independent check."""

import multiprocessing
import os
import re
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from leaksieve.core.finding import Occurrence, Result
from leaksieve.core.rule import HIGH
from leaksieve.core.rulebook import RuleBook
from leaksieve.git.repository import open_repository
from leaksieve.pool import run_in_pool
from leaksieve.report.json_report import as_json
from leaksieve.report.redact import Redactor
from leaksieve.report.text import Style, as_text
from leaksieve.ruleset.examples import expand
from leaksieve.scan import scan
from leaksieve.sources.history import HistorySource
from leaksieve.sources.limits import Limits
from makers import Repo, github_token


def audit(repo: Repo, rules: RuleBook, jobs: int = 1) -> Result:
    source = HistorySource(open_repository(str(repo.path), repo.environment), "repo")
    return scan(source, rules, lambda rules, shards: run_in_pool(rules, shards, jobs))


def occurrences(result: Result, secret: str) -> list[Occurrence]:
    return [o for finding in result.findings if finding.secret == secret for o in finding.occurrences]


def wheres(result: Result, made: dict[str, str]) -> dict[str, list[str]]:
    """Give the kinds of places where each of some secrets was found, by the name that the test gave it."""
    return {name: sorted({place.where for place in occurrences(result, secret)}) for name, secret in made.items()}


def test_who_brought_it_when_and_who_took_it_out(repo: Repo, rules: RuleBook) -> None:
    token = github_token()
    repo.add("a.py", "clean\n")
    repo.commit()
    repo.add("a.py", f"clean\ntoken = '{token}'\n")
    brought = repo.commit()
    repo.add("a.py", f"cleaner\n\ntoken = '{token}'\n")
    repo.commit()
    repo.add("a.py", "clean\n")
    removed = repo.commit()
    (place,) = occurrences(audit(repo, rules), token)
    assert (place.path, place.line, place.where) == ("a.py", 2, "file")
    assert (place.commit, place.author, place.email) == (brought, "Ann Author", "ann@corp.io")
    assert place.date == "2023-11-14T22:15:20+00:00"
    assert (place.in_head, place.removed_in, place.versions) == (False, removed, 2)


def test_each_path_is_attributed_and_head_still_has_one(repo: Repo, rules: RuleBook) -> None:
    token = github_token()
    repo.add("a.py", f"'{token}'\n")
    first = repo.commit()
    repo.git("mv", "a.py", "b.py")
    second = repo.commit()
    a, b = occurrences(audit(repo, rules), token)
    assert (a.path, a.commit, a.in_head, a.removed_in) == ("a.py", first, False, second)
    assert (b.path, b.commit, b.in_head, b.removed_in) == ("b.py", second, True, None)


def test_hostile_names_damaged_commits_and_a_foreign_encoding(repo: Repo, rules: RuleBook) -> None:
    names = ["\x1b[2J\x07", "new\nline", "\u202egpj", "\u2028", "::error::x", "|", "\udcff"]
    made = {name: github_token(name.encode("utf-8", "surrogateescape").hex()) for name in names}
    for name, token in made.items():
        repo.add(name, f"'{token}'\n")
    tree = repo.git("write-tree")
    repo.git("config", "i18n.logOutputEncoding", "UTF-16")
    message = github_token("message")
    raw = f"tree {tree}\nauthor \x1b[31mEve\0\x01 <e@x> rubbish\ncommitter \n\n{message}\n"
    commit = repo.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", data=raw.encode())
    repo.git("update-ref", "refs/heads/main", commit)
    result = audit(repo, rules)
    assert result.coverage.complete
    assert {name: occurrences(result, token)[0].path for name, token in made.items()} == {name: name for name in names}
    assert {occurrences(result, token)[0].commit for token in (*made.values(), message)} == {commit}
    shown = "".join(
        as_text(
            result,
            Redactor(result.findings, show_secrets=False),
            Style(color=False, fail_on=HIGH, least=HIGH, verdict="", own_excuses=True),
        )
    )
    assert not {letter for letter in shown if letter < " " and letter != "\n"} | {"\u202e", "\u2028"} & set(shown)


def test_grafts_and_replace_refs_bend_nothing(repo: Repo, rules: RuleBook) -> None:
    token = github_token()
    repo.add("a.py", f"'{token}'\n")
    first = repo.commit()
    repo.add("b.py", "b\n")
    second = repo.commit()
    (repo.path / ".git" / "info").mkdir(exist_ok=True)
    (repo.path / ".git" / "info" / "grafts").write_text(f"{second}\n")
    repo.git("replace", first, repo.git("commit-tree", f"{second}^{{tree}}", "-m", "another"))
    (place,) = occurrences(audit(repo, rules), token)
    assert (place.commit, place.in_head) == (first, True)


def test_only_a_merge_has_it(repo: Repo, rules: RuleBook) -> None:
    token = github_token()
    repo.start_conflict()
    repo.add("a", f"both '{token}'\n")
    merge = repo.commit("merge")
    (place,) = occurrences(audit(repo, rules), token)
    assert (place.path, place.commit) == ("a", merge)


def test_places_other_than_files(repo: Repo, rules: RuleBook) -> None:
    made = {
        name: github_token(name) for name in ("message", "author", "tag", "inner", "name", "stash", "dangling", "link")
    }
    repo.add("a", "a\n")
    message = repo.commit(f"deploy with {made['message']}")
    repo.environment["GIT_AUTHOR_NAME"] = made["author"]
    repo.commit()
    repo.environment["GIT_AUTHOR_NAME"] = "Ann Author"
    repo.git("tag", "-a", "v1", "-m", f"release {made['tag']}")
    repo.git("tag", "-a", "inner", "-m", f"release {made['inner']}")
    repo.git("tag", "-a", "outer", "-m", "a tag of a tag", "inner")
    repo.git("tag", "-d", "inner")
    repo.add(f"dir/{made['name']}.txt", "x\n")
    named = repo.commit()
    repo.add("s", f"'{made['stash']}'\n")
    repo.git("stash", "-q")
    repo.git("hash-object", "-w", "--stdin", data=f"'{made['dangling']}'\n".encode())
    (repo.path / "l").symlink_to(f"/mnt/{made['link']}")
    repo.git("add", "l")
    repo.commit()
    result = audit(repo, rules)
    assert wheres(result, made) == {
        "message": ["commit message"],
        "author": ["commit header"],
        "tag": ["tag message"],
        "inner": ["tag message"],
        "name": ["file name"],
        "stash": ["stash"],
        "dangling": ["unreachable blob"],
        "link": ["symlink target"],
    }
    (place,) = occurrences(result, made["message"])
    assert (place.commit, place.author, place.line, place.column) == (message, "Ann Author", 1, 13)
    # Several refs lead to the commit; git names one of them.
    assert (place.ref or "").startswith("refs/")
    leading = {name: {place.ref for place in occurrences(result, made[name])} for name in ("tag", "inner")}
    assert leading == {"tag": {"refs/tags/v1"}, "inner": {"refs/tags/outer"}}
    (place,) = occurrences(result, made["name"])
    assert (place.path, place.commit) == (f"dir/{made['name']}.txt", named)


def test_places_that_no_branch_leads_to(repo: Repo, rules: RuleBook) -> None:
    """Notes, stashes whole, reflogs, dangling commits and trees, tags of blobs, names of refs, pull requests."""
    names = ("note", "stash", "untracked", "older", "reflog", "dangling", "tagged", "branch", "pull", "tree")
    made = {name: github_token(name) for name in names}
    repo.add("a", "a\n")
    repo.commit()
    repo.git("notes", "add", "-m", f"see {made['note']}")
    repo.add("a", f"'{made['older']}'\n")
    repo.git("stash", "-q")
    repo.add("a", f"'{made['stash']}'\n")
    repo.write("u", f"'{made['untracked']}'\n")
    repo.git("stash", "-q", "--include-untracked")
    repo.add("r", f"'{made['reflog']}'\n")
    repo.commit()
    repo.git("reset", "-q", "--hard", "HEAD~1")
    tree = repo.git("write-tree")
    repo.git("commit-tree", tree, "-m", made["dangling"])
    blob = repo.git("hash-object", "-w", "--stdin", data=f"'{made['tagged']}'\n".encode())
    repo.git("tag", "blob", blob)
    repo.git("branch", f"deploy-{made['branch']}")
    repo.add("p", f"'{made['pull']}'\n")
    pull = repo.commit()
    repo.git("reset", "-q", "--hard", "HEAD~1")
    repo.git("update-ref", "refs/pull/7/head", pull)
    repo.git("mktree", data=f"100644 blob {blob}\t{made['tree']}\n".encode())
    for repacked in (False, True):
        if repacked:
            repo.git("repack", "-adkq")
        result = audit(repo, rules)
        assert result.coverage.complete
        assert wheres(result, made) == {
            "note": ["note"],
            "stash": ["stash"],
            "untracked": ["stash (untracked)"],
            "older": ["stash"],
            "reflog": ["reflog"],
            "dangling": ["unreachable commit message"],
            "tagged": ["tagged blob"],
            "branch": ["ref name"],
            "pull": ["file"],
            "tree": ["unreachable file name"],
        }
        refs = {name: {place.ref for place in occurrences(result, token)} for name, token in made.items()}
        assert refs == {
            "note": {"refs/notes/commits"},
            "stash": {"refs/stash@{0}"},
            "untracked": {"refs/stash@{0}"},
            "older": {"refs/stash@{1}"},
            "reflog": {"refs/heads/main@{3}"},
            "dangling": {None},
            "tagged": {"refs/tags/blob"},
            "branch": {f"refs/heads/deploy-{made['branch']}"},
            "pull": {"refs/pull/7/head"},
            "tree": {None},
        }
        assert occurrences(result, made["branch"])[0].path == f"refs/heads/deploy-{made['branch']}"
        assert all(
            occurrences(result, made[name])[0].commit
            for name in ("note", "stash", "untracked", "older", "reflog", "pull")
        )


def test_places_that_only_tags_and_indexes_lead_to(repo: Repo, rules: RuleBook, tmp_path: Path) -> None:
    """Tags of tags of blobs and trees, names in tagged trees, dangling tags, what is staged here and in a worktree."""
    names = ("blob", "tree", "name", "tag", "tagger", "staged", "worktree", "unstaged", "header")
    made = {name: github_token(name) for name in names}
    repo.add("a", "a\n")
    commit = repo.commit()
    repo.git("branch", "line\u2028separator")
    ids = {name: repo.git("hash-object", "-w", "--stdin", data=f"'{token}'\n".encode()) for name, token in made.items()}
    tree = repo.git("mktree", data=f"100644 blob {ids['tree']}\t{made['name']}\n".encode())
    for name, oid in (("blob", ids["blob"]), ("tree", tree)):
        repo.git("tag", "-a", "inner", "-m", "of an object", oid)
        repo.git("tag", "-a", name, "-m", "of a tag", "inner")
        repo.git("tag", "-d", "inner")
    tag = f"object {commit}\ntype commit\ntag x\ntagger {made['tagger']} <a@corp.io> 1 +0000\n\n{made['tag']}\n"
    repo.git("mktag", data=tag.encode())
    raw = repo.git("cat-file", "commit", commit).replace("\n\n", f"\ngpgsig x\n {made['header']}\n\n", 1)
    signed = repo.git("hash-object", "-t", "commit", "-w", "--stdin", data=raw.encode())
    repo.git("update-ref", "refs/heads/signed", signed)
    repo.git("worktree", "add", "-q", "--detach", str(tmp_path / "worktree"))
    for folder, name in ((str(repo.path), "staged"), (str(tmp_path / "worktree"), "worktree")):
        repo.git("-C", folder, "update-index", "--add", "--cacheinfo", f"100644,{ids[name]},dir/{name}")
    for oid in (ids["name"], ids["tag"], ids["tagger"], ids["header"]):
        os.remove(repo.path / ".git" / "objects" / oid[:2] / oid[2:])
    result = audit(repo, rules)
    assert wheres(result, made) == {
        "blob": ["tagged blob"],
        "tree": ["tagged blob"],
        "name": ["file name"],
        "tag": ["unreachable tag message"],
        "tagger": ["unreachable tag header"],
        "staged": ["index"],
        "worktree": ["index"],
        "unstaged": ["unreachable blob"],
        "header": ["commit header"],
    }
    refs = {name: place.ref for name, token in made.items() for place in occurrences(result, token) if place.ref}
    assert refs == {
        "blob": "refs/tags/blob",
        "tree": "refs/tags/tree",
        "name": "refs/tags/tree",
        "header": "refs/heads/signed",
    }
    assert [occurrences(result, made[name])[0].path for name in ("staged", "worktree")] == [
        "dir/staged",
        "dir/worktree",
    ]
    repository = open_repository(str(repo.path), repo.environment)
    result = scan(HistorySource(repository, "repo", Limits(reachable_only=True)), rules)
    assert {finding.secret for finding in result.findings} == {made[name] for name in refs}


def test_places_within_files_and_names(repo: Repo, rules: RuleBook) -> None:
    """Deleted files, odd paths, long lines, notebooks, renames, attributes, NUL bytes, UTF-16, committers, remotes."""
    in_files = ("deleted", "odd", "newline", "long", "notebook", "renamed", "nodiff", "nul", "utf16", "utf32", "crlf")
    made = {name: github_token(name) for name in (*in_files, "committer", "tagger", "remote", "folder", "last")}
    repo.add("deleted", f"'{made['deleted']}'\n")
    repo.commit()
    repo.git("rm", "-q", "deleted")
    repo.commit()
    repo.add('ünï \U0001f511 \\ "q"', f"'{made['odd']}'\n")
    repo.add("new\nline", f"'{made['newline']}'\n")
    repo.add("long.min.js", "x" * 300_000 + f";a='{made['long']}';" + "y" * 300_000)
    repo.add("book.ipynb", '{"cells": [{"outputs": [{"text": ["token = \'' + made["notebook"] + "'\\n\"]}]}]}")
    repo.add("before", "line\n" * 40 + f"'{made['renamed']}'\n")
    repo.add(".gitattributes", "nodiff -diff\n*.bin binary\n")
    repo.add("nodiff", f"'{made['nodiff']}'\n")
    repo.add("x.bin", b"\0\1\2" + f"'{made['nul']}'".encode() + b"\0")
    repo.add("wide.txt", f"'{made['utf16']}'\r\n".encode("utf-16"))
    repo.add("wider.txt", f"'{made['utf32']}'\n".encode("utf-32"))
    repo.add(f"{made['folder']}/x", "x\n")
    repo.add("crlf", f"a\r\n{made['crlf']}\r\n")
    repo.add("last", f"no newline {made['last']}")
    repo.commit()
    repo.git("mv", "before", "after")
    repo.add("after", "line\n" * 39 + f"edited\n'{made['renamed']}'\n")
    repo.environment["GIT_COMMITTER_NAME"] = made["committer"]
    repo.commit()
    repo.environment["GIT_COMMITTER_NAME"] = made["tagger"]
    repo.git("tag", "-a", "v1", "-m", "release")
    repo.environment["GIT_COMMITTER_NAME"] = "Carl Committer"
    repo.git("checkout", "-q", "--detach")
    repo.add("remote", f"'{made['remote']}'\n")
    repo.git("update-ref", "refs/remotes/fork/topic", repo.commit())
    repo.git("checkout", "-q", "main")
    for repacked in (False, True):
        if repacked:
            repo.git("repack", "-adkq")
        result = audit(repo, rules)
        assert result.coverage.complete
        places = {name: occurrences(result, token) for name, token in made.items()}
        special = {"committer": ["commit header"], "tagger": ["tag header"], "folder": ["file name"]}
        assert wheres(result, made) == {name: special.get(name, ["file"]) for name in made}
        assert {place.path for place in places["renamed"]} == {"before", "after"}
        assert places["odd"][0].path == 'ünï \U0001f511 \\ "q"'
        assert places["newline"][0].path == "new\nline"
        assert places["remote"][0].ref == "refs/remotes/fork/topic"
        assert places["remote"][0].branches == ("refs/remotes/fork/topic",)
        assert places["odd"][0].branches == ("refs/heads/main", "refs/remotes/fork/topic")
        assert places["deleted"][0].branches == ()


def test_an_excuse_covers_its_place_only(repo: Repo, rules: RuleBook) -> None:
    token = github_token()
    repo.add("a", f"'{token}'  # leaksieve:allow[github-personal-access-token] revoked in 2023\n")
    repo.commit()
    (finding,) = audit(repo, rules).findings
    assert finding.suppressed_by == "leaksieve:allow: revoked in 2023"
    repo.add("b", f"# leaksieve:allow[jwt] another rule\n'{token}'\n")
    repo.commit()
    (finding,) = audit(repo, rules).findings
    assert finding.suppressed_by is None
    assert [place.suppressed_by for place in finding.occurrences] == ["leaksieve:allow: revoked in 2023", None]


def test_every_finding_agrees_with_a_slow_check(repo: Repo, rules: RuleBook) -> None:
    """Read every blob with git, run every regex over all of it, and compare places."""
    examples = [expand(f"{{{{github ghp_}}}}{number}")[:40] for number in range(3)]
    key = expand("{{pem RSA PRIVATE KEY}}")
    contents = [
        f"a\nb\n\tx = '{examples[0]}'\n",
        f"{examples[1]} {examples[1]}\r\n\r\n{key}\r\n{examples[2]}",
        f"url = postgres://app:{examples[0][4:20]}@db.corp.io/x\n" * 3,
        "ä" * 10 + f" '{examples[0]}'\n",
    ]
    for number, content in enumerate(contents):
        repo.add(f"f{number}", content)
        repo.commit()
    found = {
        (o.blob, finding.rule.id, o.line, o.column, o.end_line, o.end_column)
        for finding in audit(repo, rules).findings
        for o in finding.occurrences
    }
    by_id = {rule.id: rule for rule in rules}
    expected = set()
    for number in range(len(contents)):
        blob = repo.git("rev-parse", f"HEAD:f{number}")
        text = contents[number]
        for rule in {by_id[rule_id] for _, rule_id, *_ in found}:
            for match in re.finditer(rule.regex, text, re.ASCII):
                groups = [index for index in range(1, match.re.groups + 1) if match[index]]
                start, end = match.span(rule.secret_group or (groups or [0])[0])
                line, column = text[:start].count("\n") + 1, start - text.rfind("\n", 0, start)
                end_line, end_column = text[:end].count("\n") + 1, end - text.rfind("\n", 0, end)
                expected.add((blob, rule.id, line, column, end_line, end_column))
    assert found <= expected
    assert {place for place in expected if place[1] == "github-personal-access-token"} <= found
    assert {place[1] for place in found} >= {
        "github-personal-access-token",
        "private-key-pem",
        "database-connection-uri",
    }


def test_any_number_of_workers_gives_the_same_bytes(
    repo: Repo, rules: RuleBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leaksieve.sources.history._SHARD_OBJECTS", 5)
    for number in range(20):
        repo.add(f"f{number % 4}", f"{number}\n'{github_token(str(number % 7))}'\n")
        repo.commit()
    reports = []
    for jobs in (1, 3):
        result = audit(repo, rules, jobs)
        reports.append("".join(as_json(result, Redactor(result.findings, show_secrets=False))))
    assert reports[0] == reports[1]
    assert len(audit(repo, rules).findings) == 7


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_workers_need_not_be_forked(repo: Repo, rules: RuleBook, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    for number in range(6):
        repo.add(f"f{number}", f"'{github_token(str(number))}'\n")
        repo.commit()
    repo.git("repack", "-adq")
    wanted = audit(repo, rules)
    started = multiprocessing.get_context(method)
    monkeypatch.setattr("leaksieve.pool.ProcessPoolExecutor", partial(ProcessPoolExecutor, mp_context=started))
    assert audit(repo, rules, 2).findings == wanted.findings


def test_missing_and_corrupt_objects_make_the_scan_incomplete(repo: Repo, rules: RuleBook) -> None:
    repo.add("a", "a\n")
    repo.add("b", f"'{github_token()}'\n")
    repo.commit()
    oid = repo.git("rev-parse", "HEAD:a")
    path = Path(repo.path / ".git" / "objects" / oid[:2] / oid[2:])
    path.chmod(0o644)
    path.write_bytes(b"rubbish")
    result = audit(repo, rules)
    assert not result.coverage.complete
    assert any(oid in problem for problem in result.coverage.problems)
    assert len(result.findings) == 1


@pytest.mark.parametrize("packed", [False, True])
def test_an_object_that_is_not_there_makes_the_scan_incomplete(repo: Repo, rules: RuleBook, *, packed: bool) -> None:
    repo.add("a", "a\n")
    repo.commit()
    oid = repo.git("rev-parse", "HEAD:a")
    repo.add("b", "b\n")
    repo.commit()
    if packed:
        kept = repo.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split()
        names = "\n".join(name for name in kept if name != oid).encode()
        repo.git("pack-objects", "-q", ".git/objects/pack/pack", data=names)
        repo.git("prune-packed")
    os.remove(repo.path / ".git" / "objects" / oid[:2] / oid[2:])
    problems = audit(repo, rules).coverage.problems
    assert [problem for problem in problems if oid in problem and "missing" in problem]


def test_missing_commits_and_trees_are_named(repo: Repo, rules: RuleBook) -> None:
    token = github_token()
    repo.add("dir/a", f"'{token}'\n")
    gone = [repo.commit()]
    repo.add("dir/b", "b\n")
    repo.commit()
    gone.append(repo.git("rev-parse", "HEAD:dir"))
    repo.add("dir/b", "c\n")
    repo.commit()
    for oid in gone:
        os.remove(repo.path / ".git" / "objects" / oid[:2] / oid[2:])
    result = audit(repo, rules)
    assert all(f"object {oid} is missing" in result.coverage.problems for oid in gone)
    assert occurrences(result, token)


def test_bare_shallow_sha256_and_empty_repositories(tmp_path: Path, rules: RuleBook) -> None:
    token = github_token()
    repo = Repo(tmp_path / "origin", "--object-format=sha256")
    assert audit(repo, rules).coverage.complete
    repo.add("a", f"'{token}'\n")
    repo.commit()
    repo.add("b", "b\n")
    repo.commit()
    repo.git("clone", "-q", "--bare", str(repo.path), str(tmp_path / "bare"))
    repo.git(
        "-c", "protocol.file.allow=always", "clone", "-q", "--depth=1", f"file://{repo.path}", str(tmp_path / "shallow")
    )
    (tmp_path / "bare").rename(tmp_path / "b are\n")
    for name in ("origin", "b are\n", "shallow"):
        clone = Repo.__new__(Repo)
        clone.path, clone.environment = tmp_path / name, repo.environment
        result = audit(clone, rules)
        assert [place.path for place in occurrences(result, token)] == ["a"]
        assert bool(result.coverage.notes) is (name == "shallow")


def test_an_unreadable_object_database_is_no_clean_scan(repo: Repo, rules: RuleBook) -> None:
    for number in range(50):
        repo.add("a", "line\n" * number)
        repo.commit()
    repo.git("gc", "-q")
    (pack,) = (repo.path / ".git" / "objects" / "pack").glob("*.pack")
    pack.chmod(0o644)
    os.truncate(pack, pack.stat().st_size // 2)
    assert not audit(repo, rules).coverage.complete
