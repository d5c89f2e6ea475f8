"""Logging as in service: the development renderer would take longer than all requests."""

from collections.abc import Iterator

import pytest

from tests.core.http.test_logs import logs_configured


@pytest.fixture(autouse=True)
def _logs() -> Iterator[None]:
    with logs_configured():
        yield
