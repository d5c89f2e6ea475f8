"""Who gets which answer from which operation, down to the fields of a body."""

from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from app.core.database.metadata import metadata
from tests.contracts.described import objects, operations
from tests.contracts.documents import document
from tests.contracts.matrix import Matrix, canonical, outcome
from tests.contracts.rules import OPERATIONS, PUBLIC

UNLISTED = {
    "/calendars/{token}.ics",
    "/docs",
    "/docs/assets/{name}",
    "/docs/signed-in",
    "/health/live",
    "/health/ready",
    "/ims/case/v1p1/discovery/imscasev1p1_openapi3_v1p0.json",
    "/metrics",
    "/oauth/account",
    "/oauth/account/authenticator",
    "/oauth/account/password",
    "/oauth/authenticator",
    "/oauth/authorize",
    "/oauth/code",
    "/oauth/consent",
    "/oauth/continue",
    "/oauth/invitations/{token}",
    "/oauth/pages.css",
    "/oauth/sign-in",
    "/openapi.json",
    "/problems/{slug}",
}
"""What is served beside the interface, to anybody: it tells nothing before somebody signs in."""
CASE = {
    "/ims/case/v1p1/CFDocuments",
    *(
        f"/ims/case/v1p1/{kind}/{{sourced_id}}"
        for kind in (
            *("CFAssociationGroupings", "CFAssociations", "CFConcepts", "CFDocuments"),
            *("CFItemAssociations", "CFItemTypes", "CFItems", "CFLicenses", "CFPackages"),
            *("CFRubrics", "CFSubjects"),
        )
    ),
}
"""What a standard of others describes: see test_exchange.py."""
COVETED = {"organization_id", "role", "state", "status", "version", "claim_code", "scopes"}
"""Fields that somebody may try to set, whether the resource has them or not."""

REFERENCES = {
    ("create_unit", "parent_id"),
    ("replace_unit", "parent_id"),
    ("create_learner", "unit_id"),
    ("replace_learner", "unit_id"),
    ("claim_learner", "unit_id"),
    ("create_job_position_title", "unit_id"),
    ("create_job_position_title", "job_position_id"),
    ("record_training", "curriculum_id"),
    ("replace_training", "curriculum_id"),
}
"""What a body names that may be somebody else's. (Whose a row is, the matrix varies.)"""
OF_OTHERS = {
    "unit_id": "units",
    "parent_id": "units",
    "job_position_id": "job_positions",
    "curriculum_id": "curricula",
}
UNKNOWN = {
    "422 training-of-unknown-curriculum",
    *("422 unit-unknown", "422 parent-unit-unknown", "422 title-of-unknown-unit"),
    "422 title-of-unknown-position",
}
TO_ORGANIZATIONS = {
    ("create_organization", "parent_id"),
    ("replace_organization", "parent_id"),
    ("succeed_organization", "successor_id"),
}
"""These are known to everybody."""
WITHIN_A_VERSION = {
    *(("create_competency", name) for name in ("identifier", "parent_identifier")),
    *(("replace_competency", name) for name in ("scale_identifier", "because_of")),
    *(("create_competency", name) for name in ("scale_identifier", "because_of")),
    *(("move_competency", name) for name in ("parent_identifier", "because_of")),
    *(("create_proficiency_scale", name) for name in ("identifier", "because_of")),
    ("replace_proficiency_scale", "because_of"),
    ("create_consultation_comment", "competency_identifier"),
    ("create_review_comment", "module_id"),
    ("create_review_decision", "delegation_id"),
}
"""What is of another version, is there no more than what is nowhere."""
ASSIGNED_ALREADY = {("create_job_position_assignment", "job_position_id")}
"""Here that is said before anything of the position: see tests/competencies/test_positions.py."""
PUBLISHED = {
    (name, field)
    for name in (
        *("create_job_position_requirement", "replace_job_position_requirement"),
        "record_evidence",
    )
    for field in ("framework_id", "competency_identifier")
}
"""What was published is known to everybody; of what was not, nothing is stated."""
TO_WHOMEVER = {
    ("create_consultation_invitation", "invited_organization_id"),
    ("create_review_invitation", "invited_organization_id"),
}
"""Any organisation is asked for its opinion."""
WHAT_IS_SEEN = {("approve_curriculum_version", "document_material_version_id")}
"""What is not seen is not there: see tests/curricula/test_approving.py."""
OF_THE_ACADEMY = {
    (name, field)
    for name in ("create_membership", "create_instructor", "replace_instructor")
    for field in ("user_id", "learner_id")
}
"""Only the Academy names these, and it sees everybody."""

