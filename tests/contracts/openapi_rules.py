"""What holds for the whole OpenAPI document; each rule names whatever breaks it."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

from jsonschema_rs import Draft202012Validator

from app.attendance.vocabulary import MEDIA_TYPES
from app.materials.files.kinds import ENDINGS, TEXT
from tests.contracts.described import JSON, Described, operations
from tests.contracts.documents import Document, leaves, resolved
from tests.contracts.rules import PUBLIC

Rule = Callable[[Document], Iterator[str]]
RULES: list[Rule] = []

VERBS = {"GET": "get list", "PUT": "replace", "PATCH": "change", "DELETE": "remove"}
"""What operationIds begin with; a POST with a verb of its own."""
FORM = "application/x-www-form-urlencoded"
PROBLEM = "application/problem+json"
FILES = {"application/x-ndjson", "multipart/form-data", "*/*", *ENDINGS, *MEDIA_TYPES}
"""What people and programs send and take out as files."""
SELF_EVIDENT = {"boolean", "null"}


def rule(check: Rule) -> Rule:
    RULES.append(check)
    return check


def declared(operation: Described) -> dict[str, dict[str, Any]]:
    """What it takes beside a body, by name."""
    return {parameter["name"]: parameter for parameter in operation.spec.get("parameters", [])}


def answers(operation: Described) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Status, media type and content of each answer."""
    for status, response in operation.spec["responses"].items():
        for media_type, content in response.get("content", {}).items():
            yield status, media_type, content


def is_oauth(operation: Described) -> bool:
    """OAuth has its own forms of requests and refusals (RFC 6749)."""
    return operation.path.startswith("/oauth/")


def errors(document: Document, schema: dict[str, Any], value: Any) -> list[str]:
    """Why the value is none of the schema, which may refer to the document."""
    known = document["components"]["schemas"]
    needed, found = set[str](), _named(schema)
    while new := found - needed:  # the whole document would take a validator long to read
        needed |= new
        found = set().union(*(_named(known[name]) for name in new))
    whole = {**schema, "components": {"schemas": {name: known[name] for name in needed}}}
    validator = Draft202012Validator(whole, validate_formats=True)
    return [error.message for error in validator.iter_errors(value)]


def _named(part: dict[str, Any]) -> set[str]:
    """The schemas that it refers to."""
    ours = "#/components/schemas/"
    said = [value for place, value in leaves(part) if place[-1] == "$ref"]
    return {value.removeprefix(ours) for value in said if value.startswith(ours)}


@rule
def operation_ids_are_names_of_functions(document: Document) -> Iterator[str]:
    given = [
        spec["operationId"] for methods in document["paths"].values() for spec in methods.values()
    ]
    yield from (f"{name}: not the only one" for name, count in Counter(given).items() if count > 1)
    others = {verb for verbs in VERBS.values() for verb in verbs.split()}
    for name, operation in operations(document).items():
        method, (verb, _, noun) = operation.method, name.partition("_")
        fits = verb in VERBS[method].split() if method in VERBS else verb not in others
        if not (fits and re.fullmatch(r"[a-z]+(_[a-z]+)*", noun)):
            yield f"{name}: no verb_noun for a {method}"


@rule
def paths_are_words_and_ids(document: Document) -> Iterator[str]:
    for name, operation in operations(document).items():
        path, parameters = operation.path, declared(operation)
        if not re.fullmatch(r"/(v1|oauth|\.well-known)(/[a-z][a-z.-]*|/\{[a-z_]+_id\})+", path):
            yield f"{path}: other than words-with-hyphens and {{some_id}}"
        in_path = {each for each, given in parameters.items() if given["in"] == "path"}
        if in_path != set(re.findall(r"\{(\w+)\}", path)):
            yield f"{name}: declares {in_path}"


