"""What the rules cost: an audit with all of them beside one with the first 150, and the share of each rule.

Both audits run in one process each, in turn, and processor time counts: the ratio is that of work, not of luck. The
shares are those of one more audit in this process, whose clock stops around each rule.

Usage: python benchmarks/rule_cost.py [--runs N] [--shown N] REPOSITORY
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path

from leaksieve.cli.options import cache_folder
from leaksieve.core.coverage import Coverage
from leaksieve.core.detector import Detector
from leaksieve.core.finding import Match
from leaksieve.core.regexes import know
from leaksieve.core.rulebook import RuleBook
from leaksieve.git.repository import open_repository
from leaksieve.ruleset.compiled import builtin_codes, builtin_rules
from leaksieve.scan import run_with
from leaksieve.sources.history import HistorySource

FIRST = Path(__file__).with_name("first-rules.txt")


class TimedDetector(Detector):
    """A detector that knows how long each rule took."""

    def __init__(self, rules: RuleBook) -> None:
        """Begin with no time spent."""
        super().__init__(rules)
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def _in_time(self, number: int, found: Iterator[Match]) -> list[Match]:
        begin = time.process_time()
        matches = super()._in_time(number, found)
        self.seconds[self.rules[number].id] += time.process_time() - begin
        return matches


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repository", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--shown", type=int, default=12, help="how many rules to show")
    arguments = parser.parse_args()
    rules = builtin_rules(cache_folder(os.environ))
    there = {rule.id for rule in rules}
    first = [name for name in FIRST.read_text(encoding="utf-8").split() if name in there]
    chosen = {"the first": [part for name in first for part in ("--rule", name)], "all": []}
    times: dict[str, list[float]] = {name: [] for name in chosen}
    for _ in range(arguments.runs):
        for name, options in chosen.items():
            times[name].append(processor_seconds(arguments.repository, options))
    few, many = (statistics.median(times[name]) for name in chosen)
    print(f"{len(first)} rules {few:.2f} s, {len(there)} rules {many:.2f} s: ratio {many / few:.2f}")
    show_shares(arguments.repository, rules, arguments.shown)


def processor_seconds(repository: Path, options: list[str]) -> float:
    """Audit once; give what the process and its children took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "leaksieve", "history", str(repository), "--jobs", "1", "--format", "json"]
    finished = subprocess.run([*command, *options], capture_output=True, check=False)
    if finished.returncode not in {0, 1}:
        raise SystemExit(finished.stderr.decode())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def show_shares(repository: Path, rules: RuleBook, shown: int) -> None:
    """Audit in this process, and print the share of the dearest rules in the time of reading and sieving."""
    know(builtin_codes(cache_folder(os.environ)))
    detector = TimedDetector(rules)
    source = HistorySource(open_repository(str(repository), os.environ), str(repository))
    begin = time.process_time()
    for _ in run_with(detector)(rules, source.shards(Coverage())):
        pass
    whole = time.process_time() - begin
    print(f"reading and sieving {whole:.2f} s, all regexes and judges {sum(detector.seconds.values()) / whole:.1%}")
    for name, seconds in sorted(detector.seconds.items(), key=itemgetter(1), reverse=True)[:shown]:
        print(f"  {seconds / whole:6.2%}  {name}")


if __name__ == "__main__":
    main()
