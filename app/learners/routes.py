from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.caller import changing, organization_of, reading
from app.access.permissions import Permission, Role
from app.core import examples, routing
from app.core.database.readers import Reader
from app.core.database.writes import get_or_404
from app.core.etags import IfMatch, tagged
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import page_of
from app.core.problems import NotFound, Outdated, VersionRequired, problems
from app.learners import queries, service, transfers
from app.learners.models import Learner, Transfer
from app.learners.problems import (
    AlreadyReleased,
    ClaimedBeforeRelease,
    ExternalIdTaken,
    NationalIdTaken,
    NothingToClaim,
    PositionBeforeRecruitment,
    PositionEndsBeforeItBegins,
    PositionsOverlap,
    TransferEnded,
    UnitUnknown,
)
from app.learners.schemas import (
    ClaimIn,
    LearnerCreate,
    LearnerIn,
    LearnerOut,
    LearnerQuery,
    PositionOut,
    PositionQuery,
    ProtectedFieldsIn,
    ReleasedOut,
    ReleaseIn,
    TransferOut,
    TransferQuery,
)
from app.organizations.problems import OrganizationClosed

router = routing.router("learners")

Reading = Annotated[Reader, reading(Permission.LEARNERS_READ)]
Changing = Annotated[AsyncSession, changing(Permission.LEARNERS_WRITE)]
Transferring = Annotated[AsyncSession, changing(Permission.LEARNERS_TRANSFER)]

LearnerId = Annotated[UUID, Path(description="The learner's id", examples=[examples.LEARNER])]
ProtectedId = Annotated[UUID, Path(description="The learner's id", examples=[examples.PROTECTED])]
TransferId = Annotated[UUID, Path(description="The transfer's id", examples=[examples.TRANSFER])]

_POSITION = (UnitUnknown, PositionBeforeRecruitment, PositionsOverlap, PositionEndsBeforeItBegins)
_TAKEN = (ExternalIdTaken, NationalIdTaken)


@router.get("/learners", **page_of(LearnerOut, LearnerQuery))
async def list_learners(reader: Reading, request: Request) -> Response:
    """List learners.

    Those on your roster now, or, with `as_of`, on that day. Sorted as Vietnamese names are: by
    given name, then middle names, then family name.
    """
    query = LearnerQuery.of(request)
    view = queries.learners if query.as_of is None else queries.learners_as_of
    return await view.page(reader, request, query)


@router.post(
    "/learners",
    status_code=201,
    response_model=LearnerOut,
    responses=problems(NotFound, *_TAKEN, OrganizationClosed, *_POSITION, IdempotencyKeyReused),
)
async def create_learner(
    session: Changing, request: Request, data: LearnerCreate, response: Response
) -> Learner:
    """Add a learner to a roster.

    Somebody who comes from another organisation is claimed instead, so that their history comes
    with them.
    """
    pepper = request.app.state.pepper
    return tagged(response, await service.create_learner(session, data, pepper))


@router.get("/learners/{learner_id}", response_model=LearnerOut, responses=problems(NotFound))
async def get_learner(reader: Reading, request: Request, learner_id: LearnerId) -> Response:
    """Read a learner.

    The `ETag` of the answer is what `If-Match` expects when they are replaced.
    """
    return await queries.learners.row(reader, request, learner_id)


@router.put(
    "/learners/{learner_id}",
    response_model=LearnerOut,
    responses=problems(NotFound, *_TAKEN, Outdated, *_POSITION, VersionRequired),
)
async def replace_learner(
    session: Changing,
    request: Request,
    learner_id: LearnerId,
    expected: IfMatch,
    data: LearnerIn,
    response: Response,
) -> Learner:
    """Replace a learner's description.

    All of it: what you leave out is emptied, except the national id. A later `position_since`
    begins a new position; the former one stays in their history.
    """
    learner = await get_or_404(session, Learner, learner_id)
    expected.check(learner)
    by_hand = request.state.principal.role is not Role.CLIENT
    pepper = request.app.state.pepper
    replaced = await service.replace_learner(session, learner, data, pepper, by_hand=by_hand)
    return tagged(response, replaced)


