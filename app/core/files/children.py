"""Processes in which files of others are opened, for they may end whoever opens them."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Timer
from typing import IO

SILENCE = 60.0
"""Seconds without a word after which a child has died, or will never end."""
ENDED_BY_LIMITS = {-signal.SIGABRT, -signal.SIGKILL, -signal.SIGXCPU}
"""Memory that is refused ends libraries with SIGABRT."""
_ROOT = Path(__file__).parents[3]
_BEGIN = (
    "import sys; from importlib import import_module; sys.path.insert(0, sys.argv[1]);"
    " import_module(sys.argv[2]).main(*sys.argv[3:])"
)
_PIECE = 1 << 16


def started(module: str, *arguments: str, stdin: int | IO[bytes]) -> subprocess.Popen[bytes]:
    """`main` of the module, given the arguments, and nothing of the service's environment."""
    return subprocess.Popen(  # noqa: S603  # our own script
        [sys.executable, "-I", "-c", _BEGIN, str(_ROOT), module, *arguments],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
    )


def read(child: subprocess.Popen[bytes]) -> bytes:
    """What it says next; nothing at its end. Only our own waiting counts: whoever takes what it
    says may be slow."""
    timer = Timer(SILENCE, child.kill)
    timer.start()
    try:
        return os.read(child.stdout.fileno(), _PIECE)  # type: ignore[union-attr]
    finally:
        timer.cancel()