@rule
def each_operation_says_what_it_does(document: Document) -> Iterator[str]:
    for name, operation in operations(document).items():
        summary, spec = operation.spec["summary"], operation.spec
        if not (0 < len(summary) <= 80 and summary[0].isupper() and summary[-1].isalnum()):
            yield f"{name}: its summary is no line"
        if not spec["description"]:
            yield f"{name}: has no description"
        if [tag for tag in document["tags"] if [tag["name"]] == spec["tags"]] == []:
            yield f"{name}: has no tag that the document describes"


@rule
def each_operation_states_its_permission(document: Document) -> Iterator[str]:
    schemes = document["components"]["securitySchemes"]
    known = {s for flow in schemes["oauth2"]["flows"].values() for s in flow["scopes"]}
    for name, operation in operations(document).items():
        if (name in PUBLIC) != (not operation.permissions):
            yield f"{name}: takes {operation.permissions or 'no permission'}"
        for scope in operation.permissions:
            if scope not in known or f"`{scope}`" not in operation.spec["description"]:
                yield f"{name}: does not tell of {scope}"
        for way in operation.spec["security"]:
            yield from (f"{name}: {scheme}" for scheme in way if scheme not in schemes)


@rule
def each_operation_tells_what_it_may_answer(document: Document) -> Iterator[str]:
    for name, operation in operations(document).items():
        due = {"401", "403", "422", "503"} if operation.permissions else set()
        due |= {"413", "415"} if "requestBody" in operation.spec else set()
        due |= {"404"} if "{" in operation.path and operation.method != "GET" else set()
        due |= {"412", "428"} if operation.method in ("PUT", "PATCH") else set()
        if missing := due - operation.spec["responses"].keys():
            yield f"{name}: not told of {sorted(missing)}"
        if [status for status in operation.spec["responses"] if status < "300"] == []:
            yield f"{name}: no success"
        for status, response in operation.spec["responses"].items():
            if not response["description"] or response["description"] == "Successful Response":
                yield f"{name}: says nothing of {status}"


@rule
def refusals_are_problems_with_examples(document: Document) -> Iterator[str]:
    form = {"$ref": "#/components/schemas/ProblemOut"}
    for name, operation in operations(document).items():
        for status, media_type, content in answers(operation):
            if status < "400" or (is_oauth(operation) and status in ("400", "401")):
                continue
            if media_type != PROBLEM or content["schema"] != form or not content["examples"]:
                yield f"{name}: {status} is no problem"
            for slug, example in content.get("examples", {}).items():
                told = resolved(document, example)["value"]
                if (str(told["status"]), told["type"]) != (status, f"/problems/{slug}"):
                    yield f"{name}: {slug} among {status}"
                yield from (f"{slug}: {why}" for why in errors(document, form, told))


@rule
def each_body_has_an_example_that_may_be_sent(document: Document) -> Iterator[str]:
    for name, operation in operations(document).items():
        body = operation.spec.get("requestBody", {"content": {}})
        for media_type, content in body["content"].items():
            if media_type in FILES and {JSON, TEXT} & body["content"].keys():
                if media_type == TEXT and not content.get("example"):
                    yield f"{name}: no example"
                continue
            if media_type != (FORM if is_oauth(operation) else JSON):
                yield f"{name}: takes {media_type}"
            if not content.get("example"):
                yield f"{name}: no example"
            for why in errors(document, content["schema"], content.get("example")):
                yield f"{name}: {why}"
            schema = resolved(document, content["schema"])
            one = resolved(document, schema.get("items", schema))
            closed = one.get("additionalProperties") is False
            if not (closed or is_oauth(operation)):
                yield f"{name}: takes fields that it does not know"


@rule
def answers_are_json_or_files_and_show_what_they_look_like(document: Document) -> Iterator[str]:
    for name, operation in operations(document).items():
        for status, media_type, content in answers(operation):
            if status < "300" and media_type in FILES:
                continue
            if status < "300" and (media_type != JSON or "$ref" not in content["schema"]):
                yield f"{name}: answers {media_type} without a name"
            for part in _made_of(document, content["schema"]):
                schema = document["components"]["schemas"][part]
                for field, shown in schema["properties"].items():
                    if not (schema.get("examples") or _shows_itself(shown)):
                        yield f"{part}.{field}: no example"


