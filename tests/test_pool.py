"""Workers end with the process that started them, however it ends."""

import signal
import subprocess
import sys

import pytest

_SCRIPT = """
import time
from leaksieve.core.rulebook import RuleBook
from leaksieve.pool import run_in_pool

class Endless:
    size = 1
    def blobs(self, coverage, screen):
        print("begun", flush=True)
        time.sleep(60)
        yield from ()

list(run_in_pool(RuleBook.of([]), [Endless(), Endless()], 2))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_workers_do_not_outlive_their_parent(number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", _SCRIPT], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        parent.send_signal(number)
        # The pipe is closed when the last worker has ended.
        parent.communicate(timeout=20)
        assert parent.returncode == -number
