"""A token that is known by its own structure is found wherever it may stand, whatever the name beside it."""

import re

import pytest

from leaksieve.core.rule import MEDIUM
from leaksieve.ruleset.examples import expand
from leaksieve.ruleset.load import RuleSource
from patterns.test_examples import DETECTOR, SOURCES

# VALUE is the token. The name says nothing, so that only the token's own rule can find it.
CONTEXTS = {
    "configuration": r"""
DATUM=VALUE
export DATUM='VALUE'
datum: VALUE
datum: "VALUE"
- VALUE
{ datum: VALUE, other: 1 }
"datum": "VALUE",
{"a":1,"datum":"VALUE","b":[]}
datum = "VALUE"
app.datum=VALUE
<datum>VALUE</datum>
<add key="datum" value="VALUE"/>
ENV DATUM VALUE
- DATUM=VALUE
DATUM ?= VALUE
set DATUM=VALUE
datum: &datum VALUE
proxy_set_header X-Datum "VALUE";
datum=VALUE;
""",
    "code": r"""
DATUM: Final[str] = 'VALUE'
client = Client(3, 'VALUE')
os.environ['DATUM'] = 'VALUE'
const datum = `VALUE`;
f"{base}?datum=VALUE"
datum := "VALUE"
private static final String DATUM = "VALUE";
map.put("datum", "VALUE");
:datum => 'VALUE',
define('DATUM', 'VALUE');
const DATUM: &str = "VALUE";
NSString *datum = @"VALUE";
my $datum = q(VALUE);
x = 1 // VALUE
INSERT INTO settings values (1, 'datum', 'VALUE');
+DATUM=VALUE
""",
    "commands": r"""
curl -H 'X-Datum:VALUE' https://api.corp.io
curl -H "Authorization: Bearer VALUE" https://api.corp.io
curl -u VALUE: https://api.corp.io
tool --datum VALUE --verbose
tool --datum=VALUE \
A=1 DATUM=VALUE B=2 ./run.sh
echo VALUE | login --stdin
2024-05-01T10:00:00Z INFO datum=VALUE status=200
""",
    "URLs and markup": r"""
https://api.corp.io/v1/x?datum=VALUE&page=2
https://x-access:VALUE@git.corp.io/a.git
https://app.corp.io/#datum=VALUE
`VALUE`
|DATUM|VALUE|
<td>VALUE</td>
{&quot;datum&quot;:&quot;VALUE&quot;}
Cookie: datum=VALUE; path=/
1,datum,VALUE,x
""",
    "escapes": r"""
"datum\tVALUE"
"datum:\nVALUE"
"DATUM=VALUE\nB=2"
"{\"datum\":\"VALUE\"}"
"datum = \"VALUE\"\n",
datum\u003dVALUE\u0026x
\x27VALUE\x27
redirect=https%3A%2F%2Fx%3Fdatum%3DVALUE%26b%3D2
""",
}
LINES = {kind: [*filter(None, lines.splitlines()), "\x1b[32mVALUE\x1b[0m"] for kind, lines in CONTEXTS.items()}
_PLAIN = re.compile(r"[0-9A-Za-z_-]+", re.ASCII)


def bare_tokens() -> list[tuple[RuleSource, str]]:
    """Make a token for every rule that knows its own without a quote or a word beside it; those of plain characters."""
    found = []
    for source in SOURCES:
        text = expand(source.examples[0])
        for match in DETECTOR.matches(text):
            token = text[match.secret_start : match.secret_end]
            if DETECTOR.rules[match.rule] == source.rule and _PLAIN.fullmatch(token) and is_found(f"({token})", token):
                found.append((source, token))
    return found


def is_found(line: str, token: str) -> bool:
    """Tell whether a finding of medium confidence or more is the token."""
    return any(line[m.secret_start : m.secret_end] == token for m in DETECTOR.matches(line) if m.confidence >= MEDIUM)


TOKENS = bare_tokens()


@pytest.mark.parametrize("kind", CONTEXTS)
def test_a_token_is_found_wherever_it_stands(kind: str) -> None:
    assert len(TOKENS) > 200
    for source, token in TOKENS:
        lines = [line.replace("VALUE", token) for line in LINES[kind]]
        assert [line for line in lines if not is_found(line, token)] == [], source.rule.id


# WORD is the provider's word, capitalized in Word. The token is known only beside it.
WORDED = r"""
WORD_api_key=VALUE
WORD.api-key=VALUE
export WORD_TOKEN="VALUE"
{"WORD": {"apiKey": "VALUE"}}
client = WORD.Client(api_key="VALUE")
client := WORD.NewClient("VALUE")
const WORD = new Word('VALUE');
WordClient client = new WordClient("VALUE");
$client = new \Word\Client('VALUE');
Word.api_key = 'VALUE'
provider "WORD" { token = "VALUE" }
Use your Word API key: `VALUE`
curl -H "X-Word-Key: VALUE" https://api.corp.io
"""


def worded_tokens() -> list[tuple[RuleSource, str, str]]:
    """Make a token, and give the word, for every rule that wants only a word in the forty characters before it."""
    bare = {source.rule.id for source, _ in TOKENS}
    found = []
    for source in SOURCES:
        shape = re.match(r"\(\?i:([a-z]+)[|)].{0,200}?\[\^\\r\\n\]\{0,40\}\?", source.rule.regex)
        if shape is not None and source.rule.id not in bare and source.rule.kind != "connection-string":
            text = expand(source.examples[0])
            matches = [m for m in DETECTOR.matches(text) if DETECTOR.rules[m.rule] == source.rule]
            found.append((source, shape[1], text[matches[0].secret_start : matches[0].secret_end]))
    return found


def test_a_token_beside_its_word_is_found_in_any_context() -> None:
    tokens = worded_tokens()
    assert len(tokens) > 60
    for source, word, token in tokens:
        lines = WORDED.replace("WORD", word).replace("Word", word.capitalize()).replace("VALUE", token).split("\n")
        assert [line for line in filter(None, lines) if not names_rule(line, source)] == [], source.rule.id


def names_rule(line: str, source: RuleSource) -> bool:
    """Tell whether the rule itself has a match, and one of no less confidence than it gives."""
    found = [m for m in DETECTOR.matches(line) if DETECTOR.rules[m.rule] == source.rule]
    return any(m.confidence >= min(source.rule.confidence, MEDIUM) for m in found)


def test_a_provider_s_key_as_the_argument_of_a_call_is_found() -> None:
    # Credentials of one provider are not told apart there, and what is merely an id is taken for one.
    named = [s for s in SOURCES if "(?P<call>" in s.rule.regex and s.rule.kind != "client-id-pair"]
    assert len(named) > 300
    for source in named:
        name, _, value = expand(source.examples[0]).partition("=")
        word = name.rsplit("_API_", 1)[0].lower().replace("_", "")
        line = f"x = {word}.NewClient({value})"
        assert any("(?P<call>" in DETECTOR.rules[m.rule].regex for m in DETECTOR.matches(line)), line
