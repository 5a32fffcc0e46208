"""Every format: valid, complete, and without a secret in the clear."""

import json
import os
import stat
from pathlib import Path

import pytest
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as SarifLog

from leaksieve.cli.options import FORMATS
from leaksieve.report.redact import redact
from leaksieve.ruleset.examples import expand
from makers import Repo, github_token, leaksieve


@pytest.fixture
def leaky(repo: Repo) -> tuple[Repo, list[str]]:
    """A repository with credentials in every place that a report shows, and the credentials."""
    secrets = {name: github_token(name) for name in ("file", "path", "message", "author", "branch")}
    secrets["password"] = expand("{{password 14}}")
    secrets["key"] = expand("{{pem RSA PRIVATE KEY}}")
    repo.environment["GIT_AUTHOR_NAME"] = secrets["author"]
    repo.add(f"dir {secrets['path']}/a.py", f"t = '{secrets['file']}'\ndb_password = '{secrets['password']}'\n")
    repo.add("key.pem", secrets["key"] + "\n")
    repo.add("excused", f"'{github_token('excused')}'  # leaksieve:allow[*] a fixture\n")
    repo.commit(f"message {secrets['message']}")
    repo.git("branch", f"feature/{secrets['branch']}")
    body = secrets["key"].splitlines()[3]
    return repo, [*secrets.values(), body]


@pytest.mark.parametrize("name", FORMATS)
def test_no_secret_in_the_clear(leaky: tuple[Repo, list[str]], name: str, capfd: pytest.CaptureFixture[str]) -> None:
    repo, secrets = leaky
    assert leaksieve("history", "--format", name, home=repo.path.parent) == 1
    out, err = capfd.readouterr()
    for secret in secrets:
        assert secret not in out + err
        assert secret[6:] not in out + err
    assert leaksieve("history", "--format", name, "--show-secrets", home=repo.path.parent) == 1
    shown = capfd.readouterr().out
    # What is made for a change shows only what fails it, and a key may take more than a line. JSON escapes newlines.
    wanted = secrets[:5] if name in ("push", "markdown", "github", "gitlab") else secrets
    assert all(secret in shown or json.dumps(secret)[1:-1] in shown for secret in wanted)


def test_json_says_everything(leaky: tuple[Repo, list[str]], capfd: pytest.CaptureFixture[str]) -> None:
    repo, _ = leaky
    leaksieve("history", "--format", "json", home=repo.path.parent)
    report = json.loads(capfd.readouterr().out)
    assert set(report) == {"schema_version", "tool", "target", "coverage", "review", "findings"}
    assert report["coverage"]["complete"] is True
    assert report["coverage"]["objects"] == {"blob": 3, "commit": 1, "ref": 2, "tree": 2}
    assert set(report["findings"][0]) == {
        "rule", "description", "severity", "confidence", "secret", "fingerprint", "checks", "occurrences",
        "suppressed_by",
    }  # fmt: skip
    suppressed = [finding["suppressed_by"] for finding in report["findings"] if finding["suppressed_by"] is not None]
    assert suppressed == ["leaksieve:allow: a fixture"]
    order = [("low", "medium", "high").index(finding["confidence"]) for finding in report["findings"]]
    assert order == sorted(order, reverse=True)


def test_jsonl_has_a_line_for_each_finding_and_one_for_the_scan(
    leaky: tuple[Repo, list[str]], capfd: pytest.CaptureFixture[str]
) -> None:
    repo, _ = leaky
    leaksieve("history", "--format", "json", home=repo.path.parent)
    whole = json.loads(capfd.readouterr().out)
    leaksieve("history", "--format", "jsonl", home=repo.path.parent)
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [{k: v for k, v in line.items() if k != "type"} for line in lines[:-1]] == whole["findings"]
    assert lines[-1]["type"] == "scan"
    assert lines[-1]["coverage"] == whole["coverage"]


def test_sarif_is_valid(leaky: tuple[Repo, list[str]], capfd: pytest.CaptureFixture[str]) -> None:
    repo, _ = leaky
    leaksieve("history", "--format", "sarif", home=repo.path.parent)
    text = capfd.readouterr().out
    SarifLog.model_validate_json(text, strict=False)
    (run,) = json.loads(text)["runs"]
    assert len({result["partialFingerprints"]["leaksieve/v1"] for result in run["results"]}) == 8
    assert {result["level"] for result in run["results"]} <= {"error", "warning", "note"}
    assert sum("suppressions" in result for result in run["results"]) == 1
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert " " not in result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    broken = json.loads(text)
    broken["runs"][0]["results"][0]["level"] = "loud"
    with pytest.raises(ValueError, match="level"):
        SarifLog.model_validate(broken)


def test_an_output_file_is_whole_or_absent(leaky: tuple[Repo, list[str]], capfd: pytest.CaptureFixture[str]) -> None:
    repo, _ = leaky
    home = repo.path.parent
    assert leaksieve("history", "--format", "json", "--output", str(home / "r.json"), home=home) == 1
    assert json.loads((home / "r.json").read_text())["findings"]
    os.mkfifo(home / "pipe")
    reader = os.open(home / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    assert leaksieve("history", "--format", "jsonl", "--output", str(home / "pipe"), home=home) == 1
    assert os.read(reader, 10).startswith(b'{"type"')
    os.close(reader)
    assert stat.S_ISFIFO((home / "pipe").stat().st_mode), "it was written to, and not replaced"
    assert leaksieve("history", "--output", str(home / "no" / "r.txt"), home=home) == 2
    assert "cannot write the report" in capfd.readouterr().err
    if Path("/dev/full").exists():
        assert leaksieve("scan", ".", "--format", "json", home=home) == 1
    assert not list(home.glob("*.part"))


@pytest.mark.parametrize(
    ("secret", "kind", "shown"),
    [
        ("ghp_" + "a1B2" * 9, "access-token", "ghp_**** (40 characters)"),
        ("correct horse battery staple", "password", "****"),
        ("short", "api-key", "****"),
        *(
            (
                f"-----BEGIN EC PRIVATE KEY-----{between}MHc",
                "private-key",
                f"-----BEGIN EC PRIVATE KEY----- **** ({n} characters)",
            )
            for between, n in (("\\n", 35), ("\n", 34), (" ", 34), ("", 33))
        ),
        ("correct horse battery staple", "connection-string", "****"),
        ("correct horse battery staple", "private-key", "****"),
    ],
)
def test_redaction(secret: str, kind: str, shown: str) -> None:
    assert redact(secret, kind) == shown
