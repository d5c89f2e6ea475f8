"""Courses, their states, and their quotas."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response

from app.core import examples, routing
from app.core.etags import IfMatch, tagged
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import page_of
from app.core.problems import NotFound, Outdated, VersionRequired, problems
from app.core.views import whole
from app.courses import queries, service, sessions
from app.courses.models import Course
from app.courses.permitted import Changing, PlannedId, Reading
from app.courses.problems import (
    CourseCodeTaken,
    CourseCurriculumNotInForce,
    CourseEnded,
    CourseExtensionOfAnother,
    CourseFixedAtOpening,
    CourseNotReady,
    CourseStateOutOfOrder,
    QuotaMemberTaken,
    QuotasExceedPlaces,
    SessionModuleUnknown,
    SessionOutsideCourse,
)
from app.courses.schemas import (
    CancelIn,
    CourseCreate,
    CourseFindingsOut,
    CourseIn,
    CourseOut,
    CourseQuery,
    QuotasIn,
    QuotasOut,
)

router = routing.router("courses")

CourseId = Annotated[UUID, Path(description="The course's id", examples=[examples.COURSE])]
ReadyId = Annotated[UUID, Path(description="The course's id", examples=[examples.READY_COURSE])]
OpenId = Annotated[UUID, Path(description="The course's id", examples=[examples.OPEN_COURSE])]
ClosedId = Annotated[UUID, Path(description="The course's id", examples=[examples.CLOSED_COURSE])]
RunningId = Annotated[UUID, Path(description="The course's id", examples=[examples.RUNNING_COURSE])]
UnwantedId = Annotated[
    UUID, Path(description="The course's id", examples=[examples.UNWANTED_COURSE])
]
_SAID = (CourseCodeTaken, CourseCurriculumNotInForce, CourseExtensionOfAnother)
_STEP = (NotFound, CourseStateOutOfOrder)


@router.get("/courses", **page_of(CourseOut, CourseQuery))
async def list_courses(reader: Reading, request: Request) -> Response:
    """List courses.

    Those that your organisation hosts, and those of others that were opened. Instructors see those
    in which they teach.
    """
    return await queries.courses.page(reader, request, CourseQuery.of(request))


@router.post(
    "/courses",
    status_code=201,
    response_model=CourseOut,
    openapi_extra=examples.body(
        code="1275-CB-2027-02",
        title_vi="Bồi dưỡng cơ bản về công tác đối ngoại địa phương, khóa 2",
        title_en="Basic course in local foreign affairs, no. 2",
        year=2027,
        curriculum_version_id=str(examples.CURRICULUM_VERSION),
        starts_on="2027-04-05",
        ends_on="2027-04-09",
        mode="hybrid",
        max_places=40,
        nominations_until="2027-03-26",
    ),
    responses=problems(NotFound, *_SAID, IdempotencyKeyReused),
)
async def create_course(session: Changing, data: CourseCreate, response: Response) -> Course:
    """Plan a course.

    One run of a published version of a curriculum. Only its host sees it until it is opened.
    """
    return tagged(response, await service.create_course(session, data))


@router.get("/courses/{course_id}", response_model=CourseOut, responses=problems(NotFound))
async def get_course(reader: Reading, request: Request, course_id: CourseId) -> Response:
    """Read a course."""
    return await queries.courses.row(reader, request, course_id)


@router.put(
    "/courses/{course_id}",
    response_model=CourseOut,
    responses=problems(
        *(NotFound, *_SAID, CourseEnded, CourseFixedAtOpening, QuotasExceedPlaces),
        *(SessionModuleUnknown, SessionOutsideCourse, Outdated, VersionRequired),
    ),
)
async def replace_course(
    session: Changing, course_id: PlannedId, expected: IfMatch, data: CourseIn, response: Response
) -> Course:
    """Replace a course's description.

    Since it was opened, its curriculum, modules and rule of completion stay as they are.
    """
    course = await service.held_course(session, course_id)
    expected.check(course)
    return tagged(response, await service.replace_course(session, course, data))


@router.get(
    "/courses/{course_id}/findings",
    response_model=CourseFindingsOut,
    responses=problems(NotFound),
)
async def get_course_findings(reader: Reading, request: Request, course_id: CourseId) -> Response:
    """Read what stands against the next state of a course.

    All of it; while there is any, the course does not go on.
    """
    return await whole(reader, request, queries.findings, {"id": course_id})


@router.post(
    "/courses/{course_id}/open",
    response_model=CourseOut,
    responses=problems(*_STEP, CourseNotReady, IdempotencyKeyReused),
)
async def open_course(session: Changing, course_id: ReadyId, response: Response) -> Course:
    """Open a course.

    From now on everybody who may nominate sees it, and its curriculum, modules and rule of
    completion stay as they are.
    """
    course = await service.held_course(session, course_id)
    return tagged(response, await service.advance(session, course, "open"))


@router.post(
    "/courses/{course_id}/close",
    response_model=CourseOut,
    responses=problems(*_STEP, CourseNotReady, IdempotencyKeyReused),
)
async def close_course(session: Changing, course_id: OpenId, response: Response) -> Course:
    """Close a course for nominations."""
    course = await service.held_course(session, course_id)
    return tagged(response, await service.advance(session, course, "closed"))


@router.post(
    "/courses/{course_id}/start",
    response_model=CourseOut,
    responses=problems(*_STEP, CourseNotReady, IdempotencyKeyReused),
)
async def start_course(session: Changing, course_id: ClosedId, response: Response) -> Course:
    """Start a course.

    On its first day or later.
    """
    course = await service.held_course(session, course_id)
    return tagged(response, await service.advance(session, course, "running"))


@router.post(
    "/courses/{course_id}/complete",
    response_model=CourseOut,
    responses=problems(*_STEP, CourseNotReady, IdempotencyKeyReused),
)
async def complete_course(session: Changing, course_id: RunningId, response: Response) -> Course:
    """Complete a course.

    When each of its sessions was held or cancelled.
    """
    course = await service.held_course(session, course_id)
    return tagged(response, await service.advance(session, course, "completed"))


@router.post(
    "/courses/{course_id}/cancel",
    response_model=CourseOut,
    responses=problems(*_STEP, IdempotencyKeyReused),
)
async def cancel_course(
    session: Changing, course_id: UnwantedId, data: CancelIn, response: Response
) -> Course:
    """Cancel a course.

    With every session that was not held yet; their rooms and instructors are free again.
    """
    course = await service.held_course(session, course_id)
    await sessions.cancel_all(session, course, data.reason)
    return tagged(response, await service.cancelled(session, course, data.reason))


@router.get("/courses/{course_id}/quotas", response_model=QuotasOut, responses=problems(NotFound))
async def get_course_quotas(reader: Reading, request: Request, course_id: CourseId) -> Response:
    """Read the quotas of a course.

    Its host sees all of them, other organisations the one that they are in. What quotas leave over
    of the places is for all who are in none.
    """
    return await whole(reader, request, queries.quotas, {"id": course_id})


@router.put(
    "/courses/{course_id}/quotas",
    response_model=QuotasOut,
    responses=problems(
        *(NotFound, CourseEnded, QuotasExceedPlaces, QuotaMemberTaken, Outdated, VersionRequired)
    ),
)
async def replace_course_quotas(
    session: Changing, course_id: ReadyId, expected: IfMatch, data: QuotasIn, response: Response
) -> QuotasOut:
    """Replace the quotas of a course.

    All of them at once; what keeps its code stays the same quota. Together they give no more
    places than the course has.
    """
    course = await service.held_course(session, course_id)
    expected.check(course)
    await service.replace_quotas(session, course, data)
    return await service.quotas_of(session, tagged(response, course))
