"""Nothing that stands in any place of a request is our mistake, and refusals name the place."""

import json
from urllib.parse import quote

import pytest

from tests.hostile.calling import call
from tests.hostile.operations import JSON, Arranged, operations, places, spoilt
from tests.hostile.values import CANARY, HEADERS, OTHERS, SYNTAX, TEXTS, written

EVERY = pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.id)


@pytest.fixture
async def arranged(world, academy, hanoi, hue):
    return Arranged(world, academy, hanoi, hue)


def faults(answer, *, source=None, pointer=None):
    """What is wrong with an answer to a spoilt request."""
    if 200 <= answer.status < 400:
        return
    if answer.status >= 500:
        yield f"{answer.status}"
        return
    if answer.headers["content-type"] not in ("application/problem+json", JSON):
        yield answer.headers["content-type"]
        return
    told = answer.json()
    if answer.headers["content-type"] == JSON and not told.keys() >= {"error"}:
        yield "neither a problem nor OAuth's own refusal"
    told.pop("instance", None)  # the address itself
    if CANARY in json.dumps(told, ensure_ascii=False):
        yield "repeats the value"
    if answer.status == 422 and "errors" in told and pointer is not None:
        named = {(error["in"], error["pointer"]) for error in told["errors"]}
        if not any(place == source and said.startswith(pointer) for place, said in named):
            yield f"names {sorted(named)}"


@EVERY
async def test_a_request_that_is_not_spoilt_is_taken(app, arranged, operation):
    if operation.id == "issue_token":
        pytest.skip("needs a client's secret; tests/access tests it")
    request = await arranged.request(operation)
    headers, body = operation.sent(request)
    answer = await call(app, operation.method, operation.target(request), headers, [body])
    assert answer.status in (200, 201), answer.content


@EVERY
async def test_bodies(app, arranged, operation):
    if operation.media_type != JSON:
        return
    wrong = []
    for place, kinds in places(operation.body_schema()):
        pointer = "".join(f"/{step}" for step in place[1:])
        for value in (*TEXTS, *OTHERS):
            request = await arranged.request(operation)
            headers, body = operation.sent(request, spoilt(request.body, place, written(value)))
            answer = await call(app, operation.method, operation.target(request), headers, [body])
            wrong += [
                (pointer, fault, repr(value)[:60])
                for fault in faults(answer, source="body", pointer=pointer)
            ]
    for w in wrong: print('WRONG', operation.id, *w)
    assert wrong == []
