"""The delta engine reports, byte for byte, what the full one reports."""

import os
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leaksieve.core.finding import Result
from leaksieve.core.rulebook import RuleBook
from leaksieve.git.pack import BLOB, Pack
from leaksieve.git.repository import open_repository
from leaksieve.report.json_report import as_json
from leaksieve.report.redact import Redactor
from leaksieve.ruleset.examples import expand
from leaksieve.ruleset.load import load_file
from leaksieve.scan import scan
from leaksieve.sources.history import LARGEST, HistorySource
from makers import Repo, github_token

KEY = expand("{{pem RSA PRIVATE KEY}}").encode().split(b"\n")
PIECES = [
    *[f"token = '{github_token(str(number))}'".encode() for number in range(4)],
    *[f"password: '{expand('{{password 12}}' + str(number))[:12]}'".encode() for number in range(3)],
    *KEY[:3],
    *KEY[-2:],
    b"plain line",
    b"another",
    b"",
    b"\0binary\xff",
    b"x" * 5000,
    b"kind: Secret",
    b"# leaksieve:allow[github-personal-access-token] a fixture",
]


def audit(repo: Repo, rules: RuleBook, *, deltas: bool, largest: int = LARGEST) -> Result:
    repository = open_repository(str(repo.path), repo.environment)
    return scan(HistorySource(repository, "repo", deltas=deltas, largest=largest), rules)


def as_text(result: Result) -> str:
    return "".join(as_json(result, Redactor(result.findings, show_secrets=True)))


def assert_same(repo: Repo, rules: RuleBook, largest: int = LARGEST) -> Result:
    slow, fast = (audit(repo, rules, deltas=deltas, largest=largest) for deltas in (False, True))
    assert as_text(fast) == as_text(slow)
    return fast


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**9), depth=st.sampled_from([1, 4, 50]), packs=st.integers(0, 3))
def test_random_histories(
    tmp_path_factory: pytest.TempPathFactory, rules: RuleBook, seed: int, depth: int, packs: int
) -> None:
    source = random.Random(seed)  # noqa: S311 - a history that hypothesis can make again
    repo = Repo(tmp_path_factory.mktemp("repo"))
    files: dict[str, list[bytes]] = {}
    for step in range(source.randint(3, 18)):
        name = f"f{source.randint(0, 3)}"
        lines = files.get(name) or list(files.get(f"f{source.randint(0, 3)}", []))
        for _ in range(source.randint(1, 5)):
            at = source.randint(0, len(lines))
            action = source.random()
            if action < 0.6:
                lines[at:at] = [source.choice(PIECES)] * source.choice([1, 1, 1, 3])
            elif action < 0.8:
                del lines[at : at + source.randint(1, 4)]
            else:
                source.shuffle(lines)
        files[name] = lines
        if lines and source.random() < 0.1:
            repo.git("rm", "-q", "--cached", "--ignore-unmatch", name)
        else:
            encoding = source.random() < 0.1
            data = b"\n".join(lines)
            repo.add(name, data.decode("latin-1").encode("utf-16") if encoding else data)
        repo.commit(f"step {step}")
        if packs and step % 5 == packs:
            repo.git("repack", "-q" if packs < 3 else "-adfq", f"--depth={depth}", "--window=10")
    if source.random() < 0.7:
        repo.git("repack", "-adfq", f"--depth={depth}", "--window=10")
    assert_same(repo, rules)


def test_objects_in_two_packs_and_loose_as_well_count_once(repo: Repo, rules: RuleBook) -> None:
    for number in range(6):
        repo.add("a", "line\n" * 30 + f"'{github_token(str(number % 2))}'\n{number}\n")
        repo.commit()
    loose = repo.path / ".git" / "objects"
    repo.git("repack", "-aq")  # keeps the loose ones
    pack = next((loose / "pack").glob("*.pack"))
    pack.with_suffix(".keep").touch()
    repo.add("b", "b\n")
    repo.commit()
    objects = repo.git("rev-list", "--objects", "--all", "--no-object-names").encode()
    repo.git("pack-objects", "-q", str(loose / "pack" / "pack"), data=objects)
    assert len(list((loose / "pack").glob("*.pack"))) == 2
    result = assert_same(repo, rules)
    assert len(result.findings) == 2
    assert result.coverage.objects["commit"] == 7


