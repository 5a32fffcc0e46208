"""The wheel works by itself: built, installed in an environment of its own, run far from the sources."""

import json
import subprocess
import sys
import venv
from pathlib import Path

from makers import Repo, github_token, plain_environment

ROOT = Path(__file__).resolve().parents[2]


def test_the_wheel_carries_its_rules(tmp_path: Path) -> None:
    environment = plain_environment(tmp_path)
    environment.pop("PYTHONPATH", None)

    def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    built = run(sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path / "dist", ROOT)
    assert built.returncode == 0, built.stderr
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    assert run(python, "-m", "pip", "install", "-q", wheel).returncode == 0
    command = tmp_path / "venv" / "bin" / "leaksieve"
    listed = run(command, "rules", "list", "--format", "json")
    assert len(json.loads(listed.stdout)) >= 150
    assert "{{github ghp_}}" in run(command, "rules", "show", "github-personal-access-token").stdout
    repo = Repo(tmp_path / "repo")
    repo.add("a", f"'{github_token()}'\n")
    repo.commit()
    assert run(command, "history", repo.path).returncode == 1
    # An installed leaksieve writes nothing into the user's cache.
    assert not (tmp_path / ".cache").exists()
