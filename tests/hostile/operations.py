"""Every operation of the document, with a request that it takes, and the places in that."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode
from uuid import uuid4

import pytest

from app.core.config import Settings
from app.main import create_app
from tests.hostile.calling import Header
from tests.hostile.values import written

DOCUMENT = create_app(Settings(worker=False)).openapi()
JSON, FORM = "application/json", "application/x-www-form-urlencoded"

Place = tuple[str, ...]
"""Where in a request: ("query", "limit"), ("body", "languages", "0", "level")."""

JSON_TYPES: dict[type, set[str]] = {
    str: {"string"},
    bool: {"boolean"},
    int: {"integer", "number"},
    float: {"number"},
    list: {"array"},
    dict: {"object"},
    type(None): {"null"},
}


class Slot(NamedTuple):
    """A place that takes a value, the JSON types that it admits, and the formats of its texts."""

    place: Place
    kinds: frozenset[str]
    formats: frozenset[str]

    @property
    def name(self) -> str:
        return self.place[-1]

    @property
    def pointer(self) -> str:
        return "".join(f"/{step}" for step in self.place[1:])

    def admits(self, value: Any) -> bool:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return bool(self.kinds & {"anything", *JSON_TYPES[type(value)]})


def slot(place: Place, schema: dict[str, Any]) -> Slot:
    choices = [resolved(choice) for choice in resolved(schema).get("anyOf", [schema])]
    kinds = frozenset(choice.get("type", "anything") for choice in choices)
    return Slot(place, kinds, frozenset(choice.get("format", "") for choice in choices))


def slots(schema: dict[str, Any], at: Place = ("body",)) -> Iterator[Slot]:
    """Every value within a body."""
    for choice in resolved(schema).get("anyOf", [schema]):
        inner = resolved(choice)
        parts = dict(inner.get("properties", {}))
        for described in inner.get("patternProperties", {}).values():
            parts["file_number"] = described
        if "items" in inner:
            parts["0"] = inner["items"]
        for name, described in parts.items():
            yield slot((*at, name), described)
            yield from slots(described, (*at, name))


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        found: dict[str, Any] = DOCUMENT["components"]["schemas"][schema["$ref"].split("/")[-1]]
        return found
    return schema


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
    def content(self) -> dict[str, Any]:
        """The media type of the body, and what is said of it."""
        return dict(self.described.get("requestBody", {}).get("content", {}))

    @property
    def media_type(self) -> str | None:
        return next(iter(self.content), None)

    @property
    def takes_files(self) -> bool:
        """Of one kind or another; what they say is looked at later, by a worker."""
        return len(self.content) > 1

    def body_slots(self) -> list[Slot]:
        return [found for said in self.content.values() for found in slots(said["schema"])]

    def parameters(self, source: str) -> list[Slot]:
        return [
            slot((source, parameter["name"]), parameter["schema"])
            for parameter in self.described.get("parameters", [])
            if parameter["in"] == source
        ]

    def target(self, request: Request) -> bytes:
        values = {name: quote(str(value), safe="") for name, value in request.path.items()}
        path, query = self.template.format(**values), urlencode(request.query)
        return f"{path}?{query}".rstrip("?").encode()

    def sent(self, request: Request, content: bytes | None = None) -> tuple[list[Header], bytes]:
        """Headers and body; the body is `content` if that is given."""
        headers = [(n.lower().encode(), v.encode("latin-1")) for n, v in request.headers.items()]
        if self.media_type is None:
            return headers, b""
        if content is None:
            form = self.media_type == FORM
            content = urlencode(request.body).encode() if form else _written(request.body)
        headers.append((b"content-type", self.media_type.encode()))
        return [*headers, (b"content-length", str(len(content)).encode())], content


def _written(body: Any) -> bytes:
    """A file as it is."""
    return body if isinstance(body, bytes) else written(body)


def operations() -> list[Operation]:
    return [
        Operation(described["operationId"], method.upper(), template, described)
        for template, methods in DOCUMENT["paths"].items()
        for method, described in methods.items()
    ]


def for_each(chosen: list[Operation]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("operation", chosen, ids=lambda operation: operation.id)


def spoilt(body: Any, place: Place, token: bytes) -> bytes:
    """The body as JSON, with the token in that place, whether it is JSON or not."""
    mark = uuid4().hex
    holder: Any = {"body": deepcopy(body)}
    inner = holder
    for step in place[:-1]:
        inner = inner[int(step) if isinstance(inner, list) else step]
    if isinstance(inner, list):
        inner[:1] = [mark]
    else:
        inner[place[-1]] = mark
    return json.dumps(holder["body"]).encode().replace(f'"{mark}"'.encode(), token)
