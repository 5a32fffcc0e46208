"""Precision, recall and F1 on a folder of labelled files, by line and by kind.

The folder holds `labels.csv` with the columns FilePath, LineStart, LineEnd, GroundTruth (T is a credential) and
Category (kinds joined by a colon), and the files that FilePath names. A unit is a distinct place; it is true if any
label of it says so. A true unit with a finding on one of its lines is found; a false unit that a finding touches,
whose line lies in no true unit, is a false positive; a finding outside all labels is counted as other.

Kingfisher and detect-secrets are run beside it where they are installed (`pip install kingfisher-bin detect-secrets`).

With `--code`, counts what is found in checkouts that hold no credentials, for each million lines of text, and lists it.
A sample that is shown again counts again. docs/ordinary-code.md judges what it finds.

Usage: python benchmarks/detection.py [FOLDER] [--least low|medium|high] [--errors N] [--code CHECKOUT ...]
"""

import argparse
import csv
import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

LEVELS = ("low", "medium", "high")
UUID_KIND = "UUID"
#: For each path and line, what found something there.
Found = dict[str, dict[int, set[str]]]


class Unit(NamedTuple):
    """A labelled place."""

    path: str
    first: int
    last: int


class Labels(NamedTuple):
    """What the labels say of each unit: whether it is a credential, and its kinds."""

    truth: dict[Unit, bool]
    kinds: dict[Unit, str]


