"""What happens to matches once they are found: composites, path conditions, added lines."""

import json
from pathlib import Path

import pytest

from leaksieve.core.coverage import Coverage
from leaksieve.core.detector import Detector
from leaksieve.core.finding import Blob
from leaksieve.core.rule import HIGH, LOW, MEDIUM, Neighbour
from leaksieve.core.rulebook import RuleBook
from leaksieve.ruleset.examples import expand
from leaksieve.ruleset.load import beside, load_file
from leaksieve.scan import scan
from leaksieve.sieve import Sieve, scan_blob
from leaksieve.sources.files import FilesSource
from makers import github_token

RULES = """
[[rules]]
id = "corp-id"
description = "Corp id"
kind = "client-id-pair"
regex = "id_[0-9a-f]{16}"
keywords = ["id_"]
severity = "low"
confidence = "medium"

[[rules]]
id = "corp-secret"
description = "Corp secret"
kind = "api-key"
regex = "sec_[0-9a-f]{16}"
keywords = ["sec_"]
severity = "high"
confidence = "high"
requires = { rule = "corp-id", within_lines = 2 }

[[rules]]
id = "corp-yaml"
description = "Corp key in YAML"
kind = "api-key"
regex = "key_[0-9a-f]{16}"
keywords = ["key_"]
severity = "high"
confidence = "high"
path = "\\\\.ya?ml$"
[[rules.allowlists]]
paths = ["^test/"]
"""
ID = expand("id_{{hex 16}}")
SECRET = expand("sec_{{hex 16}}")


@pytest.fixture
def book(tmp_path: Path) -> RuleBook:
    path = tmp_path / "rules.toml"
    path.write_text(RULES)
    return RuleBook.of(source.rule for source in load_file(path))


def found(book: RuleBook, text: str, added: tuple[tuple[int, int], ...] | None = None) -> list[tuple[str, int]]:
    blob = Blob("key", "file", text.encode(), "path", added)
    return [(match.rule, match.line) for match in scan_blob(Sieve.of(Detector(book)), blob, Coverage())]


def test_a_composite_needs_its_other_half_within_reach(book: RuleBook) -> None:
    assert found(book, f"{SECRET}\n") == []
    assert found(book, f"{ID}\n\n{SECRET}\n") == [("corp-id", 1), ("corp-secret", 3)]
    assert found(book, f"{ID}\n\n\n{SECRET}\n") == [("corp-id", 1)]


def test_the_other_half_may_stand_on_an_old_line(book: RuleBook) -> None:
    assert found(book, f"{ID}\n{SECRET}\n", ((2, 2),)) == [("corp-secret", 2)]
    assert found(book, f"{ID}\n{SECRET}", ((2, 2),)) == [("corp-secret", 2)]
    assert found(book, f"{ID}\n{SECRET}\nold\n", ((3, 3),)) == []


def test_a_required_rule_that_is_left_out_is_at_work_and_not_reported(book: RuleBook) -> None:
    text = f"{ID}\n{SECRET}\n"
    alone = book.only(lambda rule: rule.id == "corp-secret")
    assert found(alone, text) == [("corp-secret", 2)]
    assert found(alone, text, ((2, 2),)) == [("corp-secret", 2)]
    assert found(alone, f"{ID}\n\n\n{SECRET}\n") == []
    assert found(book.only(lambda rule: rule.id == "corp-id"), text) == [("corp-id", 1)]
    chained = [rule._replace(requires=(Neighbour("corp-secret", 2),)) if rule.path else rule for rule in book]
    assert len(RuleBook.of(chained).only(lambda rule: rule.id == "corp-yaml")) == 3


def test_what_is_not_reported_puts_out_nothing_and_is_not_put_out(book: RuleBook) -> None:
    secret, other = book.named("corp-secret"), book.named("corp-id")
    wide = other._replace(id="any-id", specificity=other.specificity - 1)
    for unreported in (other, wide):
        kept = [rule._replace(reported=rule != unreported) for rule in (secret, other, wide)]
        required = kept[0]._replace(requires=(Neighbour(unreported.id, 2),))
        rest = next(rule.id for rule in kept[1:] if rule.reported)
        assert found(RuleBook.of([required, *kept[1:]]), f"{ID}\n{SECRET}\n") == [(rest, 1), ("corp-secret", 2)]


def test_paths_are_conditions(book: RuleBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.yaml", "a.txt", "test/a.yaml"):
        path = tmp_path / "d" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(expand("key_{{hex 16}}"))
    monkeypatch.chdir(tmp_path / "d")
    result = scan(FilesSource(["."], {}), book)
    assert [place.path for finding in result.findings for place in finding.occurrences] == ["a.yaml"]


def test_a_finding_by_name_is_lowered_in_a_manual_unless_it_stands_elsewhere_too(
    rules: RuleBook, tmp_path: Path
) -> None:
    key = expand("{{hex 40}}")

    def confidences(name: str, used: RuleBook = rules) -> dict[str, int]:
        path = tmp_path / "docs" / "app" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'SECRET_KEY = "{key}"\n{github_token()}\n')
        result = scan(FilesSource([str(tmp_path / "docs" / "app")], {}), used)
        return {finding.rule.id: finding.confidence for finding in result.findings}

    assert confidences("doc/usage.rst") == {"generic-secret": LOW, "github-personal-access-token": HIGH}
    assert confidences("settings.py")["generic-secret"] == MEDIUM, "the folders above the target say nothing"
    own = RuleBook.of([rules.named("generic-secret")._replace(trusted=False)])
    (tmp_path / "docs" / "app" / "settings.py").unlink()
    assert confidences("doc/usage.rst", own)["generic-secret"] == MEDIUM, "a rule of the user's"


@pytest.mark.parametrize("indent", [None, 1])
def test_a_finding_by_name_is_lowered_in_what_a_notebook_printed(
    rules: RuleBook, tmp_path: Path, indent: int | None
) -> None:
    printed, written, token = expand("{{hex 40}}"), expand("{{base62 32}}"), github_token()
    quoted = json.dumps({"source": "it looks like the name of a part"})
    output = {"output_type": "stream", "name": "stdout", "text": [quoted, f'secret = "{printed}"\n', token]}
    cells = [
        {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [output], "source": ["show()"]},
        {"cell_type": "code", "source": [f'secret = "{written}"\n'], "metadata": {}, "outputs": []},
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "book.ipynb").write_text(json.dumps(notebook, indent=indent))
    findings = {finding.secret: finding for finding in scan(FilesSource([str(tmp_path)], {}), rules).findings}
    assert {secret: finding.confidence for secret, finding in findings.items()} == {
        printed: LOW,
        written: MEDIUM,
        token: HIGH,
    }
    assert findings[printed].checks[-1] == "stands in the output of a notebook"


def test_own_rules_replace_shipped_ones(book: RuleBook, tmp_path: Path) -> None:
    changed = RULES.replace("[0-9a-f]{16}", "[0-9a-f]{8}")
    path = tmp_path / "mine.toml"
    path.write_text(changed)
    merged = RuleBook.of(beside(book, load_file(path), str(path)))
    assert len(merged) == len(book)
    assert merged.named("corp-id").longest == 11
