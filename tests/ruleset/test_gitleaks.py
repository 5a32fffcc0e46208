"""Configurations of gitleaks give the verdicts that their format demands: a table, a case a line."""

from pathlib import Path

import pytest

from leaksieve.core.coverage import Coverage
from leaksieve.core.detector import Detector
from leaksieve.core.finding import Blob, Occurrence
from leaksieve.core.places import held
from leaksieve.core.rulebook import RuleBook
from leaksieve.errors import InputError
from leaksieve.ruleset.gitleaks import load_gitleaks
from leaksieve.scan import scan
from leaksieve.sieve import Sieve, scan_blob
from leaksieve.sources.files import FilesSource
from makers import github_token

COMMIT = "0123456789abcdef0123456789abcdef01234567"
OTHER = "f" * 40
# A rule that most cases begin with; `aux` is what others require.
RULE = """
[[rules]]
id = "corp"
regex = '''corp_([0-9a-z]{8})'''
keywords = ["corp_"]
"""
AUX = """
[[rules]]
id = "aux"
regex = '''aux_[0-9]{4}'''
skipReport = true
"""


def verdicts(config: str, text: str, path: str = "src/a.txt", commit: str | None = None) -> list[str]:
    """Give `rule:line:secret` for each match that counts."""
    book = load_gitleaks(config.encode(), ".gitleaks.toml", lambda _: None, RuleBook.of([]))
    blob = Blob("key", "file", text.encode("utf-8", "surrogateescape"), path)
    matches = scan_blob(Sieve.of(Detector(book)), blob, Coverage())
    place = Occurrence(path, 1, 1, 1, 1, "file", commit=commit)
    kept, _ = held(book, [(match, place._replace(line=match.line, column=match.column)) for match in matches])
    return [f"{match.rule}:{match.line}:{match.secret}" for match, _ in kept]


FOUND = ["corp:1:abcd1234"]
TEXT = "x corp_abcd1234 y"


@pytest.mark.parametrize(
    ("config", "text", "wanted"),
    [
        # The secret: the first group that is not empty, a group by number, or the whole match.
        (RULE, TEXT, FOUND),
        ("[[rules]]\nid='r'\nregex='(a)?(b)c'", "bc", ["r:1:b"]),
        ("[[rules]]\nid='r'\nregex='(a)(b)c'\nsecretGroup=2", "abc", ["r:1:b"]),
        ("[[rules]]\nid='r'\nregex='abc'", "abc", ["r:1:abc"]),
        # Keys count in any case.
        ("[[Rules]]\nID='r'\nRegex='(a)(b)c'\nSECRETGROUP=2", "abc", ["r:1:b"]),
        # Keywords count anywhere in the text and in any case; a rule without any always runs.
        ("[[rules]]\nid='r'\nregex='abc'\nkeywords=['WORD']", "abc\n\nword", ["r:1:abc"]),
        ("[[rules]]\nid='r'\nregex='abc'\nkeywords=['word']", "abc", []),
        # Newlines around a match are cut off, and groups are those of the match alone.
        ("[[rules]]\nid='r'\nregex='\\sabc\\s'", "x\nabc\ny", ["r:2:abc"]),
        ("[[rules]]\nid='r'\nregex='(a|ab)(c|$)?b?'", "ab", ["r:1:a"]),
        ("[[rules]]\nid='r'\nregex='x(?:y|\\b(z))'", "xy", ["r:1:xy"]),
        # RE2 in mid-pattern, and over lines.
        ("[[rules]]\nid='r'\nregex='a(?i)B\\x60[[:digit:]]\\z'", "ab`1", ["r:1:ab`1"]),
        ("[[rules]]\nid='r'\nregex='(?s)begin.*end'", "begin\nx\nend", ["r:1:begin\nx\nend"]),
        ("[[rules]]\nid='r'\nregex='key$'", "key\n", []),
        # Characters beyond ASCII, and bytes that are none.
        ("[[rules]]\nid='r'\nregex='\u00e9.(b+)'", "\u00e9\u00e8bb", ["r:1:bb"]),
        ("[[rules]]\nid='r'\nregex='a.(b+)'", "a\udcffbb", ["r:1:bb"]),
        # Entropy must be greater than what is asked for.
        ("[[rules]]\nid='r'\nregex='[ab]{4}'\nentropy=1", "abab", []),
        ("[[rules]]\nid='r'\nregex='[ab]{4}'\nentropy=0.9", "abab", ["r:1:abab"]),
        # A rule that is only required by others is not reported.
        (RULE + "skipReport = true", TEXT, []),
        # Generic rules give way on the same line to one that found as much.
        (RULE + "[[rules]]\nid='generic-x'\nregex='abcd1234'", TEXT, FOUND),
        (RULE + "[[rules]]\nid='generic-x'\nregex='abcd1234'", TEXT + "\nabcd1234", [*FOUND, "generic-x:2:abcd1234"]),
        (RULE + "[[rules]]\nid='generic-x'\nregex='abcd1234 y'", TEXT, [*FOUND, "generic-x:1:abcd1234 y"]),
    ],
)  # fmt: skip
def test_rules(config: str, text: str, wanted: list[str]) -> None:
    assert verdicts(config, text) == wanted


