from datetime import datetime
from hashlib import sha256
from secrets import token_urlsafe
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.models import Client, ClientKey, Membership, User
from app.access.tokens import public_key
from app.accounts import invitations, mail, sign_ins
from app.accounts.models import COMMAND_LINE, SWAGGER_UI, SignIn
from app.accounts.problems import (
    ClientNameTaken,
    ClientRevoked,
    LearnerUnknown,
    MailNotConfigured,
    MailNotTaken,
    NotYourself,
    UserDisabled,
)
from app.accounts.schemas import (
    ClientCreate,
    ClientIn,
    ClientKeyCreate,
    ClientKeyCreated,
    ClientKeyOut,
    InvitationOut,
    MembershipCreate,
    UserIn,
)
from app.core.config import Settings
from app.core.database.writes import replace
from app.core.languages import vietnamese
from app.core.problems import invalid
from app.learners.models import Learner

SUBJECT = "Bang Giao: choose your password"
LETTER = """Dear {name},

Open this link to choose your password. It is good once, for {days} days:

{link}

If you did not expect this mail, ignore it.
"""


async def create_user(session: AsyncSession, data: UserIn) -> User:
    user = User(**data.model_dump())
    session.add(user)
    await session.flush()
    return user


async def replace_user(session: AsyncSession, user: User, data: UserIn) -> User:
    """A link that was mailed to the former address, which may be a stranger's, is good no more."""
    if data.email != user.email:
        await invitations.withdraw(session, user)
    return await replace(session, user, data)


async def disable_user(session: AsyncSession, user: User, caller: str) -> User:
    """Raises NotYourself: nobody shuts themselves out by mistake."""
    if str(user.id) == caller:
        raise NotYourself
    if user.disabled_at is None:
        user.disabled_at = await _now(session)
        await sign_user_out(session, user)
        await invitations.withdraw(session, user)
    return user


async def enable_user(session: AsyncSession, user: User) -> User:
    """Whoever signed in at the very moment of being disabled signs in anew, too."""
    if user.disabled_at is not None:
        user.disabled_at = None
        await sign_user_out(session, user)
    return user


async def reset_second_factor(session: AsyncSession, user: User) -> User:
    user.second_factor_reset_at = await _now(session)
    return await sign_user_out(session, user)


async def sign_user_out(session: AsyncSession, user: User) -> User:
    """Everywhere, and wherever they are about to be signed in."""
    user.signed_out_at = await _now(session)
    await session.flush()
    await sign_ins.end_all(session, SignIn.user_id == user.id, "ended_by_administrator")
    return user


async def invite_user(session: AsyncSession, settings: Settings, user: User) -> InvitationOut:
    """Mails a link for a password. Raises MailNotConfigured, MailNotTaken and UserDisabled."""
    if user.disabled_at is not None:
        raise UserDisabled
    if settings.smtp_url is None:
        raise MailNotConfigured(email=user.email)
    link = await invitations.invite(session, settings, user)
    vi, days = vietnamese()["letters"]["invitation"], invitations.LIFETIME.days
    letters = (
        letter.format(name=user.name, link=link, days=days) for letter in (vi["letter"], LETTER)
    )
    try:
        subject = f"{vi['subject']} / {SUBJECT}"
        await mail.send(settings, user.email, subject, "\n---\n\n".join(letters))
    except mail.NotSent as error:
        raise MailNotTaken from error
    expires_at = await _now(session) + invitations.LIFETIME
    return InvitationOut(sent_to=user.email, expires_at=expires_at)


async def create_membership(session: AsyncSession, data: MembershipCreate) -> Membership:
    """Raises LearnerUnknown for who is on another organisation's roster."""
    if data.learner_id is not None:
        on_roster = select(Learner.id).where(
            Learner.id == data.learner_id, Learner.organization_id == data.organization_id
        )
        if await session.scalar(on_roster) is None:
            raise LearnerUnknown
    membership = Membership(**data.model_dump())
    session.add(membership)
    await session.flush()
    return membership


async def end_membership(session: AsyncSession, membership: Membership, caller: str) -> Membership:
    if str(membership.user_id) == caller:
        raise NotYourself
    if membership.ended_at is None:
        membership.ended_at = await _now(session)
        await session.flush()
    in_it = SignIn.membership_id == membership.id
    await sign_ins.end_all(session, in_it, "ended_by_administrator")
    return membership


async def restore_membership(session: AsyncSession, membership: Membership) -> Membership:
    membership.ended_at = None
    await session.flush()
    return membership


async def end_sign_in(session: AsyncSession, sign_in: SignIn) -> SignIn:
    if sign_in.ended_at is None:
        sign_in.ended_at = await _now(session)
        sign_in.ended_because = "ended_by_administrator"
    return await _shown(session, sign_in)


async def create_client(session: AsyncSession, data: ClientCreate) -> Client:
    if data.name in (SWAGGER_UI, COMMAND_LINE):
        raise ClientNameTaken
    client = Client(**data.model_dump())
    session.add(client)
    return await _shown(session, client)


async def replace_client(session: AsyncSession, client: Client, data: ClientIn) -> Client:
    return await _shown(session, await replace(session, client, data))


async def revoke_client(session: AsyncSession, client: Client) -> Client:
    """For good: what it was used for should not come back under its name."""
    if client.revoked_at is None:
        client.revoked_at = await _now(session)
        await sign_ins.end_all(session, SignIn.client == client.name, "ended_by_administrator")
    return await _shown(session, client)


async def add_client_key(
    session: AsyncSession, client: Client, data: ClientKeyCreate
) -> ClientKeyCreated:
    """A public key, or a secret that is told this once. Raises ClientRevoked."""
    if client.revoked_at is not None:
        raise ClientRevoked
    secret, jwk = None, None
    if data.public_jwk is None:
        secret = token_urlsafe(32)
    else:
        jwk = data.public_jwk.model_dump(exclude_none=True)
        _check_point(jwk)
    hash = None if secret is None else sha256(secret.encode()).digest()
    key = ClientKey(client_id=client.id, secret_hash=hash, public_jwk=jwk)
    session.add(key)
    shown = ClientKeyOut.model_validate(await _shown(session, key))
    return ClientKeyCreated(**shown.model_dump(), secret=secret)


def _check_point(jwk: dict[str, str]) -> None:
    try:
        public_key(jwk)
    except ValueError as error:
        message = "The coordinates are not a point of P-256."
        raise invalid("not_a_public_key", message, "body", "public_jwk") from error


async def revoke_client_key(session: AsyncSession, key: ClientKey) -> ClientKey:
    if key.revoked_at is None:
        key.revoked_at = await _now(session)
    return await _shown(session, key)


E = TypeVar("E", SignIn, Client, ClientKey)


async def _shown(session: AsyncSession, used: E) -> E:
    """With what a flush leaves unread, and every answer shows."""
    await session.flush()
    await session.refresh(used, ("last_used_at",))
    return used


async def _now(session: AsyncSession) -> datetime:
    with session.no_autoflush:  # so that one change is written down once
        now: datetime = (await session.execute(select(func.now()))).scalar_one()
    return now
