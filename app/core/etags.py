"""Optimistic concurrency: an ETag is a row's version, and changing a row takes If-Match."""

from typing import Annotated, TypeVar

from fastapi import Depends, Header, Response

from app.core.database.models import Entity
from app.core.problems import Outdated, VersionRequired

E = TypeVar("E", bound=Entity)


def tagged(response: Response, entity: E) -> E:
    """The entity, its version told as the response's ETag."""
    response.headers["ETag"] = f'"{entity.version}"'
    return entity


class Expectation:
    """The version a client believes it is changing."""

    def __init__(self, etag: str) -> None:
        self.etag = etag

    def check(self, entity: Entity) -> None:
        """Raises Outdated when somebody changed it meanwhile. If-Match never matches a weak tag
        (RFC 9110, 13.1.1); `*` says that any version will do. A shell eats quotes, so a version
        without them is one too."""
        given = {tag.strip() for tag in self.etag.split(",")}
        if given.isdisjoint(("*", f'"{entity.version}"', str(entity.version))):
            raise Outdated


async def expectation(
    if_match: Annotated[
        str | None,
        Header(max_length=200, include_in_schema=False),  # openapi.py tells of it, as required
    ] = None,
) -> Expectation:
    if if_match is None:
        raise VersionRequired
    return Expectation(if_match)


IfMatch = Annotated[Expectation, Depends(expectation)]
