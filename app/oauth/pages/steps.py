"""Which page comes next on the way through signing in."""

from typing import Any

from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.permissions import GRANTS, IN_WORDS, Permission, Role
from app.accounts import second_factors
from app.accounts.passwords import ALONE, WITH_A_CODE
from app.core.languages import Language, vietnamese
from app.oauth import people
from app.oauth.pages.flow import Flow, remember_device
from app.oauth.pages.rendering import page
from app.oauth.people import Account, Place

ROLES = {
    Role.ACADEMY_ADMIN: "Administrator of the Academy",
    Role.ACADEMY_STAFF: "Training staff of the Academy",
    Role.AUDITOR: "Auditor",
    Role.INSTRUCTOR: "Instructor",
    Role.COORDINATOR: "Coordinator",
    Role.VIEWER: "Viewer",
    Role.LEARNER: "Learner",
}
"""As the pages name them."""
TOO_SOON = "Too many attempts. Wait {seconds} seconds, then try again."


def sign_in_page(
    request: Request, flow: Flow, status: int = 200, problem: str | None = None, **facts: object
) -> Response:
    """`problem` is a text that the page says, with its facts."""
    shown = page(
        "sign_in.html",
        flow.language,
        status,
        flow=flow.sealed(request.app.state.seals.flows),
        client=flow.asked.client if flow.asked else None,
        languages=_languages(request, flow),
        problem=problem,
        facts=facts,
        email=facts.get("email", ""),
    )
    flow.remember(shown, request.app.state.settings)
    return shown


def _languages(request: Request, flow: Flow) -> list[tuple[Language, str, str]]:
    """The same page in each language; a form that was sent cannot be asked for again."""
    if request.method != "GET":
        return []
    names: tuple[tuple[Language, str], ...] = (("vi", "Tiếng Việt"), ("en", "English"))
    return [
        (language, name, f"?{request.url.include_query_params(ui_locales=language).query}")
        for language, name in names
        if language != flow.language
    ]


async def after_password(
    request: Request, session: AsyncSession, flow: Flow, account: Account
) -> Response:
    """The second factor, if there is one or must be; else what comes last."""
    flow.user_id, flow.password_set_at = account.id, account.password_set_at
    if account.has_second_factor:
        return code_page(request, flow)
    places = await people.places_of(session, account.id)
    if people.must_show_a_code(request.app.state.settings, [place.role for place in places]):
        return authenticator_page(request, flow, account)
    return await last(request, session, flow, account)


def code_page(
    request: Request, flow: Flow, status: int = 200, problem: str | None = None, **facts: object
) -> Response:
    sealed = flow.sealed(request.app.state.seals.flows)
    return page("code.html", flow.language, status, flow=sealed, problem=problem, facts=facts)


def authenticator_page(
    request: Request,
    flow: Flow,
    account: Account,
    status: int = 200,
    problem: str | None = None,
) -> Response:
    offer = second_factors.offer(account.email, flow.offered)
    flow.offered = offer.secret
    return page(
        "authenticator.html",
        flow.language,
        status,
        flow=flow.sealed(request.app.state.seals.flows),
        offer=offer,
        problem=problem,
        facts={},
    )


async def last(request: Request, session: AsyncSession, flow: Flow, account: Account) -> Response:
    """Everything is proven: approve what was asked for, or see to the own account."""
    flow.proven = True
    if flow.asked is None:
        shown = account_page(request, flow, account)
    else:
        shown = await _consent_page(request, session, flow, account)
    remember_device(shown, request, account.email)
    return shown


def account_page(
    request: Request,
    flow: Flow,
    account: Account,
    status: int = 200,
    problem: str | None = None,
    done: str | None = None,
    **facts: object,
) -> Response:
    sealed, shortest = flow.sealed(request.app.state.seals.flows), shortest_password(account)
    facts["shortest"] = shortest
    told: dict[str, Any] = {"problem": problem, "done": done, "facts": facts, "account": account}
    return page("account.html", flow.language, status, flow=sealed, shortest=shortest, **told)


def later(shown: Response, seconds: int) -> Response:
    """Programs read from a header what the page tells people."""
    shown.headers["Retry-After"] = str(seconds)
    return shown


def shortest_password(account: Account) -> int:
    """Characters: fewer will do where a code is shown too."""
    return WITH_A_CODE if account.has_second_factor else ALONE


async def _consent_page(
    request: Request, session: AsyncSession, flow: Flow, account: Account
) -> Response:
    assert flow.asked is not None  # noqa: S101 -- that is how one comes here
    places = await people.places_of(session, account.id, flow.asked.within)
    if not places:
        why = "no_place" if flow.asked.within is None else "no_place_there"
        return page("message.html", flow.language, 403, message=why, link=None)
    may = {permission for place in places for permission in GRANTS[place.role]}
    scopes = [Permission(scope) for scope in flow.asked.scope.split() if scope in may]
    return page(
        "consent.html",
        flow.language,
        flow=flow.sealed(request.app.state.seals.flows),
        client=flow.asked.client,
        account=account,
        places=[(place.id, ROLES[place.role], place.names[flow.language]) for place in places],
        scopes=[in_words(scope, flow.language) for scope in scopes],
        sent_to=flow.asked.redirect_uri,
    )


def granted(asked: str, place: Place) -> str | None:
    """Of the scopes asked for, those of the role; empty for all of them, None for nothing."""
    if not asked:
        return ""
    common = GRANTS[place.role] & set(asked.split())
    return " ".join(sorted(common)) or None


def in_words(permission: Permission, language: Language) -> str:
    words = IN_WORDS[permission]
    return str(vietnamese()["scopes"].get(permission, words)) if language == "vi" else words
