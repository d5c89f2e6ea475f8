"""Changes of the OpenAPI document: faults that rules notice, what breaks clients, what does not."""

from collections.abc import Callable
from typing import Any

from tests.contracts.documents import Document

Change = Callable[[Document], Any]

LIST = ("paths", "/v1/learners", "get")
ADD = ("paths", "/v1/learners", "post")
GET = ("paths", "/v1/learners/{learner_id}", "get")
PUT = ("paths", "/v1/learners/{learner_id}", "put")
TOKEN = ("paths", "/oauth/token", "post")
SCHEMAS = ("components", "schemas")
TAKEN = (*SCHEMAS, "LearnerIn", "properties")
TOLD = (*SCHEMAS, "LearnerOut", "properties")
BODY = (*ADD, "requestBody", "content", "application/json")
CONFLICT = (*ADD, "responses", "409", "content", "application/problem+json")


def at(document: Document, *place: str | int) -> Any:
    node: Any = document
    for key in place:
        node = node[key]
    return node


def put(value: Any, *place: str | int) -> Change:
    def change(document: Document) -> None:
        at(document, *place[:-1])[place[-1]] = value

    return change


def drop(*place: str | int) -> Change:
    return lambda document: at(document, *place[:-1]).pop(place[-1])


def also(value: Any, *place: str | int) -> Change:
    return lambda document: at(document, *place).append(value)


def moved(to: str, *place: str | int) -> Change:
    """Under another name, beside where it was."""

    def change(document: Document) -> None:
        beside = at(document, *place[:-1])
        beside[to] = beside.pop(place[-1])

    return change


NEW_FIELD = {"type": "string", "description": "Something new", "examples": ["new"]}
NEW_PARAMETER = {"name": "colour", "in": "query", "required": True, "schema": {"type": "string"}}

FAULTS: dict[str, tuple[tuple[Change, str], ...]] = {
    "operation_ids_are_names_of_functions": (
        (put("get_learner", *PUT, "operationId"), "get_learner: not the only one"),
        (
            put("get_learner_changed", *PUT, "operationId"),
            "get_learner_changed: no verb_noun for a PUT",
        ),
    ),
    "paths_are_words_and_ids": (
        (
            moved("/v1/Learner_list", "paths", "/v1/learners"),
            "/v1/Learner_list: other than words-with-hyphens and {some_id}",
        ),
        (put("id", *GET, "parameters", 0, "name"), "get_learner: declares {'id'}"),
    ),
    "each_operation_says_what_it_does": (
        (put("", *GET, "description"), "get_learner: has no description"),
        (put("read a learner.", *GET, "summary"), "get_learner: its summary is no line"),
        (put(["people"], *GET, "tags"), "get_learner: has no tag that the document describes"),
    ),
    "each_operation_states_its_permission": (
        (put([], *GET, "security"), "get_learner: takes no permission"),
        (
            put([{"oauth2": ["learners:admire"]}], *GET, "security"),
            "get_learner: does not tell of learners:admire",
        ),
        (
            put("Reads somebody.", *GET, "description"),
            "get_learner: does not tell of learners:read",
        ),
        (drop("components", "securitySchemes", "bearer"), "get_learner: bearer"),
    ),
    "each_operation_tells_what_it_may_answer": (
        (drop(*GET, "responses", "401"), "get_learner: not told of ['401']"),
        (drop(*GET, "responses", "200"), "get_learner: no success"),
        (
            put("Successful Response", *GET, "responses", "200", "description"),
            "get_learner: says nothing of 200",
        ),
    ),
    "refusals_are_problems_with_examples": (
        (moved("application/json", *CONFLICT), "create_learner: 409 is no problem"),
        (put({}, *CONFLICT, "examples"), "create_learner: 409 is no problem"),
        (
            put({"$ref": "#/components/examples/not-found"}, *CONFLICT, "examples", "not-found"),
            "create_learner: not-found among 409",
        ),
        (
            drop("components", "examples", "forbidden", "value", "trace_id"),
            'forbidden: "trace_id" is a required property',
        ),
    ),
    "each_body_has_an_example_that_may_be_sent": (
        (drop(*BODY, "example"), "create_learner: no example"),
        (drop(*BODY, "example", "full_name"), 'create_learner: "full_name" is a required property'),
        (put("1 May", *BODY, "example", "birth_date"), "create_learner: "),
        (moved("application/xml", *BODY), "create_learner: takes application/xml"),
        (
            drop(*SCHEMAS, "LearnerCreate", "additionalProperties"),
            "create_learner: takes fields that it does not know",
        ),
    ),
    "answers_are_json_or_files_and_show_what_they_look_like": (
        (
            moved("text/html", *GET, "responses", "200", "content", "application/json"),
            "get_learner: answers text/html without a name",
        ),
        (drop(*TOLD, "full_name", "examples"), "LearnerOut.full_name: no example"),
    ),
    "examples_are_what_they_show": (
        (
            put([None], *TAKEN, "full_name", "examples"),
            'LearnerIn.full_name: null is not of type "string"',
        ),
    ),
    "parameters_are_described": (
        (
            put("", *GET, "parameters", 0, "description"),
            "get_learner: learner_id is not described, or misnamed",
        ),
        (
            put("if-none-match", *GET, "parameters", 1, "name"),
            "get_learner: if-none-match is not described, or misnamed",
        ),
        (
            put([{"type": "null"}], *GET, "parameters", 0, "schema", "anyOf"),
            "get_learner: learner_id may be null, which a URL cannot say",
        ),
    ),
    "lists_are_pages": ((put([], *LIST, "parameters"), "list_learners: lacks ['after', 'fields'"),),
    "headers_of_requests_are_told": (
        (drop(*PUT, "parameters", 1), "replace_learner: takes If-Match"),
        (drop(*PUT, "responses", "200", "headers"), "replace_learner: does not tell its ETag"),
    ),
    "types_are_those_of_json": (
        (
            put("datetime", *TOLD, "created_at", "type"),
            "('components', 'schemas', 'LearnerOut', 'properties', 'created_at', 'type'): datetime",
        ),
        (
            put("binary", *TOLD, "created_at", "format"),
            "('components', 'schemas', 'LearnerOut', 'properties', 'created_at', 'format'): binary",
        ),
    ),
    "everything_referred_to_is_there_and_nothing_else": (
        (
            put({"properties": {}}, *SCHEMAS, "HTTPValidationError"),
            "#/components/schemas/HTTPValidationError: of no use",
        ),
        (drop(*SCHEMAS, "LearnerOut"), "#/components/schemas/LearnerOut: not there"),
        (
            moved("Page_LearnerOut_", *SCHEMAS, "LearnerPage"),
            "Page_LearnerOut_: no name for clients",
        ),
    ),
}
"""What each rule is to notice, and how it says so."""

