"""Refusals in the OpenAPI document: which an operation may answer, and what each looks like."""

from typing import Any

from app.core.languages import Language
from app.core.openapi_operations import operations
from app.core.problems import MEDIA_TYPE, PROBLEMS, InvalidRequest, written

FACTS: dict[str, Any] = {
    "candidates": [],
    "columns": 64,
    "count": 3,
    "days": 90,
    "decision": "different",
    "email": "lan.tran@hanoi.example",
    "encoding": "tcvn3",
    "encodings": "utf-8, tcvn3",
    "expected": "application/json",
    "findings": [],
    "found": "PDF",
    "limit": 1024 * 1024,
    "line": 7,
    "mistakes": [],
    "people": "CB-000001, CB-000017, CB-000204",
    "permission": "learners:write",
    "rows": 100_000,
    "seconds": 2,
    "size": 482_113,
    "state": "applied",
    "year": 2028,
}
"""What fills in the details of examples."""
MISTAKE = {"loc": ("body", "full_name"), "type": "missing", "msg": "Field required"}
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"


def tell_refusals(described: dict[str, Any], language: Language) -> None:
    """Each problem type has one example, in the language, for all operations that answer it."""
    examples: dict[str, Any] = {}
    for _, operation in operations(described):
        for response in operation["responses"].values():
            if slugs := response.pop("x-problems", []):
                examples |= {slug: _example(slug, language) for slug in slugs}
                headers = {key: response[key] for key in ("headers",) if key in response}
                response.clear()
                response.update(_refusal(slugs, language) | headers)
    components = described["components"]
    components["examples"] = dict(sorted(examples.items()))
    mistaken = examples[InvalidRequest.slug]["value"]
    components["schemas"]["ProblemOut"]["examples"] = [mistaken]
    components["schemas"]["FieldError"]["examples"] = mistaken["errors"]


def _refusal(slugs: list[str], language: Language) -> dict[str, Any]:
    titles = (PROBLEMS[slug].template(language)[0] for slug in slugs)
    content = {
        "schema": {"$ref": "#/components/schemas/ProblemOut"},
        "examples": {slug: {"$ref": f"#/components/examples/{slug}"} for slug in slugs},
    }
    return {"description": "; ".join(titles), "content": {MEDIA_TYPE: content}}


def _example(slug: str, language: Language) -> dict[str, Any]:
    problem = PROBLEMS[slug](**FACTS)
    if slug == InvalidRequest.slug:
        problem.errors = [MISTAKE]
    value = written(problem, language, "/v1/learners", TRACE_ID)
    return {"summary": value["title"], "value": value}
