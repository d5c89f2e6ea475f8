"""What a route may ask for: the database, in the caller's scope, for one stated permission.

There is no other way to the database for a route, so an operation without a permission cannot be
written. `reading` gives a Reader, `changing` a transaction that is committed after the route
returns and before the response is sent.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self
from uuid import UUID

from fastapi import Request, params
from fastapi.openapi.models import (
    OAuth2,
    OAuthFlowAuthorizationCode,
    OAuthFlowClientCredentials,
    OAuthFlows,
)
from fastapi.security import SecurityScopes
from fastapi.security.base import SecurityBase
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import State
from structlog import get_logger

from app.access.outside import Issuers
from app.access.permissions import ALWAYS, GRANTS, IN_WORDS, Permission, Role
from app.access.tokens import InvalidToken, TokenVerifier, Verified
from app.core.database.readers import Reader
from app.core.database.scopes import Scope
from app.core.database.sessions import Database
from app.core.idempotency import take_key
from app.core.problems import Forbidden, NotFound, Unauthenticated
from app.core.uploads import Upload, receive

log = get_logger()


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is calling, as their token says; that it still holds, the database checks."""

    subject: str
    organization: str
    org_kind: str
    role: Role
    scopes: str
    """Separated by spaces (RFC 6749, 3.3). A client may do nothing else; a person who signed in
    without any may do what their role may."""
    kid: str | None
    """The key of ours that signed the token; None for an outside issuer's."""
    sign_in: str | None
    """A person's, at our own pages."""
    within: frozenset[str] | None
    """How far the token goes; None for as far as the role."""

    @classmethod
    def of(cls, claims: Mapping[str, Any], kid: str | None) -> Self:
        role, scopes = Role(claims["role"]), claims.get("scope", "")
        narrowed = role is Role.CLIENT or scopes
        within = ALWAYS | frozenset(scopes.split()) if narrowed else None
        place = (claims["org"], claims["org_kind"])
        return cls(claims["sub"], *place, role, scopes, kid, claims.get("sid"), within)

    @property
    def actor(self) -> str:
        """As the audit trail names them; `enter_scope` says the same."""
        return f"{self.role}:{self.subject}"

    def may(self, permission: str) -> bool:
        return permission in GRANTS[self.role] and (
            self.within is None or permission in self.within
        )

    @property
    def permissions(self) -> list[str]:
        """What they may do, in alphabetical order."""
        return [str(permission) for permission in sorted(GRANTS[self.role]) if self.may(permission)]

    def scope(self, request_id: str) -> Scope:
        place = (self.subject, self.role, self.organization, self.scopes)
        who = (*place, self.kid, self.sign_in, request_id)
        of_academy = self.org_kind == "academy" and self.role not in (Role.LEARNER, Role.INSTRUCTOR)
        everything = self.role is Role.AUDITOR or of_academy
        return Scope("enter_scope", who, caller=self.role, sees_everything=everything)


@lru_cache(maxsize=10_000)
def _named(verified: Verified) -> Principal:
    """The verifier gives the same object again for a token that it knows."""
    return Principal.of(verified.claims, verified.kid)


async def _believed(state: State, token: str) -> Principal:
    """Whom a token of ours names, or of an outside issuer; ours come first, and wait for nobody."""
    verifier: TokenVerifier = state.keyring.verifier
    try:
        return _named(verifier.verify(token))
    except InvalidToken:
        issuers: Issuers = state.issuers
        if not issuers:
            raise
        return Principal.of(await issuers.admitted(token), None)


class Bearer(SecurityBase):
    """The access token of a request. A bad one is refused before any connection is taken."""

    def __init__(self) -> None:
        scopes = {str(permission): words for permission, words in IN_WORDS.items()}
        token = {"tokenUrl": "/oauth/token", "scopes": scopes}
        people = OAuthFlowAuthorizationCode(authorizationUrl="/oauth/authorize", **token)
        programs = OAuthFlowClientCredentials(**token)
        flows = OAuthFlows(authorizationCode=people, clientCredentials=programs)
        self.model = OAuth2(flows=flows)
        self.scheme_name = "oauth2"

    async def principal(self, request: Request, needed: SecurityScopes) -> Principal:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated
        try:
            who = await _believed(request.app.state, token)
        except (InvalidToken, KeyError, ValueError) as error:
            log.info("token_refused", reason=getattr(error, "reason", type(error).__name__))
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
        who = await self.principal(request, needed)
        database: Database = request.app.state.database
        return database.reader(who.scope(request.state.request_id))


class _Changing(Bearer):
    """One dependency and not two: each costs a request as much as checking its token."""

    async def __call__(
        self, request: Request, needed: SecurityScopes
    ) -> AsyncIterator[AsyncSession]:
        who = await self.principal(request, needed)
        database: Database = request.app.state.database
        async with database.session(who.scope(request.state.request_id)) as session:
            await take_key(session, request, who.organization)
            yield session


Keep = Callable[[Request, Upload], Awaitable[None]]


class _Uploading(_Changing):
    """To change by a file, which has come in whole before a connection is taken for it."""

    def __init__(self, expected: Mapping[str, str], keep: Keep | None) -> None:
        super().__init__()
        self._expected, self._keep = expected, keep

    async def __call__(
        self, request: Request, needed: SecurityScopes
    ) -> AsyncIterator[AsyncSession]:
        await self.principal(request, needed)
        upload = request.state.upload = await receive(request, self._expected)
        with upload.file:
            if self._keep is not None:
                await self._keep(request, upload)
            async with asynccontextmanager(super().__call__)(request, needed) as session:
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


def uploading(
    permission: Permission, expected: Mapping[str, str], keep: Keep | None = None
) -> params.Security:
    """As `changing`, with the body in `request.state.upload`: of one of these media types, or a
    form with a file that is; each has the ending of such a file's name.

    `keep` is what is done with the file before a transaction begins, because it takes long."""
    return params.Security(_Uploading(expected, keep), scopes=[permission], scope="function")


def organization_of(request: Request, given: UUID | None) -> UUID:
    """The organisation that a caller acts for: their own, or, for the Academy, any.

    Raises NotFound for one that is not theirs.
    """
    who: Principal = request.state.principal
    own = UUID(who.organization)
    if given in (None, own) or who.org_kind == "academy":
        return given or own
    raise NotFound
