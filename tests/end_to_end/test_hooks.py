"""Git's own hooks, installed by `leaksieve install`: real commits, real pushes to a bare repository."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from leaksieve.git.hooks import CLIENT_HOOKS
from makers import Repo, github_token

TOKEN = github_token("hooks")
RULE = "github-personal-access-token"


def run(repo: Repo, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run git, or leaksieve by the tests' interpreter, as a person would: with standard error in the output."""
    program = ["git"] if command[0] != "leaksieve" else [sys.executable, "-P", "-m"]
    arguments = command if command[0] in ("git", "leaksieve") else ("git", *command)
    return subprocess.run(
        [*program, *(arguments[1:] if program == ["git"] else arguments)],
        cwd=repo.path, env=repo.environment | environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.fixture
def origin(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "origin.git", "--bare")


@pytest.fixture
def project(repo: Repo, origin: Repo) -> Repo:
    """A repository with one commit, a remote that has it, and leaksieve's hooks."""
    repo.git("remote", "add", "origin", str(origin.path))
    repo.add("readme", "hello\n")
    repo.commit("first")
    repo.git("push", "-q", "-u", "origin", "main")
    installed = run(repo, "leaksieve", "install")
    assert installed.returncode == 0, installed.stdout
    return repo


def hidden(repo: Repo, *arguments: str, name: str = "a.py", seed: str = "hooks") -> None:
    """Commit a credential in a way that no hook sees."""
    repo.add(name, f"T = '{github_token(seed)}'\n")
    repo.git("commit", "-q", "--no-verify", "-m", "hidden", *arguments)


def blocked(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """Check that something was refused, with these words and without the secret."""
    assert done.returncode == 1, done.stdout
    assert all(word in done.stdout for word in words), done.stdout
    assert TOKEN not in done.stdout


def test_a_commit_is_blocked_and_its_message_too(project: Repo) -> None:
    project.add("a.py", f"T = '{TOKEN}'\n")
    blocked(run(project, "commit", "-m", "x"), "a.py:1:6", RULE)
    project.add("a.py", "T = None\n")
    blocked(run(project, "commit", "-m", f"x\n\nwith {TOKEN}"), "commit message:3:6", "git commit -e -F .git/COMMIT")
    assert run(project, "commit", "-m", "x").returncode == 0


def test_comments_of_a_message_are_not_stored_and_not_scanned(project: Repo) -> None:
    editor = project.write("../editor.sh", f"#!/bin/sh\nprintf 'x\\n# {TOKEN}\\n' > \"$1\"\n")
    editor.chmod(0o755)
    project.add("a.py", "x\n")
    assert run(project, "commit", GIT_EDITOR=str(editor)).returncode == 0
    assert TOKEN not in project.git("log", "-1", "--format=%B")
    project.add("a.py", "y\n")
    # Without an editor git stores lines that look like comments.
    blocked(run(project, "commit", "-m", f"x\n# {TOKEN}"), "commit message:2:3")


def test_the_diff_below_the_scissors_is_not_scanned(project: Repo) -> None:
    hidden(project)
    project.add("a.py", "gone\n")
    editor = project.write("../editor.sh", "#!/bin/sh\nsed -i '1i taken out' \"$1\"\n")
    editor.chmod(0o755)
    assert run(project, "commit", "-v", GIT_EDITOR=str(editor)).returncode == 0


def test_a_push_finds_what_no_hook_saw(project: Repo, origin: Repo) -> None:
    hidden(project)
    project.add("a.py", "gone\n")
    project.git("commit", "-q", "--no-verify", "-m", "taken out again")
    refused = run(project, "push", "origin", "main")
    blocked(refused, "a.py:1:6", "git rebase -i", "1 credential in it")
    assert project.git("rev-parse", "main~1")[:12] in refused.stdout
    assert origin.git("rev-parse", "main") == project.git("rev-parse", "main~2")


@pytest.mark.parametrize(
    ("make", "push", "words"),
    [
        (["commit", "-q", "--no-verify", "--allow-empty", "-m", "message {token}"], "main", "commit message, line 1"),
        (["tag", "-a", "v1", "-m", "tag {token}"], "v1", "tag message, line 1"),
        (["branch", "feature-{token}"], "feature-{token}", "in the name refs/heads/feature-"),
    ],
)
def test_messages_tags_and_names_in_a_push(project: Repo, make: list[str], push: str, words: str) -> None:
    project.git(*(part.format(token=TOKEN) for part in make))
    refused = run(project, "push", "origin", push.format(token=TOKEN))
    assert refused.returncode == 1
    assert words in refused.stdout


def test_a_push_looks_only_at_what_the_remote_does_not_have(project: Repo, origin: Repo) -> None:
    hidden(project)
    old = project.git("rev-parse", "HEAD")
    assert run(project, "push", "--no-verify", "origin", "main").returncode == 0
    project.add("b.py", "fine\n")
    project.commit("fine")
    assert "1 commit checked, no credential" in run(project, "push", "origin", "main").stdout
    assert run(project, "push", "origin", "main:new-branch").returncode == 0
    # Forced: the new commit stands on one that the remote has.
    project.git("checkout", "-q", "-B", "main", old)
    project.add("c.py", "fine\n")
    project.commit("other")
    assert run(project, "push", "--force", "origin", "main").returncode == 0
    assert run(project, "push", "origin", ":new-branch").returncode == 0
    hidden(project, name="d.py", seed="d")
    project.git("branch", "second")
    project.git("checkout", "-q", "--orphan", "third")
    hidden(project, name="e.py", seed="e")
    refused = run(project, "push", "--all", "origin")
    blocked(refused, "3 credentials", "a.py", "d.py", "e.py")
    assert origin.git("for-each-ref", "--format=%(refname)") == "refs/heads/main"


def test_a_push_to_an_address_and_from_another_worktree(project: Repo, origin: Repo, tmp_path: Path) -> None:
    project.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "tree"))
    tree = Repo(tmp_path / "plain")
    tree.path = tmp_path / "tree"
    tree.add("a.py", f"T = '{TOKEN}'\n")
    blocked(run(tree, "commit", "-m", "x"), "a.py:1:6")
    hidden(tree)
    blocked(run(tree, "push", str(origin.path), "side"), "a.py:1:6")
    blocked(run(tree, "push", "origin", "side"), "a.py:1:6")


