"""The service in a process of its own, started as an operator starts it."""

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

import httpx

COMMAND = str(Path(sys.executable).with_name("banggiao"))


def environment(**settings: str) -> dict[str, str]:
    """What a command sees: its settings, and nothing of whoever runs the tests."""
    return {"PATH": os.defpath, "PYTHONWARNINGS": "default", **settings}


def free_port() -> int:
    """Below the ports that systems lend, so that nobody else is likely to get it meanwhile."""
    while True:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", random.randrange(10_000, 20_000)))
            port: int = probe.getsockname()[1]
            return port


class Service:
    """`banggiao serve`, from when it is ready until it is told to stop, or killed."""

    def __init__(self, log: Path, **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [COMMAND, "serve"],
                cwd=log.parent,
                env=environment(PORT=str(self.port), **settings),
                stdout=output,
                stderr=output,
            )

    async def __aenter__(self) -> Self:
        try:
            await self.becomes_ready()
        except BaseException:
            self.kill()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self.kill()

    async def becomes_ready(self, within: float = 60) -> float:
        """How long it took, in seconds."""
        began = time.monotonic()
        async with httpx.AsyncClient(base_url=self.url) as client:
            while time.monotonic() < began + within:
                try:
                    if (await client.get("/health/ready")).status_code == 200:
                        return time.monotonic() - began
                except httpx.TransportError:
                    assert self.process.poll() is None, self.log.read_text()
                await asyncio.sleep(0.05)
        raise AssertionError(self.log.read_text())

    async def stop(self, within: float = 40) -> int:
        """Asks it to stop; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.to_thread(self.process.wait, within)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
