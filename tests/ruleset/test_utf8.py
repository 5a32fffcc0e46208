"""A translated pattern finds in the bytes what the pattern itself finds in the characters."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaksieve.core.decode import display
from leaksieve.core.detector import Detector
from leaksieve.core.rulebook import RuleBook
from leaksieve.errors import RuleError
from leaksieve.ruleset.load import rules_of
from leaksieve.ruleset.utf8 import bytes_of, bytes_pattern

LITERALS = ["é", "\\é", "фЖ", "🔑", "\\u00e9", "\\U0001f511", "\\N{BULLET}", "k", "\\[", "\\\\"]
OTHERS = ["[a-k]", "[]k]", "(?#é)", "\\b", "(?i:éK)", "(?:é|k)", "(?<!ф)", "(?=ф)", "|", "ф(?#ф)?", "(?x: ф ? )"]
PIECES = OTHERS + [literal + repeat for literal in LITERALS for repeat in ("", "?", "{2}")]
PATTERNS = st.lists(st.sampled_from(PIECES), max_size=5).map("".join)


@given(PATTERNS, st.text("éÉфЖ•🔑kK[\\ ", max_size=12))
def test_the_bytes_say_what_the_characters_say(pattern: str, text: str) -> None:
    wanted = [match[0] for match in re.finditer(pattern, text, re.ASCII) if match[0]]
    found = re.finditer(bytes_pattern(pattern), bytes_of(text), re.ASCII)
    assert [display(match[0]) for match in found if match[0]] == wanted


@given(st.from_regex(r"[ -~]*", fullmatch=True))
def test_patterns_in_ascii_stay_as_they_are(pattern: str) -> None:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError, FutureWarning):
        return
    assert bytes_pattern(pattern) == pattern or re.search(r"\\[uUN]", pattern)


RULE = {
    "id": "corp-key",
    "description": "Corp key",
    "kind": "api-key",
    "regex": "(?i:clé)_[0-9]{4}",
    "keywords": ["CLé_"],
    "severity": "high",
    "confidence": "high",
}


@pytest.mark.parametrize(
    ("regex", "keyword", "text"),
    [
        ("clé_[0-9]{4}", "clé_", "clé_1357"),
        ("(?i)CLé_[0-9]{4}", "CLé_", "Clé_1357"),
        ("ключ=[0-9]{4}", "ключ", "ключ=1357"),
        ("\\u043a\\u043b=[0-9]{4}", "кл=", "кл=1357"),
        ("É_key_[0-9]{4}", "É_KEY", "É_key_1357"),
    ],
)
def test_a_rule_beyond_ascii_finds_what_it_says(regex: str, keyword: str, text: str) -> None:
    (source,) = rules_of({"rules": [{**RULE, "regex": regex, "keywords": [keyword]}]}, "mine.toml")
    for trusted in (True, False):
        detector = Detector(RuleBook.of([source.rule._replace(trusted=trusted)]))
        assert [display(bytes_of(text)[match.start : match.end]) for match in detector.matches(bytes_of(text))] == [
            text
        ]


def test_allowlists_see_bytes_and_paths_are_characters() -> None:
    allow = {"regexes": ["é0"], "stopwords": ["é1"], "paths": ["^é/"]}
    fields = {**RULE, "regex": "clé_é[0-9]{4}", "path": "é$", "allowlists": [allow]}
    (source,) = rules_of({"rules": [fields]}, "mine.toml")
    assert (source.rule.path, source.rule.allow[0].paths) == ("é$", ("^é/",))
    detector = Detector(RuleBook.of([source.rule]))
    for secret, wanted in (("clé_é0357", 0), ("clé_é1357", 0), ("clé_é2357", 1)):
        assert len(detector.matches(bytes_of(secret))) == wanted


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"regex": "clé_[0-9è]{4}"}, "regex: a character class matches one byte, and 'è' has more"),
        ({"regex": "clé_[\\u00e8-\\u00ea]"}, "regex: a character class matches one byte"),
        ({"regex": "clé_[^\\\u00e9]"}, "regex: a character class matches one byte"),
        ({"regex": "(?<!é|k)clé_"}, "regex in UTF-8 is not a regular expression: look-behind"),
        ({"allowlists": [{"regexes": ["[é]"]}]}, "an allowlist pattern: a character class matches one byte"),
        ({"regex": "xé_"}, "a match like 'xé_' contains none of the keywords"),
        ({"keywords": ["clé_", "фф"]}, "keyword 'фф' is not needed"),
    ],
)
def test_what_has_no_meaning_in_bytes_is_refused(change: dict[str, object], reason: str) -> None:
    with pytest.raises(RuleError) as caught:
        rules_of({"rules": [{**RULE, **change}]}, "mine.toml")
    assert str(caught.value).startswith(f"mine.toml: rule 'corp-key': {reason}")