def test_a_merge_and_a_rebase_in_progress(project: Repo) -> None:
    project.git("config", "core.hooksPath", os.devnull)
    project.start_conflict()
    project.git("config", "--unset", "core.hooksPath")
    project.add("a", f"both\n'{TOKEN}'\n")
    blocked(run(project, "commit", "--no-edit"), "a:2:2")
    project.add("a", "both\n")
    assert run(project, "commit", "--no-edit").returncode == 0
    project.git("checkout", "-q", "-b", "topic", "HEAD~1")
    project.add("a", "topic\n")
    project.commit("topic")
    assert run(project, "rebase", "main").returncode == 1
    project.add("a", f"topic\n'{github_token('rebase')}'\n")
    blocked(run(project, "commit", "--no-edit"), "a:2:2")
    # Git itself runs no hook here: the push is the next gate.
    assert run(project, "rebase", "--continue", GIT_EDITOR="true").returncode == 0
    assert "a:2:2" in run(project, "push", "origin", "topic").stdout


def test_partial_commits_are_judged_by_what_they_record(project: Repo) -> None:
    project.add("a.py", "a\n")
    project.add("b.py", "b\n")
    project.commit()
    project.write("a.py", "a\nmore\n")
    project.write("b.py", f"b\nT = '{TOKEN}'\n")
    project.git("add", "b.py")
    assert run(project, "commit", "-m", "only a", "a.py").returncode == 0
    blocked(run(project, "commit", "-m", "only b", "b.py"), "b.py:2:6")
    blocked(run(project, "commit", "-a", "-m", "all"), "b.py:2:6")
    patched = subprocess.run(
        ["git", "commit", "-p", "-m", "x", "b.py"],
        cwd=project.path, env=project.environment, input="y\n", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert patched.returncode == 1
    assert "b.py:2:6" in patched.stdout + patched.stderr


def test_a_submodule_has_its_own_hooks(project: Repo, origin: Repo) -> None:
    project.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(origin.path), "sub")
    inner = Repo(project.path.parent / "plain")
    inner.path = project.path / "sub"
    assert run(inner, "leaksieve", "install").returncode == 0
    inner.add("a.py", f"T = '{TOKEN}'\n")
    blocked(run(inner, "commit", "-m", "x"), "a.py:1:6")
    hidden(inner)
    # The credential is the submodule's own affair: the commit that points to it holds none.
    project.git("add", "sub")
    assert run(project, "commit", "-m", "x").returncode == 0


