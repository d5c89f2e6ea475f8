"""What the machines around the service are told of it."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from functools import partial

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from starlette.responses import Response
from starlette.routing import Mount, Route

from app.core.http import health, metrics
from app.core.http.edge import Edge
from app.core.http.traffic import Traffic
from tests.core.http.test_logs import logs_configured


@pytest.fixture(autouse=True)
def _logs():
    with logs_configured():
        yield


@pytest.fixture
def app(traffic):
    app = FastAPI()
    app.state.traffic = traffic

    async def readiness():
        return {"database": None, "disk": None}

    app.state.readiness = readiness
    app.include_router(health.router)
    app.add_middleware(Edge, traffic=traffic, unavailable=lambda _: False)
    return app


@pytest.fixture
def client(app):
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


def counted(text, name, **labels):
    """The value of a figure, 0 when there is none."""
    for line in text.splitlines():
        read = dict(re.findall(r'(\w+)="([^"]*)"', line))
        if line.startswith(f"{name}{{" if labels else f"{name} ") and read == labels:
            return float(line.split()[-1])
    return 0.0


async def rise(client, name, what, **labels):
    """By how much a figure grows while something is done."""
    before = counted((await client.get("/metrics")).text, name, **labels)
    await what()
    return counted((await client.get("/metrics")).text, name, **labels) - before


async def test_the_service_lives_even_when_all_it_depends_on_is_away(client, app):
    async def readiness():
        raise ConnectionError

    app.state.readiness = readiness
    answer = await client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "live"})


async def test_the_service_is_ready_when_it_lacks_nothing(client):
    answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "reasons": {}})


async def test_the_service_says_what_it_lacks(client, app):
    async def readiness():
        return {"database": "no connection within 2 s", "disk": None}

    app.state.readiness = readiness
    answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "not ready",
        "reasons": {"database": "no connection within 2 s"},
    }


async def test_the_service_is_not_ready_while_it_stops_but_still_answers(client, app):
    app.state.traffic.draining = True
    answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()["reasons"]) == (503, {"server": "stopping"})
    assert (await client.get("/health/live")).status_code == 200


async def test_a_stop_is_announced_before_the_server_hears_of_it():
    loop, heard, traffic = asyncio.get_running_loop(), [], Traffic()

    def stop(*_):
        heard.append(loop.time())

    before = signal.signal(signal.SIGTERM, stop)
    try:
        with health.announced_stop(traffic, seconds=0.2):
            asked = loop.time()
            signal.raise_signal(signal.SIGTERM)
            assert (traffic.draining, heard) == (True, [])
            while not heard:  # noqa: ASYNC110 -- a handler of signals rings no bell
                await asyncio.sleep(0.01)
            assert heard[0] >= asked + 0.2
            signal.raise_signal(signal.SIGTERM)
            assert len(heard) == 2, "who is in a hurry is heard at once"
        assert signal.getsignal(signal.SIGTERM) is stop
    finally:
        signal.signal(signal.SIGTERM, before)


async def test_where_nobody_handles_a_stop_nothing_is_announced():
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        with health.announced_stop(Traffic(), seconds=1):
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGTERM, before)


async def test_none_of_it_stands_in_the_document(app):
    assert app.openapi()["paths"] == {}


async def test_requests_are_counted_by_the_whole_template_of_their_route(client, app):
    rooms, hanoi = APIRouter(prefix="/rooms"), APIRouter(prefix="/v1/organizations/{organization}")

    @rooms.get("/{room}")
    async def room(organization: str, room: str):
        return Response(organization + room)

    hanoi.include_router(rooms)
    app.include_router(hanoi)
    app.include_router(hanoi, prefix="/old")

    async def ask():
        for path in ("/v1/organizations/a/rooms/b", "/old/v1/organizations/a/rooms/b"):
            assert (await client.get(path)).status_code == 200

    for prefix in ("", "/old"):
        template = prefix + "/v1/organizations/{organization}/rooms/{room}"
        labels = {"method": "GET", "route": template, "status": "2xx"}
        assert await rise(client, "http_requests_total", ask, **labels) == 1
        duration = "http_request_duration_seconds_count"
        assert await rise(client, duration, ask, method="GET", route=template) == 1


async def test_routes_of_starlette_are_counted_by_their_templates_too(client, app):
    async def plain(_request):
        return Response()

    async def files(scope, receive, send):
        await Response()(scope, receive, send)

    app.router.routes += [Route("/plain/{name}", plain), Mount("/files", files)]
    for path, template in (
        ("/plain/a", "/plain/{name}"),
        ("/files/a/b", "/files/{path}"),
        ("/openapi.json", "/openapi.json"),
    ):
        labels = {"method": "GET", "route": template, "status": "2xx"}
        ask = partial(client.get, path)
        assert await rise(client, "http_requests_total", ask, **labels) == 1


@pytest.mark.parametrize(
    ("method", "path", "labels"),
    [
        ("GET", "/nowhere/42", {"method": "GET", "route": "unmatched", "status": "4xx"}),
        ("DELETE", "/things/42", {"method": "DELETE", "route": "/things/{id}", "status": "4xx"}),
        ("BREW", "/things/42", {"method": "OTHER", "route": "/things/{id}", "status": "4xx"}),
        ("GET", "/things/42", {"method": "GET", "route": "/things/{id}", "status": "5xx"}),
        ("GET", "/" + "x" * 9000, {"method": "GET", "route": "unmatched", "status": "4xx"}),
    ],
)
async def test_requests_that_fail_have_labels_as_few_as_the_routes(
    client, app, method, path, labels
):
    @app.get("/things/{id}")
    async def thing():
        raise ValueError

    async def ask():
        await client.request(method, path)

    assert await rise(client, "http_requests_total", ask, **labels) == 1
    assert "/42" not in (await client.get("/metrics")).text


async def test_a_request_that_was_cancelled_has_no_status(client):
    async def cancelled(*_):
        raise asyncio.CancelledError

    async def ask():
        scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
        traffic = Traffic()
        with pytest.raises(asyncio.CancelledError):
            await Edge(cancelled, traffic=traffic, unavailable=bool)(scope, None, None)
        traffic.tell()

    labels = {"method": "GET", "route": "unmatched", "status": "none"}
    assert await rise(client, "http_requests_total", ask, **labels) == 1


async def test_requests_in_flight_are_a_figure(client):
    assert counted((await client.get("/metrics")).text, "http_requests_in_flight") == 1


async def test_metrics_are_what_prometheus_reads(client):
    answer = await client.get("/metrics")
    assert answer.headers["content-type"] == metrics.CONTENT_TYPE_LATEST
    assert "# TYPE http_requests_total counter" in answer.text
    assert "python_info" in answer.text


WORKER = """
from app.core.http import metrics
metrics.record("GET", "/things", 200, 0.1)
metrics.IN_FLIGHT.set(3)
print(metrics.render()[0].decode(), flush=True)
input()
"""


@contextmanager
def worker(directory):
    """A process with figures of its own; gives what it knows of them all."""
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(directory)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", WORKER], env=environment, **pipes) as process:
        yield "".join(iter(process.stdout.readline, "\n"))
        process.communicate("\n")


def test_any_worker_tells_the_figures_of_all_but_not_what_the_dead_are_doing(tmp_path):
    with worker(tmp_path), worker(tmp_path):
        pass
    with worker(tmp_path), worker(tmp_path) as text:
        labels = {"method": "GET", "route": "/things", "status": "2xx"}
        assert counted(text, "http_requests_total", **labels) == 4
        assert counted(text, "http_requests_in_flight") == 6
