"""Every operation of the document, with a request that it takes, and every place in that request."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode
from uuid import uuid4

from app.core.config import Settings
from app.main import create_app
from tests.hostile.calling import Header
from tests.hostile.values import written
from tests.world import Somebody, World, add_learner

DOCUMENT = create_app(Settings(worker=False)).openapi()
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
Place = tuple[str, ...]
"""Where in a request: ("query", "limit"), ("body", "languages", "0", "level")."""


@dataclass
class Request:
    """One that an operation takes, to be spoilt in one place."""

    path: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None


class Operation(NamedTuple):
    id: str
    method: str
    template: str
    described: dict[str, Any]

    @property
    def media_type(self) -> str | None:
        content = self.described.get("requestBody", {}).get("content", {})
        return next(iter(content), None)

    def body_schema(self) -> dict[str, Any]:
        content = self.described.get("requestBody", {}).get("content", {})
        return next(iter(content.values()), {}).get("schema", {})

    def parameters(self, source: str) -> list[str]:
        listed = self.described.get("parameters", [])
        return [parameter["name"] for parameter in listed if parameter["in"] == source]

    def target(self, request: Request) -> bytes:
        values = {name: quote(str(value), safe="") for name, value in request.path.items()}
        query = urlencode(request.query, errors="surrogatepass")
        return f"{self.template.format(**values)}?{query}".encode().rstrip(b"?")

    def sent(self, request: Request, content: bytes | None = None) -> tuple[list[Header], bytes]:
        """Headers and body; the body is `content` if that is given."""
        headers = [(n.lower().encode(), v.encode("latin-1")) for n, v in request.headers.items()]
        if self.media_type is None:
            return headers, b""
        if content is None:
            form = self.media_type == FORM
            content = urlencode(request.body).encode() if form else written(request.body)
        headers += [(b"content-type", self.media_type.encode())]
        return [*headers, (b"content-length", str(len(content)).encode())], content


def operations() -> list[Operation]:
    return [
        Operation(described["operationId"], method.upper(), template, described)
        for template, methods in DOCUMENT["paths"].items()
        for method, described in methods.items()
    ]


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def kinds(schema: dict[str, Any]) -> set[str]:
    """The JSON types that the schema admits."""
    schema = resolved(schema)
    if "anyOf" in schema:
        return set().union(*(kinds(choice) for choice in schema["anyOf"]))
    return {schema.get("type", "anything")}


def places(schema: dict[str, Any], at: Place = ("body",)) -> Iterator[tuple[Place, set[str]]]:
    """Every value within a body, and the types it may have."""
    for choice in resolved(schema).get("anyOf", [schema]):
        inner = resolved(choice)
        for name, described in inner.get("properties", {}).items():
            yield (*at, name), kinds(described)
            yield from places(described, (*at, name))
        for described in inner.get("patternProperties", {}).values():
            yield (*at, "file_number"), kinds(described)
        if "items" in inner:
            yield (*at, "0"), kinds(inner["items"])
            yield from places(inner["items"], (*at, "0"))


def spoilt(body: Any, place: Place, token: bytes) -> bytes:
    """The body as JSON, with the token in that place, whether it is JSON or not."""
    mark = f"@{uuid4().hex}@"
    holder: Any = {"body": deepcopy(body)}
    inner = holder
    for step in place[:-1]:
        inner = inner[int(step) if isinstance(inner, list) else step]
    last = int(place[-1]) if isinstance(inner, list) else place[-1]
    if isinstance(inner, list) and not inner:
        inner.append(None)
    inner[last] = mark
    return json.dumps(holder["body"]).encode().replace(f'"{mark}"'.encode(), token)


class Arranged:
    """Makes what an operation needs to find, and a request that it takes."""

    def __init__(self, world: World, academy: Somebody, hanoi: Somebody, hue: Somebody) -> None:
        self.world, self.academy, self.hanoi, self.hue = world, academy, hanoi, hue
        self._made: dict[str, str] = {}

    async def request(self, operation: Operation) -> Request:
        """Fresh where a request can be made only once."""
        request = Request(headers={"Authorization": self.academy.headers["Authorization"]})
        for name in operation.parameters("path"):
            request.path[name] = await self._id(name, fresh=operation.id == "release_learner")
        content = operation.described.get("requestBody", {}).get("content", {})
        request.body = deepcopy(next(iter(content.values()), {}).get("example"))
        if operation.method == "PUT":
            request.headers["If-Match"] = "*"
        for key in {"code", "external_id"} & (request.body or {}).keys():
            request.body[key] = f"H-{uuid4().hex[:12]}"
        await self._complete(operation.id, request)
        return request

    async def _complete(self, operation_id: str, request: Request) -> None:
        body = request.body
        if operation_id in ("create_learner", "create_unit"):
            body["organization_id"] = str(self.hanoi.organization)
        elif operation_id == "claim_learner":
            body |= {"claim_code": await self._code(), "claimed_on": "2026-12-01"}
            body["organization_id"] = str(self.hue.organization)
        elif operation_id == "succeed_organization":
            body["successor_id"] = str(self.hue.organization)
            body["units"] = [
                {"unit_id": await self._id("unit_id"), "successor_id": body["successor_id"]}
            ]
            request.path["organization_id"] = str(self.hanoi.organization)
            request.query["dry_run"] = "true"

    async def _id(self, name: str, *, fresh: bool = False) -> str:
        if fresh or name not in self._made:
            self._made[name] = await self._make(name)
        return self._made[name]

    async def _make(self, name: str) -> str:
        if name == "organization_id":
            return str(await self.world.organization("spoilt"))
        if name == "unit_id":
            body = {"code": uuid4().hex[:8], "name_vi": "Phòng", "name_en": "Division"}
            return str((await self.hanoi.post("/units", json=body)).json()["id"])
        learner = str((await add_learner(self.hanoi))["id"])
        if name == "learner_id":
            return learner
        assert name == "transfer_id", f"say how to make a {name}"
        return str((await self._release(learner))["id"])

    async def _release(self, learner: str) -> dict[str, Any]:
        body = {"released_on": "2026-01-01"}
        return dict((await self.hanoi.post(f"/learners/{learner}/release", json=body)).json())

    async def _code(self) -> str:
        return str((await self._release(await self._make("learner_id")))["claim_code"])