def test_old_secrets_never_block_an_unrelated_change(project: Repo) -> None:
    hidden(project)
    project.add("a.py", f"T = '{TOKEN}'\nx = 1\n")
    assert run(project, "commit", "-m", "x").returncode == 0
    project.git("mv", "a.py", "b.py")
    assert run(project, "commit", "-m", "x").returncode == 0


def test_a_skip_wants_a_reason_and_is_on_record(project: Repo) -> None:
    project.add("a.py", f"T = '{TOKEN}'\n")
    for empty in ("", "  ", "1"):
        refused = run(project, "commit", "-m", "x", LEAKSIEVE_SKIP=empty)
        assert refused.returncode == 1
        assert "wants a reason" in refused.stdout
    refused = run(project, "commit", "-m", "x", LEAKSIEVE_SKIP=f"{TOKEN} is public")
    assert refused.returncode == 1
    assert "name it without its value" in refused.stdout
    assert TOKEN not in refused.stdout
    skipped = run(project, "commit", "-m", "x", LEAKSIEVE_SKIP="a public\ntest key")
    assert skipped.returncode == 0
    assert "on record" in skipped.stdout
    assert project.git("log", "-1", "--format=%B") == "x\n\nLeaksieve-Skip: a public test key"
    assert run(project, "push", "origin", "main", LEAKSIEVE_SKIP="agreed with Bob").returncode == 0
    log = (project.path / ".git" / "leaksieve" / "skips.jsonl").read_text().splitlines()
    assert [(entry["hook"], entry["reason"]) for entry in map(json.loads, log)] == [
        ("pre-commit", "a public test key"),
        ("commit-msg", "a public test key"),
        ("pre-push", "agreed with Bob"),
    ]


OTHER_HOOK = '#!/bin/sh\necho other "$(basename "$0")" >> "$LOG"\n[ ! -e stop ]\n'


def other_hook(path: Path, text: str = OTHER_HOOK) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return text


def listing(folder: Path) -> dict[str, tuple[int, str]]:
    return {
        str(path.relative_to(folder)): (path.lstat().st_mode, path.read_text() if path.is_file() else "")
        for path in sorted(folder.rglob("*"))
        if "objects" not in path.parts and path.name not in ("index", "logs")
    }


def test_install_keeps_other_hooks_and_uninstall_puts_them_back(repo: Repo, tmp_path: Path) -> None:
    log = tmp_path / "log"
    repo.environment["LOG"] = str(log)
    hooks = repo.path / ".git" / "hooks"
    other_hook(hooks / "pre-commit")
    other_hook(repo.path / "scripts" / "push.sh", '#!/bin/sh\ncat >> "$LOG"\n')
    (hooks / "pre-push").symlink_to("../../scripts/push.sh")
    (hooks / "commit-msg").write_text("#!/bin/sh\nexit 1\n")
    before = listing(repo.path / ".git")
    assert run(repo, "leaksieve", "install").returncode == 0
    once = listing(repo.path / ".git")
    assert "installed already" in run(repo, "leaksieve", "install").stdout
    assert listing(repo.path / ".git") == once
    repo.add("a", "x\n")
    assert run(repo, "commit", "-m", "x").returncode == 0, "a hook that is not executable is none"
    assert log.read_text() == "other pre-commit.before-leaksieve\n"
    repo.write("stop", "")
    repo.add("a", "y\n")
    assert run(repo, "commit", "-m", "x").returncode == 1
    origin = Repo(tmp_path / "o.git", "--bare")
    assert run(repo, "push", str(origin.path), "main").returncode == 0
    assert "refs/heads/main" in log.read_text(), "both hooks get the refs"
    for name in ("index", "logs", "refs/heads/main", "COMMIT_EDITMSG"):
        before.pop(name, None)
    assert run(repo, "leaksieve", "uninstall").returncode == 0
    after = listing(repo.path / ".git")
    assert {name: after[name] for name in before} == before
    assert not [name for name in after if "leaksieve" in name]
    assert "not installed" in run(repo, "leaksieve", "uninstall").stdout


@pytest.mark.parametrize("folder", [".husky", "~/company hooks"])
def test_a_hooks_path_is_respected(repo: Repo, tmp_path: Path, folder: str) -> None:
    repo.environment["LOG"] = str(tmp_path / "log")
    path = repo.path / folder if "~" not in folder else tmp_path / "company hooks"
    text = other_hook(path / "pre-commit")
    repo.git("config", "core.hooksPath", folder)
    for _ in range(2):
        assert run(repo, "leaksieve", "install").returncode == 0
    repo.add("a", f"'{TOKEN}'\n")
    blocked(run(repo, "commit", "-m", "x"), "a:1:2")
    assert (tmp_path / "log").read_text() == "other pre-commit\n"
    assert (path / "pre-commit").read_text() == text
    assert os.listdir(path) == ["pre-commit"]
    assert run(repo, "leaksieve", "uninstall").returncode == 0
    assert repo.git("config", "core.hooksPath") == folder
    assert not (repo.path / ".git" / "leaksieve" / "hooks").exists()