@pytest.mark.parametrize(
    ("required", "text", "found"),
    [
        ("", "corp_abcd1234", False),
        ("", "corp_abcd1234" + "\n" * 90 + "aux_1234", True),
        ("withinLines = 2", "corp_abcd1234\n\naux_1234", True),
        ("withinLines = 2", "aux_1234\n\n\ncorp_abcd1234", False),
        ("withinColumns = 3", "corp_abcd1234\n\n\n   aux_1234", True),
        ("withinColumns = 3", "corp_abcd1234\n    aux_1234", False),
        ("withinLines = 1\nwithinColumns = 3", "corp_abcd1234\n\naux_1234", False),
        ("withinLines = 0", "corp_abcd1234 aux_1234", True),
    ],
)
def test_required_rules(required: str, text: str, found: bool) -> None:  # noqa: FBT001 - a table
    config = f"{RULE}[[rules.required]]\nid = 'aux'\n{required}\n{AUX}"
    assert bool(verdicts(config, text)) == found


def test_every_required_rule_must_match() -> None:
    config = f"{RULE}[[rules.required]]\nid = 'aux'\n[[rules.required]]\nid = 'aux2'\n{AUX}{AUX.replace('aux', 'aux2')}"
    assert verdicts(config, "corp_abcd1234 aux_1234") == []
    assert verdicts(config, "corp_abcd1234 aux_1234 aux2_1234") == FOUND


def test_a_shipped_rule_may_be_required_and_changed(rules: RuleBook) -> None:
    config = f"""
    {RULE}
    [[rules.required]]
    id = "github-personal-access-token"
    [[rules]]
    id = "github-personal-access-token"
    skipReport = true
    [extend]
    useDefault = true
    """
    book = load_gitleaks(config.encode(), "g", lambda _: None, rules)
    sieve = Sieve.of(Detector(book))
    for text, wanted in ((TEXT, []), (f"{github_token()}\n{TEXT}", ["corp"])):
        blob = Blob("key", "file", text.encode(), added=((text.count("\n") + 1,) * 2,))
        assert [match.rule for match in scan_blob(sieve, blob, Coverage())] == wanted, "on an old line, too"


