"""What is told of requests, and that all of it is."""

import httpx

from app.main import create_app
from tests.core.http.test_logs import logs_configured, told
from tests.world import running


async def test_a_service_that_stops_tells_of_its_last_requests(settings, app, capsys):
    with logs_configured():
        stopping = create_app(settings)
        async with running(stopping):
            transport = httpx.ASGITransport(stopping)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                await client.get("/health/live")
        lines = [line for line in told(capsys) if line["event"] == "request"]
    assert [line["route"] for line in lines] == ["/health/live"]