def test_install_for_all_repositories(repo: Repo, tmp_path: Path) -> None:
    repo.environment |= {"GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig"), "LOG": str(tmp_path / "log")}
    other_hook(tmp_path / "company" / "post-commit")
    repo.git("config", "--global", "core.hooksPath", str(tmp_path / "company"))
    other_hook(repo.path / ".git" / "hooks" / "pre-commit")
    before = (tmp_path / "gitconfig").read_text()
    for _ in range(2):
        assert run(repo, "leaksieve", "install", "--global").returncode == 0
    assert "all repositories already" in run(repo, "leaksieve", "install").stdout
    repo.add("a", f"'{TOKEN}'\n")
    blocked(run(repo, "commit", "-m", "x"), "a:1:2")
    repo.add("a", "x\n")
    assert run(repo, "commit", "-m", "x").returncode == 0
    assert (tmp_path / "log").read_text() == "other pre-commit\n" * 2 + "other post-commit\n"
    assert run(repo, "leaksieve", "uninstall", "--global").returncode == 0
    assert (tmp_path / "gitconfig").read_text() == before
    assert not (tmp_path / ".config" / "leaksieve" / "hooks").exists()


def test_hooks_fail_closed_when_leaksieve_is_gone(project: Repo, tmp_path: Path) -> None:
    python = tmp_path / "python"
    hook = project.path / ".git" / "hooks" / "pre-commit"
    hook.write_text(hook.read_text().replace(sys.executable, str(python)))
    project.add("b", "x\n")
    gone = run(project, "commit", "-m", "x")
    assert gone.returncode == 1
    assert f"{python} is gone" in gone.stdout
    python.write_text(f'#!/bin/sh\nshift\nexec {sys.executable} -I -S -P "$@"\n')
    python.chmod(0o755)
    gone = run(project, "commit", "-m", "x")
    assert gone.returncode == 1
    assert "not usable from" in gone.stdout
    assert "Traceback" not in gone.stdout


def test_hooks_run_nothing_of_the_repository(project: Repo) -> None:
    project.add("leaksieve/__init__.py", "raise SystemExit(0)\n")
    project.add("regex.py", "raise SystemExit(0)\n")
    project.add("a.py", f"T = '{TOKEN}'\n")
    blocked(run(project, "commit", "-m", "x"), "a.py:1:6")


def test_every_hook_is_installed(project: Repo) -> None:
    assert {path.name for path in (project.path / ".git" / "hooks").iterdir() if path.suffix != ".sample"} == set(
        CLIENT_HOOKS
    )


def test_what_somebody_wrote_into_a_hook_is_kept(repo: Repo) -> None:
    hooks = repo.path / ".git" / "hooks"
    for command in ("install", "uninstall"):
        assert run(repo, "leaksieve", "install").returncode == 0
        made = (hooks / "pre-commit").read_text()
        edited = made.replace('hook "$@"', 'hook --fail-on high "$@"')
        (hooks / "pre-commit").write_text(edited)
        # Which Python runs leaksieve is not theirs to say.
        moved = re.sub("^python=.*", "python=/elsewhere/python", (hooks / "commit-msg").read_text(), flags=re.MULTILINE)
        (hooks / "commit-msg").write_text(moved)
        assert "pre-commit.edited" in run(repo, "leaksieve", command).stdout
        assert (hooks / "pre-commit.edited").read_text() == edited
        (hooks / "pre-commit.edited").unlink()
        assert (hooks / "pre-commit").exists() == (command == "install")
        assert not (hooks / "commit-msg.edited").exists()


def test_a_folder_whose_name_the_locale_cannot_write(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "\u00fc")
    assert run(repo, "leaksieve", "install").returncode == 0
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    repo.add("\u00e4.py", "fine\n")
    assert run(repo, "commit", "-m", "x", **plain).returncode == 0
    repo.add("\u00e4.py", f"T = '{TOKEN}'\n")
    blocked(run(repo, "commit", "-m", "x", **plain), "?.py:1:6")
    assert run(repo, "leaksieve", "uninstall", **plain).returncode == 0
