"""Who gets which answer from which operation, down to the fields of a body."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from app.core.database.metadata import metadata
from tests.contracts.described import objects
from tests.contracts.matrix import Matrix, canonical
from tests.contracts.rules import OPERATIONS, PUBLIC

UNLISTED = {
    "/docs",
    "/docs/assets/{name}",
    "/health/live",
    "/health/ready",
    "/metrics",
    "/openapi.json",
    "/problems/{slug}",
}
"""What is served beside the interface, to anybody: it knows of nobody's data."""
COVETED = {"organization_id", "role", "state", "status", "version", "claim_code", "scopes"}
"""Fields that somebody may try to set, whether the resource has them or not."""


def test_every_operation_has_its_line_and_every_line_its_operation(matrix: Matrix):
    assert matrix.described.keys() == OPERATIONS.keys() | PUBLIC


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_says_which_permission_it_needs(matrix: Matrix, name: str):
    assert matrix.described[name].permissions == {OPERATIONS[name].permission}


@pytest.mark.parametrize("name", OPERATIONS)
async def test_everybody_gets_what_is_due(matrix: Matrix, name: str):
    failures = [failure async for failure in matrix.failures(name)]
    assert not failures, "\n".join(failures)


@pytest.mark.parametrize("name", sorted(PUBLIC))
async def test_what_is_public_is_the_same_for_everybody(matrix: Matrix, name: str):
    described = matrix.described[name]
    assert described.spec["security"] == []
    answers = {}
    for caller in matrix.callers:
        url = f"http://test{described.path}"
        answer = await caller.http.request(described.method, url, data={"grant_type": "none"})
        answers[canonical(answer)[0], canonical(answer)[2]] = caller.name
    assert len(answers) == 1


def test_nothing_else_is_served(contract_app: FastAPI):
    served = set(_paths(contract_app.routes))
    assert served - contract_app.openapi()["paths"].keys() == UNLISTED


def _paths(routes: Any) -> Iterator[str]:
    for route in routes:
        included = getattr(route, "original_router", None)
        yield from _paths(included.routes) if included else [route.path]


@pytest.mark.parametrize("name", OPERATIONS)
async def test_no_body_sets_what_is_not_the_clients_to_set(matrix: Matrix, name: str):
    """What an answer shows and a body does not take, and every column of the table."""
    described = matrix.described[name]
    if not described.body:
        return
    columns = metadata().tables[OPERATIONS[name].table].columns.keys()
    others = {*described.answer["properties"], *columns, *COVETED} - described.body[
        "properties"
    ].keys()
    target = next(iter(matrix.targets(name).values()))
    refused = await matrix.send(name, matrix.administrator, target, **dict.fromkeys(others))
    assert refused.status_code == 422
    unknown = [e["pointer"] for e in refused.json()["errors"] if e["code"] == "extra_forbidden"]
    assert set(unknown) == {f"/{field}" for field in others}


def test_no_part_of_a_body_takes_what_it_does_not_know(contract_app: FastAPI, matrix: Matrix):
    """Objects with named fields take no others; maps say what each value is."""
    bodies = [matrix.described[name].body for name in OPERATIONS]
    parts = [part for body in bodies for part in objects(contract_app.openapi(), body)]
    assert len(parts) > len([body for body in bodies if body])
    assert [part for part in parts if part.get("additionalProperties", True) is True] == []
