"""Somebody who sends rosters, and a worker that works on them."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from app import worker
from tests.rosters.sending import Sender
from tests.world import Somebody, World


@pytest.fixture(scope="module", autouse=True)
async def _worker(app: FastAPI) -> AsyncIterator[None]:
    work = asyncio.create_task(worker.run(app.state.settings))
    yield
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


@pytest.fixture
async def hr(world: World) -> Sender:
    """The HR system of a province."""
    place = await world.organization("hanoi")
    scopes = ("rosters:read", "rosters:write", "learners:read")
    return Sender(await world.program(place, *scopes))


@pytest.fixture
async def coordinator(world: World, hanoi: Somebody) -> Sender:
    """Who answers for the roster of that province."""
    return Sender(hanoi)
