"""The baseline file: what is written is read again, also after git has merged it."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaksieve.baseline.entries import Baseline, Entry, Key, new_key, read_baseline, write_baseline
from makers import Repo

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)
DATES = st.dates().map(str)
ENTRIES = st.builds(
    Entry,
    fingerprint=st.integers(0, (1 << 128) - 1).map("{:032x}".format),
    rule=TEXT,
    path=TEXT,
    reason=TEXT,
    who=st.text(st.characters(exclude_categories=["Cs"])),
    date=DATES,
    expires=DATES | st.just(""),
)
KEYS = st.binary(min_size=16, max_size=16).map(Key)
QUICK = Key(b"salt", 2, 1, 1)


def entry(number: int, **fields: str) -> Entry:
    """Make an entry whose fingerprint is spread as scrypt's are."""
    fingerprint = f"{number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % (1 << 128):032x}"
    return Entry(fingerprint, "a-rule", f"file{number}.py", "a reason", "Ann", "2026-01-31")._replace(**fields)


@given(st.sets(KEYS, max_size=3), st.sets(ENTRIES, max_size=9))
def test_what_is_written_is_read(keys: set[Key], entries: set[Entry]) -> None:
    data = write_baseline(keys, entries)
    assert read_baseline(data) == Baseline(tuple(sorted(keys)), tuple(sorted(entries)))
    assert read_baseline(data.replace(b"\n", b"\r\n")) == read_baseline(data)
    assert write_baseline(sorted(keys, reverse=True), sorted(entries, reverse=True)) == data


@given(st.sets(KEYS, max_size=3), st.lists(ENTRIES, max_size=9), st.randoms())
def test_order_and_doubles_do_not_matter(keys: set[Key], entries: list[Entry], random: Random) -> None:
    lines = write_baseline(keys, entries).splitlines(keepends=True) * 2
    random.shuffle(lines)
    assert {*read_baseline(b"".join(lines)).entries} == {*entries}
    assert {*read_baseline(b"".join(lines)).keys} == keys


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("<<<<<<< HEAD", "1 fields between tabs, an entry has 6 or 7"),
        ("nonsense\tr\tp\treason\twho\t2026-01-31", "the first field is no fingerprint"),
        (f"{'0' * 32}\tr\tp\t \twho\t2026-01-31", "rule, path, reason or date is missing"),
        (f"{'0' * 32}\tr\tp\treason\twho\t31.1.2026", "rule, path, reason or date is missing"),
        (f"{'0' * 32}\tr\tp\treason\twho\t2026-01-31\tnever", "the last field is no date"),
        ("key\targon2\t1", "a key of a kind that this version does not know"),
        ("key\tscrypt\t1073741824\t8\t1\t00", "the key asks for more work than is allowed"),
        ("key\tscrypt\t1000\t8\t1\t00", "the key asks for more work than is allowed"),
    ],
)
def test_a_line_that_is_no_entry_is_told(line: str, why: str) -> None:
    data = write_baseline([QUICK], [entry(1)]) + line.encode() + b"\n"
    assert read_baseline(data) == Baseline((QUICK,), (entry(1),), ((5, why),))


def test_a_fingerprint_is_of_the_key_the_rule_and_the_secret() -> None:
    first, second = new_key(), new_key()
    made = {key.fingerprint(rule, secret) for key in (first, second) for rule in "ab" for secret in "xy"}
    assert len(made) == 8
    assert first.fingerprint("a", "x") in made
    assert all(len(fingerprint) == 32 for fingerprint in made)


def test_branches_that_accept_different_findings_merge(repo: Repo) -> None:
    """Without a merge driver: sorted by fingerprint, what two branches add stands apart."""
    shared = [entry(number) for number in range(1000)]
    sides = {
        "ours": [entry(number) for number in range(1000, 1010)],
        "theirs": [entry(number) for number in range(2000, 2010)],
    }
    repo.add(".leaksieve-baseline", write_baseline([QUICK], shared))
    repo.commit()
    for side, added in sides.items():
        repo.git("checkout", "-qb", side, "main")
        repo.add(".leaksieve-baseline", write_baseline([QUICK], shared + added))
        repo.commit()
    repo.git("merge", "-q", "ours")
    merged = (repo.path / ".leaksieve-baseline").read_bytes()
    assert merged == write_baseline([QUICK], shared + sides["ours"] + sides["theirs"])


def test_a_union_merge_of_files_made_apart_is_understood(repo: Repo) -> None:
    repo.add(".gitattributes", ".leaksieve-baseline merge=union\n")
    repo.commit()
    keys = {"ours": new_key(), "theirs": new_key()}
    for number, side in enumerate(keys):
        repo.git("checkout", "-qb", side, "main")
        repo.add(".leaksieve-baseline", write_baseline([keys[side]], [entry(1), entry(number + 2)]))
        repo.commit()
    repo.git("merge", "-q", "ours")
    found = read_baseline((repo.path / ".leaksieve-baseline").read_bytes())
    assert {*found.keys} == {*keys.values()}
    assert {*found.entries} == {entry(1), entry(2), entry(3)}
    assert found.problems == ()
