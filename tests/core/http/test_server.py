"""What only a real server can show: how it stops, and how it bears with slow clients."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.responses import Response, StreamingResponse

from app.core.http import health, logs
from app.core.http.edge import Edge
from app.core.http.limits import BodyLimits
from app.core.http.traffic import Traffic

CANARY = "079203001234"
MIB = 1024 * 1024


def edged():
    """A server behind the edge, which announces its stop for half a second."""
    logs.configure()
    traffic = Traffic()

    @asynccontextmanager
    async def lifespan(_app):
        with health.announced_stop(traffic, seconds=0.5):
            yield

    app = FastAPI(lifespan=lifespan)
    app.state.traffic = traffic
    app.include_router(health.router)
    app.add_middleware(Edge, traffic=traffic, unavailable=lambda _: False)

    @app.get("/flying")
    async def flying():
        return traffic.in_flight

    @app.get("/slow")
    async def slow():
        await asyncio.sleep(1.5)

    @app.get("/half")
    async def half():
        async def parts():
            yield "half"
            raise ValueError(CANARY)

        return StreamingResponse(parts())

    return app


def limited():
    """A server of little patience, which answers what it was sent."""
    logs.configure()
    app = FastAPI()

    @app.post("/")
    @app.post("/imports")
    async def echo(request: Request):
        return Response(await request.body())

    app.add_middleware(BodyLimits, uploads={"/imports": MIB}, patience=0.4)
    return app


@dataclass
class Server:
    process: subprocess.Popen
    url: str = ""
    lines: list[dict] = field(default_factory=list)

    @property
    def port(self):
        return int(self.url.rpartition(":")[2])

    def stop(self):
        """Asks it to stop, and collects all that it said."""
        self.process.send_signal(signal.SIGTERM)
        self.lines += [json.loads(line) for line in self.process.stdout]
        self.process.wait(10)


@contextmanager
def serving(factory):
    """A real server of its own, on a port that is free."""
    command = [sys.executable, "-m", "uvicorn", factory, "--factory", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        server = Server(process)
        try:
            for line in process.stdout:
                server.lines.append(said := json.loads(line))
                if said["event"].startswith("Uvicorn running on "):
                    server.url = said["event"].split()[3]
                    break
            yield server
        finally:
            process.kill()


@pytest.fixture(scope="module")
def server():
    with serving("tests.core.http.test_server:limited") as server:
        yield server


def spoken(server, *parts, pause=0.0):
    """What a raw connection is answered until it is closed."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        for part in parts:
            connection.sendall(part)
            threading.Event().wait(pause)
        answer = b""
        # A server that closes before it has read everything resets the connection.
        with suppress(ConnectionResetError):
            while received := connection.recv(65536):
                answer += received
    return answer.decode()


@pytest.mark.parametrize("path", ["/", "/imports"])
@pytest.mark.parametrize("length", ["Content-Length: 9", "Transfer-Encoding: chunked"])
def test_a_body_that_stays_away_is_not_waited_for(server, path, length):
    head = f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n{length}\r\n\r\n"
    answer = spoken(server, head.encode(), b"1\r\n1\r\n" if "chunked" in length else b"1")
    assert answer.startswith("HTTP/1.1 408 ")
    assert "connection: close" in answer
    assert "request-timeout" in answer


def test_a_body_that_comes_slowly_but_steadily_is_waited_for(server):
    head = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n"
    digits = [b"1"] * 6
    answer = spoken(server, head + b"Content-Length: 6\r\n\r\n", *digits, pause=0.15)
    assert answer.startswith("HTTP/1.1 200 ")
    assert answer.endswith("111111")


def test_a_body_without_end_is_cut_off(server):
    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    answer = spoken(server, head, *[chunk] * 17)
    assert answer.startswith("HTTP/1.1 413 ")
    assert "connection: close" in answer


def test_a_client_that_asks_first_is_refused_before_it_sends(server):
    head = b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9999999\r\n\r\n"
    assert spoken(server, head).startswith("HTTP/1.1 413 ")


def test_an_ordinary_client_reads_why_its_large_body_was_refused(server):
    answer = httpx.post(server.url, content=b"x" * 30 * MIB, headers={})
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/content-too-large")


async def test_twenty_requests_in_flight_are_answered_before_the_server_stops():
    with serving("tests.core.http.test_server:edged") as server:
        async with httpx.AsyncClient(base_url=server.url) as client:
            flying = [asyncio.create_task(client.get("/slow")) for _ in range(20)]
            while (await client.get("/flying")).json() < 21:
                pass
            server.process.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.1)
            readiness = await client.get("/health/ready")
            answers = Counter([(await each).status_code for each in flying])
        assert readiness.status_code == 503
        assert readiness.json()["reasons"] == {"server": "stopping"}
        assert answers == {200: 20}
        assert await asyncio.to_thread(server.process.wait, 10) in (0, -signal.SIGTERM)


def test_an_answer_cut_short_is_told_by_the_server_under_the_id_of_the_request():
    with serving("tests.core.http.test_server:edged") as server:
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"{server.url}/half", headers={"X-Request-ID": "cut-short"})
        server.stop()
    lines = [line for line in server.lines if line.get("request_id") == "cut-short"]
    assert [line["event"] for line in lines] == ["Exception in ASGI application", "request"]
    assert "in parts" in lines[0]["exception"]
    assert CANARY not in str(server.lines)
