"""Versions of curricula: read, worked on, compared, ended."""

from fastapi import Request, Response

from app.core import routing
from app.core.etags import IfMatch, tagged
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import page_of, parameters_of
from app.core.problems import NotFound, Outdated, VersionRequired, problems
from app.core.views import whole
from app.curricula import differences, findings, queries, versions
from app.curricula.models import CurriculumVersion
from app.curricula.permitted import (
    Approving,
    Changing,
    DraftVersionId,
    EndingVersionId,
    Reading,
    UnwantedVersionId,
    VersionId,
)
from app.curricula.problems import (
    CurriculumNotInForce,
    CurriculumVersionNotDraft,
)
from app.curricula.reading_schemas import (
    CurriculumDiffOut,
    CurriculumDiffQuery,
    FindingsOut,
    WholeCurriculumOut,
)
from app.curricula.schemas import (
    CurriculumVersionIn,
    CurriculumVersionOut,
    CurriculumVersionQuery,
)

router = routing.router("curricula")


@router.get("/curriculum-versions", **page_of(CurriculumVersionOut, CurriculumVersionQuery))
async def list_curriculum_versions(reader: Reading, request: Request) -> Response:
    """List versions of curricula.

    The newest first.
    """
    return await queries.versions.page(reader, request, CurriculumVersionQuery.of(request))


@router.get(
    "/curriculum-versions/{curriculum_version_id}",
    response_model=CurriculumVersionOut,
    responses=problems(NotFound),
)
async def get_curriculum_version(
    reader: Reading, request: Request, curriculum_version_id: VersionId
) -> Response:
    """Read a version of a curriculum."""
    return await queries.versions.row(reader, request, curriculum_version_id)


@router.put(
    "/curriculum-versions/{curriculum_version_id}",
    response_model=CurriculumVersionOut,
    responses=problems(NotFound, CurriculumVersionNotDraft, Outdated, VersionRequired),
)
async def replace_curriculum_version(
    session: Changing,
    curriculum_version_id: DraftVersionId,
    expected: IfMatch,
    data: CurriculumVersionIn,
    response: Response,
) -> CurriculumVersion:
    """Replace what a draft of a curriculum says.

    All of it, with its modules in their order.
    """
    version = await versions.draft(session, curriculum_version_id)
    expected.check(version)
    return tagged(response, await versions.replace_version(session, version, data))


@router.get(
    "/curriculum-versions/{curriculum_version_id}/whole",
    response_model=WholeCurriculumOut,
    responses=problems(NotFound),
)
async def get_whole_curriculum(
    reader: Reading, request: Request, curriculum_version_id: VersionId
) -> Response:
    """Read a version of a curriculum, whole.

    With the common part that it extends, and all modules: hours, outcomes, competencies and
    materials, as it was at one moment.
    """
    values = {"id": curriculum_version_id}
    return await whole(reader, request, queries.whole_version, values)


@router.get(
    "/curriculum-versions/{curriculum_version_id}/findings",
    response_model=FindingsOut,
    responses=problems(NotFound),
)
async def get_curriculum_findings(
    reader: Reading, request: Request, curriculum_version_id: VersionId
) -> Response:
    """Read what stands against a version of a curriculum.

    All of it: hours that do not add up, modules that are not published, modules that come before
    and are missing, and what the common part does not allow. With findings, a version is neither
    submitted nor published.
    """
    values = {"id": curriculum_version_id}
    found = findings.against_version
    return await whole(reader, request, found, values, findings.in_words)


@router.get(
    "/curriculum-versions/{curriculum_version_id}/diff",
    response_model=CurriculumDiffOut,
    openapi_extra=parameters_of(CurriculumDiffQuery),
    responses=problems(NotFound),
)
async def get_curriculum_diff(
    reader: Reading, request: Request, curriculum_version_id: VersionId
) -> Response:
    """Compare a version of a curriculum with another.

    Also with one of another year: what was added, removed, moved and changed, in data and in
    words. Its own modules are compared; those of the common part, the common part's versions tell.
    """
    values = {"id": curriculum_version_id, "since": CurriculumDiffQuery.of(request).since}
    compared = differences.between_versions
    return await whole(reader, request, compared, values, differences.in_words)


@router.post(
    "/curriculum-versions/{curriculum_version_id}/discard",
    response_model=CurriculumVersionOut,
    responses=problems(NotFound, CurriculumVersionNotDraft, IdempotencyKeyReused),
)
async def discard_curriculum_version(
    session: Changing, curriculum_version_id: UnwantedVersionId, response: Response
) -> CurriculumVersion:
    """Discard a version of a curriculum that is not published.

    It stays as it is, and another one may be begun.
    """
    version = await versions.held(session, curriculum_version_id)
    return tagged(response, await versions.discard_version(session, version))


@router.post(
    "/curriculum-versions/{curriculum_version_id}/retire",
    response_model=CurriculumVersionOut,
    responses=problems(NotFound, CurriculumNotInForce, IdempotencyKeyReused),
)
async def retire_curriculum_version(
    session: Approving, curriculum_version_id: EndingVersionId, response: Response
) -> CurriculumVersion:
    """Retire the version of a curriculum that is in force.

    Without another one in its place. It stays readable, and what refers to it stays as it is.
    """
    version = await versions.held(session, curriculum_version_id)
    return tagged(response, await versions.retire_version(session, version))
