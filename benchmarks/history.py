"""How long `leaksieve history` takes, beside what else reads a whole history, and how much memory.

The yardsticks: `git cat-file`, which prints every object and looks at none; leaksieve's own full engine; and
Kingfisher, where it is installed (`pip install kingfisher-bin`). Commands run in turn, so that a busy machine slows
all of them.

Usage: python benchmarks/history.py [--runs N] [--jobs N] [--full] REPOSITORY ...
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import psutil

MEGABYTE = 1 << 20
POLL_SECONDS = 0.05
KINGFISHER_EXITS = (0, 200, 205)
LEAKSIEVE_EXITS = (0, 1)


class Run(NamedTuple):
    """One run of a command: seconds, and the most memory that its processes had at once, in bytes."""

    seconds: float
    memory: int


def main() -> None:
    """Measure each repository and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--full", action="store_true", help="measure the full engine, too")
    arguments = parser.parse_args()
    for repository in arguments.repositories:
        measure(repository, arguments.runs, arguments.jobs, full=arguments.full)


def measure(repository: Path, runs: int, jobs: int, *, full: bool) -> None:
    """Run every command in turn, so many times, and print what came out."""
    results: dict[str, list[Run]] = {}
    with tempfile.TemporaryDirectory() as folder:
        chosen = commands(repository, jobs, Path(folder), full=full)
        for number in range(runs + 1):
            for name, (command, exits) in chosen.items():
                finished = run(command, exits, Path(folder))
                if number:  # the first round warms caches
                    results.setdefault(name, []).append(finished)
    own = statistics.median(each.seconds for each in results["leaksieve"])
    print(f"{repository}")
    for name, finished_runs in results.items():
        times = [each.seconds for each in finished_runs]
        seconds = statistics.median(times)
        memory = max(each.memory for each in finished_runs) / MEGABYTE
        spread = f"{min(times):.2f} to {max(times):.2f}"
        print(f"  {name:<16} {seconds:7.2f} s ({spread})  {memory:6.0f} MB  leaksieve / it = {own / seconds:.2f}")


def commands(repository: Path, jobs: int, folder: Path, *, full: bool) -> dict[str, tuple[list[str], tuple[int, ...]]]:
    """Give each command with the exit codes that are no failure."""
    own = [sys.executable, "-m", "leaksieve", "history", str(repository), "--jobs", str(jobs)]
    own += ["--format", "json", "--output", str(folder / "own.json")]
    cat_file = ["cat-file", "--batch-all-objects", "--batch", "--unordered", "--buffer"]
    chosen: dict[str, tuple[list[str], tuple[int, ...]]] = {
        "leaksieve": (own, LEAKSIEVE_EXITS),
        "git cat-file": (["git", "-C", str(repository), *cat_file], (0,)),
    }
    if full:
        chosen["full engine"] = ([*own, "--engine", "full"], LEAKSIEVE_EXITS)
    peer = shutil.which("kingfisher")
    if peer:
        scan = [peer, "scan", str(repository), "--no-validate", "--no-update-check", "--jobs", str(jobs)]
        chosen["kingfisher"] = ([*scan, "-f", "jsonl", "-o", str(folder / "peer.jsonl")], KINGFISHER_EXITS)
    return chosen


def run(command: list[str], exits: tuple[int, ...], folder: Path) -> Run:
    """Run a command to its end, watching the memory of all its processes."""
    begin = time.perf_counter()
    with (folder / "errors").open("wb") as errors:
        process = psutil.Popen(command, stdout=subprocess.DEVNULL, stderr=errors)
        memory = 0
        while process.poll() is None:
            memory = max(memory, tree_memory(process))
            time.sleep(POLL_SECONDS)
    seconds = time.perf_counter() - begin
    if process.returncode not in exits:
        raise SystemExit(f"{command[0]} ended with {process.returncode}: {(folder / 'errors').read_text()}")
    return Run(seconds, memory)


def tree_memory(process: psutil.Popen) -> int:
    """Add up what a process and its descendants keep to themselves (shared pages count once, for none)."""
    total = 0
    for each in [process, *process.children(recursive=True)]:
        try:
            total += each.memory_full_info().uss
        except psutil.Error:
            continue  # it has just ended
    return total


if __name__ == "__main__":
    main()
