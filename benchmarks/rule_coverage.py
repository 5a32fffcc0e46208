"""Whether a table of known credentials is covered: each of its ids is a rule, or is listed with the reason why not.

The table is a CSV file with the column `id`; docs/rules-left-out.md holds the list.

Usage: python benchmarks/rule_coverage.py TABLE
"""

import argparse
import csv
import re
from pathlib import Path

from leaksieve.ruleset.compiled import patterns_folder
from leaksieve.ruleset.load import load_folder

LEFT_OUT = Path(__file__).parent.parent / "docs" / "rules-left-out.md"


def main() -> None:
    """Compare, print, and exit with 1 when an id is neither or both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path)
    with parser.parse_args().table.open(encoding="utf-8", newline="") as file:
        known = {row["id"] for row in csv.DictReader(file)}
    rules = {source.rule.id for source in load_folder(Path(patterns_folder()))}
    lists, _, _ = LEFT_OUT.read_text(encoding="utf-8").partition("## Corrected facts")
    listed = set(re.findall(r"^\| `([a-z0-9-]+)` \|", lists, re.MULTILINE))
    problems = {
        "neither a rule nor listed": known - rules - listed,
        "a rule and listed as left out": rules & listed,
        "listed, but not in the table": listed - known,
    }
    for problem, ids in problems.items():
        for name in sorted(ids):
            print(f"{name}: {problem}")
    counts = f"{len(known & rules)} rules, {len(known & listed)} left out; {len(rules - known)} rules beside"
    print(f"{len(known)} ids: {counts}")
    raise SystemExit(any(problems.values()))


if __name__ == "__main__":
    main()
