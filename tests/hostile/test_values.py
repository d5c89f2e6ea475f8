"""Whatever stands in any place of a request is no mistake of ours, and refusals name the place."""

import json
from urllib.parse import quote

import pytest

from tests.hostile.arranged import Arranged
from tests.hostile.calling import call
from tests.hostile.operations import FORM, JSON, for_each, operations, spoilt
from tests.hostile.values import CANARY, HEADERS, ODD, OTHERS, SYNTAX, TEXTS, texts, written

PROBLEM = "application/problem+json"
EVERY = for_each(operations())
WITH_JSON = for_each([o for o in operations() if o.media_type == JSON and not o.takes_files])
WITH_FORM = for_each([o for o in operations() if o.media_type == FORM])


@pytest.fixture
async def spoil(app, world, academy, hanoi, hue, capsys):
    yield Spoiling(app, Arranged(world, academy, hanoi, hue))
    assert CANARY not in capsys.readouterr().out, "a log repeats what it was sent"


class Spoiling:
    """Sends requests that are spoilt in one place, and gathers what is wrong with the answers."""

    def __init__(self, app, arranged):
        self.app, self.arranged = app, arranged
        self.wrong = []

    async def body(self, operation, place, token):
        request = await self.arranged.request(operation)
        return await self._send(operation, request, spoilt(request.body, place, token))

    async def form(self, operation, content):
        return await self._send(operation, await self.arranged.request(operation), content)

    async def query(self, operation, name, escaped):
        request = await self.arranged.request(operation)
        request.query.pop(name, None)
        target = operation.target(request)
        joint = b"&" if b"?" in target else b"?"
        return await self._send(operation, request, target=target + joint + escaped.encode())

    async def path(self, operation, name, escaped):
        request = await self.arranged.request(operation)
        request.path[name] = "@"
        target = operation.target(request).replace(b"%40", escaped.encode())
        return await self._send(operation, request, target=target)

    async def header(self, operation, name, value):
        request = await self.arranged.request(operation)
        request.headers.pop(name, None)
        return await self._send(operation, request, more=[(name.lower().encode(), value)])

    async def _send(self, operation, request, content=None, target=None, more=()):
        headers, body = operation.sent(request, content)
        target = target or operation.target(request)
        answer = await call(self.app, operation.method, target, [*headers, *more], [body])
        if 200 <= answer.status < 300:
            self.arranged.used_up()
        return answer

    def judge(self, answer, what, source="", pointer="", *, refused=False):
        self.wrong += [
            f"{what}: {fault}" for fault in _faults(answer, source, pointer, refused=refused)
        ]

    def settle(self):
        assert not self.wrong, "\n".join(self.wrong)


def _faults(answer, source, pointer, *, refused):
    if answer.status >= 500:
        yield f"answers {answer.status}"
    elif answer.status < 400:
        if refused:
            yield f"is taken with {answer.status}"
    elif answer.headers["content-type"] == PROBLEM:
        told = answer.json()
        del told["instance"]  # the address itself
        if CANARY in json.dumps(told, ensure_ascii=False):
            yield "is repeated"
        named = {(error["in"], error["pointer"]) for error in told.get("errors", [])}
        if named and not any(
            at == source and way.lower().startswith(pointer.lower()) for at, way in named
        ):
            yield f"is blamed on {sorted(named)}"
    elif answer.json().keys() != {"error", "error_description"}:
        yield "is refused in no known shape"


TAKEN_NO_FURTHER = {"invite_user": (409,), "issue_token": (400,), "revoke_token": (400,)}
"""There is no mail server; and programs prove themselves before they are heard."""


@EVERY
async def test_a_request_that_is_not_spoilt_is_taken(spoil, operation):
    """Or else the other tests would not get far."""
    answer = await spoil.header(operation, "X-Request-ID", b"1")
    expected = TAKEN_NO_FURTHER.get(operation.id, (200, 201, 202, 204))
    assert answer.status in expected, answer.content


@WITH_JSON
async def test_any_value_of_a_body(spoil, operation):
    for slot in operation.body_slots():
        # What PUT takes is part of what POST takes.
        part = operation.method == "PUT"
        chosen = (*ODD, *OTHERS[::3]) if part else (*texts(slot.formats), *OTHERS)
        for value in chosen:
            answer = await spoil.body(operation, slot.place, written(value))
            what = f"{value!r:.60} as {slot.pointer}"
            # A rule between fields may miss what is left out.
            pointer = slot.pointer if value is not None else ""
            spoil.judge(answer, what, "body", pointer, refused=not slot.admits(value))
    spoil.settle()


@WITH_JSON
async def test_what_is_no_value_in_a_body(spoil, operation):
    for place in [("body",), *(slot.place for slot in operation.body_slots())]:
        for what, token in SYNTAX.items():
            answer = await spoil.body(operation, place, token)
            spoil.judge(answer, f"{what} as {place}", "body", refused=True)
    spoil.settle()


@WITH_FORM
async def test_any_value_of_a_form(spoil, operation):
    for slot in operation.body_slots():
        values = [quote(text[:3000], errors="surrogatepass") for text in ODD + TEXTS]
        for escaped in [*values, "%", "%00", "%FF%FE", "1&{name}=2", "a" * 200_000]:
            form = f"{slot.name}={escaped.format(name=slot.name)}".encode()
            answer = await spoil.form(operation, form)
            what = f"{escaped[:60]} as {slot.pointer}"
            spoil.judge(answer, what, "body", slot.pointer, refused=True)
    spoil.settle()


@EVERY
async def test_any_query_parameter(spoil, operation):
    for slot in operation.parameters("query"):
        name = slot.name
        values = [quote(text[:3000], errors="surrogatepass") for text in texts(slot.formats)]
        for escaped in [*values, "%", "%00", "%FF%FE", "%ED%A0%80"]:
            answer = await spoil.query(operation, name, f"{name}={escaped}")
            spoil.judge(answer, f"{name}={escaped[:60]}", "query", f"/{name}")
        answer = await spoil.query(operation, name, f"{name}=1&{name}=2")
        spoil.judge(answer, f"{name} given twice", "query")
    for query in ("__proto__=1", "limit[]=1", "=", "%ED%A0%80=1", "a" * 9_000):
        answer = await spoil.query(operation, "", query)
        spoil.judge(answer, query[:60], "query", refused=query.startswith(("%", "aa")))
    spoil.settle()


@EVERY
async def test_any_part_of_the_path(spoil, operation):
    for slot in operation.parameters("path"):
        values = [quote(text[:500], safe="", errors="surrogatepass") for text in ODD + TEXTS]
        for escaped in [*values, "%00", "%FF", "..", "%2e%2e%2f", ";", "a" * 9_000]:
            answer = await spoil.path(operation, slot.name, escaped)
            spoil.judge(answer, f"{escaped[:60]} as {slot.pointer}", "path", refused=True)
    spoil.settle()


@EVERY
async def test_any_header(spoil, operation):
    names, values = [slot.name for slot in operation.parameters("header")], HEADERS[::3]
    if operation.id in ("list_learners", "create_learner", "replace_learner", "remove_training"):
        # Where others would go the same way.
        names += ["Accept", "Accept-Language", "Authorization", "X-Request-ID", "Cookie", "Host"]
        values = HEADERS
    for name in names:
        for value in values:
            answer = await spoil.header(operation, name, value)
            spoil.judge(answer, f"{value!r:.60} as {name}", "header", f"/{name}")
    spoil.settle()
