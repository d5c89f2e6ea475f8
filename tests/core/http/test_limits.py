"""Which requests never reach a route, because of what they bring."""

import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import Response

from app.core.http.limits import BodyLimits, check_json
from app.core.problems import Problem

MIB = 1024 * 1024
AS_JSON = {"Content-Type": "application/json"}
AS_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def echo(scope, receive, send):
    body = await Request(scope, receive).body()
    await Response(body, headers={"X-Method": scope["method"]})(scope, receive, send)


def client_of(app):
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


@pytest.fixture
def client():
    return client_of(BodyLimits(echo, uploads={"/imports": 3 * MIB}))


def in_parts(*parts):
    async def generate():
        for part in parts:
            yield part

    return generate()


def refusal(answer):
    problem = answer.json()
    assert problem["status"] == answer.status_code
    codes = [(error["in"], error["code"]) for error in problem.get("errors", [])]
    return answer.status_code, problem["type"].removeprefix("/problems/"), *codes


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "body",
    [
        b'{"a": [1, -2.5e3, "Ng\xe1\xbb\x8dc", null, true, {"b": "\\ud83d\\ude00"}]}',
        b'"\\\\u0000 \\\\ud800"',
        b" [1]\n",
        b"7",
        b"[" * 32 + b"]" * 32,
    ],
)
async def test_json_reaches_the_route_as_it_was_sent(client, method, body):
    answer = await client.request(method, "/", content=body, headers=AS_JSON)
    assert (answer.status_code, answer.content) == (200, body)
    assert answer.headers["x-method"] == method


async def test_a_body_in_parts_reaches_the_route_whole(client):
    answer = await client.post("/", content=in_parts(b'{"a"', b":", b"1}"), headers=AS_JSON)
    assert (answer.status_code, answer.content) == (200, b'{"a":1}')


@pytest.mark.parametrize(
    "media_type",
    ["application/json; charset=utf-8", "APPLICATION/JSON", "application/merge-patch+json"],
)
async def test_json_has_several_names(client, media_type):
    answer = await client.post("/", content=b"{}", headers={"Content-Type": media_type})
    assert answer.status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_a_request_without_a_body_needs_no_media_type(client, method):
    assert (await client.request(method, "/")).status_code == 200
    empty = await client.request(method, "/", headers={"Content-Length": "0"})
    assert empty.status_code == 200
    assert (await client.request(method, "/", content=in_parts())).status_code == 200


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (b"{}", {}),
        (b"{}", {"Content-Type": "text/plain"}),
        (b"a=1", AS_FORM),
        (b"{}", {"Content-Type": "multipart/form-data; boundary=a"}),
        (b"{}", {"Content-Type": "application/xml+jsonx"}),
        (b"{}", {"Content-Type": "application/jsonx"}),
        (b"{}", {**AS_JSON, "Content-Encoding": "gzip"}),
    ],
)
async def test_other_bodies_than_plain_json_are_refused(client, content, headers):
    answer = await client.post("/", content=content, headers=headers)
    assert refusal(answer) == (415, "unsupported-media-type")


async def test_the_first_of_two_media_types_counts_as_it_does_for_the_framework(client):
    headers = [("Content-Type", "text/plain"), ("Content-Type", "application/json")]
    answer = await client.post("/", content=b"{}", headers=headers)
    assert answer.status_code == 415


async def test_a_body_that_says_it_is_not_encoded_is_not(client):
    headers = {**AS_JSON, "Content-Encoding": "identity"}
    assert (await client.post("/", content=b"{}", headers=headers)).status_code == 200


async def test_forms_are_taken_where_oauth_demands_them(client):
    taken = await client.post("/oauth/token", content=b"grant_type=a%20b", headers=AS_FORM)
    assert taken.content == b"grant_type=a%20b"
    for content in (b"a=%00", b"a=%ff", b"a=\x00", b"a=\xff"):
        answer = await client.post("/oauth/token", content=content, headers=AS_FORM)
        assert refusal(answer) == (422, "invalid-request", ("body", "text_not_allowed"))


@pytest.mark.parametrize(
    ("code", "body"),
    [
        ("json_invalid", b"{"),
        ("json_invalid", b"{} {}"),
        ("json_invalid", b"NaN"),
        ("json_invalid", b'{"a": [Infinity]}'),
        ("json_invalid", b"[-Infinity]"),
        ("json_invalid", b"[1e999]"),
        ("json_invalid", b"[-1e999]"),
        ("json_invalid", b"9" * 5000),
        ("json_invalid", b"[" + b"{}," * 20_000 + b"1]"),
        ("json_invalid", b'"\xff"'),
        ("json_invalid", b'"\xed\xa0\x80"'),
        ("json_invalid", "{}".encode("utf-16")),
        ("json_invalid", b"\xef\xbb\xbf{}"),
        ("json_invalid", b'"a\x00b"'),
        ("json_too_deep", b"[" * 33 + b"]" * 33),
        ("json_too_deep", b'{"a":' * 33 + b"1" + b"}" * 33),
        ("json_too_deep", b"[" * 500_000),
        ("json_duplicate_key", b'{"a": 1, "a": 1}'),
        ("json_duplicate_key", b'[{"b": {"a": 1, "\\u0061": 1}}]'),
        ("text_not_allowed", b'"a\\u0000b"'),
        ("text_not_allowed", b'{"a\\u0000": 1}'),
        ("text_not_allowed", b'"\\ud800"'),
        ("text_not_allowed", b'"\\uDFFF"'),
        ("text_not_allowed", b'"\\ude00\\ud83d"'),
        ("text_not_allowed", b'"\\ud83d\\\\\\ude00"'),
        ("text_not_allowed", b'"\\ud83d\\ud83d\\ude00"'),
        ("text_not_allowed", b'"\\ud83d\\ude00\\ude00"'),
        ("text_not_allowed", b'"\\\\\\u0000"'),
    ],
)
async def test_json_that_readers_understand_differently_is_refused(client, code, body):
    answer = await client.post("/", content=body, headers=AS_JSON)
    assert refusal(answer) == (422, "invalid-request", ("body", code))


