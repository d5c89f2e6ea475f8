"""From one organisation to another in two steps: the one releases, the other claims.

History follows the person: the receiving side sees all of it, the sending side keeps the period
that was its own.
"""

from secrets import choice
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database.acting import acting_for_the_academy
from app.core.secrets import Pepper
from app.events.outbox import publish
from app.learners.models import Learner, PositionHeld, Transfer
from app.learners.problems import NothingToClaim, PositionEndsBeforeItBegins, TransferEnded
from app.learners.schemas import ClaimIn, ReleaseIn

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without what is misread over a telephone."""


async def release(
    session: AsyncSession, learner: Learner, data: ReleaseIn, pepper: Pepper
) -> tuple[Transfer, str]:
    """The transfer, and the code that claims it, which is kept nowhere."""
    code = "-".join("".join(choice(_ALPHABET) for _ in range(4)) for _ in range(4))
    transfer = Transfer(
        organization_id=learner.organization_id,
        learner_id=learner.id,
        full_name=learner.full_name,
        state="released",
        claim_code_hash=pepper.hash(bare(code)),
        **data.model_dump(),
    )
    session.add(transfer)
    await session.flush()
    publish(
        session,
        "learner.released",
        learner.id,
        learner.organization_id,
        key=learner.external_id,
    )
    return transfer, code


async def cancel(session: AsyncSession, transfer: Transfer) -> Transfer:
    if transfer.state != "released":
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
    async with acting_for_the_academy(session):
        transfer = await session.scalar(
            select(Transfer)
            .join(Learner, Learner.id == Transfer.learner_id)
            .where(Transfer.state == "released", _meant(data, pepper))
            .with_for_update()
        )
        if transfer is None or transfer.organization_id == to:
            raise NothingToClaim
        learner = await session.get_one(Learner, transfer.learner_id, with_for_update=True)
        held = PositionHeld.learner_id == learner.id
        began = await session.scalar(select(func.max(PositionHeld.held_from)).where(held))
        if began is None or data.claimed_on <= began:
            raise PositionEndsBeforeItBegins
        if learner.status != "left" and began < transfer.released_on < data.claimed_on:
            learner.status, learner.status_since = "left", transfer.released_on
            await session.flush()  # the sender's period ends before the receiver's begins
        former_key = learner.external_id
        learner.organization_id = to
        learner.unit_id = data.unit_id
        learner.external_id = data.external_id
        learner.position_title, learner.rank = data.position_title, data.rank
        learner.leadership_level, learner.category = data.leadership_level, data.category
        learner.position_since = data.claimed_on
        if learner.status != "active":
            learner.status, learner.status_since = "active", data.claimed_on
        transfer.state, transfer.to_organization_id = "claimed", to
        transfer.claimed_on = data.claimed_on
        await session.flush()
        sender = transfer.organization_id
        publish(session, "learner.left", learner.id, sender, key=former_key)
        await session.flush()  # told in this order
        keys = {"key": data.external_id, "former_key": former_key}
        publish(session, "learner.joined", learner.id, to, **keys)
        await session.flush()
    return transfer


def _meant(data: ClaimIn, pepper: Pepper) -> ColumnElement[bool]:
    if data.claim_code is not None:
        return Transfer.claim_code_hash == pepper.hash(bare(data.claim_code))
    assert data.national_id is not None  # noqa: S101 -- ClaimIn takes one of the two
    return Learner.national_id_hash == pepper.hash(data.national_id)


def bare(code: str) -> str:
    """The code however it was written down: dashes, spaces and case do not matter."""
    return "".join(letter for letter in code.upper() if letter in _ALPHABET)
