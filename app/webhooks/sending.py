"""One message to one address."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, Self
from urllib.parse import SplitResult

from app.webhooks.addresses import Address, Network, NotAllowed, check_url, resolved
from app.webhooks.schemas import DeliveryError

PATIENCE = 10.0
"""Seconds within which a message is to be taken: name, connection and answer together."""
CONNECTED = 3.0
"""Seconds after which the next address of the name is tried."""
_LARGEST = 64 * 1024
"""Bytes of an answer that are read; what they say is of no interest."""
_HEADERS = {
    "Content-Type": "application/json",
    "User-Agent": "BangGiao-Webhooks/1.0",
    "Accept-Encoding": "identity",
}


class Outcome(NamedTuple):
    status: int | None
    error: DeliveryError | None

    @property
    def taken(self) -> bool:
        return self.error is None


class Sender:
    """Sends over a connection of its own each time: which address a name has may change, and a
    connection to one name is not another's."""

    def __init__(self, networks: tuple[Network, ...], at_once: int) -> None:
        import httpx  # noqa: PLC0415 -- only who sends needs it

        self._networks = networks
        # Names that nobody answers for keep a thread for long.
        self._threads = ThreadPoolExecutor(at_once, "webhook-names")
        self._failed = httpx.TransportError
        self._http = httpx.AsyncClient(
            trust_env=False,  # no proxies, which would go wherever they like
            follow_redirects=False,
            verify=httpx.create_ssl_context(),  # SSL_CERT_FILE counts here too
            timeout=httpx.Timeout(None, connect=CONNECTED),
            limits=httpx.Limits(max_connections=at_once, max_keepalive_connections=0),
            headers=_HEADERS,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Never raises for what the other side does."""
        answer: list[int] = []
        error: DeliveryError = "connection_failed"
        try:
            async with asyncio.timeout(PATIENCE):
                parts = check_url(url, self._networks)
                addresses = await resolved(parts, self._networks, self._threads)
                await self._post(parts, addresses, headers, body, answer)
        except NotAllowed:
            error = "address_not_allowed"
        except (socket.gaierror, UnicodeError):
            error = "name_unknown"
        except TimeoutError:
            error = "timed_out"
        except (self._failed, OSError):
            pass
        if not answer:
            return Outcome(None, error)
        return Outcome(answer[0], None if answer[0] // 100 == 2 else "status")  # noqa: PLR2004

    async def _post(
        self,
        parts: SplitResult,
        addresses: list[Address],
        headers: Mapping[str, str],
        body: bytes,
        answer: list[int],
    ) -> None:
        """To the first of the addresses that can be reached."""
        import httpx  # noqa: PLC0415

        url = httpx.URL(parts.geturl())
        named = {**headers, "Host": parts.netloc}
        for last, address in enumerate(addresses, 1 - len(addresses)):
            request = self._http.build_request(
                "POST",
                url.copy_with(host=str(address)),
                headers=named,
                content=body,
                extensions={"sni_hostname": parts.hostname},
            )
            try:
                response = await self._http.send(request, stream=True)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if not last:
                    raise
                continue
            answer.append(response.status_code)
            try:
                await _skim(response.aiter_raw())
            finally:
                await response.aclose()
            return


async def _skim(chunks: AsyncIterator[bytes]) -> None:
    """Reads a little, out of politeness."""
    read = 0
    async for chunk in chunks:
        read += len(chunk)
        if read >= _LARGEST:
            return
