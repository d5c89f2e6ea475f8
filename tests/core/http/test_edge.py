"""What every answer carries, and what becomes of a request that goes wrong."""

import asyncio
import json

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response
from structlog import get_logger
from structlog.contextvars import bind_contextvars

from app.core.http import edge
from app.core.http.edge import Edge
from tests.core.http.test_logs import logs_configured, told

CANARY = "079203001234"
PRINCIPAL = "0190f1d2-1111-7111-8111-123456789012"


class LostError(Exception):
    """Stands for what a driver raises when its database is away."""


def application(traffic):
    app = FastAPI()
    app.state.traffic = traffic
    kept = JSONResponse({}, headers={"Content-Security-Policy": "mine", "Cache-Control": "public"})

    @app.get("/ok")
    async def ok(request: Request):
        return JSONResponse({"id": request.state.request_id, "flying": app.state.traffic.in_flight})

    @app.get("/own")
    async def own():
        return kept

    @app.get("/people/{person}")
    async def somebody(request: Request, person: str):
        request.state.principal_id = PRINCIPAL
        return Response(person)

    @app.get("/boom")
    async def boom(value: str = ""):
        raise ValueError(value)

    @app.get("/lost/{how}")
    async def lost(how: str):
        raise_lost(how)

    app.add_middleware(
        Edge,
        traffic=app.state.traffic,
        unavailable=lambda error: isinstance(error, LostError),
    )
    return app


def raise_lost(how):
    if how == "plainly":
        raise LostError
    if how == "grouped":
        raise ExceptionGroup("several", [ValueError("harmless"), LostError()])
    error = RuntimeError()
    setattr(error, f"__{how}__", LostError())
    raise error


@pytest.fixture(autouse=True)
def _logs(monkeypatch):
    with logs_configured():
        monkeypatch.setattr(edge, "log", get_logger())
        yield


@pytest.fixture
def app(traffic):
    return application(traffic)


@pytest.fixture
def client(app):
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


def scope_of(path="/", **more):
    return {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [],
        **more,
    }


def bare(app, traffic, **settings):
    return Edge(app, traffic=traffic, unavailable=lambda _: False, **settings)


async def nothing():
    return {"type": "http.request", "body": b"", "more_body": False}


def into(sent):
    async def send(message):
        sent.append(message)

    return send


async def test_a_request_keeps_the_id_it_came_with(client, app, capsys):
    answer = await client.get("/ok", headers={"X-Request-ID": "caller.7_A-b"})
    assert answer.headers["x-request-id"] == answer.json()["id"] == "caller.7_A-b"
    app.state.traffic.tell()
    assert [line["request_id"] for line in told(capsys)] == ["caller.7_A-b"]


@pytest.mark.parametrize("given", [None, "", "a b", "a" * 65, "a\tb", "è", "a;b", "a\x7fb"])
async def test_a_request_without_a_proper_id_gets_one(client, given):
    headers = {} if given is None else {"X-Request-ID": given.encode()}
    answer = await client.get("/ok", headers=headers)
    assert answer.headers["x-request-id"] == answer.json()["id"] != given
    assert len(bytes.fromhex(answer.headers["x-request-id"])) == 16


async def test_two_requests_have_two_ids(client):
    ids = {(await client.get("/ok")).json()["id"] for _ in range(20)}
    assert len(ids) == 20


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/ok", 200),
        ("/missing", 404),
        ("/ok?long=" + "x" * 9000, 414),
        ("/boom", 500),
        ("/lost/plainly", 503),
    ],
)
async def test_every_answer_tells_browsers_to_be_careful(client, path, status):
    answer = await client.get(path)
    assert answer.status_code == status
    expected = {
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "x-frame-options": "DENY",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-embedder-policy": "require-corp",
        "cross-origin-resource-policy": "same-origin",
        "x-permitted-cross-domain-policies": "none",
        "cache-control": "no-store",
        "x-api-version": "1",
    }
    assert expected.items() <= answer.headers.items()
    assert "strict-transport-security" not in answer.headers


@pytest.mark.parametrize("what", ["camera", "geolocation", "microphone", "payment", "usb"])
async def test_no_page_may_use_what_browsers_can_do_beside_showing_it(client, what):
    policy = (await client.get("/ok")).headers["permissions-policy"].split(", ")
    assert f"{what}=()" in policy
    assert [allowed for allowed in policy if not allowed.endswith("=()")] == []


async def test_over_tls_a_browser_is_told_to_stay_there(client):
    answer = await client.get("https://test/ok")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


async def test_an_answer_keeps_its_own_policy_each_time_it_is_sent(client):
    first, answer = await client.get("/own"), await client.get("/own")
    assert first.headers["x-request-id"] != answer.headers["x-request-id"]
    assert answer.headers.get_list("content-security-policy") == ["mine"]
    assert answer.headers.get_list("cache-control") == ["public"]


