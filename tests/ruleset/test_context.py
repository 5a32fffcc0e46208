"""Lines of the table become rules that find exactly what they say."""

from pathlib import Path

import pytest

from leaksieve.core.detector import Detector
from leaksieve.core.rule import LOW, MEDIUM
from leaksieve.core.rulebook import RuleBook
from leaksieve.errors import InputError
from leaksieve.ruleset.context import context_tables
from leaksieve.ruleset.examples import expand
from leaksieve.ruleset.load import load_folder

COLUMNS = "id,family,provider,description,kind,words,names,whole,value,checks,severity,confidence,revoke,references"
HEADER = f"{COLUMNS}\n"


def detector(tmp_path: Path, *lines: str) -> Detector:
    (tmp_path / "context.csv").write_text(HEADER + "".join(f"{line}\n" for line in lines))
    return Detector(RuleBook.of(source.rule for source in load_folder(tmp_path)))


def confidences(made: Detector, text: str) -> list[int]:
    return [match.confidence for match in made.matches(expand(text))]


ACME = "acme-key,Tools,Acme,Acme API key,api-key,acmeworks,key token secret auth,,alnum{32},,high,,,"
BOX = "box-id,Tools,Box,Box client id,client-id-pair,box_,id,,base62{32},,low,,,"
RAILS = "rails-key,Tools,Rails,Rails master key,encryption-key,,,rails_master_key _master_hash,hex{32},,high,,,"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('ACMEWORKS_API_KEY="{{alnum 32}}"', [MEDIUM]),
        ("acmeworks.secret: {{alnum 32}}", [MEDIUM]),
        ('"acmeworks": {"token": "{{alnum 32}}"}', [MEDIUM]),
        ('headers["ACMEWORKS_API_KEY"] = "{{alnum 32}}"', [MEDIUM]),
        ('map.put("acmeworks_api_key", "{{alnum 32}}")', [MEDIUM]),
        ("curl https://api.acmeworks.com/v1?api_key={{alnum 32}}&x=1", [MEDIUM]),
        ('acmeworks_key = "{{alnum 32}}"', [MEDIUM]),
        ('client.setAcmeworksKey("{{alnum 32}}");', [MEDIUM]),
        ("ENV ACMEWORKS_KEY {{alnum 32}}", [MEDIUM]),
        ("${ACMEWORKS_KEY:-{{alnum 32}}}", [MEDIUM]),
        ("acmeworks: { url: https://x.io, key: {{alnum 32}} }", [LOW]),
        ('ACMEWORKS_KEY_HASH="{{alnum 32}}"', []),
        ('ACMEWORKS_CACHE_KEY="{{alnum 32}}"', []),
        ('acmeworksPublicKey: "{{alnum 32}}"', []),
        ('ACMEWORKS_API_KEY="{{alnum 31}}"', []),
        ('ACMEWORKS_API_KEY="{{alnum 33}}"', []),
        ('ACMEWORKS_API_KEY="{{alnumupper 32}}"', []),
        ('ACMEWORKS_KEY_ID="{{alnum 32}}"', []),
        ('ACMEWORKS_API_KEY="xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"', []),
        ('ACMEWORKS_COMMIT="{{alnum 32}}"', []),
        ('API_KEY="{{alnum 32}}"', []),
        ("acmeworks and then a long way to go until at last the key: {{alnum 32}}", []),
        ('ACMEWORKS_API_KEY=\n"{{alnum 32}}"', []),
    ],
)
def test_name_assignment_alphabet_and_length_must_all_fit(tmp_path: Path, text: str, expected: list[int]) -> None:
    assert confidences(detector(tmp_path, ACME), text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('BOX_CLIENT_ID="{{base62 32}}"', [LOW]),
        ("box.client-id: {{base62 32}}", [LOW]),
        ('boxClientId: "{{base62 32}}"', [LOW]),
        ('api.setBoxClientId("{{base62 32}}")', [LOW]),
        ('BOX_CLIENT_ID_HASH="{{base62 32}}"', []),
        ('INBOX_CLIENT_ID="{{base62 32}}"', []),
        ('box of chocolates, id: "{{base62 32}}"', []),
    ],
)
def test_a_common_word_must_be_part_of_the_name(tmp_path: Path, text: str, expected: list[int]) -> None:
    assert confidences(detector(tmp_path, BOX), text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RAILS_MASTER_KEY={{hex 32}}", [MEDIUM]),
        ("app.railsMasterKey: {{hex 32}}", [MEDIUM]),
        ('MASTER_HASH="{{hex 32}}"', [MEDIUM]),
        ('WEBMASTER_HASH="{{hex 32}}"', []),
        ('RAILS_MASTER_KEY_ID="{{hex 32}}"', []),
        ('RAILS_KEY="{{hex 32}}"', []),
    ],
)
def test_a_whole_name_needs_no_word_and_says_nothing_of_its_value(
    tmp_path: Path, text: str, expected: list[int]
) -> None:
    assert confidences(detector(tmp_path, RAILS), text) == expected


@pytest.mark.parametrize(
    ("value", "good", "bad"),
    [
        ('hex{8} "-" base62+"_"{20,24}', "{{hex 8}}-{{word 22}}", "{{hex 8}}-{{word 18}}"),
        ("base64url{43}", "{{base64url 43}}", "{{base64url 44}}"),
        ('base64{43} "="', "{{base64 43}}=", "{{base64 43}}=="),
        ("uuid | hex{32}", "{{hex 32}}", "{{hex 36}}"),
        ("uuid | hex{32}", "{{uuid}}", "{{uuid}}-1"),
        ('alnum+"^\\-"{32}', "{{alnum 30}}^-", "{{alnum 30}}^x^"),
    ],
)
def test_values(tmp_path: Path, value: str, good: str, bad: str) -> None:
    quoted = value.replace('"', '""')
    made = detector(tmp_path, f'acme-key,Tools,Acme,Acme API key,api-key,acme_works,key,,"{quoted}",,high,,,')
    assert confidences(made, f'ACME_WORKS_API_KEY="{good}"')
    assert confidences(made, f'acmeworks-api-key: "{good}"')
    assert not confidences(made, f'ACME_WORKS_API_KEY="{bad}"')


@pytest.mark.parametrize("value", ["hex", "hexx{3}", "hex{3} ?", '"open'])
def test_a_value_that_is_not_in_the_notation_is_refused_by_name(tmp_path: Path, value: str) -> None:
    path = tmp_path / "context.csv"
    quoted = value.replace('"', '""')
    path.write_text(f'{HEADER}acme-key,Tools,Acme,Acme API key,api-key,acme,key,,"{quoted}",,high,,,\n')
    with pytest.raises(InputError, match=r"context\.csv: rule 'acme-key': value .* is not understood"):
        list(context_tables(path))


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.csv: cannot read"):
        list(context_tables(tmp_path / "absent.csv"))
