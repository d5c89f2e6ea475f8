"""Routers and routes of the API: FastAPI's, with the way to a read made short.

For each request FastAPI looks anew at what a route asks for, which costs a read more than the
database does. A read asks for little, and that is known when its route is declared.
"""

from inspect import iscoroutinefunction, signature
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.security import SecurityScopes
from fastapi.security.base import SecurityBase
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.idempotency import PostOnce


def router(tag: str, prefix: str = "/v1") -> APIRouter:
    """Takes the operations of one domain. `main` adds its routes to the application."""
    return APIRouter(
        prefix=prefix,
        tags=[tag],
        route_class=ServiceRoute,
        generate_unique_id_function=lambda route: route.name,
    )


class ServiceRoute(PostOnce):
    """A route whose POST is done once, and whose read is short."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.methods == {"GET"} and _is_plain(self.dependant):
            self.app = _short(self.dependant)


def _is_plain(dependant: Dependant) -> bool:
    """Whether it asks for a permission, the request and parts of its path at most, and gives a
    finished response."""
    asks_more = (
        dependant.query_params
        or dependant.header_params
        or dependant.cookie_params
        or dependant.body_params
        or dependant.response_param_name
        or dependant.background_tasks_param_name
        or dependant.security_scopes_param_name
        or dependant.http_connection_param_name
    )
    return (
        not asks_more
        and dependant.call is not None
        and signature(dependant.call).return_annotation is Response
        and all(map(_is_permission, dependant.dependencies))
    )


def _is_permission(dependency: Dependant) -> bool:
    """Whether it takes the request and the scopes needed, and gives a parameter."""
    return (
        isinstance(dependency.call, SecurityBase)
        and iscoroutinefunction(type(dependency.call).__call__)
        and dependency.name is not None
        and dependency.request_param_name is not None
        and dependency.security_scopes_param_name is not None
        and not dependency.dependencies
    )


def _short(dependant: Dependant) -> ASGIApp:
    """What FastAPI would do: permissions first, then the path, then the operation. What is raised,
    Starlette's outer ExceptionMiddleware answers."""
    operation: Any = dependant.call
    permissions: Any = [
        (each.name, each.call, SecurityScopes(each.own_oauth_scopes))
        for each in dependant.dependencies
    ]

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        given: dict[str, Any] = {}
        for name, enter, scopes in permissions:
            given[name] = await enter(request, scopes)
        for field in dependant.path_params:
            loc = ("path", field.alias)
            given[field.name], errors = field.validate(scope["path_params"][field.alias], loc=loc)
            if errors:
                raise RequestValidationError(errors)
        if dependant.request_param_name is not None:
            given[dependant.request_param_name] = request
        response: Response = await operation(**given)
        await response(scope, receive, send)

    return answer