def test_alternates(repo: Repo, rules: RuleBook, tmp_path: Path) -> None:
    repo.add("a", f"'{github_token()}'\n")
    repo.commit()
    repo.git("gc", "-q")
    repo.git("clone", "-q", "--shared", str(repo.path), str(tmp_path / "borrower"))
    borrower = Repo(tmp_path / "borrower")
    borrower.add("b", f"'{github_token('b')}'\n")
    borrower.commit()
    assert len(assert_same(borrower, rules).findings) == 2


def test_an_alternate_that_is_gone_is_told(repo: Repo, rules: RuleBook) -> None:
    repo.commit()
    (repo.path / ".git" / "objects" / "info" / "alternates").write_text("/nowhere/objects\n")
    (problem,) = assert_same(repo, rules).coverage.problems
    assert "/nowhere/objects" in problem


@pytest.mark.parametrize("packed", [False, True])
def test_objects_that_are_too_large_are_named_and_the_others_scanned(
    repo: Repo, rules: RuleBook, *, packed: bool
) -> None:
    repo.add("a", "line\n" * 3000 + f"'{github_token('large')}'\n")
    repo.add("b", f"'{github_token('small')}'\n")
    repo.commit()
    repo.add("a", "line\n" * 2990 + f"'{github_token('large')}'\nmore\n")
    repo.commit()
    if packed:
        repo.git("repack", "-adfq")
    result = assert_same(repo, rules, largest=10_000)
    assert [finding.secret for finding in result.findings] == [github_token("small")]
    oids = sorted(repo.git("rev-parse", "HEAD:a", "HEAD~1:a").split())
    sizes = {oid: int(repo.git("cat-file", "-s", oid)) for oid in oids}
    assert result.coverage.problems == [f"object {oid} is too large to scan: {sizes[oid]:,} bytes" for oid in oids]


def test_a_multi_pack_index_and_bitmaps_change_nothing(repo: Repo, rules: RuleBook) -> None:
    for number in range(4):
        repo.add("a", f"'{github_token(str(number))}'\n")
        repo.commit()
        repo.git("repack", "-q")
    repo.git("multi-pack-index", "write", "--bitmap")
    assert len(assert_same(repo, rules).findings) == 4


@pytest.mark.parametrize("fraction", [0.2, 0.5, 0.9])
def test_a_flipped_bit_in_a_pack_is_never_clean(repo: Repo, rules: RuleBook, fraction: float) -> None:
    source = random.Random(1)  # noqa: S311 - any text
    for number in range(12):
        repo.add("a", "".join(f"{source.random()}\n" for _ in range(200)) + f"{number}\n")
        repo.commit()
    repo.git("repack", "-adfq")
    (pack,) = (repo.path / ".git" / "objects" / "pack").glob("*.pack")
    pack.chmod(0o644)
    data = bytearray(pack.read_bytes())
    data[int(len(data) * fraction)] ^= 0x10
    pack.write_bytes(data)
    assert not audit(repo, rules, deltas=True).coverage.complete
    assert not audit(repo, rules, deltas=False).coverage.complete


