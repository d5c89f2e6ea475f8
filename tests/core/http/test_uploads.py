"""Bodies that a route reads as they come."""

import asyncio

import pytest
from fastapi import FastAPI, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from app.core.http.limits import BodyLimits
from tests.core.http.test_limits import MIB, client_of, in_parts, refusal


@pytest.mark.parametrize("path", ["/imports", "/under/imports"])
async def test_an_upload_is_read_by_its_route_up_to_a_limit_of_its_own(path):
    parts = []

    async def app(scope, receive, send):
        parts.extend([part async for part in Request(scope, receive).stream() if part])
        await Response("taken")(scope, receive, send)

    async def proxied(scope, receive, send):
        scope["root_path"] = "/under" if path.startswith("/under") else ""
        await BodyLimits(app, uploads={"/imports": 3 * MIB})(scope, receive, send)

    client = client_of(proxied)
    content = [b"\xff" * MIB] * 3
    assert (await client.post(path, content=in_parts(*content))).text == "taken"
    assert len(parts) == 3
    for more in (b"x" * (3 * MIB + 1), in_parts(*content, b"x")):
        assert refusal(await client.post(path, content=more)) == (413, "content-too-large")
    encoded = {"Content-Encoding": "gzip", "Content-Type": "text/csv"}
    answer = await client.post(path, content=b"x", headers=encoded)
    assert (answer.status_code, "text/csv" in answer.json()["detail"]) == (415, True)


async def test_a_framework_that_hides_our_refusal_of_an_upload_is_overruled():
    app = FastAPI()

    @app.post("/imports")
    async def take(file: UploadFile):
        return file.size

    app.add_middleware(BodyLimits, uploads={"/imports": 1000})
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    fine = in_parts(head, b"x" * 800, b"\r\n--b--\r\n")
    assert (await client_of(app).post("/imports", content=fine, headers=headers)).json() == 800
    large = in_parts(head, *[b"x" * 800] * 2, b"\r\n--b--\r\n")
    answer = await client_of(app).post("/imports", content=large, headers=headers)
    assert refusal(answer) == (413, "content-too-large")


async def test_once_an_upload_is_complete_its_route_may_wait_for_the_client_to_leave():
    messages = [{"type": "http.request", "body": b"x"}, {"type": "http.disconnect"}]
    seen = []

    async def receive():
        await asyncio.sleep(0 if len(messages) == 2 else 0.1)
        return messages.pop(0)

    async def app(_scope, receive, _send):
        seen.extend([await receive(), await receive()])

    scope = {"type": "http", "method": "POST", "path": "/imports", "query_string": b""}
    scope["headers"] = [(b"content-length", b"1")]
    await BodyLimits(app, uploads={"/imports": 1}, patience=0.01)(scope, receive, None)
    assert seen[1] == {"type": "http.disconnect"}


async def test_whoever_leaves_during_an_upload_is_no_failure_of_ours():
    messages = [{"type": "http.request", "body": b"x", "more_body": True}]

    async def receive():
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def app(scope, receive, _send):
        await Request(scope, receive).body()
        pytest.fail("it never ends")

    scope = {"type": "http", "method": "POST", "path": "/imports", "query_string": b""}
    scope["headers"] = [(b"content-length", b"2")]
    await BodyLimits(app, uploads={"/imports": 2})(scope, receive, None)
