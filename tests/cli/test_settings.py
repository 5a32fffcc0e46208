"""Where settings come from, what each key does, and how bad ones are refused."""

import json
import os
import re
from pathlib import Path

import pytest

from leaksieve.cli.main import main
from leaksieve.ruleset.examples import expand
from makers import CACHE, CORP_RULE, Repo, github_token, leaksieve, plain_environment

TOKEN = github_token("settings")
PASSWORD = f"password = '{expand('{{password 14}}')}'\n"
CORP = expand("corp_{{hex 16}}")
GITLEAKS = "[[rules]]\nid = 'Corp'\nregex = 'corp_([0-9a-f]+)'\n"


def found(repo: Repo, capfd: pytest.CaptureFixture[str], *options: str, **environment: str) -> dict[str, list[str]]:
    """Scan the work tree; give the rules that found something, with their places."""
    capfd.readouterr()
    code = main(["scan", ".", "-j1", "--format", "json", *options], plain_environment(repo.path.parent) | environment)
    out, err = capfd.readouterr()
    assert code in {0, 1}, err
    report = json.loads(out)
    return {
        finding["rule"]: [place["path"] for place in finding["occurrences"]]
        for finding in report["findings"]
        if finding["suppressed_by"] is None
    } | {"notes": report["coverage"]["notes"]}


@pytest.fixture
def project(repo: Repo) -> Repo:
    """A repository with a token, a password and a word that only rules of its own find."""
    repo.write("a.py", f"T = '{TOKEN}'  # beside corp_{expand('{{hex 4}}')}\n")
    repo.write("b/c.py", PASSWORD)
    repo.write("d.txt", f"{CORP}\n")
    return repo


GITHUB, GENERIC = "github-personal-access-token", "generic-password"
PAIR_RULE = CORP_RULE.replace("corp-token", "corp-pair").replace("corp_[0-9a-f]{16}", "corp_[0-9a-f]{4}") + (
    f"requires = {{ rule = '{GITHUB}', within_lines = 1 }}"
)
KEYS = [
    ("", {GITHUB, GENERIC}),
    (CORP_RULE, {GITHUB, GENERIC, "corp-token"}),
    ("disable = ['generic-*']", {GITHUB}),
    ("disable = ['source hosting']", {GENERIC}),
    ("enable = ['generic-password']", {GENERIC}),
    ("enable = ['generic-*', 'github-*']\ndisable = ['generic-password']", {GITHUB}),
    ("builtin = false\n" + CORP_RULE, {"corp-token"}),
    # What a composite requires stays at work, whatever leaves it out.
    (PAIR_RULE, {GITHUB, GENERIC, "corp-pair"}),
    ("disable = ['github-*']\n" + PAIR_RULE, {GENERIC, "corp-pair"}),
    ("enable = ['corp-pair']\n" + PAIR_RULE, {"corp-pair"}),
    ("builtin = false\n" + PAIR_RULE, {"corp-pair"}),
    ("exclude = ['a.py']", {GENERIC}),
    ("exclude = ['/b/']", {GITHUB}),
    ("exclude = ['c.py']", {GITHUB}),
    ("exclude = ['/c.py']", {GITHUB, GENERIC}),
    ("exclude = ['**/*.py']", set()),
    ("[[allowlists]]\nregexes = ['^ghp_']", {GENERIC}),
    ("[[allowlists]]\nregexes = ['^ghp_']\nrules = ['generic-password']", {GITHUB, GENERIC}),
    ("[[allowlists]]\npaths = ['^b/']\ntarget = 'line'\nregexes = ['^T = ']", set()),
    ("[[allowlists]]\ncondition = 'all'\npaths = ['^b/']\nstopwords = ['ghp_']", {GITHUB, GENERIC}),
    ("extend = ['more/rules.toml']", {GITHUB, GENERIC, "corp-token"}),
    ("extend = ['.gitleaks.toml']\nbuiltin = false", {"Corp"}),
    ("[git-secrets]\npatterns = ['corp_[[:xdigit:]]+']", {GITHUB, GENERIC, "git-secrets"}),
    ("[git-secrets]\npatterns = ['orp_[[:xdigit:]]+']", {GITHUB, GENERIC}),
]