ALLOWLISTS = [
    ("regexes = ['^abcd']", True),
    ("regexes = ['^corp_']", False),
    ("regexTarget = 'match'\nregexes = ['^corp_']", True),
    ("regexTarget = 'match'\nregexes = ['^x']", False),
    ("regexTarget = 'line'\nregexes = ['^x .* y$']", True),
    ("regexes = ['nothing', '1234$']", True),
    ("stopwords = ['CD12']", True),
    ("stopwords = ['corp']", False),
    ("paths = ['rc/.*txt$']", True),
    ("paths = ['^a']", False),
    (f"commits = ['{COMMIT.upper()}']", True),
    (f"commits = ['{OTHER}']", False),
    ("paths = ['nowhere']\nstopwords = ['abcd']", True),
    ("condition = 'AND'\npaths = ['nowhere']\nstopwords = ['abcd']", False),
    ("condition = '&&'\npaths = ['src']\nstopwords = ['abcd']", True),
    ("condition = 'and'\npaths = ['src']\nstopwords = ['nothing']", False),
    (f"condition = 'AND'\ncommits = ['{COMMIT}']\npaths = ['src']", True),
    (f"condition = 'AND'\ncommits = ['{OTHER}']\npaths = ['src']", False),
    ("condition = 'AND'\nregexTarget = 'line'\nregexes = ['y$']\nstopwords = ['abcd']", True),
    ("condition = '||'\nregexes = ['nothing']\nstopwords = ['abcd']", True),
]


@pytest.mark.parametrize(("allowlist", "dropped"), ALLOWLISTS)
@pytest.mark.parametrize("table", ["[[allowlists]]", "[allowlist]", "[[rules.allowlists]]", "[rules.allowlist]"])
def test_allowlists(table: str, allowlist: str, dropped: bool) -> None:  # noqa: FBT001 - a table
    config = f"{RULE}{table}\n{allowlist}"
    assert verdicts(config, TEXT, commit=COMMIT) == ([] if dropped else FOUND)


def test_an_allowlist_for_some_rules() -> None:
    config = RULE + "[[rules]]\nid='two'\nregex='abcd'\n[[allowlists]]\ntargetRules=['two']\nstopwords=['abcd']"
    assert verdicts(config, TEXT) == FOUND


@pytest.mark.parametrize(
    ("fields", "path", "found"),
    [
        ("path = 'rc/a'", "src/a.txt", True),
        ("path = '^a'", "src/a.txt", False),
        ("path = '(?i)A\\.TXT$'", "src/a.txt", True),
    ],
)
def test_a_rule_for_paths_and_text(fields: str, path: str, found: bool) -> None:  # noqa: FBT001 - a table
    assert bool(verdicts(RULE + fields, TEXT, path)) == found


def test_a_rule_for_paths_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "id_corp").write_text("")
    book = load_gitleaks(b"[[rules]]\nid='p'\npath='id_[a-z]+$'", "x", lambda _: None, RuleBook.of([]))
    (finding,) = scan(FilesSource(["."], {}), book).findings
    assert (finding.rule.id, finding.occurrences[0].path) == ("p", "id_corp")


BASE = RULE + "[[rules]]\nid='gone'\nregex='gone'\n[[allowlists]]\nstopwords=['0000']\n"
EXTENSIONS = [
    ("", ["corp:1:abcd1234", "gone:1:gone"]),
    ("disabledRules = ['gone']", FOUND),
    ("disabledRules = ['gone', 'unknown']", FOUND),
    # Of a rule with the same id only what it says anew counts, and lists are appended.
    ("disabledRules = ['gone']\n[[rules]]\nid='corp'\n[[rules.allowlists]]\nstopwords=['abcd']", []),
    ("disabledRules = ['gone']\n[[rules]]\nid='corp'\nregex='corp_abcd'", ["corp:1:corp_abcd"]),
    ("disabledRules = ['gone']\n[[rules]]\nid='corp'\nentropy=7", []),
    ("disabledRules = ['gone']\n[[rules]]\nid='new'\nregex='abcd'", ["corp:1:abcd1234", "new:1:abcd"]),
    ("disabledRules = ['gone']\n[[allowlists]]\nstopwords=['abcd']", []),
]


@pytest.mark.parametrize(("extension", "wanted"), EXTENSIONS)
def test_extension_by_path(extension: str, wanted: list[str]) -> None:
    config = f"[extend]\npath = 'base.toml'\n{extension}"
    book = load_gitleaks(config.encode(), "x", {"base.toml": BASE.encode()}.get, RuleBook.of([]))
    matches = scan_blob(Sieve.of(Detector(book)), Blob("key", "file", f"{TEXT} gone".encode()), Coverage())
    assert [f"{match.rule}:{match.line}:{match.secret}" for match in matches] == wanted


