"""Which problem an exception is: the one place where errors of libraries become answers."""

from collections.abc import Iterator
from http import HTTPStatus

import asyncpg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as NoConnectionInTime
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.core.problems import (
    PROBLEMS,
    VIOLATIONS,
    InternalError,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    Outdated,
    Problem,
    Unauthenticated,
    Unavailable,
    answer,
    invalid,
)

_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InternalClientError,
    asyncpg.InsufficientResourcesError,
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,
    NoConnectionInTime,
    InterfaceError,
    ConnectionError,
    TimeoutError,
)


MOST_ERRORS = 100
"""More than anybody corrects at once: a megabyte of mistakes must not become ten of complaints."""


def unavailable(error: BaseException) -> bool:
    """Whether the database was lost, or too busy, rather than something being wrong."""
    return any(isinstance(cause, _LOST) or _disconnected(cause) for cause in _causes(error))


def given_up(error: BaseException) -> bool:
    """Whether PostgreSQL has given a statement up, as it would the next time."""
    return any(isinstance(cause, asyncpg.QueryCanceledError) for cause in _causes(error))


def _disconnected(error: BaseException) -> bool:
    return isinstance(error, DBAPIError) and error.connection_invalidated


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what is behind it; SQLAlchemy keeps the driver's own as `orig`."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        cause = waiting.pop()
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [cause.__cause__, getattr(cause, "orig", None)]
        waiting += [getattr(cause, "driver_exception", None)]
        if isinstance(cause, BaseExceptionGroup):
            waiting += cause.exceptions


def problem_of(error: BaseException) -> Problem | None:
    """The problem that an exception is; None for what is our own mistake."""
    match error:
        case Problem():
            return error
        case RequestValidationError():
            return InvalidRequest(errors=list(error.errors()[:MOST_ERRORS]))
        case StaleDataError():
            return Outdated()
        case HTTPException():
            return _of_status(error)
    if unavailable(error):
        return Unavailable()
    refusals = (cause for cause in _causes(error) if isinstance(cause, asyncpg.PostgresError))
    return next(map(_of_database, refusals), None)


def _of_database(error: asyncpg.PostgresError) -> Problem | None:
    constraint = getattr(error, "constraint_name", None) or ""
    if kind := VIOLATIONS.get(constraint):
        return kind()
    if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):
        return Unauthenticated()
    if isinstance(error, asyncpg.InsufficientPrivilegeError):
        return NotFound()  # a row policy: what one may not see does not exist
    if constraint.endswith("_organization_id_fkey"):
        return NotFound()  # whose row it should be: a tenant that does not exist
    if isinstance(error, asyncpg.DataError):
        return invalid("out_of_range", "A value is outside what can be stored.", "body")
    return None


def _of_status(error: HTTPException) -> Problem:
    kinds: dict[int, type[Problem]] = {404: NotFound, 405: MethodNotAllowed, 401: Unauthenticated}
    slug = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
    problem = kinds.get(error.status_code, PROBLEMS.get(slug, InternalError))()
    problem.headers = {**problem.headers, **(error.headers or {})}
    return problem


def handle_failures(app: FastAPI) -> None:
    """Inside the application; what escapes from here, the edge answers."""

    async def refuse(request: Request, error: Exception) -> Response:
        problem = problem_of(error)
        if problem is None:
            raise error
        return answer(problem, request.scope)

    for kind in (
        Problem,
        RequestValidationError,
        HTTPException,
        StaleDataError,
        DBAPIError,
        NoConnectionInTime,
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        OSError,
    ):
        app.add_exception_handler(kind, refuse)
