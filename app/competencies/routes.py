"""Frameworks and the life of their versions."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response

from app.competencies import queries, service
from app.competencies.differences import between_versions
from app.competencies.models import Framework, FrameworkVersion
from app.competencies.permitted import Changing, Reading, VersionId
from app.competencies.problems import (
    NO_LONGER_OPEN,
    AlreadyInConsultation,
    FrameworkCodeTaken,
    FrameworkVersionAlreadyOpen,
    NothingToPublish,
    NotInConsultation,
    NotInForce,
    PublishedScaleChanged,
)
from app.competencies.schemas import (
    ConsultationIn,
    DiffQuery,
    FrameworkCreate,
    FrameworkDiffOut,
    FrameworkIn,
    FrameworkOut,
    FrameworkQuery,
    FrameworkTreeOut,
    FrameworkVersionIn,
    FrameworkVersionOut,
    FrameworkVersionQuery,
)
from app.core import examples, routing
from app.core.database.writes import get_or_404
from app.core.etags import IfMatch, tagged
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import page_of, parameters_of
from app.core.problems import NotFound, Outdated, VersionRequired, problems
from app.core.views import whole
from app.opinions.problems import ThreadsUnresolved

router = routing.router("competencies")

FrameworkId = Annotated[UUID, Path(description="The framework's id", examples=[examples.FRAMEWORK])]
EndingVersionId = Annotated[
    UUID, Path(description="The version's id", examples=[examples.VERSION_TO_PUBLISH])
]

DiscardedVersionId = Annotated[
    UUID, Path(description="The version's id", examples=[examples.VERSION_TO_DISCARD])
]


@router.get("/frameworks", **page_of(FrameworkOut, FrameworkQuery))
async def list_frameworks(reader: Reading, request: Request) -> Response:
    """List competency frameworks.

    Your own, those of others that were ever published, and those that you are asked to comment on.
    """
    return await queries.frameworks.page(reader, request, FrameworkQuery.of(request))


@router.post(
    "/frameworks",
    status_code=201,
    response_model=FrameworkOut,
    responses=problems(NotFound, FrameworkCodeTaken, IdempotencyKeyReused),
)
async def create_framework(
    session: Changing, data: FrameworkCreate, response: Response
) -> Framework:
    """Add a competency framework.

    It begins with a first version, a draft that only you see: `open_version_id`.
    """
    return tagged(response, await service.create_framework(session, data))


@router.get("/frameworks/{framework_id}", response_model=FrameworkOut, responses=problems(NotFound))
async def get_framework(reader: Reading, request: Request, framework_id: FrameworkId) -> Response:
    """Read a competency framework."""
    return await queries.frameworks.row(reader, request, framework_id)


@router.put(
    "/frameworks/{framework_id}",
    response_model=FrameworkOut,
    openapi_extra=examples.body(code="KNL-DN"),
    responses=problems(NotFound, FrameworkCodeTaken, Outdated, VersionRequired),
)
async def replace_framework(
    session: Changing,
    framework_id: FrameworkId,
    expected: IfMatch,
    data: FrameworkIn,
    response: Response,
) -> Framework:
    """Replace the code of a competency framework.

    What else there is to say of it, its versions say.
    """
    framework = await get_or_404(session, Framework, framework_id)
    expected.check(framework)
    return tagged(response, await service.replace_framework(session, framework, data))


@router.post(
    "/frameworks/{framework_id}/versions",
    status_code=201,
    response_model=FrameworkVersionOut,
    responses=problems(NotFound, FrameworkVersionAlreadyOpen, IdempotencyKeyReused),
)
async def create_framework_version(
    session: Changing, framework_id: FrameworkId, response: Response
) -> FrameworkVersion:
    """Begin a new version of a framework.

    A copy of the newest one that was not discarded, in which all competencies and scales keep
    their identifiers. One version is worked on at a time.
    """
    framework = await get_or_404(session, Framework, framework_id)
    return tagged(response, await service.create_version(session, framework))


@router.get("/framework-versions", **page_of(FrameworkVersionOut, FrameworkVersionQuery))
async def list_framework_versions(reader: Reading, request: Request) -> Response:
    """List versions of frameworks.

    The newest first.
    """
    return await queries.versions.page(reader, request, FrameworkVersionQuery.of(request))


@router.get(
    "/framework-versions/{framework_version_id}",
    response_model=FrameworkVersionOut,
    responses=problems(NotFound),
)
async def get_framework_version(
    reader: Reading, request: Request, framework_version_id: VersionId
) -> Response:
    """Read a version of a framework."""
    return await queries.versions.row(reader, request, framework_version_id)


@router.put(
    "/framework-versions/{framework_version_id}",
    response_model=FrameworkVersionOut,
    responses=problems(NotFound, *NO_LONGER_OPEN, Outdated, VersionRequired),
)
async def replace_framework_version(
    session: Changing,
    framework_version_id: EndingVersionId,
    expected: IfMatch,
    data: FrameworkVersionIn,
    response: Response,
) -> FrameworkVersion:
    """Replace the title and description of a version.

    Until it is published.
    """
    version = await service.open_version(session, framework_version_id)
    expected.check(version)
    return tagged(response, await service.replace_version(session, version, data))


@router.get(
    "/framework-versions/{framework_version_id}/tree",
    response_model=FrameworkTreeOut,
    responses=problems(NotFound),
)
async def get_framework_tree(
    reader: Reading, request: Request, framework_version_id: VersionId
) -> Response:
    """Read a version of a framework, whole.

    With its scales and all competencies in the order of the tree, as it was at one moment.
    """
    values = {"id": framework_version_id}
    return await whole(reader, request, queries.whole_version, values)


@router.get(
    "/framework-versions/{framework_version_id}/diff",
    response_model=FrameworkDiffOut,
    openapi_extra=parameters_of(DiffQuery),
    responses=problems(NotFound),
)
async def get_framework_diff(
    reader: Reading, request: Request, framework_version_id: VersionId
) -> Response:
    """Compare a version of a framework with another.

    What was added, removed, moved and changed, field by field, and what took the place of what was
    removed.
    """
    values = {"id": framework_version_id, "since": DiffQuery.of(request).since}
    return await whole(reader, request, between_versions, values)


@router.post(
    "/framework-versions/{framework_version_id}/open-consultation",
    response_model=FrameworkVersionOut,
    responses=problems(NotFound, AlreadyInConsultation, *NO_LONGER_OPEN, IdempotencyKeyReused),
)
async def open_framework_consultation(
    session: Changing, framework_version_id: VersionId, data: ConsultationIn, response: Response
) -> FrameworkVersion:
    """Open the consultation on a draft.

    Organisations and users that are invited read it and comment on it from now on. You go on
    working on it, and the log tells what was changed: meanwhile, and later because of a comment.
    """
    version = await service.open_version(session, framework_version_id)
    return tagged(response, await service.open_consultation(session, version, data))


@router.post(
    "/framework-versions/{framework_version_id}/close-consultation",
    response_model=FrameworkVersionOut,
    responses=problems(NotFound, NotInConsultation, *NO_LONGER_OPEN, IdempotencyKeyReused),
)
async def close_framework_consultation(
    session: Changing, framework_version_id: VersionId, response: Response
) -> FrameworkVersion:
    """Close the consultation on a version.

    It is a draft again, that only you see. Who is invited goes on reading the comments and the
    log.
    """
    version = await service.open_version(session, framework_version_id)
    return tagged(response, await service.close_consultation(session, version))


@router.post(
    "/framework-versions/{framework_version_id}/publish",
    response_model=FrameworkVersionOut,
    responses=problems(
        NotFound,
        NothingToPublish,
        PublishedScaleChanged,
        *NO_LONGER_OPEN,
        ThreadsUnresolved,
        IdempotencyKeyReused,
    ),
)
async def publish_framework_version(
    session: Changing, framework_version_id: EndingVersionId, response: Response
) -> FrameworkVersion:
    """Publish a version.

    Everybody reads it from now on, and it never changes again. The version that was in force is
    retired in the same moment. All threads of its consultation must be resolved.
    """
    version = await service.open_version(session, framework_version_id)
    return tagged(response, await service.publish_version(session, version))


@router.post(
    "/framework-versions/{framework_version_id}/discard",
    response_model=FrameworkVersionOut,
    responses=problems(NotFound, *NO_LONGER_OPEN, IdempotencyKeyReused),
)
async def discard_framework_version(
    session: Changing, framework_version_id: DiscardedVersionId, response: Response
) -> FrameworkVersion:
    """Discard a version that is not published.

    It stays as it is, and another one may be begun. You go on reading it, and who was invited what
    was said of it.
    """
    version = await service.open_version(session, framework_version_id)
    return tagged(response, await service.discard_version(session, version))


@router.post(
    "/framework-versions/{framework_version_id}/retire",
    response_model=FrameworkVersionOut,
    responses=problems(NotFound, NotInForce, IdempotencyKeyReused),
)
async def retire_framework_version(
    session: Changing, framework_version_id: EndingVersionId, response: Response
) -> FrameworkVersion:
    """Retire the version in force.

    Without another one in its place. It stays readable, and what refers to it stays as it is.
    """
    version = await get_or_404(session, FrameworkVersion, framework_version_id)
    return tagged(response, await service.retire_version(session, version))