@pytest.mark.parametrize("name", ["leaksieve.toml", "pyproject.toml"])
@pytest.mark.parametrize(("content", "wanted"), KEYS)
def test_keys(project: Repo, capfd: pytest.CaptureFixture[str], name: str, content: str, wanted: set[str]) -> None:
    project.write("more/rules.toml", CORP_RULE)
    if name == "pyproject.toml":
        content = "[tool.leaksieve]\n" + re.sub(r"^(\[\[?)", r"\1tool.leaksieve.", content, flags=re.MULTILINE)
    project.write(name, content)
    project.write(".gitleaks.toml", GITLEAKS)
    first_time = found(project, capfd)
    assert {rule for rule in first_time if rule != "notes"} == wanted
    assert found(project, capfd) == first_time, "from what was kept"


def test_one_rule_alone_has_its_other_half(project: Repo, capfd: pytest.CaptureFixture[str]) -> None:
    project.write("leaksieve.toml", PAIR_RULE)
    assert found(project, capfd, "--rule", "corp-pair") == {"corp-pair": ["a.py"], "notes": []}


def test_grades_and_thresholds(project: Repo) -> None:
    home = project.path.parent
    project.write(
        "leaksieve.toml", "[scan]\nfail_on = 'high'\n[grades.github-personal-access-token]\nseverity = 'low'\n"
    )
    project.write("a.py", "")
    assert leaksieve("scan", ".", home=home) == 0
    assert leaksieve("scan", ".", "--fail-on", "medium", home=home) == 1
    assert main(["scan", "."], plain_environment(home) | {"LEAKSIEVE_FAIL_ON": "low"}) == 1
    assert leaksieve("scan", ".", "--no-config", home=home) == 1


def test_what_is_left_out_is_told(project: Repo, capfd: pytest.CaptureFixture[str]) -> None:
    project.write("leaksieve.toml", "exclude = ['a.py', 'nothing/']")
    assert found(project, capfd)["notes"] == [
        "left out by leaksieve.toml: a.py, nothing/",
        "not reported, in paths that the configuration leaves out: 1",
    ]


