"""What holds for the whole OpenAPI document; each rule names whatever breaks it."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, NamedTuple

from jsonschema_rs import Draft202012Validator

from tests.contracts.documents import Document, leaves, resolved

Rule = Callable[[Document], Iterator[str]]
RULES: list[Rule] = []

PUBLIC = {"issue_token", "list_signing_keys"}
"""Who has no token yet needs them; anything else takes a permission."""
VERBS = {"get": "get list", "put": "replace", "patch": "change", "delete": "remove"}
"""What operationIds begin with; a POST with a verb of its own."""
JSON, FORM, PROBLEM = (
    "application/json",
    "application/x-www-form-urlencoded",
    "application/problem+json",
)
SELF_EVIDENT = {"boolean", "null"}


def rule(check: Rule) -> Rule:
    RULES.append(check)
    return check


class Operation(NamedTuple):
    path: str
    method: str
    spec: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.spec["operationId"])

    @property
    def scopes(self) -> set[str]:
        ways = self.spec["security"]
        return {scope for way in ways for scopes in way.values() for scope in scopes}

    @property
    def parameters(self) -> dict[str, dict[str, Any]]:
        return {parameter["name"]: parameter for parameter in self.spec.get("parameters", [])}

    @property
    def oauth(self) -> bool:
        """OAuth has its own forms of requests and refusals (RFC 6749)."""
        return self.path.startswith("/oauth/")

    def contents(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Status, media type and content of each answer."""
        for status, response in self.spec["responses"].items():
            for media_type, content in response.get("content", {}).items():
                yield status, media_type, content


def operations(document: Document) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, spec in methods.items():
            yield Operation(path, method, spec)


def errors(document: Document, schema: dict[str, Any], value: Any) -> list[str]:
    """Why the value is none of the schema, which may refer to the document."""
    whole = {**schema, "components": document["components"]}
    validator = Draft202012Validator(whole, validate_formats=True)
    return [error.message for error in validator.iter_errors(value)]


@rule
def operation_ids_are_names_of_functions(document: Document) -> Iterator[str]:
    named = Counter(operation.name for operation in operations(document))
    yield from (f"{name}: not the only one" for name, count in named.items() if count > 1)
    others = {verb for verbs in VERBS.values() for verb in verbs.split()}
    for _, method, spec in operations(document):
        name = spec["operationId"]
        verb, _, noun = name.partition("_")
        fits = verb in VERBS[method].split() if method in VERBS else verb not in others
        if not (fits and re.fullmatch(r"[a-z]+(_[a-z]+)*", noun)):
            yield f"{name}: no verb_noun for a {method}"


@rule
def paths_are_words_and_ids(document: Document) -> Iterator[str]:
    for operation in operations(document):
        path, declared = operation.path, operation.parameters
        if not re.fullmatch(r"/(v1|oauth|\.well-known)(/[a-z][a-z.-]*|/\{[a-z_]+_id\})+", path):
            yield f"{path}: other than words-with-hyphens and {{some_id}}"
        in_path = {name for name, given in declared.items() if given["in"] == "path"}
        if in_path != set(re.findall(r"\{(\w+)\}", path)):
            yield f"{operation.name}: declares {in_path}"


@rule
def each_operation_says_what_it_does(document: Document) -> Iterator[str]:
    for operation in operations(document):
        summary, spec = operation.spec["summary"], operation.spec
        if not (0 < len(summary) <= 80 and summary[0].isupper() and summary[-1].isalnum()):
            yield f"{operation.name}: its summary is no line"
        if not spec["description"]:
            yield f"{operation.name}: has no description"
        if [tag for tag in document["tags"] if [tag["name"]] == spec["tags"]] == []:
            yield f"{operation.name}: has no tag that the document describes"


@rule
def each_operation_states_its_permission(document: Document) -> Iterator[str]:
    schemes = document["components"]["securitySchemes"]
    known = {s for flow in schemes["oauth2"]["flows"].values() for s in flow["scopes"]}
    for operation in operations(document):
        if (operation.name in PUBLIC) != (not operation.scopes):
            yield f"{operation.name}: takes {operation.scopes or 'no permission'}"
        for scope in operation.scopes:
            if scope not in known or f"`{scope}`" not in operation.spec["description"]:
                yield f"{operation.name}: does not tell of {scope}"
        for way in operation.spec["security"]:
            yield from (f"{operation.name}: {scheme}" for scheme in way if scheme not in schemes)


