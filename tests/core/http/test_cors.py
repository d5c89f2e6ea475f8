"""Which pages of other origins may call the API from a browser, and what they may read."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from app.core.config import Settings
from app.main import create_app
from tests.world import Somebody, World, problem, running

PORTAL = "https://portal.example"
LOCAL = "http://localhost:5173"
STRANGER = "https://portal.example.evil.example"


@pytest.fixture(scope="module")
async def open_app(settings: Settings, app: FastAPI) -> AsyncIterator[FastAPI]:
    """The service that two origins may call."""
    opened = create_app(settings.model_copy(update={"cors_origins": [PORTAL, LOCAL]}))
    async with running(opened):
        yield opened


@pytest.fixture
async def open_world(open_app: FastAPI) -> AsyncIterator[World]:
    async with World(open_app) as world:
        yield world


@pytest.fixture
async def hue(open_world: World) -> Somebody:
    return await open_world.somebody("coordinator", await open_world.organization("hue"))


def asked_before(method: str, *headers: str, origin: str = PORTAL) -> dict[str, str]:
    """The headers of a browser's preflight."""
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    return asked | ({"Access-Control-Request-Headers": ", ".join(headers)} if headers else {})


def named(value: str) -> set[str]:
    return {name.strip().lower() for name in value.split(",")}


def tells_of_cors(headers: object) -> list[str]:
    return [name for name in headers if name.startswith("access-control-")]  # type: ignore[attr-defined]


@pytest.mark.parametrize("origin", [PORTAL, LOCAL])
async def test_a_page_of_an_origin_that_was_named_reads_the_answer(hue: Somebody, origin: str):
    answer = await hue.get("/learners", headers={"Origin": origin})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == origin
    assert named(answer.headers["vary"]) == {"authorization", "origin"}
    assert named(answer.headers["access-control-expose-headers"]) == {
        *("etag", "link", "location", "retry-after", "ratelimit", "ratelimit-policy"),
        *("x-request-id", "idempotency-replayed", "www-authenticate"),
    }


@pytest.mark.parametrize(
    "headers",
    [
        ("authorization", "accept-language", "if-none-match", "x-request-id"),
        ("Authorization", "Content-Type", "If-Match", "Idempotency-Key"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
async def test_a_page_may_send_what_the_api_takes(
    open_world: World, method: str, headers: tuple[str, ...]
):
    answer = await open_world.anonymous.options("/learners", headers=asked_before(method, *headers))
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == PORTAL
    assert method in answer.headers["access-control-allow-methods"].split(", ")
    allowed = named(answer.headers["access-control-allow-headers"])
    assert allowed >= {name.lower() for name in headers}


@pytest.mark.parametrize(
    ("method", "header"),
    [("DELETE", "authorization"), ("PATCH", "authorization"), ("GET", "cookie")],
)
async def test_a_page_may_send_nothing_else(open_world: World, method: str, header: str):
    answer = await open_world.anonymous.options("/learners", headers=asked_before(method, header))
    assert answer.status_code == 400
    assert method not in {"DELETE", "PATCH"} & named(answer.headers["access-control-allow-methods"])
    assert "cookie" not in named(answer.headers["access-control-allow-headers"])


@pytest.mark.parametrize("origin", [STRANGER, "http://portal.example", f"{PORTAL}:8443", "null"])
async def test_a_page_of_another_origin_reads_nothing(hue: Somebody, origin: str):
    answer = await hue.get("/learners", headers={"Origin": origin})
    assert "access-control-allow-origin" not in answer.headers
    assert "origin" in named(answer.headers["vary"])
    before = await hue.options("/learners", headers=asked_before("GET", origin=origin))
    assert before.status_code == 400
    assert "access-control-allow-origin" not in before.headers


async def test_no_page_calls_with_the_cookies_of_a_browser(hue: Somebody):
    answers = [
        await hue.get("/learners", headers={"Origin": PORTAL, "Cookie": "session=1"}),
        await hue.options("/learners", headers=asked_before("GET", "authorization")),
    ]
    assert {"access-control-allow-credentials"}.isdisjoint(
        name for answer in answers for name in answer.headers
    )


async def test_a_page_reads_why_it_was_refused(open_world: World, hue: Somebody):
    from_portal = {"Origin": PORTAL}
    too_large = {"content": b"[" + b" " * 1024 * 1024 + b"]"}
    as_json = {**from_portal, "Content-Type": "application/json"}
    refusals = {
        (401, "unauthenticated"): await open_world.anonymous.get("/learners", headers=from_portal),
        (404, "not-found"): await hue.get("/nothing", headers=from_portal),
        (422, "invalid-request"): await hue.get("/learners?limit=0", headers=from_portal),
        (413, "content-too-large"): await hue.post("/learners", headers=as_json, **too_large),
    }
    for expected, refusal in refusals.items():
        assert problem(refusal) == expected
        assert refusal.headers["access-control-allow-origin"] == PORTAL


async def test_a_preflight_is_answered_as_carefully_as_anything(open_world: World):
    answer = await open_world.anonymous.options("/learners", headers=asked_before("GET"))
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-request-id"]


async def test_no_page_is_let_in_unless_its_origin_was_named(anonymous: AsyncClient):
    answers = [
        await anonymous.get("/learners", headers={"Origin": PORTAL}),
        await anonymous.options("/learners", headers=asked_before("GET")),
    ]
    assert [answer.status_code for answer in answers] == [401, 405]
    assert [tells_of_cors(answer.headers) for answer in answers] == [[], []]
