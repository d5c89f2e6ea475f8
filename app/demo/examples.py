"""What the examples in the OpenAPI document name, so that they work when somebody tries them."""

from secrets import token_bytes
from uuid import UUID

from sqlalchemy import func, null, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.models import Client, ClientKey
from app.access.permissions import Permission
from app.accounts.models import SignIn
from app.core import examples
from app.core.secrets import Pepper, Seal
from app.demo.accounts import CLIENT
from app.demo.people import AS_OF
from app.learners import transfers
from app.learners.models import Learner, Transfer
from app.learners.schemas import ReleaseIn
from app.webhooks import service as webhooks
from app.webhooks.models import WebhookDelivery, WebhookEndpoint

ORGANIZATIONS = {"VN-01": examples.ORGANIZATION, "VN-46": examples.OTHER_ORGANIZATION}
LEARNERS = {
    "VN-01": examples.LEARNER,
    "VN-46": examples.RELEASED,
    "MOH": examples.TO_BE_CLAIMED,
    "MOIT": examples.PROTECTED,
}
"""One of the roster of each."""
NOMINATING = "VN-01"
NOMINEES = (examples.SUBSTITUTE, examples.NOMINEE, examples.BY_HAND)
"""Others of that roster, who are not nominated yet."""
INSTRUCTOR = "instructor@academy.example"
"""Whose account the examples change."""


async def add(session: AsyncSession, academy: UUID, pepper: Pepper, seal: Seal) -> None:
    await _release(session, pepper)
    await _register(session, academy)
    await _add_webhook(session, academy, seal)


async def _release(session: AsyncSession, pepper: Pepper) -> None:
    """One whose release can be cancelled, and one who can be claimed."""
    code = pepper.hash(transfers.bare(examples.CLAIM_CODE))
    known: dict[UUID, dict[str, object]] = {
        examples.RELEASED: {"id": examples.TRANSFER},
        examples.TO_BE_CLAIMED: {"claim_code_hash": code},
    }
    leaves = ReleaseIn(released_on=AS_OF, reason="Điều động sang cơ quan khác")
    for id, values in known.items():
        learner = await session.get_one(Learner, id)
        transfer, _ = await transfers.release(session, learner, leaves, pepper)
        await session.execute(update(Transfer).where(Transfer.id == transfer.id).values(values))


async def _register(session: AsyncSession, academy: UUID) -> None:
    """A front end, whose people come back to the machine of whoever develops it, and a second key
    of the HR system."""
    client = Client(
        id=examples.CLIENT,
        name="academy-lms",
        organization_id=academy,
        scopes=[Permission.LEARNERS_READ],
        redirect_uris=["http://127.0.0.1:5173/signed-in"],
    )
    session.add(client)
    hr = await session.scalar(select(Client.id).where(Client.name == CLIENT))
    nobodys = token_bytes(32)
    session.add(ClientKey(id=examples.CLIENT_KEY, client_id=hr, secret_hash=nobodys))


async def _add_webhook(session: AsyncSession, academy: UUID, seal: Seal) -> None:
    """Nobody is there, and the name is nobody's."""
    endpoint = WebhookEndpoint(
        id=examples.WEBHOOK_ENDPOINT,
        organization_id=academy,
        url="https://hr.songoaivu.example/bang-giao",
        description="Hệ thống nhân sự",
        types=["unit.changed"],
        enabled=True,
    )
    session.add(endpoint)
    await session.flush()
    await webhooks.add_secret(session, endpoint, seal)
    session.add(
        WebhookDelivery(
            id=examples.WEBHOOK_DELIVERY,
            organization_id=academy,
            endpoint_id=examples.WEBHOOK_ENDPOINT,
            type=webhooks.PING,
            payload="{}",
            state="failed",
            next_attempt_at=null(),
        )
    )


async def sign_in(session: AsyncSession) -> None:
    """The instructor's, which has ended."""
    session.add(
        SignIn(
            id=examples.SIGN_IN,
            user_id=examples.USER,
            membership_id=examples.MEMBERSHIP,
            client="swagger-ui",
            scope="",
            method="password",
            expires_at=func.now(),
        )
    )