@router.put(
    "/learners/{learner_id}/protected-fields",
    response_model=LearnerOut,
    responses=problems(NotFound, Outdated, VersionRequired),
)
async def replace_protected_fields(
    session: Changing,
    learner_id: ProtectedId,
    expected: IfMatch,
    data: ProtectedFieldsIn,
    response: Response,
) -> Learner:
    """Say which fields files leave as they are.

    What somebody changes by hand is protected by itself, so that the next file does not undo it.
    Leave a field out here to release it: the next file that says it changes it again.
    """
    learner = await get_or_404(session, Learner, learner_id)
    expected.check(learner)
    return tagged(response, await service.protect(session, learner, list(data.fields)))


@router.get("/learners/{learner_id}/positions", **page_of(PositionOut, PositionQuery))
async def list_learner_positions(
    reader: Reading, request: Request, learner_id: LearnerId
) -> Response:
    """List the positions that a learner held.

    The newest first, those at other organisations among them while the learner is yours; of
    somebody who has moved on, those at your organisation.
    """
    query = PositionQuery.of(request)
    return await queries.positions.page(reader, request, query, learner_id=learner_id)


@router.post(
    "/learners/{learner_id}/release",
    status_code=201,
    responses=problems(NotFound, AlreadyReleased, IdempotencyKeyReused),
)
async def release_learner(
    session: Transferring,
    request: Request,
    learner_id: LearnerId,
    data: ReleaseIn,
    response: Response,
) -> ReleasedOut:
    """Release a learner to another organisation.

    The answer holds a claim code. Tell it to the receiving organisation, which claims the learner
    with it; until then they stay on your roster, and the release can be cancelled.
    """
    learner = await get_or_404(session, Learner, learner_id)
    transfer, code = await transfers.release(session, learner, data, request.app.state.pepper)
    shown = TransferOut.model_validate(tagged(response, transfer))
    return ReleasedOut(**shown.model_dump(), claim_code=code)


@router.get("/transfers", **page_of(TransferOut, TransferQuery))
async def list_transfers(reader: Reading, request: Request) -> Response:
    """List transfers.

    Those from your organisation, and those to it that it claimed.
    """
    query = TransferQuery.of(request)
    return await queries.transfers.page(reader, request, query)


@router.get("/transfers/{transfer_id}", response_model=TransferOut, responses=problems(NotFound))
async def get_transfer(reader: Reading, request: Request, transfer_id: TransferId) -> Response:
    """Read a transfer."""
    return await queries.transfers.row(reader, request, transfer_id)


@router.post(
    "/transfers/claim",
    response_model=TransferOut,
    responses=problems(
        NothingToClaim,
        *_TAKEN,
        OrganizationClosed,
        ClaimedBeforeRelease,
        *_POSITION,
        IdempotencyKeyReused,
    ),
)
async def claim_learner(
    session: Transferring, request: Request, data: ClaimIn, response: Response
) -> Transfer:
    """Claim a learner whom another organisation has released.

    By the claim code that it told you, or by the national id. They join your roster in the
    position given here, and their history comes with them.
    """
    to = organization_of(request, data.organization_id)
    transfer = await transfers.claim(session, data, to, request.app.state.pepper)
    return tagged(response, transfer)


@router.post(
    "/transfers/{transfer_id}/cancel",
    response_model=TransferOut,
    responses=problems(NotFound, TransferEnded, IdempotencyKeyReused),
)
async def cancel_transfer(
    session: Transferring, transfer_id: TransferId, response: Response
) -> Transfer:
    """Cancel a release that nobody has claimed yet.

    The claim code is void from then on.
    """
    transfer = await get_or_404(session, Transfer, transfer_id)
    return tagged(response, await transfers.cancel(session, transfer))