storable = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def documents(text):
    scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | text
    return st.recursive(
        scalars.filter(lambda value: value not in (float("inf"), float("-inf"))),
        lambda inner: st.lists(inner) | st.dictionaries(text, inner),
    )


@given(documents(storable), st.booleans())
def test_any_document_of_storable_text_is_taken(document, escaped):
    check_json(json.dumps(document, ensure_ascii=escaped).encode(), 100)


@given(storable, st.sampled_from("\0\ud800\udbff\udc00\udfff"), storable, st.booleans())
def test_no_unstorable_character_gets_through(before, character, after, as_key):
    text = before + character + after
    document = {text: 1} if as_key else [text]
    with pytest.raises(Problem) as refused:
        check_json(json.dumps(document).encode(), 100)
    assert refused.value.errors[0]["type"] == "text_not_allowed"


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("/a%00", "path"),
        ("/%ff", "path"),
        ("/%ed%a0%80", "path"),
        ("/?q=%00", "query"),
        ("/?q=%ff", "query"),
        ("/?%c3=1", "query"),
        ("/imports?q=%00", "query"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_address_that_is_no_text_is_refused(client, method, path, source):
    answer = await client.request(method, path)
    assert refusal(answer) == (422, "invalid-request", (source, "text_not_allowed"))


async def test_an_address_may_be_vietnamese(client):
    assert (await client.get("/Ngọc", params={"q": "Hà Nội 100%"})).status_code == 200


async def test_a_body_of_one_mebibyte_is_taken_and_no_byte_more(client):
    most = b'"' + b"x" * (MIB - 2) + b'"'
    assert (await client.post("/", content=most, headers=AS_JSON)).status_code == 200
    for more in (most + b" ", in_parts(most, b" ")):
        answer = await client.post("/", content=more, headers=AS_JSON)
        assert refusal(answer) == (413, "content-too-large")
        assert answer.headers["connection"] == "close"


async def test_a_length_of_absurd_digits_is_too_large(client):
    for length in ("9" * 5000, "0" * 5000 + "9" * 8):
        headers = {**AS_JSON, "Content-Length": length}
        answer = await client.post("/", content=in_parts(b"1"), headers=headers)
        assert refusal(answer) == (413, "content-too-large")


async def asked(app, messages, *headers):
    """What is sent for a request that comes as these messages and then breaks off."""
    sent = []

    async def receive():
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b""}
    await app(
        {**scope, "headers": [(b"content-type", b"application/json"), *headers]}, receive, send
    )
    return sent


def part(content, *, more):
    return {"type": "http.request", "body": content, "more_body": more}


async def test_what_is_too_large_is_not_read_to_its_end():
    parts = [part(b"x" * MIB, more=True) for _ in range(5)]
    await asked(BodyLimits(echo), parts, (b"content-length", str(MIB + 1).encode()))
    assert len(parts) == 5
    await asked(BodyLimits(echo), parts, (b"transfer-encoding", b"chunked"))
    assert len(parts) == 3


async def test_a_client_that_leaves_is_not_answered():
    parts = [part(b"{", more=True)]
    assert await asked(BodyLimits(echo), parts, (b"content-length", b"2")) == []


async def test_after_its_body_a_route_learns_that_the_client_left():
    seen = []

    async def app(_scope, receive, _send):
        seen.extend([await receive(), await receive()])

    await asked(BodyLimits(app), [part(b"{}", more=False)], (b"content-length", b"2"))
    assert seen == [part(b"{}", more=False), {"type": "http.disconnect"}]


async def test_what_is_not_http_passes_untouched():
    seen = []

    async def app(*arguments):
        seen.append(arguments)

    await BodyLimits(app)({"type": "websocket"}, None, None)
    assert seen == [({"type": "websocket"}, None, None)]


async def test_a_route_that_fails_by_itself_is_not_covered_up():
    async def app(*_):
        raise ZeroDivisionError

    client = client_of(BodyLimits(app, uploads={"/imports": MIB}))
    for path in ("/", "/imports"):
        with pytest.raises(ZeroDivisionError):
            await client.post(path, content=b"{}", headers=AS_JSON)


async def test_only_uploads_may_be_large(client):
    for path in ("/importsandmore", "/", "/v1/imports", "/imports/7"):
        answer = await client.post(path, content=b" " * (MIB + 1), headers=AS_JSON)
        assert answer.status_code == 413
