"""How time and memory of `leaksieve history` grow with a history: synthetic repositories of more and more blobs.

Each is made with `git fast-import`: files of a hundred lines of code in folders, and commits that edit a few lines of
a few of them, so that blobs resemble those before them, as real ones do. Their size does not matter to what is
measured: time for each object, and the most memory that all processes keep to themselves.

Usage: python benchmarks/growth.py [--blobs N ...] [--runs N] [--jobs N] [--keep FOLDER]
"""

import argparse
import random
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from history import LEAKSIEVE_EXITS, MEGABYTE, commands, run

EDITS = 3
LINES = 100
FILES_IN_A_FOLDER = 20
BLOBS_FOR_A_FILE = 40
UNIQUE = 0.3
BASE_MEGABYTES, BYTES_FOR_AN_OBJECT = 600, 500
WORDS = "def return self value index result for in if not name items config client request session open close".split()  # noqa: SIM905


def main() -> None:
    """Make repositories, measure each, and print what an object costs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--blobs", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="make the repositories here, and use those that are there already")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        for blobs in arguments.blobs:
            repository = folder / f"growth-{blobs}.git"
            if not repository.exists():
                make(repository, blobs)
            measure(repository, arguments.runs, arguments.jobs, Path(temporary))


def make(repository: Path, blobs: int) -> None:
    """Make a repository with about so many blobs."""
    subprocess.run(["git", "init", "-q", "--bare", str(repository)], check=True)
    with subprocess.Popen(
        ["git", "-C", str(repository), "fast-import", "--quiet", "--depth=50"], stdin=subprocess.PIPE
    ) as process:
        assert process.stdin is not None  # noqa: S101 - a pipe
        for part in stream(blobs):
            process.stdin.write(part)
        process.stdin.close()
    if process.returncode:
        raise SystemExit("git fast-import failed")


def stream(blobs: int) -> Iterator[bytes]:
    """Give the commands for git: each file's versions, one upon the other, and commits that bring a few of them each.

    Versions of a file come together since fast-import makes each blob a delta upon the one before it.
    """
    source = random.Random(blobs)  # noqa: S311 - the same repository each time
    versions: list[int] = []
    while len(versions) < blobs:
        file = [line(source) for _ in range(LINES)]
        number = versions[-1] + 1 if versions else 0
        for _ in range(min(source.randint(1, 2 * BLOBS_FOR_A_FILE), blobs - len(versions))):
            edit(file, source)
            data = "\n".join(file).encode()
            yield f"blob\nmark :{len(versions) + 1}\ndata {len(data)}\n".encode() + data + b"\n"
            versions.append(number)
    # Any order of the files will do, as long as each one's versions follow one another.
    order = source.sample(versions, len(versions))
    following = {number: mark for mark, number in reversed(list(enumerate(versions, 1)))}
    for begin in range(0, len(order), EDITS):
        when = 1_500_000_000 + begin * 60
        yield f"commit refs/heads/main\ncommitter A B <a@corp.io> {when} +0000\ndata 6\nchange\n".encode()
        for number in order[begin : begin + EDITS]:
            folder = number // FILES_IN_A_FOLDER
            yield f"M 100644 :{following[number]} src/{folder % 50}/{folder}/file{number}.py\n".encode()
            following[number] += 1


def edit(lines: list[str], source: random.Random) -> None:
    """Change, add or remove a few lines."""
    for _ in range(source.randint(1, 4)):
        at = source.randrange(len(lines))
        if source.random() < 0.5 or len(lines) < LINES // 2:  # noqa: PLR2004 - half of them
            lines.insert(at, line(source))
        elif source.random() < 0.5:  # noqa: PLR2004
            lines[at] = line(source)
        else:
            del lines[at]


def line(source: random.Random) -> str:
    """Make a line that looks like code; some occur often, some once."""
    words = source.choices(WORDS, k=source.randint(2, 8))
    return (
        "    " * source.randint(1, 3)
        + " ".join(words)
        + (f" {source.randrange(10**6)}" if source.random() < UNIQUE else "")
    )


def measure(repository: Path, runs: int, jobs: int, folder: Path) -> None:
    """Run the audit so many times and print the median."""
    listing = subprocess.run(
        ["git", "-C", str(repository), "count-objects", "-v"], check=True, capture_output=True, text=True
    ).stdout
    objects = int(dict(pair.split(": ") for pair in listing.splitlines())["in-pack"])
    command = commands(repository, jobs, folder, full=False)["leaksieve"][0]
    finished = [run(command, (0, *LEAKSIEVE_EXITS), folder) for _ in range(runs)]
    seconds = statistics.median(each.seconds for each in finished)
    memory = max(each.memory for each in finished)
    allowed = BASE_MEGABYTES * MEGABYTE + BYTES_FOR_AN_OBJECT * objects
    print(
        f"{repository.name}: {objects:,} objects  {seconds:.2f} s  {seconds / objects * 1e6:.1f} us an object  "
        f"{memory / MEGABYTE:.0f} MB of {allowed / MEGABYTE:.0f} MB allowed"
    )


if __name__ == "__main__":
    main()