OF_COURSES = {
    *(
        (f"{verb}_course", field)
        for verb in ("create", "replace")
        for field in ("curriculum_version_id", "extension_version_id")
    ),
    *((f"{verb}_course_session", "module_id") for verb in ("create", "replace")),
    *(
        ("create_calendar", field)
        for field in ("course_id", "room_id", "instructor_id", "learner_id")
    ),
    ("substitute_nominee", "learner_id"),
    *((verb, "learner_id") for verb in ("check_in", "check_out")),
}
"""What is published, a module of the very course, and what is asked in tests/courses,
tests/enrolment and tests/attendance."""

_DESCRIBED = operations(document("en"))
WITH_BODIES = [
    name for name in OPERATIONS if name in _DESCRIBED and "properties" in _DESCRIBED[name].body
]


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
    served = {route.path for route in iter_route_contexts(contract_app.routes)}
    assert served - contract_app.openapi()["paths"].keys() == UNLISTED | CASE


@pytest.mark.parametrize("name", WITH_BODIES)
async def test_no_body_sets_what_is_not_the_clients_to_set(matrix: Matrix, name: str):
    """What an answer shows and a body does not take, and every column of the table."""
    described, columns = matrix.described[name], metadata().tables[OPERATIONS[name].table].columns
    shown, known = described.answer["properties"], described.body["properties"]
    others = {*shown, *columns.keys(), *COVETED} - known.keys()
    target = next(iter(matrix.targets(name).values()))
    callers = (matrix.administrator, matrix.caller("learner"))  # codes are entered by learners only
    sender = next(each for each in callers if not matrix.lacks_permission(name, each))
    refused = await matrix.send(name, sender, target, dict.fromkeys(others))
    assert refused.status_code == 422
    unknown = [e["pointer"] for e in refused.json()["errors"] if e["code"] == "extra_forbidden"]
    assert set(unknown) == {f"/{field}" for field in others}


@pytest.mark.parametrize("name", WITH_BODIES)
def test_no_part_of_a_body_takes_what_it_does_not_know(matrix: Matrix, name: str):
    """Objects with named fields take no others; maps say what each value is."""
    described = matrix.described[name]
    parts = list(objects(described.document, described.body))
    assert parts
    assert [part for part in parts if part.get("additionalProperties", True) is True] == []


def test_every_reference_of_a_body_is_known(matrix: Matrix):
    found = {
        (name, field)
        for name in WITH_BODIES
        for field, schema in matrix.described[name].body["properties"].items()
        if "uuid" in {kind.get("format") for kind in schema.get("anyOf", [schema])}
    }
    assert {pair for pair in found if pair[1] != "organization_id"} == (
        REFERENCES
        | TO_ORGANIZATIONS
        | OF_THE_ACADEMY
        | WITHIN_A_VERSION
        | PUBLISHED
        | ASSIGNED_ALREADY
        | TO_WHOMEVER
        | WHAT_IS_SEEN
        | OF_COURSES
    )


@pytest.mark.parametrize(("name", "field"), sorted(REFERENCES))
async def test_a_body_learns_nothing_of_what_is_foreign(matrix: Matrix, name: str, field: str):
    caller, population = matrix.caller("coordinator of Hà Nội"), matrix.population
    allowed = OPERATIONS[name].answers
    targets = matrix.targets(name)
    target = next(t for t in targets if matrix.expected(name, caller, t) == allowed)
    body = {"claim_code": population.claim_code} if name == "claim_learner" else {}
    refused, as_if_absent = [
        await matrix.send(name, caller, targets[target], body | {field: str(id)})
        for id in (population.targets[OF_OTHERS[field]]["hue"], uuid4())
    ]
    assert outcome(refused) in UNKNOWN
    assert canonical(refused) == canonical(as_if_absent)
