"""Nominations, one by one and by the hundred, and decisions on them."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response

from app.core import examples, routing
from app.core.etags import tagged
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import page_of
from app.core.problems import NotFound, problems
from app.enrolment import queries, service
from app.enrolment.models import Nomination
from app.enrolment.permitted import CourseId, Deciding, Nominating, Reading
from app.enrolment.problems import (
    CourseNotOpen,
    HostDecides,
    LearnerDoubleBooked,
    NominatedOfAnotherOrganization,
    NominationOutOfOrder,
    NominationsClosed,
    NominationsRefused,
    NominationTwice,
    SeatsExceedPlaces,
)
from app.enrolment.schemas import (
    EnrolmentsIn,
    NominationDecisionsIn,
    NominationOut,
    NominationQuery,
    NominationsIn,
    NominationsOut,
    NominationStepOut,
    NominationStepQuery,
    SubstituteIn,
    WithdrawIn,
)

router = routing.router("nominations")

NominationId = Annotated[
    UUID, Path(description="The nomination's id", examples=[examples.NOMINATION])
]
UnwantedId = Annotated[
    UUID, Path(description="The nomination's id", examples=[examples.UNWANTED_NOMINATION])
]
ReplacedId = Annotated[
    UUID, Path(description="The nomination's id", examples=[examples.REPLACED_NOMINATION])
]
_REFUSED = (
    *(NotFound, NominationsRefused, CourseNotOpen, NominationTwice),
    *(SeatsExceedPlaces, LearnerDoubleBooked, IdempotencyKeyReused),
)
_JSON = "application/json"


@router.get("/nominations", **page_of(NominationOut, NominationQuery))
async def list_nominations(reader: Reading, request: Request) -> Response:
    """List nominations.

    Those of your organisation, and those for courses that it hosts. Instructors see who comes to
    the courses in which they teach, learners their own.
    """
    return await queries.nominations.page(reader, request, NominationQuery.of(request))


@router.get(
    "/nominations/{nomination_id}", response_model=NominationOut, responses=problems(NotFound)
)
async def get_nomination(
    reader: Reading, request: Request, nomination_id: NominationId
) -> Response:
    """Read a nomination."""
    return await queries.nominations.row(reader, request, nomination_id)


@router.get("/nomination-steps", **page_of(NominationStepOut, NominationStepQuery))
async def list_nomination_steps(reader: Reading, request: Request) -> Response:
    """List what happened to nominations.

    Each step, who took it, and why. Nobody changes them.
    """
    return await queries.steps.page(reader, request, NominationStepQuery.of(request))


@router.post(
    "/courses/{course_id}/nominations",
    response_model=NominationsOut,
    openapi_extra=examples.body(
        letter={"number": "123/SNgV-VP", "date": "2026-11-16", "hash": None},
        learners=[{"learner_id": str(examples.NOMINEE)}],
        dry_run=True,
    ),
    responses=problems(*_REFUSED, NominationsClosed),
)
async def nominate_learners(
    session: Nominating, course_id: CourseId, data: NominationsIn
) -> Response:
    """Nominate people for a course.

    All of them or nobody: when something stands against one, the answer tells all of it, of each,
    and who can do something about it. With `dry_run` it is only told. Nobody has a seat by being
    nominated; there may be more than the quota has places.
    """
    return Response(await service.nominate(session, course_id, data), media_type=_JSON)


@router.post(
    "/courses/{course_id}/enrolments",
    response_model=NominationsOut,
    openapi_extra=examples.body(
        learners=[{"learner_id": str(examples.BY_HAND)}],
        document="45/QĐ-HVNG",
        dry_run=True,
    ),
    responses=problems(*_REFUSED),
)
async def enrol_by_hand(session: Deciding, course_id: CourseId, data: EnrolmentsIn) -> Response:
    """Enrol people by hand.

    For the host of the course. Each takes a place of the quota that their organisation is in, as if
    it had nominated them.
    """
    return Response(await service.enrol(session, course_id, data), media_type=_JSON)


@router.post(
    "/courses/{course_id}/decisions",
    response_model=NominationsOut,
    openapi_extra=examples.body(
        decisions=[{"nomination_id": str(examples.NOMINATION), "decision": "check"}],
        dry_run=True,
    ),
    responses=problems(*_REFUSED, NominationOutOfOrder, HostDecides),
)
async def decide_on_nominations(
    session: Deciding, course_id: CourseId, data: NominationDecisionsIn
) -> Response:
    """Decide on nominations.

    For the host of the course. All of it or nothing: when something stands against one, the answer
    tells all of it, of each. Who is confirmed has a seat, of the quota that their organisation is
    in; each organisation is told of its own.
    """
    return Response(await service.decide(session, course_id, data), media_type=_JSON)


@router.post(
    "/nominations/{nomination_id}/withdraw",
    response_model=NominationOut,
    responses=problems(NotFound, NominationOutOfOrder, IdempotencyKeyReused),
)
async def withdraw_nomination(
    session: Nominating, nomination_id: UnwantedId, data: WithdrawIn, response: Response
) -> Nomination:
    """Withdraw a nomination.

    Its seat is free for who waits.
    """
    nomination = await service.held_nomination(session, nomination_id)
    return tagged(response, await service.withdraw(session, nomination, data))


@router.post(
    "/nominations/{nomination_id}/substitute",
    response_model=NominationOut,
    status_code=201,
    openapi_extra=examples.body(
        learner_id=str(examples.SUBSTITUTE),
        reason="Đi công tác nước ngoài",
        letter={"number": "124/SNgV-VP", "date": "2026-11-17", "hash": None},
    ),
    responses=problems(
        *(*_REFUSED, NominationOutOfOrder, NominationsClosed, NominatedOfAnotherOrganization)
    ),
)
async def substitute_nominee(
    session: Nominating, nomination_id: ReplacedId, data: SubstituteIn, response: Response
) -> Nomination:
    """Substitute somebody who was nominated.

    By another of the same organisation who is fit for the course, until nominations for it are
    closed. They take over rank, state and seat, without being decided on again; the answer is their
    nomination.
    """
    nomination = await service.held_nomination(session, nomination_id)
    return tagged(response, await service.substitute(session, nomination, data))
