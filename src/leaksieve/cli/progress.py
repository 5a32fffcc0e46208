"""How far a long scan has come, while it runs on a terminal; and how fast it was, at its end."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import Never

from tqdm import tqdm

from leaksieve.core.coverage import Coverage
from leaksieve.core.rulebook import RuleBook
from leaksieve.pool import run_in_pool
from leaksieve.scan import Runner, ShardResult
from leaksieve.sources.source import Shard

_WAYS = {"pack": "from packs", "git": "through git"}


class Progress:
    """Runs shards, and tells how far that has come.

    Args:
        jobs: how many processes.
        unit: what sizes of shards count: "B" for bytes.
    """

    def __init__(self, jobs: int, unit: str) -> None:
        """Begin with nothing done."""
        self._jobs = jobs
        self._unit = unit
        self._total = 0
        self._coverage = Coverage()
        self._findings: set[tuple[str, str]] = set()
        self._seconds = 0.0

    @property
    def runner(self) -> Runner:
        """Runs shards in so many processes, with a bar on standard error when that is a terminal."""
        return self._run

    def _run(self, rules: RuleBook, shards: Iterable[Shard]) -> Iterator[ShardResult]:
        begun = time.perf_counter()
        hidden = not sys.stderr.isatty()
        # A thread beside the bar would be there when workers are forked.
        tqdm.monitor_interval = 0
        with tqdm(unit=self._unit, unit_scale=True, disable=hidden, leave=False, dynamic_ncols=True) as bar:
            for result in run_in_pool(rules, self._measured(shards), self._jobs):
                if not hidden:
                    self._show(bar, result)
                self._coverage.add(result.coverage)
                yield result
        self._seconds = time.perf_counter() - begun

    def _measured(self, shards: Iterable[Shard]) -> Iterator[Shard]:
        for shard in shards:
            self._total += shard.size
            yield shard

    def _show(self, bar: "tqdm[Never]", result: ShardResult) -> None:
        self._findings.update((match.rule, match.secret) for match in result.matches)
        objects = sum(self._coverage.objects.values()) + sum(result.coverage.objects.values())
        lines = self._coverage.distinct_lines + result.coverage.distinct_lines
        bar.total = self._total
        bar.set_postfix_str(f"{objects:,} objects, {lines:,} lines, {len(self._findings):,} findings", refresh=False)
        bar.update(result.size)

    def summary(self) -> str:
        """Say what was read, in which ways, and how fast."""
        coverage, seconds = self._coverage, max(self._seconds, 0.001)
        objects = sum(coverage.read_by.values())
        ways = ", ".join(f"{number:,} {_WAYS[way]}" for way, number in sorted(coverage.read_by.items(), reverse=True))
        looked_up = f"{coverage.lines:,} lines looked up, {coverage.distinct_lines:,} of them new; " * bool(
            coverage.lines
        )
        return (
            f"{objects:,} objects ({ways}), {coverage.bytes_scanned / 1e6:,.1f} MB; {looked_up}"
            f"{seconds:.1f} s: {objects / seconds:,.0f} objects/s, {coverage.bytes_scanned / 1e6 / seconds:,.0f} MB/s"
        )
