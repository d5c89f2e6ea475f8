"""What a route may ask for: the database, in the caller's scope, for one stated permission.

There is no other way to the database for a route, so an operation without a permission cannot be
written. `reading` gives a Reader, `changing` a transaction that is committed after the route
returns and before the response is sent.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self
from uuid import UUID

from fastapi import Request, params
from fastapi.openapi.models import OAuth2, OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import SecurityScopes
from fastapi.security.base import SecurityBase
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.permissions import GRANTS, IN_WORDS, Permission, Role
from app.access.tokens import InvalidToken, TokenVerifier, Verified
from app.core.database.readers import Reader
from app.core.database.scopes import Scope
from app.core.database.sessions import Database
from app.core.idempotency import take_key
from app.core.problems import Forbidden, NotFound, Unauthenticated

_EVERYTHING: frozenset[str] = frozenset(Permission)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is calling, as their token says; that it still holds, the database checks."""

    subject: str
    organization: str
    org_kind: str
    role: Role
    scopes: str
    """Space-separated; only a client has any (RFC 6749, 3.3)."""
    kid: str

    @classmethod
    def of(cls, claims: Mapping[str, Any], kid: str) -> Self:
        role, scopes = Role(claims["role"]), claims.get("scope", "")
        return cls(claims["sub"], claims["org"], claims["org_kind"], role, scopes, kid)

    @property
    def actor(self) -> str:
        """As the audit trail names them; `enter_scope` says the same."""
        return f"{self.role}:{self.subject}"

    def may(self, permission: str) -> bool:
        narrowed = self.scopes.split() if self.role is Role.CLIENT else _EVERYTHING
        return permission in GRANTS[self.role] and permission in narrowed

    def scope(self, request_id: str) -> Scope:
        who = (self.subject, self.role, self.organization, self.scopes, self.kid, request_id)
        of_academy = self.org_kind == "academy" and self.role not in (Role.LEARNER, Role.INSTRUCTOR)
        everything = self.role is Role.AUDITOR or of_academy
        return Scope("enter_scope", who, caller=self.role, sees_everything=everything)


@lru_cache(maxsize=10_000)
def _named(verified: Verified) -> Principal:
    """The verifier gives the same object again for a token that it knows."""
    return Principal.of(verified.claims, verified.kid)


class Bearer(SecurityBase):
    """The access token of a request. A bad one is refused before any connection is taken."""

    def __init__(self) -> None:
        scopes = {str(permission): words for permission, words in IN_WORDS.items()}
        flow = OAuthFlowClientCredentials(tokenUrl="/oauth/token", scopes=scopes)
        self.model = OAuth2(flows=OAuthFlows(clientCredentials=flow))
        self.scheme_name = "oauth2"

    def principal(self, request: Request, needed: SecurityScopes) -> Principal:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated
        verifier: TokenVerifier = request.app.state.keyring.verifier
        try:
            who = _named(verifier.verify(token))
        except (InvalidToken, KeyError, ValueError) as error:
            refusal = Unauthenticated()
            refusal.headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
            raise refusal from error
        request.state.principal, request.state.principal_id = who, who.subject
        for permission in needed.scopes:
            if not who.may(permission):
                raise Forbidden(permission=permission)
        return who


class _Reading(Bearer):
    """To read in the caller's scope."""

    async def __call__(self, request: Request, needed: SecurityScopes) -> Reader:
        who = self.principal(request, needed)
        database: Database = request.app.state.database
        return database.reader(who.scope(request.state.request_id))


class _Changing(Bearer):
    """One dependency and not two: each costs a request as much as checking its token."""

    async def __call__(
        self, request: Request, needed: SecurityScopes
    ) -> AsyncIterator[AsyncSession]:
        who = self.principal(request, needed)
        database: Database = request.app.state.database
        async with database.session(who.scope(request.state.request_id)) as session:
            await take_key(session, request, who.organization)
            yield session


_read, _change = _Reading(), _Changing()


def reading(permission: Permission) -> params.Security:
    """`reader: Annotated[Reader, reading(Permission.LEARNERS_READ)]`"""
    return params.Security(_read, scopes=[permission])


def changing(permission: Permission) -> params.Security:
    """`session: Annotated[AsyncSession, changing(Permission.LEARNERS_WRITE)]`

    With scope "function" the commit comes before the response: a commit that fails is answered as
    the failure that it is.
    """
    return params.Security(_change, scopes=[permission], scope="function")


def organization_of(request: Request, given: UUID | None) -> UUID:
    """The organisation that a caller acts for: their own, or, for the Academy, any.

    Raises NotFound for one that is not theirs.
    """
    who: Principal = request.state.principal
    own = UUID(who.organization)
    if given in (None, own) or who.org_kind == "academy":
        return given or own
    raise NotFound
