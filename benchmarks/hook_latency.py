"""How long `leaksieve hook` takes for a commit that touches ten files, against the least a Python hook could take.

The yardstick starts Python, imports the libraries that a Python scanner needs and asks git once what is
staged. Both commands run in turn, so that a busy machine slows both.

With `--configured` the repository has a leaksieve.toml that grades, disables and leaves out, and adds a rule, and a
baseline of 1,000 entries.

Usage: python benchmarks/hook_latency.py [--runs N] [--configured]
"""

import argparse
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from leaksieve.baseline.entries import Entry, new_key, write_baseline
from leaksieve.baseline.excuses import BASELINE

FILES = 10
LINES = 400
LEAST_BYTES = 20_000
ENTRIES = 1000
CONFIGURATION = """
disable = ["Password hashes"]
exclude = ["vendor/", "*.min.js"]
grades.jwt.confidence = "low"
[[allowlists]]
stopwords = ["example"]
[[rules]]
id = "corp-token"
description = "Corp token"
kind = "api-key"
regex = "corp_[0-9a-z]{20}"
keywords = ["corp_"]
severity = "high"
confidence = "high"
"""
FLOOR = (
    "import ahocorasick, regex, argparse, subprocess; "
    "subprocess.run(['git','diff','--cached','--raw','-z'], capture_output=True)"
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=40)
    parser.add_argument("--configured", action="store_true")
    arguments = parser.parse_args()
    runs = arguments.runs
    with tempfile.TemporaryDirectory() as folder:
        make_commit(Path(folder))
        if arguments.configured:
            (Path(folder) / "leaksieve.toml").write_text(CONFIGURATION, encoding="utf-8")
            (Path(folder) / BASELINE).write_bytes(write_baseline([new_key()], made_entries()))
        script = Path(sys.executable).with_name("leaksieve")
        commands = {
            "floor": [sys.executable, "-c", FLOOR],
            "leaksieve hook": [str(script), "hook"],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for run in range(runs + 1):
            for name, command in commands.items():
                begin = time.perf_counter()
                finished = subprocess.run(command, cwd=folder, capture_output=True, check=False)
                if finished.returncode:
                    raise SystemExit(f"{name} failed: {finished.stdout.decode()}{finished.stderr.decode()}")
                if run:  # the first run warms caches
                    times[name].append((time.perf_counter() - begin) * 1000)
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, median in medians.items():
        spread = statistics.quantiles(times[name], n=4)
        print(f"{name:<15} median {median:6.1f} ms   quartiles {spread[0]:.1f} to {spread[2]:.1f} ms")
    print(f"ratio           {medians['leaksieve hook'] / medians['floor']:.2f} (at most 2.0)")


def made_entries() -> Iterator[Entry]:
    """Yield entries for files that are not there."""
    for number in range(ENTRIES):
        path = f"src/folder{number % 37}/file{number}.py"
        fingerprint = secrets.token_hex(16)
        yield Entry(fingerprint, "generic-password", path, "a test fixture", "Ann <ann@corp.io>", "2026-01-31")


def make_commit(folder: Path) -> None:
    """Stage edits to ten files of ordinary code (this interpreter's own library)."""
    library = Path(os.__file__).parent
    names = sorted(path for path in library.glob("*.py") if path.stat().st_size > LEAST_BYTES)[:FILES]
    git = ["git", "-c", "user.name=bench", "-c", "user.email=bench@localhost", "-C", str(folder)]
    subprocess.run([*git, "init", "-q"], check=True)
    # In a folder of their own, lest Python import them instead of its library.
    (folder / "code").mkdir()
    for path in names:
        lines = path.read_text(encoding="utf-8").splitlines()[:LINES]
        (folder / "code" / path.name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "first"], check=True)
    for path in names:
        with (folder / "code" / path.name).open("a", encoding="utf-8") as file:
            file.write('token = os.environ["API_TOKEN"]\npassword = getpass("Password: ")\n')
    subprocess.run([*git, "add", "."], check=True)


if __name__ == "__main__":
    main()
