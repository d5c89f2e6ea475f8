"""The servers that are compared, each a process of its own, with one worker."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import data

_UVICORN = ["--loop", "uvloop", "--http", "httptools", "--no-access-log"]
_UVICORN += ["--log-level", "warning", "--port"]


@contextmanager
def service() -> Iterator[tuple[int, int]]:
    """The real one, as an operator starts it: its port and its process."""
    environment = {
        "BANGGIAO_DATA_DIRECTORY": str(data.DIRECTORY),
        "BANGGIAO_PUBLIC_URL": "http://127.0.0.1:8000",  # whatever the port, as the tokens say
        "BANGGIAO_SEARCH_RATE": "1000000/minute",
    }
    port = _free_port()
    with _running(["banggiao", "serve"], port, environment) as process:
        yield port, process


@contextmanager
def plain(application: str, database_url: str, **environment: str) -> Iterator[int]:
    """A small one of ours, which asks the database as somebody whom no row policy binds."""
    port = _free_port()
    command = ["uvicorn", application, *_UVICORN, str(port)]
    with _running(command, port, {"DATABASE_URL": database_url, **environment}):
        yield port


@contextmanager
def _running(command: list[str], port: int, environment: dict[str, str]) -> Iterator[int]:
    """Its process, once it answers."""
    program = Path(sys.executable).with_name(command[0])
    process = subprocess.Popen(
        [program, *command[1:]],
        env=os.environ | environment | {"PORT": str(port)},
        stdout=subprocess.DEVNULL,  # the service tells of each request there
    )
    try:
        while not _answers(port):
            if process.poll() is not None:
                raise SystemExit(f"{command} does not start")
            time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def memory(process: int) -> float:
    """Megabytes that would come free if the process ended (PSS)."""
    for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise LookupError(process)
