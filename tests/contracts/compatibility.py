"""What would break a client: differences between two OpenAPI documents that are no additions.

A request may be asked for less and may say more; an answer may say more and leave out nothing.
New values of an answer's field are additions: clients are told to ignore what they do not know.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.contracts.documents import Document, resolved

LEAST = ("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum")
MOST = ("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum")
SAME = ("pattern", "format")


def breaking_changes(before: Document, after: Document) -> list[str]:
    found = []
    for path, methods in before["paths"].items():
        for method, former in methods.items():
            present = after["paths"].get(path, {}).get(method)
            name = f"{method.upper()} {path}"
            if present is None:
                found.append(f"{name}: is gone")
            else:
                found += _operation(name, Sides(before, after), former, present)
    return found


class Sides(NamedTuple):
    """The documents that two schemas to be compared stand in."""

    before: Document
    after: Document


def _operation(name: str, sides: Sides, former: Any, present: Any) -> Iterator[str]:
    if former["operationId"] != present["operationId"]:
        yield f"{name}: is called {present['operationId']} now"
    for scope in sorted(_scopes(present) - _scopes(former)):
        yield f"{name}: takes the permission {scope} now"
    yield from _parameters(name, sides, former, present)
    yield from _body(name, sides, former.get("requestBody"), present.get("requestBody"))
    for status, answer in former["responses"].items():
        if status >= "300":
            continue
        if status not in present["responses"]:
            yield f"{name}: answers {status} no more"
        for media_type, content in answer.get("content", {}).items():
            now = present["responses"].get(status, {}).get("content", {}).get(media_type)
            if now is None:
                yield f"{name}: answers {media_type} no more"
            else:
                yield from _answer(f"{name} answer", sides, content["schema"], now["schema"])


def _scopes(operation: Any) -> set[str]:
    return {s for way in operation["security"] for scopes in way.values() for s in scopes}


def _parameters(name: str, sides: Sides, former: Any, present: Any) -> Iterator[str]:
    were = {(p["in"], p["name"]): p for p in former.get("parameters", [])}
    are = {(p["in"], p["name"]): p for p in present.get("parameters", [])}
    for where, parameter in are.items():
        required = where in were and were[where]["required"]
        if parameter["required"] and not required:
            yield f"{name}: requires {where[1]} now"
    for where, parameter in were.items():
        if where in are:
            schema = are[where]["schema"]
            yield from _request(f"{name} {where[1]}", sides, parameter["schema"], schema)
        else:
            yield f"{name}: takes {where[1]} no more"


def _body(name: str, sides: Sides, former: Any, present: Any) -> Iterator[str]:
    if present and present.get("required") and not (former and former.get("required")):
        yield f"{name}: requires a body now"
    for media_type, content in (former or {"content": {}})["content"].items():
        now = (present or {"content": {}})["content"].get(media_type)
        if now is None:
            yield f"{name}: takes {media_type} no more"
        else:
            yield from _request(f"{name} body", sides, content["schema"], now["schema"])


class Shape(NamedTuple):
    """What a schema allows, its alternatives taken together."""

    types: set[str]
    values: set[Any]
    """Empty when any value will do."""
    fields: dict[str, Any]
    required: set[str]
    items: list[Any]
    bounds: dict[str, Any]


def _shape(document: Document, schema: Any) -> Shape:
    kinds = [resolved(document, kind) for kind in schema.get("anyOf", [schema])]
    shape = Shape(set(), set(), {}, set(), [], {})
    for kind in kinds:
        type = kind.get("type", "anything")
        shape.types.update({"number", "integer"} if type == "number" else {type})
        shape.values.update(kind.get("enum", [kind["const"]] if "const" in kind else []))
        shape.fields.update(kind.get("properties", {}))
        shape.required.update(kind.get("required", ()))
        inner = (kind.get("items"), kind.get("additionalProperties"))
        shape.items.extend(schema for schema in inner if isinstance(schema, dict))
        shape.bounds.update({key: kind[key] for key in (*LEAST, *MOST, *SAME) if key in kind})
    return shape


def _request(name: str, sides: Sides, former: Any, present: Any) -> Iterator[str]:
    was, now = _shape(sides.before, former), _shape(sides.after, present)
    yield from (f"{name}: may be {kind} no more" for kind in sorted(was.types - now.types))
    if now.values:
        lost = was.values - now.values if was.values else {"any other value"}
        yield from (f"{name}: may be {value} no more" for value in sorted(map(str, lost)))
    yield from (f"{name}: {key} may be narrower" for key in now.bounds if _narrower(key, was, now))
    required, gone = now.required - was.required, was.fields.keys() - now.fields.keys()
    yield from (f"{name}.{field}: is required now" for field in sorted(required))
    yield from (f"{name}.{field}: is taken no more" for field in sorted(gone))
    for field in was.fields.keys() & now.fields.keys():
        yield from _request(f"{name}.{field}", sides, was.fields[field], now.fields[field])
    for item, item_now in zip(was.items, now.items, strict=False):
        yield from _request(f"{name}[]", sides, item, item_now)


def _narrower(key: str, was: Shape, now: Shape) -> bool:
    if key not in was.bounds:
        return True
    before, after = was.bounds[key], now.bounds[key]
    if key in SAME:
        return bool(before != after)
    return bool(after > before if key in LEAST else after < before)


def _answer(name: str, sides: Sides, former: Any, present: Any) -> Iterator[str]:
    was, now = _shape(sides.before, former), _shape(sides.after, present)
    yield from (f"{name}: may be {kind} now" for kind in sorted(now.types - was.types))
    lost = was.values - now.values if now.values else set()
    yield from (f"{name}: is {value} no more" for value in sorted(map(str, lost)))
    gone = was.fields.keys() - now.fields.keys()
    yield from (f"{name}.{field}: is gone" for field in sorted(gone))
    missing = was.required - now.required - gone
    yield from (f"{name}.{field}: may be missing now" for field in sorted(missing))
    for field in was.fields.keys() & now.fields.keys():
        yield from _answer(f"{name}.{field}", sides, was.fields[field], now.fields[field])
    for item, item_now in zip(was.items, now.items, strict=False):
        yield from _answer(f"{name}[]", sides, item, item_now)
