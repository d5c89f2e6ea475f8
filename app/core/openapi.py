"""The OpenAPI document, in English and in Vietnamese, and the pages that problem types lead to.

English stands in the code: docstrings, field descriptions, problem classes. Vietnamese comes from
the packages' catalogues. operationIds are function names; errors are problems.
"""

import json
from functools import lru_cache
from re import sub
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, Response

from app.core.languages import Language, preferred, vietnamese
from app.core.openapi_operations import complete, operations, tell_permission
from app.core.openapi_refusals import tell_refusals
from app.core.openapi_translation import translate
from app.core.problems import PROBLEMS, NotFound

router = APIRouter(include_in_schema=False)

DESCRIPTION = """\
The learning service behind Viet Nam's foreign-affairs training.

* **Signing in.** Press *Authorize*, tick nothing, and press the first *Authorize*: a window opens \
where you sign in. Programs give their id and secret instead. Each operation names the permission \
that it needs. What is not yours to see answers 404.
* **Lists** come in pages: pass `next` as `after` to read on, with the same `sort` and filters.
* **Changes.** `PUT` replaces the whole, and `DELETE` removes it, under `If-Match` with the `ETag` \
that you read. A `POST` \
with an `Idempotency-Key` may be sent again.
* **Refusals** are problems (RFC 9457): `type` and `code` never change, and `detail` says what to \
do, in Vietnamese or in English as `Accept-Language` asks.
* **What may come.** `/v1` only grows: ignore fields and values that you do not know.
"""

TAGS = {
    "access": "Tokens for people and programs, and the keys that verify them",
    "accounts": "Who you are; users, their roles and sign-ins; programs and their keys",
    "organizations": "The Academy, ministries and provinces, their units, and who succeeded whom",
    "learners": "Officers on rosters, the positions they held, and transfers between organisations",
    "rosters": "Files of people: what they change, what is wrong with them, and how fresh rosters"
    " are",
    "competencies": "What officers must know, be able to do, and how they conduct themselves:"
    " frameworks, their versions, and consultation on them",
    "job-positions": "Job positions, the competencies that they require, and who is in which",
    "gaps": "Who lacks what is required of them, in which competencies, and why",
    "evidence": "Evidence of what officers know and can do: recorded, reviewed, and never changed",
    "curricula": "What officers are taught: modules, the curricula of a year that consist of them,"
    " and what ministries and provinces add to these",
    "materials": "What courses are taught with: documents, slides, films and links, and their text",
    "rooms": "Rooms and instructors: which are free when, and what each is booked for",
    "courses": "Courses, their sessions, whose places are whose, and calendars of them",
    "nominations": "From nominations to seats: who comes to a course, and who waits",
    "attendance": "Who attended which sessions, how they stand and what became of them; what they"
    " learnt by themselves",
    "changes": "What has changed, for programs that keep up with it",
    "audit": "Who changed what, and who read whose personal data",
}
"""In the order of a training's life."""

BEARER = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
"""For people who have a token already; Swagger UI asks for it."""

FOR_ALL = {"Cache-Control": "public, max-age=300"}


@router.get("/openapi.json")
async def read_openapi(request: Request, lang: Language = "vi") -> Response:
    return JSONResponse(document(request.app, lang), headers=FOR_ALL)


@router.get("/problems/{slug}")
async def read_problem(request: Request, slug: str) -> Response:
    """Where a problem's `type` leads: what it means, whatever the occurrence (RFC 9457, 3.1.1)."""
    if slug not in PROBLEMS:
        raise NotFound
    kind = PROBLEMS[slug]
    language = preferred(request.headers.get("accept-language"))
    title, detail = kind.template(language)
    body = {"type": f"/problems/{slug}", "title": title, "status": kind.status, "detail": detail}
    headers = {"Content-Language": language, "Vary": "Accept-Language"}
    return JSONResponse(body, headers=FOR_ALL | headers)


@lru_cache(maxsize=8)
def document(app: FastAPI, language: Language) -> dict[str, Any]:
    """The document in a language."""
    generated = get_openapi(
        title=app.title,
        version=app.version,
        description=DESCRIPTION,
        routes=app.routes,
        tags=[{"name": name, "description": text} for name, text in TAGS.items()],
    )
    # Page[LearnerOut] is a LearnerPage to clients.
    renamed = sub(r'\bPage[_[](\w+?)(?:Out)?[_\]](?=")', r"\1Page", json.dumps(generated))
    described: dict[str, Any] = json.loads(renamed)
    components = described["components"]
    flows = components["securitySchemes"]["oauth2"]["flows"]
    flows["clientCredentials"] = flows.pop("clientCredentials")  # people come first
    components["securitySchemes"]["bearer"] = BEARER | {"description": "An access token"}
    for _, operation in operations(described):
        # Of bodies that a route reads by itself.
        components["schemas"] |= operation.pop("x-schemas", {})
    _tidy(components["schemas"])
    for method, operation in operations(described):
        complete(method, operation, components["schemas"])
    if language == "vi":
        translate(described, vietnamese())
    for _, operation in operations(described):
        tell_permission(operation, language)
    tell_refusals(described, language)
    return described


def _tidy(schemas: dict[str, Any]) -> None:
    """FastAPI's own form of a refusal goes, and titles that are a field's name once more."""
    for unwanted in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unwanted, None)
    for schema in schemas.values():
        if "description" in schema:
            schema["description"] = " ".join(schema["description"].split())
        for field in schema.get("properties", {}).values():
            field.pop("title", None)
            _describe_whole(field)


def _describe_whole(field: dict[str, Any]) -> None:
    """What is said of a value that may be null, or of those in a list, is said of the field."""
    inner = [*field.get("anyOf", []), *filter(None, [field.get("items")])]
    if said := [part.pop("description") for part in inner if "description" in part]:
        own = [field["description"]] if "description" in field else []
        field["description"] = ". ".join([*own, *said])
