"""A province that runs the script, against the service as an operator starts it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.core.database.serving import Urls
from tests.client.running import ROOT, Province
from tests.client.stub import Stub
from tests.conftest import SECRET
from tests.oauth.programs import Program
from tests.rosters.sending import Sender
from tests.service import Service
from tests.world import Somebody, World

SCOPES = ("rosters:read", "rosters:write", "learners:read")


@pytest.fixture(scope="module")
async def service(
    urls: Urls, app: Any, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Service]:
    settings = {"DATABASE_URL": urls.service, "BANGGIAO_SECRET_KEY": SECRET, "PYTHONPATH": ROOT}
    async with Service(tmp_path_factory.mktemp("service") / "log", **settings) as service:
        yield service


@pytest.fixture
async def coordinator(hanoi: Somebody) -> Sender:
    """Who sees the roster as it is."""
    return Sender(hanoi)


@pytest.fixture
async def program(world: World, hanoi: Somebody) -> Program:
    """With a secret of its own, as an administrator has registered it."""
    program = Program(world)
    await program.register(hanoi.organization, *SCOPES)
    return program


@pytest.fixture
def province(service: Service, program: Program, tmp_path: Path) -> Province:
    return Province(tmp_path, service.url, program.name, program.secret)


@pytest.fixture
def stub() -> Iterator[Stub]:
    with Stub() as stub:
        yield stub


@pytest.fixture
def stubbed(stub: Stub, tmp_path: Path) -> Province:
    """A province whose service says what it is told to."""
    return Province(tmp_path, stub.url, "hue-hr", "a+b %:c")