def main() -> None:
    """Scan, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="the labelled files")
    parser.add_argument("--least", choices=LEVELS, default="medium", help="least confidence that counts")
    parser.add_argument("--errors", type=int, default=0, help="print so many misses and false positives of each rule")
    parser.add_argument(
        "--code", type=Path, nargs="+", default=[], help="checkouts in which each finding is a false one"
    )
    arguments = parser.parse_args()
    lines = places = 0
    for checkout in arguments.code:
        counts = print_false_positives(checkout, scan(checkout, arguments.least))
        lines, places = lines + counts[0], places + counts[1]
    if arguments.code:
        print(f"all: {places} places in {lines:,} lines, {ratio(1e6 * places, lines):.1f} for each million")
    if arguments.folder is None:
        return
    if not (arguments.folder / "labels.csv").is_file():
        print(f"skipped: {arguments.folder} holds no labels.csv")
        return
    found = scan(arguments.folder / "data", arguments.least)
    peers = {name: run(arguments.folder / "data") for name, run in PEERS.items() if shutil.which(name)}
    for name, with_uuid in (("without UUID", False), ("with UUID", True)):
        labels = read_labels(arguments.folder / "labels.csv", with_uuid=with_uuid)
        print_scores(name, labels, found)
        print_kinds(labels, found)
        for peer, its_lines in peers.items():
            print_scores(f"{peer}, {name}", labels, its_lines)
    if arguments.errors:
        labels = read_labels(arguments.folder / "labels.csv", with_uuid=False)
        print_errors(arguments.folder, labels, found, arguments.errors)


def read_labels(path: Path, *, with_uuid: bool) -> Labels:
    """Read the labels, with or without places whose kind is UUID."""
    truth: dict[Unit, bool] = {}
    kinds: dict[Unit, str] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if not with_uuid and UUID_KIND in row["Category"].split(":"):
                continue
            unit = Unit(row["FilePath"], int(row["LineStart"]), int(row["LineEnd"]))
            truth[unit] = truth.get(unit, False) or row["GroundTruth"] == "T"
            kinds[unit] = row["Category"]
    return Labels(truth, kinds)


def scan(folder: Path, least: str) -> Found:
    """Run leaksieve; give, for each path (from the folder's parent) and line, the rules that found something there."""
    command = [sys.executable, "-m", "leaksieve", "scan", str(folder), "--no-ignore", "--format", "json"]
    finished = subprocess.run(command, capture_output=True, check=False)
    if finished.returncode not in {0, 1}:
        raise SystemExit(finished.stderr.decode())
    report: dict[str, Any] = json.loads(finished.stdout)
    lines: Found = defaultdict(lambda: defaultdict(set))
    for finding in report["findings"]:
        if LEVELS.index(finding["confidence"]) >= LEVELS.index(least):
            for place in finding["occurrences"]:
                path = Path(place["path"]).relative_to(folder.parent).as_posix()
                for line in range(place["line"], place["end_line"] + 1):
                    lines[path][line].add(finding["rule"])
    return lines


def scan_with_kingfisher(folder: Path) -> Found:
    """Run Kingfisher; give what it found as `scan` does."""
    lines: Found = defaultdict(lambda: defaultdict(set))
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "found.jsonl"
        options = ["--no-validate", "--no-update-check", "-f", "jsonl", "-o", str(report)]
        subprocess.run(["kingfisher", "scan", str(folder), *options], capture_output=True, check=False)
        for entry in map(json.loads, report.read_text(encoding="utf-8").splitlines()):
            if "finding" in entry:
                path = Path(entry["finding"]["path"]).resolve().relative_to(folder.resolve().parent).as_posix()
                lines[path][entry["finding"]["line"]].add("kingfisher")
    return lines


def scan_with_detect_secrets(folder: Path) -> Found:
    """Run detect-secrets, which takes minutes; give what it found as `scan` does."""
    command = ["detect-secrets", "scan", "--all-files", folder.name]
    finished = subprocess.run(command, cwd=folder.parent, capture_output=True, check=True)
    lines: Found = defaultdict(lambda: defaultdict(set))
    for path, places in json.loads(finished.stdout)["results"].items():
        for place in places:
            lines[Path(path).as_posix()][place["line_number"]].add("detect-secrets")
    return lines


#: By the command's name.
PEERS: dict[str, Callable[[Path], Found]] = {
    "kingfisher": scan_with_kingfisher,
    "detect-secrets": scan_with_detect_secrets,
}


def print_scores(name: str, labels: Labels, found: Found) -> None:
    """Print the totals."""
    hit = units_hit(labels, found)
    true_lines = {(u.path, line) for u, true in labels.truth.items() if true for line in lines_of(u)}
    all_lines = {(unit.path, line) for unit in labels.truth for line in lines_of(unit)}
    true_units = [unit for unit, true in labels.truth.items() if true]
    found_true = sum(unit in hit for unit in true_units)
    false = sum(is_false_positive(unit, found, true_lines) for unit in hit if not labels.truth[unit])
    other = sum((path, line) not in all_lines for path, lines in found.items() for line in lines)
    precision, recall = ratio(found_true, found_true + false), ratio(found_true, len(true_units))
    with_other = ratio(found_true, found_true + false + other)
    f1 = ratio(2 * precision * recall, precision + recall)
    print(f"{name}: P {precision:.3f} R {recall:.3f} F1 {f1:.3f}")
    print(
        f"  TP {found_true} FN {len(true_units) - found_true} FP {false}, other {other}: P with them {with_other:.3f}"
    )


def print_kinds(labels: Labels, found: Found) -> None:
    """Print the recall of each kind."""
    hit = units_hit(labels, found)
    by_kind: dict[str, Counter[bool]] = defaultdict(Counter)
    for unit in (unit for unit, true in labels.truth.items() if true):
        for kind in labels.kinds[unit].split(":"):
            by_kind[kind][unit in hit] += 1
    for kind, counts in sorted(by_kind.items(), key=lambda item: -sum(item[1].values())):
        print(f"  {kind:<32} recall {ratio(counts[True], sum(counts.values())):.2f} of {sum(counts.values())}")


def print_false_positives(checkout: Path, found: Found) -> tuple[int, int]:
    """Print the findings in a checkout that should have none; give its lines, and the places of the findings."""
    files = [path.read_bytes() for path in checkout.rglob("*") if path.is_file() and not path.is_symlink()]
    lines = sum(data.count(b"\n") for data in files if b"\0" not in data)
    # A finding over several lines is one.
    begins = [
        f"{path}:{line} {', '.join(sorted(rules))}"
        for path, places in sorted(found.items())
        for line, rules in sorted(places.items())
        if places.get(line - 1) != rules
    ]
    print(
        f"{checkout}: {len(begins)} findings in {lines:,} lines, {ratio(1e6 * len(begins), lines):.1f} for each million"
    )
    for place in begins:
        print(f"  {place}")
    return lines, len(begins)


def units_hit(labels: Labels, found: Found) -> set[Unit]:
    """Give the units with a finding on one of their lines."""
    return {unit for unit in labels.truth if not found.get(unit.path, {}).keys().isdisjoint(lines_of(unit))}


def lines_of(unit: Unit) -> range:
    """Give the lines of a unit."""
    return range(unit.first, unit.last + 1)


def is_false_positive(unit: Unit, found: Found, true_lines: set[tuple[str, int]]) -> bool:
    """Tell whether a finding touches a false unit on a line that lies in no true one."""
    lines = found.get(unit.path, {})
    return any(line in lines and (unit.path, line) not in true_lines for line in lines_of(unit))


def ratio(part: float, whole: float) -> float:
    """Divide, giving 0 for nothing of nothing."""
    return part / whole if whole else 0.0


def print_errors(folder: Path, labels: Labels, found: Found, count: int) -> None:
    """Print a sample of what was missed and of what was found wrongly, for reading."""
    source = random.Random(0)  # noqa: S311 - a sample that is the same each time
    true_lines = {(u.path, line) for u, true in labels.truth.items() if true for line in lines_of(u)}
    missed: dict[str, list[Unit]] = defaultdict(list)
    wrong: dict[str, list[Unit]] = defaultdict(list)
    for unit, true in labels.truth.items():
        rules = set().union(*(found.get(unit.path, {}).get(line, set()) for line in lines_of(unit)))
        if true and not rules:
            missed[labels.kinds[unit]].append(unit)
        elif not true and is_false_positive(unit, found, true_lines):
            for rule in rules:
                wrong[rule].append(unit)
    for title, groups in (("missed", missed), ("wrongly found by", wrong)):
        for name, units in sorted(groups.items(), key=lambda item: -len(item[1])):
            print(f"\n{title} {name}: {len(units)}")
            for unit in source.sample(units, min(count, len(units))):
                lines = (folder / unit.path).read_bytes().decode("latin-1").split("\n")
                print(f"  {unit.path}:{unit.first}: {lines[unit.first - 1].strip()[:200]}")


if __name__ == "__main__":
    main()
