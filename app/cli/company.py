"""The worker that `serve` keeps beside itself, as a process of its own.

What it does would hold up whoever waits for an answer: a roster of 100,000 people is taken apart
for seconds. And when it is killed, nobody waits for less than before.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from structlog import get_logger

PAUSE = 2.0
"""Seconds before a worker that ended is started again."""
PATIENCE = 10.0
"""Seconds that a worker may take to stop."""

log = get_logger()


@contextmanager
def company() -> Iterator[None]:
    """A worker, for as long as it is needed; another one, when it ends before that."""
    stopping = threading.Event()
    keeper = threading.Thread(target=_keep, args=(stopping,), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stopping.set()
        keeper.join(PATIENCE + PAUSE)


def _keep(stopping: threading.Event) -> None:
    while not stopping.is_set():
        # In a group of its own: Ctrl+C is for `serve`, which stops it in good time.
        command = [sys.executable, "-m", "app.worker", str(os.getpid())]
        with subprocess.Popen(command, start_new_session=True) as worker:  # noqa: S603 -- our own
            while worker.poll() is None and not stopping.wait(0.5):
                pass
            _end(worker)
        if not stopping.is_set():
            log.warning("worker_ended", status=worker.returncode, again_in_seconds=PAUSE)
            stopping.wait(PAUSE)


def _end(worker: subprocess.Popen[bytes]) -> None:
    worker.terminate()
    try:
        worker.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        worker.kill()
