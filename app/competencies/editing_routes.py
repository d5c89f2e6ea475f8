"""Scales and competencies of a version."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Request, Response

from app.competencies import editing, queries, service
from app.competencies.models import Competency
from app.competencies.permitted import Changing, Reading, VersionId
from app.competencies.problems import (
    NO_LONGER_OPEN,
    CauseUnknown,
    CompetencyBelowItself,
    CompetencyCodeTaken,
    CompetencyIdentifierTaken,
    CompetencyNotEmpty,
    DescriptorOfNoLevel,
    ParentCompetencyUnknown,
    ReplacedCompetencyUnknown,
    ScaleIdentifierTaken,
    ScaleInUse,
    ScaleUnknown,
    TreeTooDeep,
)
from app.competencies.scale_models import Scale
from app.competencies.scale_schemas import CAUSE, ScaleCreate, ScaleIn, ScaleOut, ScaleQuery
from app.competencies.schemas import (
    CompetencyCreate,
    CompetencyIn,
    CompetencyOut,
    CompetencyQuery,
    MoveIn,
)
from app.core import examples, routing
from app.core.etags import IfMatch, tagged
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import page_of
from app.core.problems import NotFound, Outdated, VersionRequired, problems

router = routing.router("competencies")

ScaleId = Annotated[UUID, Path(description="The scale's id", examples=[examples.SCALE])]
UnusedScaleId = Annotated[
    UUID, Path(description="The scale's id", examples=[examples.UNUSED_SCALE])
]
CompetencyId = Annotated[
    UUID, Path(description="The competency's id, in this version", examples=[examples.COMPETENCY])
]
MisplacedId = Annotated[
    UUID,
    Path(
        description="The competency's id, in this version",
        examples=[examples.MISPLACED_COMPETENCY],
    ),
]
UnwantedId = Annotated[
    UUID,
    Path(
        description="The competency's id, in this version",
        examples=[examples.UNWANTED_COMPETENCY],
    ),
]
BecauseOf = Annotated[UUID | None, Query(description=CAUSE)]

_OPEN = (NotFound, CauseUnknown, *NO_LONGER_OPEN)
_SAID = (CompetencyCodeTaken, ScaleUnknown, DescriptorOfNoLevel, ReplacedCompetencyUnknown)
_PLACED = (ParentCompetencyUnknown, CompetencyBelowItself, TreeTooDeep)


@router.get("/proficiency-scales", **page_of(ScaleOut, ScaleQuery))
async def list_proficiency_scales(reader: Reading, request: Request) -> Response:
    """List scales of proficiency.

    Each with its levels.
    """
    return await queries.scales.page(reader, request, ScaleQuery.of(request))


@router.post(
    "/framework-versions/{framework_version_id}/scales",
    status_code=201,
    response_model=ScaleOut,
    responses=problems(*_OPEN, ScaleIdentifierTaken, IdempotencyKeyReused),
)
async def create_proficiency_scale(
    session: Changing, framework_version_id: VersionId, data: ScaleCreate, response: Response
) -> Scale:
    """Add a scale of proficiency to a version.

    With its levels, and the one from which on somebody counts as proficient.
    """
    version = await service.open_version(session, framework_version_id)
    return tagged(response, await editing.create_scale(session, version, data))


@router.get(
    "/proficiency-scales/{proficiency_scale_id}",
    response_model=ScaleOut,
    responses=problems(NotFound),
)
async def get_proficiency_scale(
    reader: Reading, request: Request, proficiency_scale_id: ScaleId
) -> Response:
    """Read a scale of proficiency."""
    return await queries.scales.row(reader, request, proficiency_scale_id)


@router.put(
    "/proficiency-scales/{proficiency_scale_id}",
    response_model=ScaleOut,
    responses=problems(*_OPEN, DescriptorOfNoLevel, Outdated, VersionRequired),
)
async def replace_proficiency_scale(
    session: Changing,
    proficiency_scale_id: ScaleId,
    expected: IfMatch,
    data: ScaleIn,
    response: Response,
) -> Scale:
    """Replace a scale of proficiency and its levels.

    Until the version is published. A scale that was published keeps its levels; other ones are
    another scale.
    """
    scale = await editing.part_of_open_version(session, Scale, proficiency_scale_id)
    expected.check(scale)
    return tagged(response, await editing.replace_scale(session, scale, data))


@router.delete(
    "/proficiency-scales/{proficiency_scale_id}",
    status_code=204,
    responses=problems(*_OPEN, ScaleInUse, Outdated, VersionRequired),
)
async def remove_proficiency_scale(
    session: Changing,
    proficiency_scale_id: UnusedScaleId,
    expected: IfMatch,
    because_of: BecauseOf = None,
) -> None:
    """Remove a scale of proficiency from a version.

    If no competency is on it.
    """
    scale = await editing.part_of_open_version(session, Scale, proficiency_scale_id)
    expected.check(scale)
    await editing.remove_scale(session, scale, because_of)


@router.get("/competencies", **page_of(CompetencyOut, CompetencyQuery))
async def list_competencies(reader: Reading, request: Request) -> Response:
    """List competencies.

    Those of a version, in the order of its tree: each after what it stands below.
    """
    return await queries.competencies.page(reader, request, CompetencyQuery.of(request))


@router.post(
    "/framework-versions/{framework_version_id}/competencies",
    status_code=201,
    response_model=CompetencyOut,
    openapi_extra=examples.body(code="LT.02", name_vi="Khánh tiết", name_en="State ceremonies"),
    responses=problems(*_OPEN, *_SAID, *_PLACED, CompetencyIdentifierTaken, IdempotencyKeyReused),
)
async def create_competency(
    session: Changing, framework_version_id: VersionId, data: CompetencyCreate, response: Response
) -> Competency:
    """Add a competency to a version.

    Or an area that holds some, or an indicator of one; with descriptors for the levels of its
    scale.
    """
    version = await service.open_version(session, framework_version_id)
    return tagged(response, await editing.create_competency(session, version, data))


@router.get(
    "/competencies/{competency_id}", response_model=CompetencyOut, responses=problems(NotFound)
)
async def get_competency(
    reader: Reading, request: Request, competency_id: CompetencyId
) -> Response:
    """Read a competency."""
    return await queries.competencies.row(reader, request, competency_id)


@router.put(
    "/competencies/{competency_id}",
    response_model=CompetencyOut,
    responses=problems(*_OPEN, *_SAID, Outdated, VersionRequired),
)
async def replace_competency(
    session: Changing,
    competency_id: CompetencyId,
    expected: IfMatch,
    data: CompetencyIn,
    response: Response,
) -> Competency:
    """Replace a competency's description and its descriptors.

    All of it, until the version is published. Where it stands, moving it changes.
    """
    competency = await editing.part_of_open_version(session, Competency, competency_id)
    expected.check(competency)
    return tagged(response, await editing.replace_competency(session, competency, data))


@router.delete(
    "/competencies/{competency_id}",
    status_code=204,
    responses=problems(*_OPEN, CompetencyNotEmpty, Outdated, VersionRequired),
)
async def remove_competency(
    session: Changing,
    competency_id: UnwantedId,
    expected: IfMatch,
    because_of: BecauseOf = None,
) -> None:
    """Remove a competency from a version.

    If nothing stands below it. Versions that were published keep it.
    """
    competency = await editing.part_of_open_version(session, Competency, competency_id)
    expected.check(competency)
    await editing.remove_competency(session, competency, because_of)


@router.post(
    "/competencies/{competency_id}/move",
    response_model=CompetencyOut,
    responses=problems(*_OPEN, *_PLACED, IdempotencyKeyReused),
)
async def move_competency(
    session: Changing, competency_id: MisplacedId, data: MoveIn, response: Response
) -> Competency:
    """Move a competency in the tree.

    All below it comes along. Siblings make room, and their `version` stays as it is.
    """
    competency = await editing.part_of_open_version(session, Competency, competency_id)
    return tagged(response, await editing.move_competency(session, competency, data))
