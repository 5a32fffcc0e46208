"""A bar on a terminal while a long scan runs."""

import sys
from collections.abc import Iterable, Iterator

from tqdm import tqdm

from leaksieve.core.rulebook import RuleBook
from leaksieve.pool import run_in_pool
from leaksieve.scan import Runner, ShardResult
from leaksieve.sources.source import Shard


def runner(jobs: int) -> Runner:
    """Run shards in `jobs` processes, with a bar on standard error when that is a terminal."""

    def run(rules: RuleBook, shards: Iterable[Shard]) -> Iterator[ShardResult]:
        objects = scanned = 0
        with tqdm(unit="shard", disable=not sys.stderr.isatty(), leave=False) as bar:
            for result in run_in_pool(rules, shards, jobs):
                objects += sum(result.coverage.objects.values())
                scanned += result.coverage.bytes_scanned
                bar.set_postfix_str(f"{objects:,} objects, {scanned / 1e6:,.0f} MB", refresh=False)
                bar.update()
                yield result

    return run
