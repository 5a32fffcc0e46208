"""Things that tests make: repositories, and credentials that exist only while a test runs."""

import atexit
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from leaksieve.cli.main import main
from leaksieve.core.candidate import Candidate, Verdict
from leaksieve.core.checks import check_named
from leaksieve.ruleset.compiled import patterns_folder
from leaksieve.ruleset.examples import expand
from leaksieve.ruleset.load import RuleSource, load_folder

IDENTITY = {
    "GIT_AUTHOR_NAME": "Ann Author",
    "GIT_AUTHOR_EMAIL": "ann@corp.io",
    "GIT_COMMITTER_NAME": "Carl Committer",
    "GIT_COMMITTER_EMAIL": "carl@corp.io",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_LITERAL_PATHSPECS": "1",
}

#: The compiled rules, made once for all tests of a session: each time takes four seconds.
CACHE = tempfile.mkdtemp(prefix="leaksieve-tests-")
atexit.register(shutil.rmtree, CACHE, ignore_errors=True)

#: A rule of a user's own.
CORP_RULE = """
[[rules]]
id = "corp-token"
description = "Corp token"
kind = "access-token"
regex = "corp_[0-9a-f]{16}"
keywords = ["corp_"]
severity = "high"
confidence = "high"
"""


@cache
def shipped() -> tuple[RuleSource, ...]:
    """Read leaksieve's own rules with their examples, once for all tests of a session: that takes four seconds."""
    return tuple(load_folder(Path(patterns_folder())))


def judge(check: str, secret: str, before: str = "", after: str = "") -> Verdict:
    """Run a check on a secret that stands between two texts."""
    text = before + secret + after
    return check_named(check)(Candidate(text, 0, len(text), len(before), len(before) + len(secret)))


def github_token(seed: str = "") -> str:
    """Make a token whose checksum holds; a different one for each seed."""
    return expand(f"{seed}{{{{github ghp_}}}}")[len(seed) :]


def plain_environment(home: Path) -> dict[str, str]:
    """Give an environment in which neither the user's settings nor a surrounding hook count."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT"))}
    return kept | IDENTITY | {"HOME": str(home), "XDG_CACHE_HOME": CACHE}


class Repo:
    """A repository in a folder, driven by real git."""

    def __init__(self, path: Path, *options: str) -> None:
        """Run `git init`."""
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        self.environment = plain_environment(path.parent)
        self._clock = 1_700_000_000
        self.git("init", "-q", "-b", "main", *options)

    def git(self, *arguments: str, data: bytes | None = None, check: bool = True) -> str:
        """Run git; give what it printed."""
        finished = subprocess.run(
            ["git", *arguments], cwd=self.path, env=self.environment, input=data, capture_output=True, check=False
        )
        if check and finished.returncode:
            raise AssertionError(f"git {arguments}: {finished.stderr.decode()}")
        return finished.stdout.decode("utf-8", "surrogateescape").strip()

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file of the work tree."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def add(self, name: str, content: str | bytes) -> None:
        """Write a file and stage it."""
        self.write(name, content)
        self.git("add", "-f", "--", name)

    def commit(self, message: str = "change") -> str:
        """Commit the index, a minute after the last time; give the commit."""
        self._clock += 60
        self.environment |= {
            "GIT_AUTHOR_DATE": f"{self._clock} +0000",
            "GIT_COMMITTER_DATE": f"{self._clock} +0000",
        }
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def start_conflict(self) -> None:
        """Begin a merge of `side` into `main` which conflicts in the file `a`."""
        self.add("a", "base\n")
        self.commit()
        self.git("checkout", "-qb", "side")
        self.add("a", "side\n")
        self.add("theirs", f"'{github_token('theirs')}'\n")
        self.commit()
        self.git("checkout", "-q", "main")
        self.add("a", "main\n")
        self.commit()
        self.git("merge", "side", check=False)


def leaksieve(*arguments: str, home: Path) -> int:
    """Run the command line in this process; give its exit code."""
    return main(arguments, plain_environment(home))
