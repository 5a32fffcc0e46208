"""The command line: exit codes, one-line errors, help, and output that a person can use."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import leaksieve as package
from leaksieve.cli.hook import parsed
from leaksieve.cli.main import COMMANDS
from leaksieve.ruleset.examples import expand
from makers import CORP_RULE, Repo, github_token, leaksieve, plain_environment


def test_version_and_help(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert leaksieve("--version", home=tmp_path) == 0
    assert capfd.readouterr().out == f"leaksieve {package.__version__}\n"
    assert leaksieve("--help", home=tmp_path) == 0
    for command in COMMANDS:
        with pytest.raises(SystemExit) as ended:
            leaksieve(command, "--help", home=tmp_path)
        assert ended.value.code == 0
        assert f"usage: leaksieve {command}" in capfd.readouterr().out
    assert leaksieve(home=tmp_path) == 2


BAD_INPUT = [
    (["history", "{home}"], "not a git repository"),
    (["history", "{home}/nowhere"], "no such directory"),
    (["hook"], "not a git repository"),
    (["scan", "nowhere.txt"], "nowhere.txt: no such file"),
    (["scan", "--config", "broken.toml"], "broken.toml: not a TOML file"),
    (["scan", "--config", "missing.toml"], "missing.toml: cannot read the rule file"),
    (["scan", "--config", "bad.toml"], "bad.toml: rule 'corp-token': unknown key 'regexp'"),
    (["scan", "--rule", "github-personal-acess-token"], "did you mean 'github-personal-access-token'?"),
    (["rules", "show", "nonsense-rule-id"], "nonsense-rule-id: no such rule"),
    (["rules", "check", "missing.toml"], "missing.toml: cannot read"),
    (["scan", "--format", "xml"], "invalid choice: 'xml'"),
    (["scan", "--jobs", "0"], "'0' is no number of at least 1"),
    (["scan", "--unknown"], "unrecognized arguments: --unknown"),
    (["hook", "--from-ref", "HEAD"], "--from-ref and --to-ref go together"),
    (["nonsense"], "'nonsense' is no command"),
    (["rules", "test", ""], "no text to test"),
]


@pytest.mark.parametrize(
    ("arguments", "message"), BAD_INPUT, ids=lambda value: value if isinstance(value, str) else None
)
def test_bad_input_is_one_clear_line_and_exit_code_2(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.toml").write_text("[[rules")
    (tmp_path / "bad.toml").write_text(CORP_RULE.replace("regex", "regexp"))
    try:
        code: object = leaksieve(*(part.format(home=tmp_path) for part in arguments), home=tmp_path)
    except SystemExit as ended:
        code = ended.code
    out, err = capfd.readouterr()
    assert code == 2
    assert message in err
    assert err.count("\n") == 1
    assert out == ""


def test_an_unreadable_file_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x")
    path.chmod(0)
    # The superuser may read every file: what the system would tell other users is told to all.
    monkeypatch.setattr(os, "access", lambda name, _: bool(os.stat(name).st_mode & 0o444))
    assert leaksieve("scan", str(path), home=tmp_path) == 2
    assert "a.txt: cannot be read: permission denied" in capfd.readouterr().err


def test_a_file_that_cannot_be_read_during_the_scan_makes_it_incomplete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "a.txt").write_text("x")
    (folder / "b.txt").write_text(f"'{github_token()}'")

    def refuse(name: str, mode: str) -> object:
        if name.endswith("a.txt"):
            raise PermissionError(13, "Permission denied", name)
        return open(name, mode)

    monkeypatch.setattr("leaksieve.sources.files.open", refuse, raising=False)
    assert leaksieve("scan", str(folder), "-j1", home=tmp_path) == 1, "findings win"
    assert "The scan is INCOMPLETE: 1 problem." in capfd.readouterr().out
    (folder / "b.txt").unlink()
    assert leaksieve("scan", str(folder), "-j1", home=tmp_path) == 2
    assert "a.txt: cannot be read: Permission denied" in capfd.readouterr().out


def test_exit_codes_follow_the_threshold(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.txt"
    path.write_text('password = "sunshine"\n')
    assert leaksieve("scan", str(path), home=tmp_path) == 0
    assert "LOW" in capfd.readouterr().out
    assert leaksieve("scan", str(path), "--fail-on", "low", home=tmp_path) == 1
    path.write_text(f"'{github_token()}'\n")
    assert leaksieve("scan", str(path), "--fail-on", "high", home=tmp_path) == 1
    path.write_text(f"'{github_token()}'  # leaksieve:allow[github-personal-access-token] revoked\n")
    assert leaksieve("scan", str(path), home=tmp_path) == 0


def test_a_crash_tells_nothing_of_the_text_and_is_no_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    token = github_token()
    (tmp_path / "a.txt").write_text(token)

    def crash(*_: object) -> None:
        raise ValueError(f"cannot judge {token}")

    monkeypatch.setattr("leaksieve.core.pattern.Pattern.judge", crash)
    assert leaksieve("scan", str(tmp_path / "a.txt"), home=tmp_path) == 2
    out, err = capfd.readouterr()
    assert "internal error (ValueError)" in err
    assert token not in out + err


def test_own_rules(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "mine.toml"
    config.write_text(CORP_RULE + 'examples = ["x corp_{{hex 16}}"]\nnegatives = ["corp_{{hex 15}}"]\n')
    text = tmp_path / "a.txt"
    text.write_text("x = corp_0a1b2c3d4e5f6789\n")
    assert leaksieve("scan", str(text), home=tmp_path) == 0
    assert leaksieve("scan", str(text), "--config", str(config), home=tmp_path) == 1
    assert leaksieve("scan", str(text), "--config", str(config), "--rule", "jwt", home=tmp_path) == 0
    assert leaksieve("rules", "check", str(config), home=tmp_path) == 0
    config.write_text(CORP_RULE + 'examples = ["corp_"]\nnegatives = ["corp_{{hex 16}}"]\n')
    capfd.readouterr()
    assert leaksieve("rules", "check", str(config), home=tmp_path) == 1
    out = capfd.readouterr().out
    assert "does not find its example 1" in out
    assert "finds its negative 1" in out
    config.write_text(CORP_RULE.replace("corp_", "cor"))
    assert leaksieve("rules", "check", str(config), home=tmp_path) == 1
    out = capfd.readouterr().out
    assert "has no examples" in out
    assert "may be slow: keyword 'cor' is short" in out
    assert "at most 19 characters, each match holds 'cor'; 0 examples, 0 negatives" in out
    other = tmp_path / "other.toml"
    other.write_text(CORP_RULE + 'examples = ["corp_{{hex 16}}"]\nnegatives = ["corp_"]\n')
    assert leaksieve("rules", "check", str(other), str(config), home=tmp_path) == 1
    assert f"{other}: 1 rule, 0 complaints" in capfd.readouterr().out
    config.write_text(CORP_RULE.replace("{16}", "+"))
    assert leaksieve("rules", "check", str(config), str(other), home=tmp_path) == 2
    out, err = capfd.readouterr()
    assert "no longest match" in err
    assert f"{other}: 1 rule, 0 complaints" in out


def test_examples_are_looked_at_as_a_scan_would(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    config, text = tmp_path / "mine.toml", tmp_path / "пароль.txt"
    texts = 'examples = ["x пароль_{{hex 16}}"]\nnegatives = ["паро_{{hex 16}}"]\n'
    config.write_text(CORP_RULE.replace("corp_", "пароль_") + texts)
    text.write_text(expand("x пароль_{{hex 16}}\n"))
    assert leaksieve("rules", "check", str(config), home=tmp_path) == 0
    assert "each match holds 'пароль_'; 1 example," in capfd.readouterr().out
    assert leaksieve("scan", str(text), "--config", str(config), home=tmp_path) == 1
    assert leaksieve("rules", "show", "corp-token", "--config", str(config), home=tmp_path) == 0
    assert "regex          пароль_[0-9a-f]{16}\n" in capfd.readouterr().out
    assert leaksieve("rules", "test", text.read_text(), "--config", str(config), home=tmp_path) == 1
    assert "keyword 'пароль_' at character 3" in capfd.readouterr().out
    # Those of a rule for paths are paths.
    path_rule = re.sub("(?m)^(regex|keywords) = .*\n", "", CORP_RULE) + "path = 'пароль'\n"
    config.write_text(path_rule + f"examples = ['{text}']\nnegatives = ['corp.txt']\n")
    assert leaksieve("rules", "check", str(config), home=tmp_path) == 0
    assert leaksieve("scan", str(text), "--config", str(config), home=tmp_path) == 1
    config.write_text(path_rule + f"examples = ['corp.txt']\nnegatives = ['{text}']\n")
    assert leaksieve("rules", "check", str(config), home=tmp_path) == 1


def test_rules_are_listed_shown_and_tried(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert leaksieve("rules", "list", "github", "personal", home=tmp_path) == 0
    assert "github-personal-access-token" in capfd.readouterr().out
    assert leaksieve("rules", "list", "--format", "json", home=tmp_path) == 0
    assert len(json.loads(capfd.readouterr().out)) >= 150
    assert leaksieve("rules", "show", "github-personal-access-token", home=tmp_path) == 0
    assert "longest match  40 characters" in capfd.readouterr().out
    assert leaksieve("rules", "list", "session", home=tmp_path) == 0
    assert "slack-session-token" in capfd.readouterr().out
    assert leaksieve("rules", "test", 'password = open("x")', home=tmp_path) == 0
    assert capfd.readouterr().out.startswith("a keyword, but no match: config-line-password, directive-secret")
    assert leaksieve("rules", "test", f"t = '{github_token()}'", home=tmp_path) == 1
    out = capfd.readouterr().out
    assert "  2. the regex matches characters 6 to 45\n" in out
    assert "  4. found with high confidence\n" in out
    assert leaksieve("rules", "test", "nothing", home=tmp_path) == 0
    assert "no keyword of any rule" in capfd.readouterr().out
    assert leaksieve("rules", "test", "nothing", "--rule", "jwt", home=tmp_path) == 0
    assert "jwt\n  1. none of its keywords is in the text: 'eyj', 'ewog'" in capfd.readouterr().out


def test_what_a_blocked_person_reads(repo: Repo, capfd: pytest.CaptureFixture[str]) -> None:
    repo.add("deploy.env", f"GITHUB_TOKEN={github_token()}\n")
    assert leaksieve("hook", home=repo.path.parent) == 1
    out = capfd.readouterr().out
    for wanted in (
        "HIGH   GitHub personal access token (classic)  [github-personal-access-token]",
        "ghp_**** (40 characters)  (crc32 checksum holds)",
        "deploy.env:1:14",
        "critical severity",
        "Revoke it at https://github.com/settings/tokens",
        "Blocked: 1 finding",
        "leaksieve:allow[github-personal-access-token] your reason",
    ):
        assert wanted in out
    assert "\x1b[" not in out


def test_a_comment_is_advised_only_where_one_can_stand(repo: Repo, capfd: pytest.CaptureFixture[str]) -> None:
    home = repo.path.parent
    repo.add(f"{github_token('name')}.txt", "")
    assert leaksieve("hook", home=home) == 1
    out = capfd.readouterr().out
    assert "If one is no credential, accept it:  leaksieve baseline add " in out
    assert "leaksieve:allow" not in out
    repo.add("z", github_token("text"))
    repo.commit()
    assert leaksieve("history", home=home) == 1
    assert "say so on its line:  leaksieve:allow[" in capfd.readouterr().out
    repo.git("rm", "-q", "-r", ".")
    repo.commit()
    assert leaksieve("history", home=home) == 1
    assert "leaksieve:allow" not in capfd.readouterr().out


def test_interruption_ends_at_once_without_stray_processes(tmp_path: Path) -> None:
    """Send Ctrl-C to a real process that is busy in real workers."""
    folder = tmp_path / "many"
    folder.mkdir()
    line = "password = token(secret, key='value')\n" * 2000
    for number in range(1500):
        (folder / f"f{number}.txt").write_text(line + str(number))
    command = [sys.executable, "-m", "leaksieve", "scan", str(folder), "-j2"]
    with subprocess.Popen(
        command, env=plain_environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        deadline = time.monotonic() + 30
        while len(_group(process.pid)) < 3 and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.05)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert re.fullmatch(rb"leaksieve: interrupted\n", err)
    assert out == b""
    while _group(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert _group(process.pid) == []


def _group(leader: int) -> list[str]:
    """List the processes of a process group."""
    listed = subprocess.run(["ps", "-o", "pid=,stat=", "-g", str(leader)], capture_output=True, text=True, check=False)
    return [line for line in listed.stdout.splitlines() if "Z" not in line]


def test_a_killed_worker_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for number in range(500):
        (tmp_path / f"f{number}").write_text("x")
    monkeypatch.setattr("leaksieve.pool._scan", _die)
    assert leaksieve("scan", str(tmp_path), "-j2", home=tmp_path) == 2
    assert "a worker process was killed" in capfd.readouterr().err


def _die(_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_an_output_that_nobody_reads_is_no_clean_scan(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"'{github_token()}'\n")
    command = f"{sys.executable} -m leaksieve scan {tmp_path}/a.txt | true; exit ${{PIPESTATUS[0]}}"
    finished = subprocess.run(
        ["bash", "-c", command], env=plain_environment(tmp_path), capture_output=True, check=False
    )
    assert finished.returncode in (1, 2)
    assert b"Traceback" not in finished.stderr


@pytest.fixture
def story(repo: Repo) -> dict[str, str]:
    """Make a history with one token in each commit; give the tokens."""
    tokens = {name: github_token(name) for name in ("old", "docs", "side", "new", "gone")}
    for name in ("old", "docs"):
        repo.add("docs/d" if name == "docs" else name, f"'{tokens[name]}'\n")
        repo.commit()
    repo.git("tag", "start")
    repo.git("checkout", "-qb", "side")
    repo.add("side", f"'{tokens['side']}'\n")
    repo.commit()
    repo.git("checkout", "-q", "main")
    repo.add("new", f"'{tokens['new']}'\n")
    repo.commit()
    repo.git("hash-object", "-w", "--stdin", data=f"'{tokens['gone']}'\n".encode())
    return tokens


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ("--all", "old docs side new gone"),
        ("--reachable-only", "old docs side new"),
        ("--branch=side", "old docs side"),
        ("--branch=side --branch=main", "old docs side new"),
        ("--rev-range=start..main", "new"),
        ("--path=docs/", "docs"),
        ("--path=docs/../old", "old"),
        ("--path=.", "old docs side new"),
        ("--rev-range=main~1", "old docs"),
        ("--rev-range=main^!", "new"),
        ("--branch=main", "old docs new"),
        ("--since=2023-11-14T22:15:50+00:00", "side new"),
        ("--until=2023-11-14T22:14:50+00:00", "old"),
        ("--branch=side --since=2023-11-14T22:15:50+00:00", "side"),
    ],
)
def test_part_of_a_history(
    story: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str], options: str, wanted: str
) -> None:
    for engine in ("delta", "full"):
        arguments = ("--engine", engine, "--format", "json", "--show-secrets", *options.split())
        assert leaksieve("history", *arguments, home=tmp_path) == 1
        found = {finding["secret"] for finding in json.loads(capsys.readouterr().out)["findings"]}
        assert found == {story[name] for name in wanted.split()}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--branch=nope", "nope: git knows no such"),
        ("--rev-range=--output=x", "--output=x: git knows no such"),
        ("--rev-range=main:old", "main:old: git knows no such"),
        ("--rev-range=main^{tree}", "main^{tree}: git knows no such"),
        ("--path=doc", "--path=doc: no commit has such"),
        ("--path=", "--path=: no commit has such"),
        ("--since=rubbish", "git understands no date"),
        ("--all --path=x", "leave it out"),
        ("--branch=side --rev-range=start..main", "give one of them"),
    ],
)
def test_a_part_that_is_none(
    story: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str], options: str, message: str
) -> None:
    assert story
    assert leaksieve("history", *options.split(), home=tmp_path) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("environment", [{}, {"PRE_COMMIT_FROM_REF": "a", "PRE_COMMIT_TO_REF": "b"}])
@pytest.mark.parametrize("files", [[], ["a", "b c"]])
def test_a_hook_without_options_has_the_defaults_of_the_parser(environment: dict[str, str], files: list[str]) -> None:
    # "--" makes it ask the parser.
    assert vars(parsed(files, environment)) == vars(parsed(["--", *files], environment))