@pytest.mark.parametrize(
    ("request_of", "status", "kind"),
    [
        ({"headers": [(b"a", b"x" * 995)]}, 200, None),
        ({"headers": [(b"a", b"x" * 996)]}, 431, "headers-too-large"),
        ({"headers": [(b"a", b"")] * 201}, 431, "headers-too-large"),
        ({"raw_path": b"/" * 50, "query_string": b"q" * 50}, 200, None),
        ({"raw_path": b"/" * 50, "query_string": b"q" * 51}, 414, "uri-too-long"),
    ],
)
async def test_what_is_too_long_never_reaches_the_application(traffic, request_of, status, kind):
    reached, sent = [], []

    async def app(scope, receive, send):
        reached.append(scope)
        await Response("fine")(scope, receive, send)

    outermost = bare(app, traffic, max_headers=1000, max_target=100)
    await outermost(scope_of(**request_of), nothing, into(sent))
    assert sent[0]["status"] == status
    assert bool(reached) is (kind is None)
    if kind:
        assert json.loads(sent[1]["body"])["type"] == f"/problems/{kind}"


async def test_headers_of_16_kib_and_addresses_of_8_kib_are_too_long(client):
    assert (await client.get("/ok?" + "x" * 8189)).status_code == 200
    assert (await client.get("/ok?" + "x" * 8190)).status_code == 414
    assert (await client.get("/ok", headers={"x": "x" * 16_000})).status_code == 200
    assert (await client.get("/ok", headers={"x": "x" * 16_384})).status_code == 431


@pytest.mark.parametrize("how", ["plainly", "cause", "context", "grouped"])
async def test_a_lost_database_is_answered_as_unavailable_for_now(client, how):
    answer = await client.get(f"/lost/{how}")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
    assert answer.headers["retry-after"] == "2"


async def test_errors_that_point_at_each_other_are_walked_once(client, app):
    @app.get("/circle")
    async def circle():
        one, two = ValueError(), ValueError()
        one.__cause__, two.__cause__ = two, one
        raise one

    assert (await client.get("/circle")).status_code == 500


async def test_a_mistake_is_answered_without_saying_what_it_was_and_told_once(client, app, capsys):
    answer = await client.get("/boom", params={"value": CANARY})
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (500, "/problems/internal-error")
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["trace_id"] == answer.headers["x-request-id"]
    app.state.traffic.tell()
    failure, access = told(capsys)
    assert failure["event"] == "request_failed"
    assert failure["request_id"] == problem["trace_id"]
    assert "in boom" in failure["exception"]
    assert failure["exception"].endswith("builtins.ValueError")
    assert CANARY not in answer.text + str([failure, access])


async def test_an_answer_that_has_begun_is_cut_and_not_followed_by_another(traffic):
    sent = []

    async def app(_scope, _receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        await bare(app, traffic)(scope_of(), nothing, into(sent))
    assert [message["type"] for message in sent] == ["http.response.start"]


async def test_a_cancelled_request_is_counted_out_and_stays_cancelled(traffic, capsys):
    async def app(*_):
        await asyncio.sleep(60)

    outermost = bare(app, traffic)
    task = asyncio.create_task(outermost(scope_of(), nothing, into([])))
    await asyncio.sleep(0)
    assert traffic.in_flight == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert traffic.in_flight == 0
    traffic.tell()
    assert [line["status"] for line in told(capsys)] == [0]


async def test_requests_in_flight_are_counted_whatever_becomes_of_them(client, app):
    assert (await client.get("/ok")).json()["flying"] == 1
    for path in ("/boom", "/missing", "/ok?" + "x" * 9000):
        await client.get(path)
    assert app.state.traffic.in_flight == 0


async def test_a_request_is_one_line_that_tells_its_route_and_not_its_values(client, app, capsys):
    path = f"/people/{CANARY}?national_id={CANARY}"
    await client.get(path, headers={"Authorization": f"Bearer {CANARY}"})
    app.state.traffic.tell()
    output = capsys.readouterr().out
    assert CANARY not in output
    line = json.loads(output)
    assert isinstance(line.pop("duration_ms"), float)
    assert len(line.pop("timestamp") + line.pop("request_id")) == 64
    assert line == {
        "event": "request",
        "level": "info",
        "method": "GET",
        "route": "/people/{person}",
        "status": 200,
        "principal_id": PRINCIPAL,
    }


async def test_a_request_inherits_nothing_from_the_one_before_it(client, capsys):
    bind_contextvars(left="behind")
    await client.get("/boom")
    assert "left" not in told(capsys)[0]


async def test_what_is_not_http_passes_untouched(traffic):
    seen = []

    async def app(*arguments):
        seen.append(arguments)

    scope = {"type": "lifespan"}
    await bare(app, traffic)(scope, nothing, None)
    assert seen == [(scope, nothing, None)]
    assert scope == {"type": "lifespan"}
