from collections.abc import Iterator

import pytest

from tests.world import World


@pytest.fixture
def scanned(world: World) -> Iterator[None]:
    """The service has an antivirus, which is away: files wait for it."""
    state = world.app.state
    before = state.settings
    state.settings = before.model_copy(update={"clamd_url": "tcp://127.0.0.1:9"})
    yield
    state.settings = before
