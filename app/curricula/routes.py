"""Curricula and the life of their versions."""

from fastapi import Request, Response

from app.core import examples, routing
from app.core.database.writes import get_or_404
from app.core.etags import IfMatch, tagged
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import page_of, parameters_of
from app.core.problems import NotFound, Outdated, VersionRequired, problems
from app.core.views import whole
from app.curricula import differences, findings, queries, service
from app.curricula.models import Curriculum, CurriculumVersion
from app.curricula.permitted import (
    Approving,
    Changing,
    CurriculumId,
    DraftVersionId,
    EndingVersionId,
    Reading,
    UnwantedVersionId,
    VersionId,
)
from app.curricula.problems import (
    CommonPartNotCloned,
    CurriculumAlreadyExtended,
    CurriculumCodeTaken,
    CurriculumNotInForce,
    CurriculumVersionAlreadyOpen,
    CurriculumVersionNotDraft,
    ExtendedCurriculumUnknown,
    ExtendedVersionNotInForce,
    ExtensionNotAllowed,
)
from app.curricula.reading_schemas import (
    CurriculumDiffOut,
    CurriculumDiffQuery,
    FindingsOut,
    WholeCurriculumOut,
)
from app.curricula.schemas import (
    CloneIn,
    CurriculumCreate,
    CurriculumIn,
    CurriculumOut,
    CurriculumQuery,
    CurriculumVersionIn,
    CurriculumVersionOut,
    CurriculumVersionQuery,
    ExtensionCreate,
)

router = routing.router("curricula")


@router.get("/curricula", **page_of(CurriculumOut, CurriculumQuery))
async def list_curricula(reader: Reading, request: Request) -> Response:
    """List curricula.

    Your own, and those of others that were ever published. `extends` finds what others add to a
    common part.
    """
    return await queries.curricula.page(reader, request, CurriculumQuery.of(request))


@router.post(
    "/curricula",
    status_code=201,
    response_model=CurriculumOut,
    openapi_extra=examples.body(code="1275-TX"),
    responses=problems(NotFound, CurriculumCodeTaken, IdempotencyKeyReused),
)
async def create_curriculum(
    session: Changing, data: CurriculumCreate, response: Response
) -> Curriculum:
    """Add a curriculum of a year.

    It begins with a first version, a draft that only you see: `open_version_id`.
    """
    return tagged(response, await service.create_curriculum(session, data))


@router.get(
    "/curricula/{curriculum_id}", response_model=CurriculumOut, responses=problems(NotFound)
)
async def get_curriculum(
    reader: Reading, request: Request, curriculum_id: CurriculumId
) -> Response:
    """Read a curriculum."""
    return await queries.curricula.row(reader, request, curriculum_id)


@router.put(
    "/curricula/{curriculum_id}",
    response_model=CurriculumOut,
    responses=problems(NotFound, CurriculumCodeTaken, Outdated, VersionRequired),
)
async def replace_curriculum(
    session: Changing,
    curriculum_id: CurriculumId,
    expected: IfMatch,
    data: CurriculumIn,
    response: Response,
) -> Curriculum:
    """Replace the code, the kind and the field of a curriculum.

    What else there is to say of it, its versions say.
    """
    curriculum = await get_or_404(session, Curriculum, curriculum_id)
    expected.check(curriculum)
    return tagged(response, await service.replace_curriculum(session, curriculum, data))


@router.post(
    "/curricula/{curriculum_id}/extensions",
    status_code=201,
    response_model=CurriculumOut,
    responses=problems(
        NotFound,
        CurriculumCodeTaken,
        CurriculumAlreadyExtended,
        ExtendedVersionNotInForce,
        ExtensionNotAllowed,
        ExtendedCurriculumUnknown,
        IdempotencyKeyReused,
    ),
)
async def extend_curriculum(
    session: Changing, curriculum_id: CurriculumId, data: ExtensionCreate, response: Response
) -> Curriculum:
    """Extend a curriculum.

    With the specific part of your organisation: its own modules, within the bounds that the common
    part gives. It is a curriculum of yours, with versions, review and publication of its own; the
    common part stays as its owner publishes it. When that publishes a new version, yours comes
    along if nothing stands against it; otherwise you get a draft whose findings tell why.
    """
    return tagged(response, await service.extend(session, curriculum_id, data))


@router.post(
    "/curricula/{curriculum_id}/clone",
    status_code=201,
    response_model=CurriculumOut,
    responses=problems(
        NotFound,
        CurriculumCodeTaken,
        CurriculumAlreadyExtended,
        CurriculumNotInForce,
        CommonPartNotCloned,
        IdempotencyKeyReused,
    ),
)
async def clone_curriculum(
    session: Changing, curriculum_id: CurriculumId, data: CloneIn, response: Response
) -> Curriculum:
    """Clone a curriculum for another year.

    With the same code, and a draft copied from the version in force; its modules are in the
    versions that are in force now. An extension is cloned once its common part has a version in
    force in that year.
    """
    curriculum = await service.held_curriculum(session, curriculum_id)
    return tagged(response, await service.clone(session, curriculum, data))


@router.post(
    "/curricula/{curriculum_id}/versions",
    status_code=201,
    response_model=CurriculumVersionOut,
    responses=problems(
        NotFound, CurriculumVersionAlreadyOpen, ExtendedVersionNotInForce, IdempotencyKeyReused
    ),
)
async def create_curriculum_version(
    session: Changing, curriculum_id: CurriculumId, response: Response
) -> CurriculumVersion:
    """Begin a new version of a curriculum.

    A copy of the newest one that was not discarded. One version is worked on at a time.
    """
    curriculum = await service.held_curriculum(session, curriculum_id)
    return tagged(response, await service.create_version(session, curriculum))


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
    version = await service.draft(session, curriculum_version_id)
    expected.check(version)
    return tagged(response, await service.replace_version(session, version, data))


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
    version = await service.held(session, curriculum_version_id)
    return tagged(response, await service.discard_version(session, version))


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
    version = await service.held(session, curriculum_version_id)
    return tagged(response, await service.retire_version(session, version))
