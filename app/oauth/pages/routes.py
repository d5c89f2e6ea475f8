"""The pages on which people sign in, and approve what a program asks for."""

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import update

from app.accounts import second_factors
from app.accounts.models import Password
from app.core.http.rates import Policy, source
from app.core.problems import TooManyRequests
from app.oauth import delays, grants, people
from app.oauth.authorizing import WrongAddress, WrongRequest, answer, asked
from app.oauth.pages import account, routing, steps
from app.oauth.pages.flow import Flow, Lost, is_known_device
from app.oauth.pages.forms import books, fields, language_of, proven, somebody, text_of
from app.oauth.pages.rendering import page, styles

router = routing.router()
router.routes.extend(account.router.routes)

WRONG = "The e-mail address or the password is not right."
WRONG_CODE = "The code is not right, or was used before. Take the one shown now."


@router.get("/oauth/authorize")
async def authorize(request: Request) -> Response:
    """Where programs send people (RFC 6749, 4.1.1)."""
    state, language = request.app.state, language_of(request)
    try:
        wanted = await asked(state.database, state.settings, request.query_params.multi_items())
    except WrongAddress:
        return page("message.html", language, 400, message="wrong_address", link=None)
    except WrongRequest as wrong:
        facts = {"error": wrong.error, "error_description": wrong.description}
        to = answer(state.settings, wrong.redirect_uri, wrong.state, **facts)
        return RedirectResponse(to, 303)
    return steps.sign_in_page(request, Flow.begun(request, wanted, language))


@router.post("/oauth/sign-in")
async def sign_in(request: Request) -> Response:
    form, state = await fields(request), request.app.state
    flow = Flow.opened(request, text_of(form, "flow"))
    email, password = text_of(form, "email").strip(), text_of(form, "password")
    try:
        await state.rates.take(request, Policy.SIGN_IN, source(request))
    except TooManyRequests as refusal:
        return _too_soon(request, flow, int(str(refusal.facts["seconds"])), email)
    async with state.passwords.door():
        return await _signed_in(request, flow, email, password)


async def _signed_in(request: Request, flow: Flow, email: str, password: str) -> Response:
    state = request.app.state
    async with books(request) as session:
        found = await people.by_email(session, email)
        # By the address on record: others are taken for it, as PostgreSQL compares them.
        account = found.email if found else email
        known_device = is_known_device(request, account)
        counters = delays.of_account(account, source(request), known_device=known_device)
        wait = await delays.count(session, counters)
    if wait:
        return _too_soon(request, flow, wait, email)
    right = await state.passwords.matches(found.password_hash if found else None, password)
    if found is None or not right:
        # Whether there is such an account, neither the answer tells nor the time that it takes.
        whose, why = (found.id, "wrong password") if found else (None, "unknown account")
        async with books(request) as session:
            await people.note(session, "refuse", "passwords", whose, why)
        return steps.sign_in_page(request, flow, 403, WRONG, email=email)
    fresh = None
    if found.password_hash and state.passwords.is_outdated(found.password_hash):
        fresh = await state.passwords.hash(password)
    async with books(request, found.id) as session:
        await delays.forget(session, counters)
        if fresh is not None:
            same = (Password.user_id == found.id, Password.hash == found.password_hash)
            await session.execute(update(Password).where(*same).values(hash=fresh))
        return await steps.after_password(request, session, flow, found)


def _too_soon(request: Request, flow: Flow, seconds: int, email: str) -> Response:
    shown = steps.sign_in_page(request, flow, 429, steps.TOO_SOON, seconds=seconds, email=email)
    return steps.later(shown, seconds)


@router.post("/oauth/code")
async def show_code(request: Request) -> Response:
    """The second factor, or a recovery code."""
    form, seal = await fields(request), request.app.state.seals.secrets
    flow = Flow.opened(request, text_of(form, "flow"))
    counters = delays.of_codes(flow.user_id)
    async with books(request, flow.user_id) as session:
        account = await somebody(session, flow)
        if wait := await delays.count(session, counters):
            shown = steps.code_page(request, flow, 429, steps.TOO_SOON, seconds=wait)
            return steps.later(shown, wait)
    async with books(request, flow.user_id) as session:
        factor = await second_factors.active(session, account.id)
        if factor is None:
            raise Lost
        if not await second_factors.takes(session, seal, factor, text_of(form, "code")):
            await people.note(session, "refuse", "second_factors", account.id, "wrong code")
            return steps.code_page(request, flow, 403, WRONG_CODE)
        await delays.forget(session, counters)
        flow.method = "password_and_code"
        return await steps.last(request, session, flow, account)


@router.post("/oauth/consent")
async def consent(request: Request) -> Response:
    """Sends the browser back to the program, with a code or with a refusal."""
    form, settings = await fields(request), request.app.state.settings
    flow = Flow.opened(request, text_of(form, "flow"))
    async with books(request, flow.user_id) as session:
        account = await proven(session, flow)
        if flow.asked is None:
            raise Lost
        places = await people.places_of(session, account.id, flow.asked.within)
        chosen = next((p for p in places if str(p.id) == text_of(form, "membership")), None)
        scope = steps.granted(flow.asked.scope, chosen) if chosen else None
        if text_of(form, "decision") != "allow" or chosen is None or scope is None:
            refusal = {"error": "access_denied", "error_description": "It was not allowed."}
            return RedirectResponse(flow.asked.answer(settings, **refusal), 303)
        code = await grants.new_code(
            session,
            membership_id=chosen.id,
            client=flow.asked.client,
            redirect_uri=flow.asked.redirect_uri,
            challenge=flow.asked.challenge,
            scope=scope,
            method=flow.method,
            password_set_at=account.password_set_at,
            source=request.client.host if request.client else None,
            user_agent=request.headers.get("user-agent", "")[:300] or None,
        )
        return RedirectResponse(flow.asked.answer(settings, code=code), 303)


@router.get("/oauth/pages.css")
async def read_styles() -> Response:
    # The pages name a digest in the address, so what is kept never grows stale.
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(styles(), headers=headers, media_type="text/css")


async def lost(request: Request, _error: Exception) -> Response:
    """The form is too old, or came from elsewhere."""
    return page("message.html", language_of(request), 400, message="lost", link=None)


for path in (
    *("/oauth/sign-in", "/oauth/code", "/oauth/consent", "/oauth/authenticator"),
    *("/oauth/continue", "/oauth/account/password", "/oauth/account/authenticator"),
):
    router.add_api_route(path, routing.begin_again, methods=["GET"])
