"""Run shards in worker processes. Works with any start method: workers get rules and shards by pickle."""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice

from leaksieve.core.detector import Detector
from leaksieve.core.regexes import know, known
from leaksieve.core.rulebook import RuleBook
from leaksieve.errors import WorkerError
from leaksieve.scan import ShardResult, run_here, scan_shard
from leaksieve.sieve import Sieve
from leaksieve.sources.source import Shard

_sieve: Sieve


def run_in_pool(rules: RuleBook, shards: Iterable[Shard], jobs: int) -> Iterator[ShardResult]:
    """Scan shards in `jobs` processes; results come in the order in which they are ready.

    The first shards are scanned while the others are still being listed.

    Raises:
        WorkerError: a worker was killed.
    """
    coming = iter(shards)
    first = list(islice(coming, 2))
    if jobs == 1 or len(first) < 2:  # noqa: PLR2004 - one shard needs no second process
        yield from run_here(rules, chain(first, coming))
        return
    with ProcessPoolExecutor(jobs, initializer=_begin, initargs=(rules, known())) as executor:
        try:
            with _ctrl_c_held_back():
                futures = [executor.submit(_scan, shard) for shard in first]
            futures += (executor.submit(_scan, shard) for shard in coming)
            for future in as_completed(futures):
                yield future.result()
        except BrokenProcessPool:
            raise WorkerError("a worker process was killed (out of memory?); try again with fewer --jobs") from None
        except BaseException:
            # Whatever stops the scan (Ctrl-C, a closed pipe) stops the workers at once, in mid-shard.
            for worker in multiprocessing.active_children():
                worker.terminate()
            # Waits for a thread that would otherwise complain when the interpreter ends.
            executor.shutdown(cancel_futures=True)
            raise


@contextlib.contextmanager
def _ctrl_c_held_back() -> Iterator[None]:
    """Hold Ctrl-C back while workers are forked: raised in what Python runs after a fork, it would be lost."""
    if not hasattr(signal, "pthread_sigmask"):
        yield  # Windows, where nothing is forked
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(rules: RuleBook, codes: bytes) -> None:
    """Set up a worker: it leaves Ctrl-C to the parent, which ends it."""
    global _sieve  # noqa: PLW0603 - one for each worker process: it remembers the lines of all its shards
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    know(codes)
    _sieve = Sieve.of(Detector(rules))


def _end_with_parent() -> None:
    """End this worker when its parent is killed: nobody else would, and it would wait for shards for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _scan(shard: Shard) -> ShardResult:
    return scan_shard(_sieve, shard)