def test_extension_of_the_default_is_one_of_the_shipped_rules(rules: RuleBook) -> None:
    config = """
    [extend]
    useDefault = true
    disabledRules = ["jwt", "unknown-rule"]
    [[rules]]
    id = "generic-password"
    [[rules.allowlists]]
    stopwords = ["abc"]
    [[rules]]
    id = "of-gitleaks-own"
    [[rules.allowlists]]
    stopwords = ["abc"]
    """
    book = load_gitleaks(config.encode(), "g", lambda _: None, rules)
    assert len(book) == len(rules) - 1
    assert [allow.rules for allow in book.allowlists] == [("generic-password",)]
    assert len(book.notes) == 2
    assert "unknown-rule" in book.notes[0]
    assert "of-gitleaks-own" in book.notes[1]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("[[rules]]\nregex='a'", "rule number 1: id is missing"),
        ("[[rules]]\nid='r'", "rule 'r' needs a regex or a path"),
        ("[[rules]]\nid='r'\nregex='a(?=b)'", "rule 'r': regex is no regular expression of RE2: RE2 has no"),
        ("[[rules]]\nid='r'\npath='['", "path is no regular expression"),
        ("[[rules]]\nid='r'\nregex='(a)'\nsecretGroup=2", "secretGroup is 2"),
        ("[[rules]]\nid='r'\nregex='a'\nentropy='x'", "entropy must be a number"),
        ("[[rules]]\nid='r'\nregex='a'\nentropy=nan", "entropy must be a number"),
        ("[[rules]]\nid='r'\nregex='a'\nsecretGroup=inf", "secretGroup must be a whole number"),
        (
            "[[rules]]\nid='r'\nregex='a'\n[[rules.required]]\nid='r'\nwithinLines=nan",
            "withinLines must be a whole number",
        ),
        (f"[[rules]]\nid='r'\nregex='{'(?:a|' * 999}b{')' * 999}'", "nested too deeply"),
        (RULE + "[[rules.required]]\nid='none'", "requires 'none', which does not exist"),
        (RULE + "[[allowlists]]\ndescription='x'", "allowlist 1 is empty"),
        (RULE + "[[allowlists]]\nstopwords=['x']\n[allowlist]\nstopwords=['x']", "allowlist is deprecated"),
        (RULE + "[[allowlists]]\nstopwords=['x']\ncondition='xor'", "must be OR or AND"),
        (RULE + "[[allowlists]]\nregexes=['x']\nregexTarget='Line'", "must be secret, match or line"),
        ("[extend]\npath='x'\nuseDefault=true", "exclude one another"),
        ("[extend]\npath='x'", "names x, which is not there"),
        (RULE + "filter = 'true'", "filter is a key of betterleaks"),
        ("prefilter = 'true'", "prefilter is a key of betterleaks"),
        ("rules = 3", "rules must be tables"),
        ("[[rules", "not a TOML file"),
    ],
)
def test_what_is_refused(config: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        verdicts(config, "")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_means_nothing_is_told() -> None:
    config = "colour = 1\n[extend]\nurl = 'https://x'\n" + RULE + "weight = 3\n"
    book = load_gitleaks(config.encode(), "g", lambda _: None, RuleBook.of([]))
    assert [note.split(": ", 1)[1] for note in book.notes] == [
        "colour is no key of gitleaks, and means nothing",
        "rule 'corp': weight is no key of gitleaks, and means nothing",
        "extend.url means nothing, to gitleaks either",
    ]


def test_a_slow_pattern_is_named_and_the_scan_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leaksieve.core.fragments._TIMEOUT_SECONDS", 0.05)
    config = RULE + "[[rules]]\nid='slow'\nregex='(z|zz)+$'\n"
    book = load_gitleaks(config.encode(), "g", lambda _: None, RuleBook.of([]))
    detector = Detector(book)
    found = scan_blob(Sieve.of(detector), Blob("key", "file", f"{TEXT} {'z' * 60}c".encode()), Coverage())
    assert [match.rule for match in found] == ["corp"]
    assert detector.timed_out == {"slow"}
