from typing import Annotated

from fastapi import Request, Response

from app.access.caller import reading
from app.access.permissions import Permission
from app.core import routing
from app.core.database.readers import Reader
from app.core.pages import parameters_of
from app.core.problems import problems
from app.events import queries
from app.events.problems import ChangesForgotten
from app.events.schemas import ChangeQuery, Changes

router = routing.router("changes")


@router.get(
    "/changes",
    response_model=Changes,
    responses=problems(ChangesForgotten),
    openapi_extra=parameters_of(ChangeQuery),
)
async def list_changes(
    reader: Annotated[Reader, reading(Permission.CHANGES_READ)], request: Request
) -> Response:
    """Follow what changes.

    In an order to which nothing is ever added but at its end: ask again with `next` as `since`, and
    you miss nothing. The same change may come twice; its `id` tells. To begin, get a cursor with
    `since=now` first, then read everything once, then go on from that cursor. Changes are kept for
    months; an older cursor is refused, and you begin again in the same way.
    """
    return await queries.feed(reader, request, ChangeQuery.of(request))
