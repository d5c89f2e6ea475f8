"""How a request is wrapped may be wrong, too: its body, its type, its length, its cursor."""

import gzip
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest

from tests.hostile.arranged import Arranged
from tests.hostile.calling import call
from tests.hostile.operations import JSON, for_each, operations
from tests.hostile.values import CANARY
from tests.world import add_learner

PROBLEM = "application/problem+json"
WITH_BODY = for_each([o for o in operations() if o.media_type and not o.takes_files])
WITH_JSON = for_each([o for o in operations() if o.media_type == JSON and not o.takes_files])
WITH_FILES = for_each([o for o in operations() if o.takes_files and JSON in o.content])
WITHOUT_BODY = for_each([o for o in operations() if not o.media_type])
LISTS = [o for o in operations() if "after" in {slot.name for slot in o.parameters("query")}]

OTHER_TYPES = (b"text/plain", b"", b"application/xml", b"\xff", None)


def refusal(answer):
    assert answer.headers["content-type"] == PROBLEM, answer
    assert CANARY.encode() not in answer.content
    return answer.status, answer.json()["type"].removeprefix("/problems/")


def blamed(answer):
    assert refusal(answer) == (422, "invalid-request")
    return [(error["in"], error["pointer"], error["code"]) for error in answer.json()["errors"]]


@pytest.fixture
async def arranged(world, academy, hanoi, hue):
    return Arranged(world, academy, hanoi, hue)


@pytest.fixture
async def send(app, arranged):
    """Sends what an operation takes, but for what is said otherwise."""

    async def send(operation, content=None, chunks=None, **headers):
        request = await arranged.request(operation)
        usual, body = operation.sent(request, content)
        replaced = {name.replace("_", "-").encode(): value for name, value in headers.items()}
        kept = [pair for pair in usual if pair[0] not in replaced]
        kept += [(name, value) for name, value in replaced.items() if value is not None]
        return await call(app, operation.method, operation.target(request), kept, chunks or [body])

    return send


@pytest.fixture
async def get(app, arranged):
    """A list, with these in its query."""

    async def get(operation, **query):
        request = await arranged.request(operation)
        request.query |= query
        headers, _ = operation.sent(request)
        return await call(app, "GET", operation.target(request), headers)

    return get


@WITH_BODY
class TestBodies:
    async def test_of_another_type_are_not_read(self, send, operation):
        for media_type in (*OTHER_TYPES, b"multipart/form-data; boundary=a"):
            answer = await send(operation, content_type=media_type)
            assert refusal(answer) == (415, "unsupported-media-type"), media_type

    async def test_that_are_compressed_are_not_read(self, send, operation):
        answer = await send(operation, gzip.compress(b"{}"), content_encoding=b"gzip")
        assert refusal(answer) == (415, "unsupported-media-type")

    async def test_that_are_too_long_are_refused_before_they_end(self, app, send, operation):
        chunks = [b"x" * 65_536] * 1_000
        answer = await send(
            operation, None, chunks, content_length=None, transfer_encoding=b"chunked"
        )
        assert refusal(answer) == (413, "content-too-large")
        answer = await send(operation, content_length=b"9" * 30)
        assert refusal(answer) == (413, "content-too-large")

    async def test_that_are_missing_are_missed(self, send, operation):
        answer = await send(operation, b"")
        assert answer.status in (400, 422)


@WITH_FILES
class TestFiles:
    async def test_of_another_kind_are_not_read(self, send, operation):
        for media_type in OTHER_TYPES:
            answer = await send(operation, content_type=media_type)
            assert refusal(answer) == (415, "unsupported-media-type"), media_type

    async def test_that_are_compressed_are_not_read(self, send, operation):
        answer = await send(operation, gzip.compress(b"{}"), content_encoding=b"gzip")
        assert refusal(answer) == (415, "unsupported-media-type")

    @pytest.mark.parametrize("form", [b"", b"--a", b"--a--\r\n", b"x" * 5_000, b"--a\r\n\r\n\0"])
    async def test_in_a_form_that_is_none_are_not_found(self, send, operation, form):
        answer = await send(operation, form, content_type=b"multipart/form-data; boundary=a")
        assert blamed(answer) == [("body", "", "form_invalid")]

    async def test_that_are_too_long_are_refused_before_they_end(self, send, operation):
        chunks = [b"x" * 65_536] * 1_100
        answer = await send(
            operation, None, chunks, content_length=None, transfer_encoding=b"chunked"
        )
        assert refusal(answer) == (413, "content-too-large")
        answer = await send(operation, content_length=b"9" * 30)
        assert refusal(answer) == (413, "content-too-large")


