"""As much of a Redis as counting takes: windows that never end, kept for whoever connects.

What the library's scripts do there, it does not do: that is Redis' business and the library's.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

AN_HOUR = b"3600000"


class Store:
    def __init__(self) -> None:
        self.counted: Counter[bytes] = Counter()
        self.url = ""

    def answer(self, command: bytes, *rest: bytes) -> bytes:
        if command != b"EVALSHA":
            return b"+OK\r\n"
        _script, _keys, _before, window, *given = rest
        if len(given) == 1:  # what was counted, and how long it counts
            count = str(self.counted[window]).encode()
            return b"*4\r\n$-1\r\n:-2\r\n$%d\r\n%b\r\n:%b\r\n" % (len(count), count, AN_HOUR)
        if self.counted[window] + int(given[2]) > int(given[0]):
            return b"$-1\r\n"
        self.counted[window] += int(given[2])
        return b":1\r\n"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            words = [await _word(reader) for _ in range(int(line[1:]))]
            writer.write(self.answer(*words))
        writer.close()


async def _word(reader: asyncio.StreamReader) -> bytes:
    length = int((await reader.readline())[1:])
    return (await reader.readexactly(length + 2))[:-2]


@asynccontextmanager
async def shared_store(port: int = 0) -> AsyncIterator[Store]:
    store = Store()
    server = await asyncio.start_server(store.serve, "127.0.0.1", port)
    store.url = f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield store
    finally:
        server.close()


@asynccontextmanager
async def silent_store() -> AsyncIterator[str]:
    """The address of one that takes connections and never says a word."""
    left = asyncio.Event()

    async def listen(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await left.wait()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    try:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        left.set()
        server.close()
