"""An antivirus that knows one virus, and speaks the protocol of clamd as its manual has it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""What all antivirus programs take for a virus, so that they can be tried out."""


class Clamd:
    def __init__(self, *, limit: int = 1 << 30, mute: bool = False) -> None:
        self.limit, self.mute = limit, mute
        self.asked: list[bytes] = []
        self.url = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
            content = b""
            while size := int.from_bytes(await reader.readexactly(4)):
                if len(content) + size > self.limit:
                    writer.write(b"INSTREAM size limit exceeded. ERROR\0")
                    return
                content += await reader.readexactly(size)
            self.asked.append(content)
            if not self.mute:
                found = b"Win.Test.EICAR_HDB-1 FOUND" if EICAR in content else b"OK"
                writer.write(b"stream: " + found + b"\0")
        except asyncio.IncompleteReadError:
            return  # whoever asked has gone
        finally:
            writer.close()


@asynccontextmanager
async def clamd(socket: Path | None = None, **given: int) -> AsyncIterator[Clamd]:
    scanner = Clamd(**given)
    if socket is None:
        server = await asyncio.start_server(scanner.answer, "127.0.0.1", 0)
        scanner.url = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    else:
        server = await asyncio.start_unix_server(scanner.answer, socket)
        scanner.url = f"unix://{socket}"
    async with server:
        yield scanner
