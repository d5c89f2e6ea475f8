"""From one organisation to another in two steps: the one releases, the other claims.

History follows the person: the receiving side sees all of it, the sending side keeps the period
that was its own.
"""

from datetime import date, datetime
from secrets import choice, token_bytes
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database.acting import acting_for_the_academy
from app.core.secrets import Pepper
from app.events.outbox import publish
from app.learners.models import Learner, PositionHeld, Transfer
from app.learners.problems import NothingToClaim, PositionEndsBeforeItBegins, TransferEnded
from app.learners.schemas import ClaimIn, ReleaseIn

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without what is misread over a telephone."""


class Position(NamedTuple):
    """What waits for whoever is claimed."""

    external_id: str
    unit_id: UUID | None
    position_title: str
    rank: str | None
    leadership_level: str
    category: str
    since: date


async def release(
    session: AsyncSession, learner: Learner, data: ReleaseIn, pepper: Pepper
) -> tuple[Transfer, str]:
    """The transfer, and the code that claims it, which is kept nowhere.

    It answers the oldest request for them, where there is one: then only who asked, or who was told
    the code, may claim them.
    """
    code = "-".join("".join(choice(_ALPHABET) for _ in range(4)) for _ in range(4))
    asked = select(Transfer).where(
        Transfer.learner_id == learner.id,
        Transfer.organization_id == learner.organization_id,
        Transfer.state == "requested",
    )
    transfer = (await session.scalars(asked.order_by(Transfer.id).limit(1))).first()
    if transfer is None:
        transfer = Transfer(
            organization_id=learner.organization_id,
            learner_id=learner.id,
            full_name=learner.full_name,
        )
        session.add(transfer)
    transfer.state, transfer.full_name = "released", learner.full_name
    transfer.released_on, transfer.reason = data.released_on, data.reason
    transfer.claim_code_hash = pepper.hash(bare(code))
    await session.flush()
    publish(
        session,
        "learner.released",
        learner.id,
        learner.organization_id,
        key=learner.external_id,
    )
    return transfer, code


async def request(
    session: AsyncSession, learner_id: UUID, to: UUID, full_name: str, since: date
) -> None:
    """Asks the organisation of a learner to release them, because the roster of `to` has them.

    The two sides see nothing of each other, so the step is the Academy's. Asking twice is asking
    once, and whoever refused is not asked again for the same learner.
    """
    async with acting_for_the_academy(session):
        learner = await session.get(Learner, learner_id)
        sender = None if learner is None else learner.organization_id
        asked = select(Transfer.id).where(
            Transfer.learner_id == learner_id,
            Transfer.organization_id == sender,
            Transfer.to_organization_id == to,
            Transfer.state.in_(("requested", "cancelled")),
        )
        if learner is None or sender == to or await session.scalar(asked.limit(1)):
            return
        session.add(
            Transfer(
                organization_id=sender,
                learner_id=learner_id,
                full_name=full_name,
                to_organization_id=to,
                state="requested",
                released_on=since,
                claim_code_hash=token_bytes(32),
            )
        )
        key = learner.external_id
        publish(session, "learner.requested", learner_id, learner.organization_id, key=key)
        session.expunge(learner)  # whom the caller may not see
        await session.flush()


async def withdraw(
    session: AsyncSession, learner_ids: list[UUID], to: UUID, since: datetime | None
) -> None:
    """Asks no more for these, where that began `since`. They may be asked for again: nobody has
    refused."""
    theirs = Transfer.learner_id.in_(learner_ids), Transfer.to_organization_id == to
    async with acting_for_the_academy(session):
        await _withdraw(session, *theirs, Transfer.created_at > since)


async def _withdraw(session: AsyncSession, *which: ColumnElement[bool]) -> None:
    requests = update(Transfer).where(Transfer.state == "requested", *which)
    await session.execute(requests.values(state="cancelled", to_organization_id=None))


async def cancel(session: AsyncSession, transfer: Transfer) -> Transfer:
    if transfer.state not in ("requested", "released"):
        raise TransferEnded
    transfer.state = "cancelled"
    await session.flush()
    learner = await session.get_one(Learner, transfer.learner_id)
    publish(
        session,
        "learner.release_cancelled",
        learner.id,
        learner.organization_id,
        key=learner.external_id,
    )
    return transfer


async def claim(session: AsyncSession, data: ClaimIn, to: UUID, pepper: Pepper) -> Transfer:
    """Moves the learner, with their history, to the organisation `to`.

    The two sides see nothing of each other, so the step is the Academy's, which keeps the
    register. Raises NothingToClaim when nobody released matches.
    """
    described = data.model_dump(exclude={"claim_code", "national_id", "organization_id"})
    position = Position(since=described.pop("claimed_on"), **described)
    return await _moved(session, _meant(data, to, pepper), to, position)


async def take_over(
    session: AsyncSession,
    learner_id: UUID,
    national_id_hash: bytes | None,
    to: UUID,
    position: Position,
) -> Transfer:
    """The same, of a learner whom the roster of `to` has already: who was released to it, or, to
    whom it may concern, is known to it by their national id."""
    released_to = Transfer.to_organization_id == to
    if national_id_hash is not None:
        known = Learner.national_id_hash == national_id_hash
        released_to |= and_(Transfer.to_organization_id.is_(None), known)
    meant = and_(Transfer.learner_id == learner_id, released_to)
    return await _moved(session, meant, to, position)


async def _moved(
    session: AsyncSession, meant: ColumnElement[bool], to: UUID, position: Position
) -> Transfer:
    async with acting_for_the_academy(session):
        transfer = await session.scalar(
            select(Transfer)
            .join(Learner, Learner.id == Transfer.learner_id)
            .where(Transfer.state == "released", meant)
            .with_for_update()
        )
        if transfer is None or transfer.organization_id == to:
            raise NothingToClaim
        learner = await session.get_one(Learner, transfer.learner_id, with_for_update=True)
        await _end_with_the_sender(session, learner, transfer, position.since)
        former_key = learner.external_id
        _settle(learner, to, position)
        transfer.state, transfer.to_organization_id = "claimed", to
        transfer.claimed_on = position.since
        await session.flush()
        await _withdraw(session, Transfer.learner_id == learner.id)  # others asked the sender
        sender = transfer.organization_id
        publish(session, "learner.left", learner.id, sender, key=former_key)
        await session.flush()  # told in this order
        keys = {"key": position.external_id, "former_key": former_key}
        publish(session, "learner.joined", learner.id, to, **keys)
        await session.flush()
    return transfer


async def _end_with_the_sender(
    session: AsyncSession, learner: Learner, transfer: Transfer, claimed_on: date
) -> None:
    """The sender's period ends before the receiver's begins."""
    held = PositionHeld.learner_id == learner.id
    began = await session.scalar(select(func.max(PositionHeld.held_from)).where(held))
    if began is None or claimed_on <= began:
        raise PositionEndsBeforeItBegins
    if learner.status != "left" and began < transfer.released_on < claimed_on:
        learner.status, learner.status_since = "left", transfer.released_on
        await session.flush()


def _settle(learner: Learner, to: UUID, position: Position) -> None:
    learner.organization_id = to
    learner.unit_id = position.unit_id
    learner.external_id = position.external_id
    learner.position_title, learner.rank = position.position_title, position.rank
    learner.leadership_level, learner.category = position.leadership_level, position.category
    learner.position_since = position.since
    learner.protected_fields = []  # what the sender set by hand, the receiver did not
    if learner.status != "active":
        learner.status, learner.status_since = "active", position.since


def _meant(data: ClaimIn, to: UUID, pepper: Pepper) -> ColumnElement[bool]:
    if data.claim_code is not None:
        return Transfer.claim_code_hash == pepper.hash(bare(data.claim_code))
    assert data.national_id is not None  # noqa: S101 -- ClaimIn takes one of the two
    return and_(
        Learner.national_id_hash == pepper.hash(data.national_id),
        func.coalesce(Transfer.to_organization_id, to) == to,
    )


def bare(code: str) -> str:
    """The code however it was written down: dashes, spaces and case do not matter."""
    return "".join(letter for letter in code.upper() if letter in _ALPHABET)