BREAKS: tuple[tuple[Change, str], ...] = (
    (drop("paths", "/v1/transfers"), "GET /v1/transfers: is gone"),
    (drop(*PUT), "PUT /v1/learners/{learner_id}: is gone"),
    (put("list_people", *LIST, "operationId"), "GET /v1/learners: is called list_people now"),
    (
        put([{"oauth2": ["audit:read"]}], *LIST, "security"),
        "GET /v1/learners: takes the permission audit:read now",
    ),
    (drop(*LIST, "parameters", 0), "GET /v1/learners: takes limit no more"),
    (also(NEW_PARAMETER, *LIST, "parameters"), "GET /v1/learners: requires colour now"),
    (
        put(NEW_PARAMETER | {"name": "limit"}, *LIST, "parameters", 0),
        "GET /v1/learners: requires limit now",
    ),
    (
        put(100, *LIST, "parameters", 0, "schema", "maximum"),
        "GET /v1/learners limit: maximum may be narrower",
    ),
    (
        put({"required": True, "content": {}}, *LIST, "requestBody"),
        "GET /v1/learners: requires a body now",
    ),
    (moved("application/xml", *BODY), "POST /v1/learners: takes application/json no more"),
    (
        also("email", *SCHEMAS, "LearnerIn", "required"),
        "PUT /v1/learners/{learner_id} body.email: is required now",
    ),
    (drop(*TAKEN, "email"), "PUT /v1/learners/{learner_id} body.email: is taken no more"),
    (
        put({"type": "integer"}, *TAKEN, "email"),
        "PUT /v1/learners/{learner_id} body.email: may be null no more",
    ),
    (
        put(["active", "left"], *TAKEN, "status", "enum"),
        "PUT /v1/learners/{learner_id} body.status: may be suspended no more",
    ),
    (
        put(["Nguyễn"], *TAKEN, "full_name", "enum"),
        "PUT /v1/learners/{learner_id} body.full_name: may be any other value no more",
    ),
    (
        put(2, *TAKEN, "full_name", "minLength"),
        "PUT /v1/learners/{learner_id} body.full_name: minLength may be narrower",
    ),
    (
        put("^[A-Z]+$", *TAKEN, "full_name", "pattern"),
        "PUT /v1/learners/{learner_id} body.full_name: pattern may be narrower",
    ),
    (
        put(5, *SCHEMAS, "LanguageSkill", "properties", "level", "maximum"),
        "PUT /v1/learners/{learner_id} body.languages[].level: maximum may be narrower",
    ),
    (
        moved("202", *ADD, "responses", "201"),
        "POST /v1/learners: answers 201 no more",
    ),
    (
        moved("text/csv", *LIST, "responses", "200", "content", "application/json"),
        "GET /v1/learners: answers application/json no more",
    ),
    (drop(*TOLD, "email"), "GET /v1/learners answer.items[].email: is gone"),
    (
        put({"anyOf": [{"type": "integer"}, {"type": "null"}]}, *TOLD, "version"),
        "GET /v1/learners/{learner_id} answer.version: may be null now",
    ),
    (
        put(["active", "left"], *TOLD, "status", "enum"),
        "GET /v1/learners/{learner_id} answer.status: is suspended no more",
    ),
    (
        drop(*SCHEMAS, "LearnerOut", "required", 0),
        "GET /v1/learners/{learner_id} answer.id: may be missing now",
    ),
)
"""What a client would stumble over, and how it is told."""

ADDITIONS: tuple[Change, ...] = (
    put({"get": {}}, "paths", "/v1/surveys"),
    also(NEW_PARAMETER | {"required": False}, *LIST, "parameters"),
    put(500, *LIST, "parameters", 0, "schema", "maximum"),
    put(NEW_FIELD, *TAKEN, "nickname"),
    put(NEW_FIELD, *TOLD, "nickname"),
    also("retired", *TAKEN, "status", "enum"),
    also("retired", *TOLD, "status", "enum"),
    drop(*SCHEMAS, "LearnerIn", "required", 0),
    drop(*TAKEN, "full_name", "maxLength"),
    put({"description": "Wait", "content": {}}, *LIST, "responses", "429"),
    also({"type": "integer"}, *TAKEN, "rank", "anyOf"),
    put("Other words", *LIST, "summary"),
)
"""What no client minds."""
