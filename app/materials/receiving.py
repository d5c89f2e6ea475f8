"""A file that is sent: what it is, whether it is taken, and into the store with it.

All before a transaction begins, for it takes its time.
"""

import asyncio
from pathlib import PurePath
from typing import NamedTuple
from uuid import UUID, uuid4

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool

from app.access.caller import Principal
from app.core.database.sessions import Database
from app.core.database.writes import get_or_404
from app.core.problems import InvalidRequest
from app.core.uploads import Upload
from app.materials.files import reading
from app.materials.files.kinds import ENDINGS, TEXT
from app.materials.files.texts import has_words
from app.materials.models import Material
from app.materials.problems import FileContentIsAnotherType
from app.materials.schemas import FileQuery
from app.materials.storing import Store
from app.materials.vocabulary import FileName, name_not_allowed

_NAME = TypeAdapter(FileName)
_AT_ONCE = asyncio.Semaphore(4)
"""Of so many files the kind is told, whoever sends them; others wait, for that takes memory and
computing."""


class Received(NamedTuple):
    """What a row says of a file that is in the store."""

    file_name: str
    media_type: str
    bytes: int
    sha256: str
    storage_key: str
    scan: str
    extraction: str


async def receive(request: Request, upload: Upload) -> None:
    """Leaves a Received in `request.state.received`. Raises a Problem.

    That the material may be changed is asked first, so that nobody fills the store of others.
    """
    given = FileQuery.of(request).file_name
    try:
        material_id = UUID(request.path_params["material_id"])
    except ValueError:
        return  # of which the route tells
    name = _name(upload, given)
    await _may_be_changed(request, material_id)
    async with _AT_ONCE:
        content = await run_in_threadpool(reading.kind_of, upload.file)
    media_type = _agreed(upload.media_type, content)
    key = f"{material_id}/{uuid4()}"
    store: Store = request.app.state.materials
    await store.put(key, upload.file)
    scanned = request.app.state.settings.clamd_url is not None
    request.state.received = Received(
        name,
        media_type,
        upload.size,
        upload.digest.hex(),
        key,
        "scanning" if scanned else "not_scanned",
        "waiting" if has_words(media_type) else "none",
    )


def _name(upload: Upload, given: str | None) -> str:
    """Ends as such files do, or systems would take it for something else."""
    place = ("query", "file_name") if given is not None or upload.name is None else ("body", "file")
    try:
        name = _NAME.validate_python(upload.name if given is None else given)
    except ValidationError as error:
        wrong = [{**each, "loc": place} for each in error.errors()]
        raise RequestValidationError(wrong) from None
    if PurePath(name).suffix.lower() not in ENDINGS[upload.media_type]:
        refused = name_not_allowed()
        wrong = [{"loc": place, "type": refused.type, "msg": refused.message()}]
        raise InvalidRequest(errors=wrong)
    return name


async def _may_be_changed(request: Request, material_id: UUID) -> None:
    principal: Principal = request.state.principal
    database: Database = request.app.state.database
    async with database.session(principal.scope(request.state.request_id)) as session:
        await get_or_404(session, Material, material_id)


def _agreed(declared: str, content: str) -> str:
    """What text is written in, its sender knows best."""
    if content == declared or (content == TEXT and declared.startswith("text/")):
        return declared
    raise FileContentIsAnotherType(found=content)
