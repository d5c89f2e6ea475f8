"""People whom an outside issuer vouches for: its tokens make them users with one role here.

Who they are is (issuer, subject), never an e-mail address: that is theirs to choose elsewhere, and
somebody else's account here.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID, uuid4
from weakref import WeakKeyDictionary

from sqlalchemy import func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.models import Identity, Membership, User
from app.access.outside_keys import Issuer
from app.access.outside_tokens import unverified_issuer
from app.access.permissions import OF_THE_ACADEMY
from app.access.tokens import InvalidToken, Verified, any_failure_refuses
from app.core.database.scopes import Reach, system
from app.core.database.sessions import Database
from app.core.issuers import IssuerSettings
from app.core.schemas import today
from app.core.text import nfc

if TYPE_CHECKING:
    import httpx

_LONGEST_NAME = 200
_ORGANIZATION = text(
    "select id, kind from organizations"
    " where code = :code and (closed_on is null or closed_on > :today)"
)


class Vouched(NamedTuple):
    """What an issuer says of somebody, in our words."""

    issuer: str
    subject: str
    name: str
    role: str
    organization: str
    """Its code."""
    issued_at: datetime


class Issuers:
    """The outside issuers of this installation, as one process knows them."""

    def __init__(self, settings: Sequence[IssuerSettings], database: Database) -> None:
        self._database = database
        self._issuers = {one.issuer: Issuer(one) for one in settings}
        self._http: httpx.AsyncClient | None = None
        # The verifier bounds how many it remembers, and forgets them here too.
        self._admitted: WeakKeyDictionary[Verified, Mapping[str, Any]] = WeakKeyDictionary()

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._issuers)

    def open(self) -> None:
        """Begins to read their keys, without waiting for it: one may be out of reach."""
        if self._issuers:
            import httpx  # noqa: PLC0415 -- it takes 3 MB, which most installations do not need

            self._http = httpx.AsyncClient(follow_redirects=False)
            for issuer in self._issuers.values():
                issuer.open(self._http)

    async def close(self) -> None:
        for issuer in self._issuers.values():
            await issuer.close()
        if self._http:
            await self._http.aclose()

    async def admitted(self, token: str) -> Mapping[str, Any]:
        """What a token of ours would say of them. The first time, it makes them a user.

        Raises InvalidToken, or Unavailable when its issuer's keys could never be read.
        """
        issuer = self._issuers.get(unverified_issuer(token))
        if issuer is None:
            raise InvalidToken("of no issuer that is known")
        verified = await issuer.verify(token)
        known = self._admitted.get(verified)
        if known is None:
            vouched = vouched_for(verified.claims, issuer.settings)
            known = self._admitted[verified] = await self._admit(vouched)
        return known

    async def _admit(self, who: Vouched) -> Mapping[str, Any]:
        actor = f"issuer:{who.issuer}"
        async with self._database.session(system(Reach.EVERYTHING, actor)) as session:
            found = await session.execute(
                _ORGANIZATION, {"code": who.organization, "today": today()}
            )
            organization = found.one_or_none()
            if organization is None:
                raise InvalidToken("the organisation is closed, or there is none")
            if who.role in OF_THE_ACADEMY and organization.kind != "academy":
                raise InvalidToken("a role of the Academy, elsewhere")
            user_id = await _admit(session, who, organization.id)
        return {
            "sub": str(user_id),
            "role": who.role,
            "org": str(organization.id),
            "org_kind": organization.kind,
        }


@any_failure_refuses
def vouched_for(claims: Mapping[str, Any], issuer: IssuerSettings) -> Vouched:
    """What is not mapped is not granted, and neither is one of several that could be meant."""
    return Vouched(
        issuer=issuer.issuer,
        subject=claims["sub"],
        name=_name(_claim(claims, issuer.name_claim), claims["sub"]),
        role=_sole(_claim(claims, issuer.role_claim), issuer.roles),
        organization=_sole(_claim(claims, issuer.organization_claim), issuer.organizations),
        issued_at=datetime.fromtimestamp(claims["iat"], UTC),
    )


def _claim(claims: Mapping[str, Any], path: str) -> Any:
    """By its very name, for that may be a URL; else step by step along the dots."""
    if path in claims:
        return claims[path]
    value: Any = claims
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict | Mapping) else None
    return value


def _sole(value: Any, mapped: Mapping[str, str]) -> str:
    values = value if isinstance(value, list) else [value]
    meant = {mapped[one] for one in values if isinstance(one, str) and one in mapped}
    if len(meant) != 1:
        raise InvalidToken("no single role and organisation is granted")
    return meant.pop()


def _name(given: Any, subject: str) -> str:
    words = " ".join(nfc(given).split()) if isinstance(given, str) else ""
    return words[:_LONGEST_NAME] if words and words.isprintable() else subject


async def _admit(session: AsyncSession, who: Vouched, organization_id: UUID) -> UUID:
    """The user, who holds this role now and no other, unless a newer token said otherwise."""
    same = func.hashtextextended(f"{who.issuer} {who.subject}", 0)
    await session.execute(select(func.pg_advisory_xact_lock(same)))  # first requests come at once
    identity = await session.get(Identity, (who.issuer, who.subject))
    if identity is None:
        identity = await _join(session, who)
    elif await session.scalar(select(User.disabled_at).where(User.id == identity.user_id)):
        raise InvalidToken("the user is disabled")
    elif who.issued_at < identity.newest_token_at:
        return identity.user_id
    identity.newest_token_at = who.issued_at
    await _stand(session, who, identity.user_id, organization_id)
    return identity.user_id


async def _join(session: AsyncSession, who: Vouched) -> Identity:
    # Nobody can be written to there (RFC 6761, 6.4), nor sign in with it.
    user = User(email=f"{uuid4().hex}@outside.invalid", name=who.name)
    session.add(user)
    await session.flush()
    identity = Identity(issuer=who.issuer, subject=who.subject, user_id=user.id)
    session.add(identity)
    return identity


async def _stand(session: AsyncSession, who: Vouched, user_id: UUID, organization_id: UUID) -> None:
    """Statements that change nothing where nothing changed, so that nothing is audited."""
    standing = (who.role, organization_id)
    await session.execute(
        update(User).where(User.id == user_id, User.name != who.name).values(name=who.name)
    )
    await session.execute(
        update(Membership)
        .where(
            Membership.user_id == user_id,
            Membership.ended_at.is_(None),
            tuple_(Membership.role, Membership.organization_id) != standing,
        )
        .values(ended_at=func.now())
    )
    await session.execute(
        insert(Membership)
        .values(user_id=user_id, role=who.role, organization_id=organization_id)
        .on_conflict_do_update(
            constraint="membership_taken",
            set_={"ended_at": None},
            where=Membership.ended_at.is_not(None),
        )
    )
