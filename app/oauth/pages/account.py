"""The pages on which people see to their own account: password, authenticator, recovery codes."""

import asyncio
from typing import Any

from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from app.accounts import invitations, second_factors, sign_ins
from app.accounts.passwords import wrong_with
from app.core.schemas import today
from app.oauth import delays, people
from app.oauth.pages import routing, steps
from app.oauth.pages.flow import Flow
from app.oauth.pages.forms import books, fields, language_of, proven, somebody, text_of
from app.oauth.pages.rendering import page
from app.oauth.people import Account

router = routing.router()

WRONG_WITH = {
    "too_short": "The password is too short: use at least {shortest} characters.",
    "too_long": "The password is too long: use at most 256 characters.",
    "too_easy": "The password is too easy to guess. Take several words that have nothing to do"
    " with you or with your work.",
    "not_the_same": "The two passwords are not the same.",
}
CHANGED = "The password is changed. Everybody who was signed in with the former one is signed out."
WRONG_CODE = "The code is not right. Take the one shown now."
WRONG_PASSWORD = "The current password is not right."  # noqa: S105 -- a text


@router.get("/oauth/account")
async def read_account(request: Request) -> Response:
    """To change one's password or authenticator, one signs in as for anything else."""
    return steps.sign_in_page(request, Flow.begun(request, None, language_of(request)))


@router.get("/oauth/invitations/{token}")
async def read_invitation(request: Request, token: str) -> Response:
    """Looking uses nothing up: mail programs look at links before people do."""
    async with books(request) as session:
        account = await _invited(session, token)
    return _used(request) if account is None else _invitation_page(request, token, account)


@router.post("/oauth/invitations/{token}")
async def accept_invitation(request: Request, token: str) -> Response:
    """The link itself proves who sends the form."""
    form = await fields(request)
    async with books(request) as session:
        account = await _invited(session, token)
    if account is None:
        return _used(request)
    if wrong := await _wrong_with(form, account):
        return _invitation_page(request, token, account, wrong)
    fresh = await request.app.state.passwords.hash(text_of(form, "password"))
    async with books(request, account.id) as session:
        if not await invitations.use(session, token):
            return _used(request)
        await sign_ins.set_password(session, account.id, fresh)
    return page("message.html", language_of(request), message="welcome", link="/oauth/account")


@router.post("/oauth/account/password")
async def change_password(request: Request) -> Response:
    form, state = await fields(request), request.app.state
    flow = Flow.opened(request, text_of(form, "flow"))
    counters = delays.of_codes(flow.user_id)
    async with books(request, flow.user_id) as session:
        account = await proven(session, flow)
        wait = await delays.count(session, counters)
    present = text_of(form, "present")
    if wait:
        shown = steps.account_page(request, flow, account, 429, steps.TOO_SOON, seconds=wait)
        return steps.later(shown, wait)
    if not await state.passwords.matches(account.password_hash, present):
        async with books(request, account.id) as session:
            await people.note(session, "refuse", "passwords", account.id, "wrong password")
        return steps.account_page(request, flow, account, 403, WRONG_PASSWORD)
    async with books(request, account.id) as session:
        await delays.forget(session, counters)
    if wrong := await _wrong_with(form, account):
        return steps.account_page(request, flow, account, 422, wrong)
    fresh = await state.passwords.hash(text_of(form, "password"))
    async with books(request, account.id) as session:
        await sign_ins.lock_password(session, account.id)
        await proven(session, flow)  # as a moment ago
        await sign_ins.set_password(session, account.id, fresh)
        account = await people.by_id(session, account.id) or account
    flow.password_set_at = account.password_set_at
    return steps.account_page(request, flow, account, done=CHANGED)


@router.post("/oauth/account/authenticator")
async def offer_authenticator(request: Request) -> Response:
    form = await fields(request)
    flow = Flow.opened(request, text_of(form, "flow"))
    async with books(request, flow.user_id) as session:
        return steps.authenticator_page(request, flow, await proven(session, flow))


@router.post("/oauth/authenticator")
async def add_authenticator(request: Request) -> Response:
    """The first code shows that the authenticator has the secret."""
    form, seals = await fields(request), request.app.state.seals
    flow = Flow.opened(request, text_of(form, "flow"))
    async with books(request, flow.user_id) as session:
        account = await somebody(session, flow)
        if flow.offered is None or (account.has_second_factor and flow.method == "password"):
            return steps.code_page(request, flow)
        step = second_factors.step_of(flow.offered, text_of(form, "code"))
        if step is None:
            return steps.authenticator_page(request, flow, account, 403, WRONG_CODE)
        codes = await second_factors.add(session, seals.secrets, account.id, flow.offered, step)
        done = "update" if account.has_second_factor else "insert"
        await people.note(session, done, "second_factors", account.id)
        flow.offered, flow.proven, flow.method = None, True, "password_and_code"
    sealed = flow.sealed(seals.flows)
    return page(
        "recovery_codes.html",
        flow.language,
        flow=sealed,
        codes=codes,
        email=account.email,
        day=today(),
    )


@router.post("/oauth/continue")
async def go_on(request: Request) -> Response:
    """From the recovery codes to what comes last."""
    form = await fields(request)
    flow = Flow.opened(request, text_of(form, "flow"))
    async with books(request, flow.user_id) as session:
        return await steps.last(request, session, flow, await proven(session, flow))


async def _invited(session: AsyncSession, token: str) -> Account | None:
    user_id = await invitations.invited(session, token)
    return await people.by_id(session, user_id) if user_id else None


def _used(request: Request) -> Response:
    return page("message.html", language_of(request), 410, message="used", link="/oauth/account")


def _invitation_page(
    request: Request, token: str, account: Account, wrong: str | None = None
) -> Response:
    facts: dict[str, Any] = {"shortest": steps.shortest_password(account)}
    told: dict[str, Any] = {
        "token": token,
        "email": account.email,
        "problem": wrong,
        "facts": facts,
    }
    return page("invitation.html", language_of(request), 422 if wrong else 200, **told, **facts)


async def _wrong_with(form: FormData, account: Account) -> str | None:
    """What the page says is wrong with the new password; None when nothing is."""
    password = text_of(form, "password")
    if password != text_of(form, "again"):
        return WRONG_WITH["not_the_same"]
    shortest, about = steps.shortest_password(account), (account.name, account.email)
    found = await asyncio.to_thread(wrong_with, password, shortest, about)
    return None if found is None else WRONG_WITH[found]
