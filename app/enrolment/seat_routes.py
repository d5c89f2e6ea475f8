"""Seats of a course, its wait list, and what stands against somebody."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app.core import examples, routing
from app.core.idempotency import IdempotencyKeyReused
from app.core.problems import NotFound, problems
from app.core.views import whole
from app.enrolment import promoting, queries
from app.enrolment.permitted import CourseId, Deciding, Reading
from app.enrolment.schemas import EnrolmentExplanationOut, PromoteIn
from app.enrolment.seat_schemas import PromotionsOut, ReleaseOut, SeatsOut

router = routing.router("nominations")

_JSON = "application/json"
_DRY = examples.body(dry_run=True)


@router.get("/courses/{course_id}/seats", response_model=SeatsOut, responses=problems(NotFound))
async def get_course_seats(reader: Reading, request: Request, course_id: CourseId) -> Response:
    """Read how many seats of a course are taken.

    Its host sees all quotas, others their own and what the quotas leave over.
    """
    return await whole(reader, request, queries.seats, {"id": course_id})


@router.get(
    "/courses/{course_id}/explain",
    response_model=EnrolmentExplanationOut,
    responses=problems(NotFound),
)
async def explain(
    reader: Reading,
    request: Request,
    course_id: CourseId,
    learner_id: Annotated[UUID, Query(description="Of whom", examples=[examples.LEARNER])],
) -> Response:
    """Read what stands against somebody's next step towards a seat.

    All of it, with what was looked at, and who can do something about it.
    """
    asked = {"course": course_id, "learner": learner_id}
    return await whole(reader, request, queries.explanation, asked)


@router.post(
    "/courses/{course_id}/promote",
    response_model=PromotionsOut,
    openapi_extra=_DRY,
    responses=problems(NotFound, IdempotencyKeyReused),
)
async def promote(session: Deciding, course_id: CourseId, data: PromoteIn) -> Response:
    """Give free seats to who waits.

    In the order of ranks, each of the quota that their organisation is in; everything is checked
    again. Whose turn it would be and who is not fit any more is skipped, and told why. The service
    does the same by itself every few minutes.
    """
    told = await promoting.promote(session, course_id, dry_run=data.dry_run)
    return Response(told, media_type=_JSON)


@router.post(
    "/courses/{course_id}/release",
    response_model=ReleaseOut,
    openapi_extra=_DRY,
    responses=problems(NotFound, IdempotencyKeyReused),
)
async def release_places(session: Deciding, course_id: CourseId, data: PromoteIn) -> Response:
    """Give unused places of quotas to others.

    To quotas of which people wait, in proportion to how many. The service does it by itself
    `release_days` working days before nominations end, and whenever places become free after that;
    places for people on whom nothing is decided yet are kept.
    """
    told = await promoting.release(session, course_id, dry_run=data.dry_run)
    return Response(told, media_type=_JSON)
