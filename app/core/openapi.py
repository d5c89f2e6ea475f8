"""The OpenAPI document, in English and in Vietnamese.

English stands in the code: docstrings, field descriptions, problem classes. Vietnamese comes from
the packages' catalogues. operationIds are function names; errors are problems.
"""

from copy import deepcopy
from functools import lru_cache
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, Response

from app.core.idempotency import HEADER, LONGEST_KEY
from app.core.languages import Language, vietnamese
from app.core.problems import (
    MEDIA_TYPE,
    PROBLEMS,
    Forbidden,
    InvalidRequest,
    ProblemOut,
    Unauthenticated,
    Unavailable,
)

router = APIRouter(include_in_schema=False)

EVERYWHERE = (Unauthenticated, Forbidden, InvalidRequest, Unavailable)
"""What any operation with a permission may answer."""

TAGS = {
    "access": "Tokens for people and programs, and the keys that verify them",
    "organizations": "The Academy, ministries and provinces, their units, and who succeeded whom",
    "learners": "Officers on rosters, the positions they held, and transfers between organisations",
    "audit": "Who changed what, and who read whose personal data",
}
"""In the order of a training's life."""

SUMMARY = "The learning service behind Viet Nam's foreign-affairs training."


@router.get("/openapi.json")
async def read_openapi(request: Request, lang: Language = "vi") -> Response:
    return JSONResponse(
        document(request.app, lang), headers={"Cache-Control": "public, max-age=300"}
    )


@lru_cache(maxsize=8)
def document(app: FastAPI, language: Language) -> dict[str, Any]:
    """The document in a language."""
    tags = [{"name": name, "description": text} for name, text in TAGS.items()]
    described: dict[str, Any] = deepcopy(
        get_openapi(
            title=app.title,
            version=app.version,
            description=SUMMARY,
            routes=app.routes,
            tags=tags,
        )
    )
    schemas = described["components"]["schemas"]
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    for path in described["paths"].values():
        for method, operation in path.items():
            _complete(method, operation)
    if language == "vi":
        _translate(described)
    schemas.setdefault("ProblemOut", ProblemOut.model_json_schema())
    return described


def _complete(method: str, operation: dict[str, Any]) -> None:
    summary, _, rest = operation.pop("description", "").partition("\n\n")
    operation["summary"] = " ".join(summary.split()).rstrip(".")
    operation["description"] = rest.strip()
    responses = operation["responses"]
    if not operation.get("security"):
        operation["security"] = []
    else:
        _add_refusals(responses)
    if method == "post" and operation["security"]:
        operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
    responses.pop("422" if not operation["security"] else "", None)
    for status, response in responses.items():
        slugs = response.pop("x-problems", [])
        if slugs:
            response["description"] = "; ".join(PROBLEMS[slug].title for slug in slugs)
            response["content"] = {MEDIA_TYPE: _refusals(slugs)}


def _add_refusals(responses: dict[str, Any]) -> None:
    for kind in EVERYWHERE:
        known = responses.setdefault(str(kind.status), {})
        listed = known.setdefault("x-problems", [])
        if kind.slug not in listed:
            listed.append(kind.slug)


def _refusals(slugs: list[str]) -> dict[str, Any]:
    examples = {
        slug: {
            "summary": PROBLEMS[slug].title,
            "value": {
                "type": f"/problems/{slug}",
                "title": PROBLEMS[slug].title,
                "status": PROBLEMS[slug].status,
                "detail": PROBLEMS[slug].detail,
            },
        }
        for slug in slugs
    }
    return {"schema": {"$ref": "#/components/schemas/ProblemOut"}, "examples": examples}


_IDEMPOTENCY_KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "Send the same key again to get the same answer, not a second effect. Kept for"
    " a day.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
}


def _translate(described: dict[str, Any]) -> None:
    """Puts the catalogues' texts in place of the English ones; what is missing stays English,
    and a test fails for it."""
    texts = vietnamese()
    info = texts["tags"]
    described["info"]["description"] = info.get("summary", SUMMARY)
    for tag in described["tags"]:
        tag["description"] = info.get(tag["name"], tag["description"])
    for path in described["paths"].values():
        for operation in path.values():
            said = texts["operations"].get(operation["operationId"], {})
            operation.update({k: said[k] for k in ("summary", "description") if k in said})
            for parameter in operation.get("parameters", []):
                _say(parameter, texts["parameters"], parameter["name"])
            for response in operation["responses"].values():
                _translate_refusals(response, texts["problems"])
    for name, schema in described["components"]["schemas"].items():
        fields = texts["fields"].get(name.removesuffix("_"), {})
        for field, described_field in schema.get("properties", {}).items():
            _say(described_field, fields, field)


def _say(target: dict[str, Any], texts: dict[str, Any], key: str) -> None:
    if key in texts:
        target["description"] = texts[key]


def _translate_refusals(response: dict[str, Any], texts: dict[str, Any]) -> None:
    examples = response.get("content", {}).get(MEDIA_TYPE, {}).get("examples", {})
    titles = []
    for slug, example in examples.items():
        if said := texts.get(slug):
            example["summary"] = said["title"]
            example["value"] |= {"title": said["title"], "detail": said["detail"]}
        titles.append(example["summary"])
    if titles:
        response["description"] = "; ".join(titles)