@rule
def each_operation_tells_what_it_may_answer(document: Document) -> Iterator[str]:
    for operation in operations(document):
        due = {"401", "403", "422", "503"} if operation.scopes else set()
        due |= {"413", "415"} if "requestBody" in operation.spec else set()
        due |= {"404"} if "{" in operation.path and operation.method != "get" else set()
        due |= {"412", "428"} if operation.method in ("put", "patch") else set()
        if missing := due - operation.spec["responses"].keys():
            yield f"{operation.name}: not told of {sorted(missing)}"
        if [status for status in operation.spec["responses"] if status < "300"] == []:
            yield f"{operation.name}: no success"
        for status, response in operation.spec["responses"].items():
            if not response["description"] or response["description"] == "Successful Response":
                yield f"{operation.name}: says nothing of {status}"


@rule
def refusals_are_problems_with_examples(document: Document) -> Iterator[str]:
    form = {"$ref": "#/components/schemas/ProblemOut"}
    for operation in operations(document):
        for status, media_type, content in operation.contents():
            if status < "400" or (operation.oauth and status in ("400", "401")):
                continue
            if media_type != PROBLEM or content["schema"] != form or not content["examples"]:
                yield f"{operation.name}: {status} is no problem"
            for slug, example in content.get("examples", {}).items():
                told = resolved(document, example)["value"]
                if (str(told["status"]), told["type"]) != (status, f"/problems/{slug}"):
                    yield f"{operation.name}: {slug} among {status}"
                yield from (f"{slug}: {why}" for why in errors(document, form, told))


@rule
def each_body_has_an_example_that_may_be_sent(document: Document) -> Iterator[str]:
    for operation in operations(document):
        body = operation.spec.get("requestBody", {"content": {}})
        for media_type, content in body["content"].items():
            if media_type != (FORM if operation.oauth else JSON):
                yield f"{operation.name}: takes {media_type}"
            if not content.get("example"):
                yield f"{operation.name}: no example"
            for why in errors(document, content["schema"], content.get("example")):
                yield f"{operation.name}: {why}"
            closed = resolved(document, content["schema"]).get("additionalProperties") is False
            if not (closed or operation.oauth):
                yield f"{operation.name}: takes fields that it does not know"


@rule
def answers_are_json_and_show_what_they_look_like(document: Document) -> Iterator[str]:
    for operation in operations(document):
        for status, media_type, content in operation.contents():
            if status < "300" and (media_type != JSON or "$ref" not in content["schema"]):
                yield f"{operation.name}: answers {media_type} without a name"
            for name in _made_of(document, content["schema"]):
                schema = document["components"]["schemas"][name]
                for field, shown in schema["properties"].items():
                    if not (schema.get("examples") or _shows_itself(shown)):
                        yield f"{name}.{field}: no example"


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
    for operation in operations(document):
        for name, parameter in operation.parameters.items():
            pattern = r"[A-Z][a-z]+(-[A-Z][a-z]+)*" if parameter["in"] == "header" else r"[a-z_]+"
            if not (parameter.get("description") and re.fullmatch(pattern, name)):
                yield f"{operation.name}: {name} is not described, or misnamed"
            if {"type": "null"} in parameter["schema"].get("anyOf", []):
                yield f"{operation.name}: {name} may be null, which a URL cannot say"


@rule
def lists_are_pages(document: Document) -> Iterator[str]:
    for operation in operations(document):
        due = {"limit", "after", "sort", "fields"}
        [answer] = [content for status, _, content in operation.contents() if status < "300"]
        if "next" not in resolved(document, answer["schema"])["properties"]:
            continue
        if not operation.name.startswith("list_") or not due <= operation.parameters.keys():
            yield f"{operation.name}: lacks {sorted(due - operation.parameters.keys())}"


@rule
def headers_of_requests_are_told(document: Document) -> Iterator[str]:
    due = {"get": "If-None-Match", "put": "If-Match", "post": "Idempotency-Key"}
    for operation in operations(document):
        if operation.scopes and due[operation.method] not in operation.parameters:
            yield f"{operation.name}: takes {due[operation.method]}"
        answer = operation.spec["responses"].get("200", {})
        if operation.method == "put" and "ETag" not in answer.get("headers", {}):
            yield f"{operation.name}: does not tell its ETag"


@rule
def types_are_those_of_json(document: Document) -> Iterator[str]:
    types = {"string", "integer", "number", "boolean", "array", "object", "null"}
    for place, leaf in leaves(document):
        of_schema = not {"securitySchemes", "value", "examples"} & set(place)
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