def test_a_flipped_bit_in_the_header_of_an_entry_is_never_clean(repo: Repo, rules: RuleBook) -> None:
    """Versions of one size: a delta upon the wrong one of them applies without an error."""
    source = random.Random(1)  # noqa: S311 - any text
    lines = [f"{source.random():.12f}" for _ in range(50)]
    for _ in range(8):
        lines[source.randrange(50)] = f"{source.random():.12f}"
        repo.add("a", "\n".join(lines))
        repo.commit()
    repo.git("repack", "-adfq", "--depth=250", "--window=50")
    (idx,) = (repo.path / ".git" / "objects" / "pack").glob("*.idx")
    pack = Pack(str(idx), 20)
    path = Path(pack.path)
    path.chmod(0o644)
    whole = path.read_bytes()
    for entry in pack.entries(BLOB):
        data = bytearray(whole)
        data[pack.offsets[entry] + source.randrange(4)] ^= 1 << source.randrange(8)
        path.write_bytes(data)
        assert not any(audit(repo, rules, deltas=deltas).coverage.complete for deltas in (False, True))


def test_a_pack_without_an_index_is_told_by_both_engines(repo: Repo, rules: RuleBook) -> None:
    for _ in range(2):
        repo.git("commit-tree", repo.git("write-tree"), "-m", github_token())
        repo.git("repack", "-q")
        repo.commit()
        repo.git("repack", "-q")
    names = list((repo.path / ".git" / "objects" / "pack").glob("*.idx"))
    os.remove(names[0])
    problems = assert_same(repo, rules).coverage.problems
    assert [problem for problem in problems if f"{names[0].with_suffix('.pack')} has no index" in problem]


def test_unreachable_commits_without_their_parents(repo: Repo, rules: RuleBook) -> None:
    """Git's log of them ends early, and must do so at one place for both engines."""
    for number in range(12):
        repo.add(f"f{number % 3}", f"{number}\n'{github_token(str(number))}'\n")
        repo.commit()
    gone = repo.git("rev-parse", "HEAD~6")
    repo.git("update-ref", "--no-deref", "HEAD", "HEAD~8")
    repo.git("reflog", "expire", "--expire=now", "--all")
    os.remove(repo.path / ".git" / "objects" / gone[:2] / gone[2:])
    assert len(assert_same(repo, rules).findings) == 12


@pytest.mark.parametrize("filtered", ["blob:none", "tree:0"])
def test_a_partial_clone_says_what_it_lacks(repo: Repo, rules: RuleBook, tmp_path: Path, filtered: str) -> None:
    for number in range(5):
        repo.add(f"f{number % 2}", f"{number}\n'{github_token(str(number))}'\n")
        repo.commit()
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("clone", "-q", f"--filter={filtered}", f"file://{repo.path}", str(tmp_path / "partial"))
    clone = Repo(tmp_path / "partial")
    result = assert_same(clone, rules)
    assert len(result.findings) == 2
    assert "the clone is partial" in result.coverage.notes[0]
    (problem,) = result.coverage.problems
    assert "3 objects" in problem if filtered == "blob:none" else "could not fetch" in problem


def test_a_pattern_that_is_too_slow_is_told_by_both_engines(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leaksieve.core.regexes.TIMEOUT_SECONDS", 0.05)
    path = tmp_path / "slow.toml"
    path.write_text(
        "[[rules]]\nid = 'slow'\ndescription = 'Slow'\nkind = 'api-key'\nregex = 'k(?:a{1,30}){1,30}b'\n"
        "keywords = ['ka']\nseverity = 'low'\nconfidence = 'low'\n"
    )
    book = RuleBook.of(source.rule for source in load_file(path))
    repo.add("a", "k" + "a" * 60 + "\n")
    repo.commit()
    repo.git("repack", "-adq")
    for deltas in (False, True):
        (problem,) = audit(repo, book, deltas=deltas).coverage.problems
        assert problem.startswith("rule 'slow' took too long")


def test_an_old_index_version_falls_back(repo: Repo, rules: RuleBook) -> None:
    repo.add("a", f"'{github_token()}'\n")
    repo.commit()
    repo.git("-c", "pack.indexVersion=1", "repack", "-adq")
    assert len(assert_same(repo, rules).findings) == 1
