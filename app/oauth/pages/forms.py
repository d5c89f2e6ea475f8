"""What our pages' forms send."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from app.core.database.scopes import service
from app.core.database.sessions import Database
from app.core.languages import Language, preferred
from app.oauth import people
from app.oauth.pages.flow import Flow, Lost
from app.oauth.people import Account


async def fields(request: Request) -> FormData:
    """Their texts; what was left out is read as empty."""
    return await request.form(max_files=0, max_fields=20)


def text_of(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def language_of(request: Request) -> Language:
    """As the address says (`ui_locales`, OpenID Connect Core 3.1.2.1), or the browser."""
    wanted = request.query_params.get("ui_locales", "").split()
    named = next((tag[:2].lower() for tag in wanted if tag[:2].lower() in ("vi", "en")), None)
    return preferred(named or request.headers.get("accept-language"))


@asynccontextmanager
async def books(request: Request, user_id: object = None) -> AsyncIterator[AsyncSession]:
    """A transaction of the service itself; the audit names whose sign-in it is about."""
    database: Database = request.app.state.database
    actor = "sign-in" if user_id is None else f"user:{user_id}"
    async with database.session(service(actor, request.state.request_id)) as session:
        yield session


async def somebody(session: AsyncSession, flow: Flow) -> Account:
    """Who has shown their password. Raises Lost when they were disabled or signed out meanwhile,
    or have another password."""
    account = None if flow.user_id is None else await people.by_id(session, flow.user_id)
    if account is None or account.password_set_at != flow.password_set_at:
        raise Lost
    if account.signed_out_at is not None and account.signed_out_at.timestamp() > flow.began:
        raise Lost
    return account


async def proven(session: AsyncSession, flow: Flow) -> Account:
    """Who has shown everything. Raises Lost."""
    account = await somebody(session, flow)
    lacks_a_code = account.has_second_factor and flow.method == "password"
    if lacks_a_code or not flow.proven:
        raise Lost
    return account