def _made_of(document: Document, schema: dict[str, Any]) -> set[str]:
    """The names of the schemas that this one refers to."""
    refs = {leaf for place, leaf in leaves(schema) if place[-1] == "$ref"}
    inner = (_made_of(document, resolved(document, {"$ref": ref})) for ref in refs)
    return {ref.rpartition("/")[2] for ref in refs}.union(*inner)


def _shows_itself(schema: dict[str, Any]) -> bool:
    if {"examples", "enum", "const", "format", "$ref"} & schema.keys():
        return True
    if schema.get("type") == "array":
        return _shows_itself(schema["items"])
    kinds = schema.get("anyOf", [])
    return schema.get("type") in SELF_EVIDENT or (bool(kinds) and all(map(_shows_itself, kinds)))


@rule
def examples_are_what_they_show(document: Document) -> Iterator[str]:
    for name, schema in document["components"]["schemas"].items():
        for field, shown in [("", schema), *schema["properties"].items()]:
            for example in shown.get("examples", []):
                yield from (f"{name}.{field}: {why}" for why in errors(document, shown, example))


@rule
def parameters_are_described(document: Document) -> Iterator[str]:
    for name, operation in operations(document).items():
        for given, parameter in declared(operation).items():
            pattern = r"[A-Z][a-z]+(-[A-Z][a-z]+)*" if parameter["in"] == "header" else r"[a-z_]+"
            if not (parameter.get("description") and re.fullmatch(pattern, given)):
                yield f"{name}: {given} is not described, or misnamed"
            if {"type": "null"} in parameter["schema"].get("anyOf", []):
                yield f"{name}: {given} may be null, which a URL cannot say"


@rule
def lists_are_pages(document: Document) -> Iterator[str]:
    for name, operation in operations(document).items():
        shown = [content for status, _, content in answers(operation) if status < "300"]
        schemas = [resolved(document, content["schema"]) for content in shown]
        if not any("next" in schema.get("properties", {}) for schema in schemas):
            continue
        followed = any("more" in schema.get("properties", {}) for schema in schemas)
        due = {"limit", "since"} if followed else {"limit", "after", "sort", "fields"}
        if not name.startswith("list_") or not due <= declared(operation).keys():
            yield f"{name}: lacks {sorted(due - declared(operation).keys())}"


@rule
def headers_of_requests_are_told(document: Document) -> Iterator[str]:
    due = {"GET": "If-None-Match", "PUT": "If-Match", "POST": "Idempotency-Key"}
    due["DELETE"] = "If-Match"
    for name, operation in operations(document).items():
        header = due.get(operation.method)
        if operation.permissions and header and header not in declared(operation):
            yield f"{name}: takes {header}"
        answer = operation.spec["responses"].get("200", {})
        if operation.method == "PUT" and "ETag" not in answer.get("headers", {}):
            yield f"{name}: does not tell its ETag"


@rule
def types_are_those_of_json(document: Document) -> Iterator[str]:
    types = {"string", "integer", "number", "boolean", "array", "object", "null"}
    for place, leaf in leaves(document):
        of_schema = not {"securitySchemes", "value", "example", "examples"} & set(place)
        if of_schema and place[-1] == "type" and leaf not in types:
            yield f"{place}: {leaf}"
        if place[-1] == "format" and leaf in ("binary", "byte"):
            yield f"{place}: {leaf}"


@rule
def everything_referred_to_is_there_and_nothing_else(document: Document) -> Iterator[str]:
    wanted = {str(leaf) for place, leaf in leaves(document) if place[-1] == "$ref"}
    parts = document["components"]
    there = {
        f"#/components/{part}/{name}"
        for part, names in parts.items()
        for name in names
        if part != "securitySchemes"
    }
    yield from (f"{name}: not there" for name in wanted - there)
    yield from (f"{name}: of no use" for name in there - wanted)
    for unwanted, name in product(("ValidationError", "-Input", "-Output", "_"), parts["schemas"]):
        if unwanted in name:
            yield f"{name}: no name for clients"