@WITH_JSON
class TestJson:
    async def test_that_breaks_off_is_refused(self, send, operation):
        whole = json.dumps({"a": ["\u1ea4", {"b": -1.5e-3}, True, None]}).encode()
        for length in range(1, len(whole)):
            assert blamed(await send(operation, whole[:length])) == [("body", "", "json_invalid")]

    async def test_with_fields_that_nobody_knows_is_refused(self, arranged, send, operation):
        request = await arranged.request(operation)
        body = json.dumps(request.body | {"a/b~c": CANARY, "__proto__": {}}).encode()
        assert blamed(await send(operation, body)) == [
            ("body", "/a~1b~0c", "extra_forbidden"),
            ("body", "/__proto__", "extra_forbidden"),
        ]

    async def test_with_ever_so_many_mistakes_gets_a_short_answer(self, send, operation):
        body = json.dumps({f"field{n}": CANARY for n in range(20_000)}).encode()
        answer = await send(operation, body)
        assert answer.status == 422
        assert len(answer.content) < len(body) / 10


@WITHOUT_BODY
async def test_a_body_where_none_belongs_changes_nothing(send, operation):
    usual = await send(operation)
    told = {"content_type": JSON.encode(), "content_length": b"2"}
    answer = await send(operation, None, [b"{}"], **told)
    assert answer.status == usual.status if operation.method == "GET" else 409
    told = {"content_type": JSON.encode(), "content_length": b"3"}
    assert blamed(await send(operation, None, [b"{a}"], **told)) == [("body", "", "json_invalid")]


@for_each(LISTS)
class TestPages:
    async def test_have_a_bounded_length(self, get, operation):
        for limit in ("0", "-1", "201", "9" * 30, "1e2", "", "٥٠"):
            (error,) = blamed(await get(operation, limit=limit))
            assert error[:2] == ("query", "/limit"), limit

    async def test_begin_only_where_a_cursor_says(self, get, operation):
        for after in ("", "x", "%%%", "A" * 2_000, "e30", "W10", "bnVsbA", "Ấ"):
            found = blamed(await get(operation, after=after))
            assert found == [("query", "/after", "not_a_cursor")], after

    async def test_do_not_begin_where_the_cursor_of_another_list_says(self, get, operation, hanoi):
        await add_learner(hanoi)
        await add_learner(hanoi)
        cursors = {other.id: (await get(other, limit="1")).json()["next"] for other in LISTS}
        for other, cursor in cursors.items():
            if other != operation.id and cursor is not None:
                answer = await get(operation, after=cursor)
                assert blamed(answer) == [("query", "/after", "not_a_cursor")], other


PLACES = (
    "null",
    "[]",
    "[null,null]",
    '["a"]',
    '["a","b","c"]',
    '[1,"00000000-0000-0000-0000-000000000000"]',
    '["\\u0000","00000000-0000-0000-0000-000000000000"]',
    '["\\ud800","00000000-0000-0000-0000-000000000000"]',
    '["a","\'; drop table learners; --"]',
    '["a",1e999]',
    '["a",NaN]',
    "[" * 900 + "]" * 900,
)


@pytest.mark.parametrize("place", PLACES)
async def test_a_forged_cursor_is_no_cursor(academy, place):
    await add_learner(academy)
    await add_learner(academy)
    page = {"sort": "external_id", "limit": 1}
    given = (await academy.get("/learners", params=page)).json()["next"]
    mark = json.loads(urlsafe_b64decode(given + "=="))[0]
    forged = urlsafe_b64encode(f'["{mark}",{place}]'.encode()).decode().rstrip("=")
    answer = await academy.get("/learners", params=page | {"after": forged})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == "/after"


@pytest.mark.parametrize("method", ["TRACE", "PATCH", "DELETE", "BREW", "get", ""])
async def test_a_method_that_is_not_there_is_refused(app, method):
    answer = await call(app, method, b"/v1/learners")
    assert refusal(answer) == (405, "method-not-allowed")
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    "target",
    [b"/v1/learners/", b"//v1/learners", b"/v1/../v1/learners", b"/V1/learners", b"", b"*", b"/."],
)
async def test_an_address_that_is_not_there_is_nothing(app, target):
    assert refusal(await call(app, "GET", target)) == (404, "not-found")
