"""What filters of comments mean, wherever there are some."""

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Boolean, Select, cast, select

from app.opinions.models import Said

S = TypeVar("S", bound=Said)


def comments_matching(
    kind: type[S], *, thread: UUID | None, unresolved: bool | None
) -> Select[tuple[S]]:
    """Answers to a comment; threads that somebody has resolved, or nobody has."""
    statement: Select[Any] = select(kind)
    if thread is not None:
        statement = statement.where(kind.thread_id == thread)
    if unresolved is not None:
        open_thread = kind.thread_id.is_(None) & kind.resolution.is_(None)
        statement = statement.where(open_thread == cast(unresolved, Boolean))
    return statement
