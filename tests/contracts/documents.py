"""The OpenAPI document in both languages, which takes no database to read."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from fastapi import FastAPI

from app.core import openapi
from app.core.config import Settings
from app.core.languages import Language
from app.main import create_app

Document = dict[str, Any]
Place = tuple[str | int, ...]
"""The keys and indexes that lead to something in a document."""


@cache
def described_app() -> FastAPI:
    return create_app(Settings())


def document(language: Language) -> Document:
    """Not to be changed: it is the one that the service answers with."""
    return openapi.document(described_app(), language)


def leaves(node: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Everything in a document that holds nothing else, and its place."""
    if isinstance(node, dict | list) and node:
        for key, inner in node.items() if isinstance(node, dict) else enumerate(node):
            yield from leaves(inner, (*place, key))
    else:
        yield place, node


def is_text(place: Place) -> bool:
    """Whether people are meant by what stands there."""
    if place[-1] in ("summary", "description"):
        return "example" not in place
    if place[-1] in ("title", "detail", "message"):
        return bool({"value", "examples"} & set(place))
    return place[-2:-1] == ("scopes",) and "flows" in place


def texts(node: Any) -> dict[Place, str]:
    return {place: leaf for place, leaf in leaves(node) if is_text(place)}


def resolved(whole: Document, node: Any) -> Any:
    """What a `$ref` leads to."""
    while "$ref" in node:
        found: Any = whole
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node
