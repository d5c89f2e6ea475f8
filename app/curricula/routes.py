"""Curricula of a year."""

from fastapi import Request, Response

from app.core import examples, routing
from app.core.database.writes import get_or_404
from app.core.etags import IfMatch, tagged
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import page_of
from app.core.problems import NotFound, Outdated, VersionRequired, problems
from app.curricula import queries, service, versions
from app.curricula.models import Curriculum, CurriculumVersion
from app.curricula.permitted import (
    Changing,
    CurriculumId,
    Reading,
)
from app.curricula.problems import (
    CommonPartNotCloned,
    CurriculumAlreadyExtended,
    CurriculumCodeTaken,
    CurriculumNotInForce,
    CurriculumVersionAlreadyOpen,
    ExtendedCurriculumUnknown,
    ExtendedVersionNotInForce,
    ExtensionNotAllowed,
    ExtensionOfAnotherKind,
)
from app.curricula.schemas import (
    CloneIn,
    CurriculumCreate,
    CurriculumIn,
    CurriculumOut,
    CurriculumQuery,
    CurriculumVersionOut,
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
    responses=problems(
        NotFound, CurriculumCodeTaken, ExtensionOfAnotherKind, Outdated, VersionRequired
    ),
)
async def replace_curriculum(
    session: Changing,
    curriculum_id: CurriculumId,
    expected: IfMatch,
    data: CurriculumIn,
    response: Response,
) -> Curriculum:
    """Replace the code, the kind and the field of a curriculum.

    What else there is to say of it, its versions say. An extension stays of the kind and the field
    of what it extends.
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
        ExtensionOfAnotherKind,
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
    curriculum = await versions.held_curriculum(session, curriculum_id)
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
    curriculum = await versions.held_curriculum(session, curriculum_id)
    return tagged(response, await versions.create_version(session, curriculum))
