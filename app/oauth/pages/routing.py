"""Routes of pages: what the API refuses as a problem, people are told on a page."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute

from app.core.problems import Problem
from app.oauth.pages.forms import language_of
from app.oauth.pages.rendering import page


class PageRoute(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await handle(request)
            except Problem as problem:
                language = language_of(request)
                heading, detail = problem.template(language)
                detail = detail.format(**problem.facts)
                told = {"heading": heading, "detail": detail}
                shown = page("refusal.html", language, problem.status, sent_to=None, **told)
                shown.headers.update(problem.headers)
                return shown

        return told


def router() -> APIRouter:
    return APIRouter(include_in_schema=False, route_class=PageRoute)


async def begin_again(_request: Request) -> Response:
    """For who asks for the address that a form was sent to."""
    return RedirectResponse("/oauth/account", 303)
