"""`leaksieve ci` with the variables that each CI system really sets, in checkouts as it really makes them."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from leaksieve.ruleset.examples import expand
from makers import CORP_RULE, Repo, github_token

TOKEN = github_token("ci")
ZEROS = "0" * 40


class Story(NamedTuple):
    """A repository whose branch `topic` adds a credential and takes it out again."""

    repo: Repo
    base: str
    bad: str
    head: str

    def checkout(self, folder: Path, *options: str) -> Repo:
        """Clone it as a CI system would, with `topic` checked out."""
        source = self.repo.path.as_uri()
        subprocess.run(
            ["git", "clone", "-q", "--branch", "topic", *options, source, str(folder)],
            env=self.repo.environment, check=True, capture_output=True,
        )  # fmt: skip
        made = Repo(folder.parent / "spare")
        made.path = folder
        return made


@pytest.fixture
def story(repo: Repo) -> Story:
    repo.add("readme", "hello\n")
    base = repo.commit("base")
    repo.git("checkout", "-q", "-b", "topic")
    repo.add("a.py", f"T = '{TOKEN}'\n")
    bad = repo.commit("bad")
    repo.add("a.py", "gone\n")
    head = repo.commit("taken out")
    repo.git("checkout", "-q", "main")
    return Story(repo, base, bad, head)


def ci(repo: Repo, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "leaksieve", "ci", *arguments],
        cwd=repo.path, env=repo.environment | variables, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert TOKEN not in done.stdout + done.stderr
    return done


def event(folder: Path, **content: Any) -> dict[str, str]:  # noqa: ANN401 - any JSON
    # Each has a file of its own: several may be made before one of them is used.
    path = folder / f"event-{len(list(folder.glob('event-*')))}.json"
    path.write_text(json.dumps({"repository": {"default_branch": "main"}} | content))
    return {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(path), "GITHUB_SHA": "HEAD"}


def pull_request(folder: Path, story: Story) -> dict[str, str]:
    change = {"head": {"sha": story.head}, "base": {"sha": story.base, "ref": "main"}}
    return event(folder, pull_request=change) | {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_BASE_REF": "main"}


def systems(story: Story, folder: Path) -> Mapping[str, dict[str, str]]:
    """Give the variables of a change on the branch `topic`, by CI system and event."""
    push = {"before": ZEROS, "after": story.head, "ref": "refs/heads/topic"}
    group = {"base_sha": story.base, "head_sha": story.head}
    gitlab = {"GITLAB_CI": "true", "CI_COMMIT_SHA": story.head, "CI_DEFAULT_BRANCH": "main"}
    return {
        "github pull request": pull_request(folder, story),
        "github push": event(folder, **push) | {"GITHUB_EVENT_NAME": "push"},
        "github second push": event(folder, **push | {"before": story.bad}) | {"GITHUB_EVENT_NAME": "push"},
        "github forced push": event(folder, **push | {"before": "1" * 40, "forced": True})
        | {"GITHUB_EVENT_NAME": "push"},
        "github merge group": event(folder, merge_group=group) | {"GITHUB_EVENT_NAME": "merge_group"},
        "gitlab merge request": gitlab
        | {
            "CI_MERGE_REQUEST_DIFF_BASE_SHA": story.base,
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
            "CI_COMMIT_BEFORE_SHA": ZEROS,
        },
        "gitlab new branch": gitlab | {"CI_COMMIT_BEFORE_SHA": ZEROS, "CI_COMMIT_BRANCH": "topic"},
        "bitbucket": {
            "BITBUCKET_BUILD_NUMBER": "7",
            "BITBUCKET_COMMIT": story.head,
            "BITBUCKET_PR_DESTINATION_BRANCH": "main",
            "BITBUCKET_PR_DESTINATION_COMMIT": story.base[:12],
        },
        "azure": {
            "TF_BUILD": "True",
            "BUILD_SOURCEVERSION": story.head,
            "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main",
            "SYSTEM_PULLREQUEST_SOURCECOMMITID": story.head,
        },
        "circle": {"CIRCLECI": "true", "CIRCLE_SHA1": story.head, "CIRCLE_BRANCH": "topic"},
        "jenkins pull request": {"JENKINS_URL": "https://ci/", "GIT_COMMIT": story.head, "CHANGE_TARGET": "main"},
        "jenkins": {"JENKINS_URL": "https://ci/", "GIT_COMMIT": story.head, "GIT_BRANCH": "origin/topic"},
    }


NAMES = (
    "github pull request", "github push", "github second push", "github forced push", "github merge group",
    "gitlab merge request", "gitlab new branch", "bitbucket", "azure", "circle", "jenkins pull request", "jenkins",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_each_system_says_what_to_check(story: Story, tmp_path: Path, name: str) -> None:
    variables = systems(story, tmp_path)[name]
    checkout = story.checkout(tmp_path / "checkout")
    done = ci(checkout, **variables)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"a.py:1:6  commit {story.bad[:12]}" in done.stdout
    assert "2 commits" in done.stdout
    shallow = story.checkout(tmp_path / "shallow", "--depth=1", "--no-single-branch")
    done = ci(shallow, **variables)
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stderr.count("\n") == 1
    assert any(word in done.stderr for word in ("fetch-depth: 0", 'GIT_DEPTH: "0"', "depth: full", "fetchDepth: 0",
                                                "method: full", "shallow clone in the Git plugin"))  # fmt: skip


def test_the_target_branch_as_it_is_now_says_how_to_check(story: Story, tmp_path: Path) -> None:
    story.repo.add("leaksieve.toml", "exclude = ['a.py']\n")
    story.repo.commit()
    checkout = story.checkout(tmp_path / "checkout")
    variables = systems(story, tmp_path)
    for name in ("github pull request", "gitlab merge request", "bitbucket"):
        done = ci(checkout, **variables[name])
        assert done.returncode == 0, done.stdout
        assert "in paths that the configuration leaves out: 1" in done.stdout


def test_the_default_branch_is_compared_with_what_it_was(story: Story, tmp_path: Path) -> None:
    story.repo.git("merge", "-q", "--no-ff", "-m", "merged", "topic")
    merged = story.repo.git("rev-parse", "HEAD")
    checkout = story.checkout(tmp_path / "checkout")
    push = {"after": merged, "ref": "refs/heads/main", "forced": False}
    done = ci(checkout, **event(tmp_path, **push, before=story.base), GITHUB_EVENT_NAME="push")
    assert done.returncode == 1, done.stderr
    assert "3 commits" in done.stdout
    done = ci(checkout, **event(tmp_path, **push, before=merged), GITHUB_EVENT_NAME="push")
    assert done.returncode == 0
    assert "no commit is new here" in done.stdout
    for before in (ZEROS, "1" * 40):
        done = ci(checkout, **event(tmp_path, **push, before=before), GITHUB_EVENT_NAME="push")
        assert done.returncode == 1
        assert "from its beginning" in done.stdout
    # Nothing says what is new: that must not pass for clean.
    done = ci(checkout, CIRCLECI="true", CIRCLE_SHA1=merged, CIRCLE_BRANCH="main")
    assert done.returncode == 2
    assert done.stderr.endswith("give --base COMMIT\n")


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({}, "no CI system that leaksieve knows"),
        ({"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": "nowhere"}, "cannot read GitHub's event"),
        ({"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": "null.json", "GITHUB_EVENT_NAME": "x"}, "the event 'x'"),
        ({"CIRCLECI": "true", "CIRCLE_SHA1": "1" * 40}, "this commit is not in the checkout"),
    ],
)
def test_what_cannot_be_found_out_is_an_error(story: Story, variables: dict[str, str], message: str) -> None:
    story.repo.write("null.json", '{"pull_request": null, "repository": null}')
    done = ci(story.repo, **variables)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("base", ["", "mian", "--all", ZEROS])
def test_a_base_that_is_none(story: Story, base: str) -> None:
    done = ci(story.repo, f"--base={base}")
    assert done.returncode == 2
    assert done.stderr == (
        f"leaksieve: {base!r}: what the change is based on is not in the checkout: "
        "fetch it, or look at how it is written\n"
    )


def test_events_without_a_change(story: Story, tmp_path: Path) -> None:
    done = ci(story.repo, **event(tmp_path), GITHUB_EVENT_NAME="schedule")
    assert done.returncode == 2
    assert "names no change" in done.stderr
    gone = {"deleted": True, "before": story.head, "after": ZEROS, "ref": "refs/heads/topic"}
    done = ci(story.repo, **event(tmp_path, **gone), GITHUB_EVENT_NAME="push")
    assert done.returncode == 0
    assert "was deleted" in done.stdout
    # The default checkout of pull_request_target is the base: it must not pass for the pull request.
    base = Repo(tmp_path / "base")
    base.git("fetch", "-q", str(story.repo.path), "main:base")
    variables = pull_request(tmp_path, story) | {"GITHUB_EVENT_NAME": "pull_request_target"}
    done = ci(base, **variables)
    assert done.returncode == 2
    assert "github.event.pull_request.head.sha" in done.stderr


def test_a_shallow_checkout_that_holds_the_whole_change_will_do(story: Story, tmp_path: Path) -> None:
    for number in range(3):
        story.repo.commit(f"main {number}")
    story.repo.git("checkout", "-q", "-B", "topic", "main")
    story.repo.add("b.py", "fine\n")
    story.repo.commit()
    shallow = story.checkout(tmp_path / "shallow", "--depth=2", "--no-single-branch")
    assert ci(shallow, "--base", "origin/main").returncode == 0
    story.repo.git("checkout", "-q", "-B", "topic", "main~2")
    story.repo.commit("older")
    shallow = story.checkout(tmp_path / "other", "--depth=1", "--no-single-branch")
    assert ci(shallow, "--base", "origin/main").returncode == 2


def test_an_excuse_of_the_same_change_does_not_count(story: Story) -> None:
    repo = story.repo
    repo.git("checkout", "-q", "-b", "excused", "main")
    repo.add("a.py", f"T = '{TOKEN}'  # leaksieve:allow[*] only a fixture\n")
    repo.add("wide.py", f"T = '{github_token('wide')}'  # leaksieve:allow[*] a fixture\n".encode("utf-16"))
    head = repo.commit(f"subject\n\n{github_token('message')} leaksieve:allow[*] in a message")
    done = ci(repo, "--base", "main", "--format", "json")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    told = ci(repo, "--base", "main").stdout
    assert "--accept-inline" in told
    assert "say so on its line" not in told
    assert [finding["suppressed_by"] for finding in report["findings"]] == [None, None, None]
    assert {
        "kind": "excuse",
        "path": "a.py",
        "line": 1,
        "commit": None,
        "text": "leaksieve:allow[*] only a fixture",
    } in (report["review"])
    assert [item["line"] for item in report["review"] if item["path"] == "wide.py"] == [1]
    done = ci(repo, "--base", "main", "--accept-inline")
    assert done.returncode == 0, done.stdout
    assert "accepted  a.py:1  commit " + head[:12] in done.stdout
    assert "excuse  a.py:1  leaksieve:allow[*] only a fixture" in done.stdout


def test_an_excuse_of_the_base_counts_and_is_shown(story: Story) -> None:
    repo = story.repo
    repo.add("a.py", "one\n# leaksieve:allow[github-personal-access-token] examples below\nT = None\n")
    repo.commit()
    repo.git("checkout", "-q", "-b", "filled")
    repo.add("a.py", f"one\n# leaksieve:allow[github-personal-access-token] examples below\nT = '{TOKEN}'\n")
    repo.commit()
    done = ci(repo, "--base", "main")
    assert done.returncode == 0, done.stdout
    assert "accepted  a.py:3" in done.stdout
    # The comment moves to another place: then it is the change's own.
    repo.add(
        "a.py", f"one\nT = None\nmore\n# leaksieve:allow[github-personal-access-token] examples below\n'{TOKEN}'\n"
    )
    repo.commit()
    assert ci(repo, "--base", "main").returncode == 1


def test_configuration_is_read_from_the_base_and_changes_of_it_are_shown(story: Story) -> None:
    repo = story.repo
    repo.add("corp.toml", CORP_RULE)
    repo.add("pyproject.toml", "[project]\n")
    repo.commit()
    repo.git("checkout", "-q", "-b", "change")
    repo.add("corp.toml", CORP_RULE.replace("corp_", "nothing_"))
    repo.add(".betterleaks.toml", "")
    (repo.path / ".leaksieve-baseline").symlink_to("a.txt")
    repo.git("add", ".leaksieve-baseline")
    repo.add("pyproject.toml", "[project]\n[tool.leaksieve]\n")
    repo.add(".gitleaksignore", "a\n")
    repo.add("a.txt", expand("corp_{{hex 16}}\n"))
    repo.commit()
    done = ci(repo, "--base", "main", "--config", "corp.toml")
    assert done.returncode == 1
    assert "[corp-token]" in done.stdout
    assert "configuration  .gitleaksignore:1  new" in done.stdout
    assert "configuration  .betterleaks.toml:1  new" in done.stdout
    assert "configuration  .leaksieve-baseline:1  a symbolic link" in done.stdout
    assert "configuration  corp.toml:6  changed" in done.stdout
    assert "configuration  pyproject.toml:2  changed: 1 line added" in done.stdout
    done = ci(repo, "--base", "main", "--config", "./other.toml")
    assert done.returncode == 2
    assert "not there at the base commit" in done.stderr


def test_a_text_that_breaks_its_encoding_is_scanned_and_not_excused(story: Story) -> None:
    repo = story.repo
    repo.git("checkout", "-q", "-b", "odd", "main")
    text = f"T = '{TOKEN}'  # leaksieve:allow[*] x\n".encode("utf-16")
    repo.add("odd.txt", text[:-4] + b"\x00\xd8" + text[-4:] + b"!")
    repo.commit()
    done = ci(repo, "--base", "main")
    assert done.returncode == 1, done.stderr
    assert "odd.txt:1:6" in done.stdout


def test_a_change_that_breaks_the_configuration_is_not_clean(story: Story) -> None:
    repo = story.repo
    repo.git("checkout", "-q", "-b", "broken", "main")
    repo.add("leaksieve.toml", "fail_onn = 'high'\n")
    repo.commit()
    done = ci(repo, "--base", "main")
    assert done.returncode == 2
    assert "did you mean 'fail_on'?" in done.stdout
    repo.add("a.py", f"T = '{TOKEN}'\n")
    repo.commit()
    assert ci(repo, "--base", "main").returncode == 1
    done = ci(repo, "--base", "HEAD~1")
    assert done.returncode == 2
    assert "in the base commit" in done.stderr
    assert ci(repo, "--base", "HEAD~1", "--no-config").returncode == 1


def test_a_file_in_the_checkout_that_no_change_can_bring(story: Story) -> None:
    repo = story.repo
    repo.git("checkout", "-q", "-b", "untracked", "main")
    repo.add("a.txt", expand("corp_{{hex 16}}\n"))
    repo.commit()
    repo.write(".venv/corp.toml", CORP_RULE)
    assert "[corp-token]" in ci(repo, "--base", "main", "--config", ".venv/corp.toml").stdout
    repo.add(".venv/corp.toml", CORP_RULE)
    repo.commit()
    done = ci(repo, "--base", "main", "--config", ".venv/corp.toml")
    assert done.returncode == 2
    assert ".venv/corp.toml: not there at the base commit" in done.stderr


def test_a_configuration_behind_a_symbolic_link(story: Story) -> None:
    repo = story.repo
    repo.add("settings/corp.toml", CORP_RULE)
    (repo.path / "leaksieve.toml").symlink_to("settings/corp.toml")
    repo.git("add", "leaksieve.toml")
    repo.commit()
    repo.git("checkout", "-q", "-b", "linked")
    repo.add("a.txt", expand("corp_{{hex 16}}\n"))
    repo.commit()
    done = ci(repo, "--base", "main")
    assert "[corp-token]" in done.stdout, done.stderr


def test_skipped_hooks_are_shown_and_can_be_demanded(story: Story) -> None:
    repo = story.repo
    repo.git("checkout", "-q", "-b", "skipped", "main")
    repo.add("a.py", f"T = '{TOKEN}'\n")
    repo.commit("x\n\nLeaksieve-Skip: a public test key")
    done = ci(repo, "--base", "main")
    assert done.returncode == 1
    assert "skipped hook  commit" in done.stdout
    done = ci(repo, "--base", "main", "--accept-skips")
    assert done.returncode == 0, done.stdout
    assert "hook skipped: a public test key" in done.stdout
    repo.add("b.py", f"T = '{github_token('other')}'\n")
    repo.commit("no word of it")
    assert ci(repo, "--base", "main", "--accept-skips").returncode == 1


def test_reports_for_github_and_gitlab(story: Story, tmp_path: Path) -> None:
    repo = story.repo
    repo.git("checkout", "-q", "topic")
    repo.add("odd, na:me%\n::warning ::x|`.py", f"\n'{github_token('odd')}'\n")
    repo.add("kept.py", f"T = '{github_token('kept')}'  # leaksieve:allow[*] a|b `c` <b>\n")
    head = repo.commit()
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    variables = pull_request(tmp_path, story._replace(head=head)) | {"GITHUB_STEP_SUMMARY": str(summary)}
    quality, sarif = tmp_path / "quality.json", tmp_path / "out.sarif"
    reports = ("--report", f"gitlab={quality}", "--report", f"sarif={sarif}")
    done = ci(repo, *reports, **variables)
    assert done.returncode == 1
    lines = [line for line in done.stdout.splitlines() if line.startswith("::")]
    errors = [line for line in lines if line.startswith("::error ")]
    assert len(errors) == 3
    assert any(line.startswith("::error file=a.py,line=1,endLine=1,col=6,endColumn=46,title=") for line in errors)
    assert any("file=odd%2C na%3Ame%25%0A%3A%3Awarning %3A%3Ax|`.py,line=2" in line for line in errors)
    assert sum("later ones only hide it" in line for line in errors) == 1
    assert [line for line in lines if line not in errors] == [
        "::warning file=kept.py,line=1::For a reviewer: excuse  kept.py:1  leaksieve:allow[*] a|b `c` <b>"
    ]
    text = summary.read_text()
    assert text.startswith("before\n## leaksieve: 3 credentials found\n")
    assert "| `odd, na:me%\\x0a::warning ::x\\|'.py:2` |" in text
    assert r"leaksieve:allow\[\*\] a\|b \`c\` \<b\>" in text
    entries = json.loads(quality.read_text())
    assert sorted(entry["location"]["path"] for entry in entries)[:2] == ["a.py", "kept.py"]
    assert {"description", "check_name", "fingerprint", "severity", "location"} == set(entries[0])
    assert len({entry["fingerprint"] for entry in entries}) == 3
    assert len(json.loads(sarif.read_text())["runs"][0]["results"]) == 3
    for secret in ("odd", "kept", "ci"):
        assert github_token(secret) not in done.stdout + text + quality.read_text() + sarif.read_text()
    assert ci(repo, "--report", "xml=x", **variables).returncode == 2


def test_a_partial_clone_is_explained(story: Story, tmp_path: Path) -> None:
    story.repo.git("config", "uploadpack.allowFilter", "true")
    partial = story.checkout(tmp_path / "partial", "--filter=blob:none")
    done = ci(partial, CIRCLECI="true", CIRCLE_SHA1=story.head, CIRCLE_BRANCH="topic")
    assert done.returncode == 2
    assert "INCOMPLETE" in done.stdout
    assert "method: full" in done.stdout
    assert os.path.isdir(partial.path)
