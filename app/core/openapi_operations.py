"""What operations have in common, added to each in English: headers, refusals, the permission."""

from collections.abc import Iterator
from typing import Any

from app.core.idempotency import HEADER, LONGEST_KEY
from app.core.languages import Language, vietnamese
from app.core.problems import (
    ContentTooLarge,
    Forbidden,
    InvalidRequest,
    Problem,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
)

WITH_A_PERMISSION = (Unauthenticated, Forbidden, InvalidRequest, Unavailable)
WITH_A_BODY = (ContentTooLarge, UnsupportedMediaType, InvalidRequest)
WITH_A_SEARCH = (TooManyRequests,)
"""What every operation of that sort may answer."""

PERMISSION = "Permission: `{permission}`."
DONE = {
    "200": "Done",
    "201": "Created",
    "202": "Begun; read how far it is at `Location`",
    "204": "Removed",
    "304": "Not changed since the version in `If-None-Match`",
}


def _header(name: str, description: str, *, required: bool = False, **schema: Any) -> Any:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": description,
        "schema": {"type": "string", **schema},
    }


_IDEMPOTENCY_KEY = _header(
    HEADER,
    "Send the same key again to get the same answer, not a second effect; kept for a day",
    minLength=1,
    maxLength=LONGEST_KEY,
)
_IF_MATCH = _header(
    "If-Match", "The `ETag` that you read, or `*`", required=True, maxLength=200, examples=['"1"']
)
_IF_NONE_MATCH = _header("If-None-Match", "The `ETag` that you have: 304 when it is still the one")
_ETAG = {"ETag": {"description": "The version of the answer", "schema": {"type": "string"}}}
_LINK = {"Link": {"description": 'The next page, as `rel="next"`', "schema": {"type": "string"}}}
_RATE_LIMITS = {
    "RateLimit": {
        "description": "How many requests are left (`r`), for how many seconds at least (`t`)",
        "schema": {"type": "string", "examples": ['"search";r=119;t=42', '"token";r=0;t=7']},
    },
    "RateLimit-Policy": {
        "description": "How many requests (`q`) may be sent in how many seconds (`w`)",
        "schema": {"type": "string", "examples": ['"search";q=120;w=60', '"token";q=300;w=60']},
    },
}
_RETRY_AFTER = {
    "Retry-After": {
        "description": "In how many seconds to send again",
        "schema": {"type": "integer", "minimum": 1},
    }
}


def operations(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Method and description of each operation."""
    for methods in described["paths"].values():
        yield from methods.items()


def complete(method: str, operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Says what FastAPI does not know. Problem types are left to be told in the language."""
    summary, _, rest = operation.get("description", "").partition("\n\n")
    operation["summary"] = _unwrapped(summary).rstrip(".")
    operation["description"] = "\n\n".join(map(_unwrapped, rest.split("\n\n")))
    scopes = _scopes(operation)
    operation["security"] = [{"oauth2": scopes}, {"bearer": scopes}] if scopes else []
    _add_parameters(method, operation)
    _add_body_example(operation, schemas)
    _add_answers(method, operation, schemas)
    _add_refusals(operation)
    _add_rate_limits(operation)
    operation["responses"] = dict(sorted(operation["responses"].items()))


def tell_permission(operation: dict[str, Any], language: Language) -> None:
    """It is the end of a description, whatever the language."""
    texts = vietnamese()["document"] if language == "vi" else {}
    sentence = texts.get("permission", PERMISSION)
    told = [sentence.format(permission=permission) for permission in _scopes(operation)]
    operation["description"] = "\n\n".join(filter(None, [operation["description"], *told]))


def _unwrapped(paragraph: str) -> str:
    return " ".join(paragraph.split())


def _scopes(operation: dict[str, Any]) -> list[str]:
    security = operation.get("security", [])
    return list(security[0]["oauth2"]) if security else []


def _add_parameters(method: str, operation: dict[str, Any]) -> None:
    parameters = operation.pop("parameters", [])
    for parameter in parameters:
        parameter["schema"] = _without_null(parameter["schema"])
    if "428" in operation["responses"]:
        parameters.append({**_IF_MATCH, "schema": _IF_MATCH["schema"].copy()})
    for parameter in parameters:
        if parameter["required"] and "examples" in parameter["schema"]:
            # Swagger UI fills this one in.
            parameter["example"] = parameter["schema"].pop("examples")[0]
    if _scopes(operation) and method == "post":
        parameters.append(_IDEMPOTENCY_KEY.copy())
    if _scopes(operation) and method == "get":
        parameters.append(_IF_NONE_MATCH.copy())
    if parameters:
        operation["parameters"] = parameters


def _query(operation: dict[str, Any]) -> set[str]:
    return {each["name"] for each in operation.get("parameters", []) if each["in"] == "query"}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A URL has no null: what may be left out is not required, and that is said elsewhere."""
    kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    if len(kinds) == 1:
        schema = kinds[0] | {key: value for key, value in schema.items() if key != "anyOf"}
    return {key: value for key, value in schema.items() if key not in ("title", "description")}


def _add_body_example(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    for content in operation.get("requestBody", {}).get("content", {}).values():
        if "$ref" not in content["schema"]:
            continue
        fields = _fields(content, schemas)
        of_fields = {
            name: field["examples"][0] for name, field in fields.items() if "examples" in field
        }
        content["example"] = of_fields | content.get("example", {})


def _add_answers(method: str, operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Those that are not refusals."""
    responses = operation["responses"]
    for status in DONE.keys() & responses.keys():
        response = responses[status]
        response["description"] = DONE[status]
        shown = response.get("content", {}).get("application/json")
        fields = _fields(shown, schemas) if shown else {}
        if "version" in fields or "next" in fields:
            headers = _ETAG | (_LINK if "next" in fields else {})
            response["headers"] = {name: header.copy() for name, header in headers.items()}
    if _scopes(operation) and method == "get":
        responses["304"] = {"description": DONE["304"]}


def _fields(content: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = schemas[content["schema"]["$ref"].rpartition("/")[2]]["properties"]
    return fields


def _add_refusals(operation: dict[str, Any]) -> None:
    responses, kinds = operation["responses"], list[type[Problem]]()
    if _scopes(operation):
        kinds += WITH_A_PERMISSION
    else:
        responses.pop("422", None)  # FastAPI's own, which nobody gets
    if "requestBody" in operation:
        kinds += WITH_A_BODY
    if "q" in _query(operation):
        kinds += WITH_A_SEARCH
    for kind in kinds:
        listed = responses.setdefault(str(kind.status), {}).setdefault("x-problems", [])
        if kind.slug not in listed:
            listed.append(kind.slug)


def _add_rate_limits(operation: dict[str, Any]) -> None:
    """Where requests are counted. A search alone is, of a list that takes one."""
    responses = operation["responses"]
    if "429" not in responses:
        return
    for status in ("429", *DONE.keys() & responses.keys()):
        told = _RATE_LIMITS | (_RETRY_AFTER if status == "429" else {})
        headers = responses[status].setdefault("headers", {})
        headers |= {name: header.copy() for name, header in told.items()}
