"""Requests are told of by timers, on the one event loop that all tests share."""

import asyncio
from collections.abc import Iterator

import pytest

from app.core.http.traffic import DELAY, Traffic


@pytest.fixture(scope="module", autouse=True)
async def _earlier_requests_are_told() -> None:
    """A loop keeps to the order of its timers: those of other tests' requests come before this."""
    await asyncio.sleep(DELAY)


@pytest.fixture
def traffic() -> Iterator[Traffic]:
    """Of one test, after which nothing is left to be told during the next."""
    traffic = Traffic()
    yield traffic
    traffic.tell()
