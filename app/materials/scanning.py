"""An antivirus, asked over the protocol of ClamAV's daemon (`man clamd`, INSTREAM)."""

import asyncio
import re
from collections.abc import AsyncIterator
from urllib.parse import unquote, urlsplit

_PORT = 3310
_PATIENCE = 120.0
"""Seconds for its verdict, and for each part that it is to take."""
_LONGEST_ANSWER = 1000
_VERDICT = re.compile(rb"stream: (?:(?P<clean>OK)|(?P<found>.{1,200}) FOUND)")


class ScannerUnavailable(Exception):
    """It gave no verdict; the message says what it gave."""


async def scan(url: str, parts: AsyncIterator[bytes]) -> str | None:
    """What is found in the content; None when it is clean. Raises ScannerUnavailable."""
    try:
        async with asyncio.timeout(_PATIENCE):
            reader, writer = await _connected(url)
    except OSError as error:
        raise ScannerUnavailable(type(error).__name__) from error
    try:
        answer = await _asked(reader, writer, parts)
    except (OSError, EOFError) as error:
        raise ScannerUnavailable(type(error).__name__) from error
    finally:
        writer.close()
    verdict = _VERDICT.fullmatch(answer)
    if verdict is None:
        raise ScannerUnavailable(answer[:200].decode("ascii", "replace"))
    return None if verdict["clean"] else verdict["found"].decode("utf-8", "replace")


async def _connected(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    where = urlsplit(url)
    if where.scheme == "unix":
        return await asyncio.open_unix_connection(unquote(where.path))
    return await asyncio.open_connection(where.hostname, where.port or _PORT)


async def _asked(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, parts: AsyncIterator[bytes]
) -> bytes:
    """Each part goes behind its length; one of no length ends the content, and NUL the answer."""
    writer.write(b"zINSTREAM\0")
    async for part in parts:
        writer.write(len(part).to_bytes(4) + part)
        try:
            async with asyncio.timeout(_PATIENCE):
                await writer.drain()
        except ConnectionError:  # it has heard enough, and says why
            break
    else:
        writer.write(bytes(4))
    async with asyncio.timeout(_PATIENCE):
        answer = await reader.read(_LONGEST_ANSWER)
        while answer and not answer.endswith(b"\0") and len(answer) < _LONGEST_ANSWER:
            more = await reader.read(_LONGEST_ANSWER)
            if not more:
                break
            answer += more
    return answer.rstrip(b"\0\n")
