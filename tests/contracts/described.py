"""An operation, as the OpenAPI document describes it to a client."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from tests.contracts.documents import Document, resolved

JSON = "application/json"


@dataclass(frozen=True)
class Described:
    document: Document
    method: str
    path: str
    spec: dict[str, Any]

    @property
    def addressed(self) -> bool:
        """Whether its address names a row."""
        return "{" in self.path

    def url(self, target: UUID | None, query: str = "") -> str:
        before, _, rest = self.path.removeprefix("/v1").partition("{")
        path = f"{before}{target}{rest.partition('}')[2]}" if rest else before
        return f"{path}?{query}" if query else path

    @property
    def permissions(self) -> set[str]:
        return {
            scope for way in self.spec["security"] for scopes in way.values() for scope in scopes
        }

    @property
    def parameters(self) -> list[str]:
        """The names in its query string."""
        given = (resolved(self.document, each) for each in self.spec.get("parameters", ()))
        return [each["name"] for each in given if each["in"] == "query"]

    @cached_property
    def body(self) -> dict[str, Any]:
        """The schema of its body; nothing when it has none."""
        return self._schema(self._content)

    @property
    def text(self) -> str | None:
        """An example of a file that it takes, if it takes no JSON."""
        content = self.spec.get("requestBody", {}).get("content", {})
        return content.get("text/plain", {}).get("example")

    @property
    def example(self) -> Any:
        """A body that is as it should be."""
        return deepcopy(self._content["example"])

    @property
    def answer(self) -> dict[str, Any]:
        """The schema of what it answers when all is well."""
        status = min(self.spec["responses"])
        return self._schema(self.spec["responses"][status]["content"].get(JSON, {}))

    @property
    def shape(self) -> str:
        """The name of the schema of what it reads, alone or in a list."""
        answer = self.answer
        if "next" in answer.get("properties", {}):
            answer = answer["properties"]["items"]["items"]
            return str(answer["$ref"]).rpartition("/")[2]
        return str(answer["title"])

    @property
    def _content(self) -> dict[str, Any]:
        content = self.spec.get("requestBody", {}).get("content", {})
        return dict(content.get(JSON, {}))

    def _schema(self, content: dict[str, Any]) -> dict[str, Any]:
        return dict(resolved(self.document, content.get("schema", {})))


def operations(document: Document) -> dict[str, Described]:
    return {
        spec["operationId"]: Described(document, method.upper(), path, spec)
        for path, methods in document["paths"].items()
        for method, spec in methods.items()
    }


def objects(document: Document, schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every object that a value of this schema holds, and itself."""
    schema = resolved(document, schema)
    if schema.get("type") == "object":
        yield schema
    parts = [*schema.get("properties", {}).values(), *schema.get("anyOf", ())]
    parts += [schema[key] for key in ("items", "additionalProperties") if schema.get(key)]
    for part in parts:
        yield from objects(document, part)