def test_the_order_of_configurations(project: Repo, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Name ever more configurations, each of which comes before those that were there."""

    def in_use(*options: str, **environment: str) -> set[str]:
        return set(found(project, capfd, *options, **environment)) - {"notes"}

    project.write(".gitleaks.toml", GITLEAKS)
    assert in_use() == {"Corp"}
    content = {"GITLEAKS_CONFIG_TOML": GITLEAKS.replace("'Corp'", "'content'")}
    assert in_use(**content) == {"content"}
    (tmp_path / "other.toml").write_text(GITLEAKS.replace("'Corp'", "'named'"))
    named = content | {"GITLEAKS_CONFIG": str(tmp_path / "other.toml")}
    assert in_use(**named) == {"named"}
    project.write("leaksieve.toml", "builtin = false\n" + CORP_RULE)
    assert in_use(**named) == {"corp-token"}
    (tmp_path / "mine.toml").write_text("enable = ['generic-password']")
    mine = named | {"LEAKSIEVE_CONFIG": str(tmp_path / "mine.toml")}
    assert in_use(**mine) == {GENERIC}
    (tmp_path / "last.toml").write_text("enable = ['github-*']")
    assert in_use("--config", str(tmp_path / "last.toml"), **mine) == {GITHUB}
    assert in_use("--no-config", **named) == {GITHUB, GENERIC}


def test_patterns_of_git_secrets_are_heeded_and_its_providers_never_run(
    project: Repo, capfd: pytest.CaptureFixture[str]
) -> None:
    project.git("config", "--add", "secrets.patterns", "corp_[0-9a-f]{16}")
    project.git("config", "--add", "secrets.providers", f"touch {project.path}/ran")
    assert found(project, capfd)["git-secrets"] == ["d.txt"]
    project.write("d.txt", f"x{CORP}\n{CORP}y\n")
    assert "git-secrets" not in found(project, capfd), "only whole words"
    assert not (project.path / "ran").exists()


def test_patterns_of_git_secrets_in_a_worktree_and_a_submodule(
    project: Repo, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    project.add("d.txt", CORP)
    project.commit()
    project.git("config", "--add", "secrets.patterns", "corp_[0-9a-f]{16}")
    project.git("worktree", "add", "-q", str(tmp_path / "other"))
    outer = Repo(tmp_path / "outer")
    outer.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(project.path), "sub")
    outer.git("-C", "sub", "config", "--add", "secrets.patterns", "corp_[0-9a-f]{16}")
    for folder in (tmp_path / "other", outer.path / "sub"):
        monkeypatch.chdir(folder)
        assert found(project, capfd)["git-secrets"] == ["d.txt"]


def test_a_changed_file_is_read_anew(project: Repo, capfd: pytest.CaptureFixture[str]) -> None:
    project.write("leaksieve.toml", "extend = ['more.toml']")
    project.write("more.toml", CORP_RULE)
    assert "corp-token" in found(project, capfd)
    project.write("more.toml", CORP_RULE.replace("corp-token", "other-token"))
    assert "other-token" in found(project, capfd)


def test_rules_of_an_installed_package(
    project: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    package = tmp_path / "site" / "corp_rules"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('no code of it runs')")
    (package / "corp.toml").write_text(CORP_RULE)
    info = tmp_path / "site" / "corp_rules-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: corp-rules\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[leaksieve.rules]\ncorp = corp_rules\n")
    monkeypatch.syspath_prepend(tmp_path / "site")
    project.write("leaksieve.toml", "extend = ['package:corp']")
    assert "corp-token" in found(project, capfd)


BAD = [
    ("disabel = ['x']", "leaksieve.toml: unknown key 'disabel'; did you mean 'disable'?"),
    (
        "disable = ['generic-pasword']",
        "disable: 'generic-pasword' is no rule or family; did you mean 'generic-password'?",
    ),
    ("disable = 'generic-password'", "disable must be a list of strings"),
    ("fail_on = 'hihg'", "fail_on 'hihg' must be one of low, medium, high; did you mean 'high'?"),
    ("jobs = 0", "jobs must be a number of at least 1"),
    ("format = 'xml'", "format 'xml' must be one of"),
    ("baseline = 3", "baseline must be the name of a file"),
    ("builtin = 'no'", "builtin must be true or false"),
    ("[hook]\nexclude = ['x']", "[hook] unknown key 'exclude'"),
    ("[grades.jwtt]\nconfidence = 'low'", "grades.jwtt: 'jwtt' is no rule or family; did you mean 'jwt'?"),
    ("[grades.jwt]\nconfidence = 'lo'", "grades.jwt.confidence 'lo' must be one of"),
    ("[grades]\njwt = 'low'", "grades.jwt must have confidence or severity"),
    ("[[allowlists]]\nregexes = ['(']", "allowlists number 1: regexes: '(' is no regular expression"),
    ("[[allowlists]]\ndescription = 'x'", "allowlists number 1 is empty"),
    ("[[allowlists]]\nstopwords = ['x']\nrules = ['jwtt']", "'jwtt' is no rule or family"),
    ("extend = ['nowhere.toml']", "extend names nowhere.toml, which is not there"),
    ("extend = ['leaksieve.toml']", "extend one another more than 5 deep"),
    ("extend = ['package:nothing']", "no installed package has the entry point leaksieve.rules 'nothing'"),
    ("[git-secrets]\npatterns = ['(']", "pattern 1 is no extended regular expression"),
    ("[git-secrets]\npattern = ['x']", "[git-secrets] unknown key 'pattern'; did you mean 'patterns'?"),
    ("exclude = ['!a.py']", "exclude: '!a.py' names no path"),
    ("[[allowlists]]\ncommits = ['abc123']", "commits: 'abc123' is no full id of a commit"),
    # What could be gitleaks' elsewhere must not leave a configuration of ours without rules.
    ("title = 'ours'", "unknown key 'title'"),
    ("[allowlist]\nstopwords = ['x']", "unknown key 'allowlist'; did you mean 'allowlists'?"),
    ("[[rules]]\nid = 'r'\nregex = 'corp_[0-9]{9}'\nkeywords = ['corp_']", "rule 'r': "),
    ("builtin = false", "no rule is left"),
    ("disable = ['*']", "no rule is left"),
    ("= 3", "leaksieve.toml: not a TOML file"),
]


@pytest.mark.parametrize(("content", "message"), BAD)
def test_bad_settings_are_refused_in_one_line(
    repo: Repo, capfd: pytest.CaptureFixture[str], content: str, message: str
) -> None:
    repo.write("leaksieve.toml", content)
    assert leaksieve("scan", ".", home=repo.path.parent) == 2
    out, err = capfd.readouterr()
    assert message in err
    assert err.count("\n") == 1
    assert out == ""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("# [tool.leaksieve]\n[project]\ndependencies = ['leaksieve']\n", 0),
        ("[tool.other]\nleaksieve = '>=1'\n", 0),
        ('[tool.other]\ntext = """\n[tool.leaksieve]\n"""\n', 0),
        ("[tool.leaksieve]\nfail_onn = 1\n", 2),
        ("[tool . 'leaksieve']\nfail_onn = 1\n", 2),
        ("  [[tool.leaksieve.rules]]\nid = 'r'\n", 2),
        ("tool.leaksieve.fail_onn = 1\n", 2),
        ("[[tool.leaksieve]]\n", 2),
    ],
)
def test_a_project_file_is_ours_when_it_has_our_table(
    repo: Repo, capfd: pytest.CaptureFixture[str], text: str, code: int
) -> None:
    repo.write("pyproject.toml", text)
    assert leaksieve("hook", home=repo.path.parent) == code
    assert capfd.readouterr().err.count("\n") == bool(code)


def test_a_byte_order_mark_is_none_of_the_configuration(project: Repo, capfd: pytest.CaptureFixture[str]) -> None:
    for name, text in {"leaksieve.toml": "extend = ['.gitleaks.toml']", ".gitleaks.toml": GITLEAKS}.items():
        project.write(name, text.encode("utf-8-sig"))
    assert "Corp" in found(project, capfd)


def test_two_files_of_our_own_are_one_too_many(repo: Repo, capfd: pytest.CaptureFixture[str]) -> None:
    repo.write("leaksieve.toml", "")
    repo.write("pyproject.toml", "[tool.leaksieve]\n")
    assert leaksieve("hook", home=repo.path.parent) == 2
    assert "leaksieve.toml and [tool.leaksieve] in pyproject.toml both" in capfd.readouterr().err


def test_config_shows_values_and_their_origins(repo: Repo, capfd: pytest.CaptureFixture[str]) -> None:
    repo.write("leaksieve.toml", "fail_on = 'low'\njobs = 3\n[hook]\nfail_on = 'high'\n")
    environment = plain_environment(repo.path.parent) | {"LEAKSIEVE_JOBS": "5"}
    assert main(["config", "show", "--format", "json"], environment) == 0
    shown = json.loads(capfd.readouterr().out)
    assert shown["files"] == ["leaksieve.toml"]
    assert shown["options"]["fail_on"] == {"value": "high", "from": "leaksieve.toml: hook.fail_on"}
    assert shown["options"]["jobs"] == {"value": 5, "from": "LEAKSIEVE_JOBS"}
    assert shown["options"]["format"] == {"value": "text", "from": "default"}
    assert main(["config", "show", "history"], environment) == 0
    assert "leaksieve.toml: fail_on" in capfd.readouterr().out
    assert main(["config", "check"], environment) == 0


def test_config_shows_what_is_said_of_rules_and_paths(repo: Repo, capfd: pytest.CaptureFixture[str]) -> None:
    repo.write("more.toml", CORP_RULE + "[[allowlists]]\ndescription = 'test keys'\nstopwords = ['test']\n")
    lists = "extend = ['more.toml', '.gitleaks.toml']\nbuiltin = true\ndisable = ['generic-*']\nexclude = ['vendor/']\n"
    repo.write("leaksieve.toml", f"{lists}[grades.jwt]\nconfidence = 'low'\n[git-secrets]\npatterns = ['x+']\n")
    repo.write(".gitleaks.toml", GITLEAKS)
    repo.write(".gitleaksignore", "")
    for _ in range(2):
        assert leaksieve("config", "show", home=repo.path.parent) == 0
        shown = [line.split() for line in capfd.readouterr().out.splitlines()]
        for line in (
            "rules corp-token more.toml",
            "allowlists test keys more.toml",
            "gitleaks 1 rule, 0 allowlists .gitleaks.toml",
            "builtin true leaksieve.toml",
            "extend more.toml leaksieve.toml",
            "disable generic-* leaksieve.toml",
            "exclude vendor/ leaksieve.toml",
            "grades jwt: confidence = low leaksieve.toml",
            "git-secrets x+ leaksieve.toml",
            "accepting .gitleaksignore",
        ):
            assert line.split() in shown


def test_a_hook_and_an_audit_heed_rules_for_whole_texts(project: Repo, capfd: pytest.CaptureFixture[str]) -> None:
    home = project.path.parent
    project.write(".gitleaks.toml", "[[rules]]\nid = 'r'\nregex = '''(?s)begin.{1,99}?(corp_\\w+)'''\n")
    project.add("d.txt", f"begin\n{CORP}\n")
    for _ in range(2):
        assert leaksieve("hook", home=home) == 1
        assert "d.txt:2:1" in capfd.readouterr().out
    project.commit()
    project.add("d.txt", f"begin\n{CORP}\nend\n")
    assert leaksieve("hook", home=home) == 0, "an old line"
    project.commit()
    for engine in ("delta", "full"):
        assert leaksieve("history", "--engine", engine, home=home) == 1
        assert "d.txt:2:1" in capfd.readouterr().out
    assert os.listdir(os.path.join(CACHE, "leaksieve"))
