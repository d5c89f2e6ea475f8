"""Materials, their versions, and the files of these."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.caller import changing, reading, uploading
from app.access.permissions import Permission
from app.core import examples, routing
from app.core.database.readers import Reader
from app.core.database.writes import get_or_404
from app.core.etags import IfMatch, tagged
from app.core.files.problems import FileLocked, FileUnreadable
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import page_of, parameters_of
from app.core.problems import NotFound, Outdated, VersionRequired, problems
from app.materials import giving, queries, receiving, service
from app.materials.files.kinds import TEXT
from app.materials.models import Material, MaterialVersion
from app.materials.problems import (
    DocumentTooLarge,
    DocumentUnsafe,
    FileContentIsAnotherType,
    FileInfected,
    FileNotScannedYet,
    FileWithoutContent,
    MaterialIsALink,
    RangeNotSatisfiable,
)
from app.materials.receiving import Received
from app.materials.schemas import (
    FileQuery,
    LinkIn,
    MaterialCreate,
    MaterialIn,
    MaterialOut,
    MaterialQuery,
    MaterialVersionOut,
    MaterialVersionQuery,
)
from app.materials.vocabulary import MEDIA_TYPES

router = routing.router("materials")

Reading = Annotated[Reader, reading(Permission.MATERIALS_READ)]
Changing = Annotated[AsyncSession, changing(Permission.MATERIALS_WRITE)]
Sending = Annotated[
    AsyncSession, uploading(Permission.MATERIALS_WRITE, MEDIA_TYPES, keep=receiving.receive)
]
MaterialId = Annotated[UUID, Path(description="The material's id", examples=[examples.MATERIAL])]
VersionId = Annotated[
    UUID, Path(description="The version's id", examples=[examples.MATERIAL_VERSION])
]

_BINARY = {"type": "string", "contentMediaType": "application/octet-stream"}
_FILE: dict[str, Any] = {"type": "object", "properties": {"file": _BINARY}, "required": ["file"]}
_SENT = parameters_of(FileQuery) | {
    "requestBody": {
        "required": True,
        "content": {
            TEXT: {"schema": {"type": "string"}, "example": "Lễ tân đối ngoại: những điều cần nhớ"},
            **{kind: {"schema": _BINARY} for kind in MEDIA_TYPES if kind != TEXT},
            "multipart/form-data": {"schema": _FILE},
        },
    }
}
_RANGE = {
    "name": "Range",
    "in": "header",
    "required": False,
    "description": "One range of bytes, such as `bytes=0-1023`",
    "schema": {"type": "string"},
}
_CONTENT = {"*/*": {"schema": _BINARY}}
_GIVEN: dict[int | str, dict[str, Any]] = {
    200: {"content": _CONTENT},
    206: {"description": "The range that was asked for", "content": _CONTENT},
}


@router.get("/materials", **page_of(MaterialOut, MaterialQuery))
async def list_materials(reader: Reading, request: Request) -> Response:
    """List and search materials.

    Your own, and those of others that are shown to you. With `q` they are searched, files and all,
    and `snippet` shows where the words stand.
    """
    return await queries.materials.page(reader, request, MaterialQuery.of(request))


@router.post(
    "/materials",
    status_code=201,
    response_model=MaterialOut,
    responses=problems(NotFound, IdempotencyKeyReused),
)
async def create_material(session: Changing, data: MaterialCreate, response: Response) -> Material:
    """Add a material.

    What it is called and who reads it. Its file, or its address elsewhere, is added as a version.
    """
    return tagged(response, await service.create_material(session, data))


@router.get("/materials/{material_id}", response_model=MaterialOut, responses=problems(NotFound))
async def get_material(reader: Reading, request: Request, material_id: MaterialId) -> Response:
    """Read a material."""
    return await queries.materials.row(reader, request, material_id)


@router.put(
    "/materials/{material_id}",
    response_model=MaterialOut,
    responses=problems(NotFound, Outdated, VersionRequired),
)
async def replace_material(
    session: Changing,
    material_id: MaterialId,
    expected: IfMatch,
    data: MaterialIn,
    response: Response,
) -> Material:
    """Replace what a material is called, and who reads it.

    All its versions go with it.
    """
    material = await get_or_404(session, Material, material_id)
    expected.check(material)
    return tagged(response, await service.replace_material(session, material, data))


@router.post(
    "/materials/{material_id}/files",
    status_code=201,
    response_model=MaterialVersionOut,
    openapi_extra=_SENT,
    responses=problems(
        NotFound,
        FileContentIsAnotherType,
        FileWithoutContent,
        FileLocked,
        FileUnreadable,
        DocumentUnsafe,
        DocumentTooLarge,
        IdempotencyKeyReused,
    ),
)
async def add_material_file(
    session: Sending, request: Request, material_id: MaterialId, response: Response
) -> MaterialVersion:
    """Add a file as the next version of a material.

    As the body, or in a form. The content must be what the media type says; text is UTF-8. The
    versions before stay as they are, and what refers to them keeps them. Where there is an
    antivirus, nobody gets the file before it was looked at. The words in it are found by searches a
    little later.
    """
    material = await get_or_404(session, Material, material_id)
    received: Received = request.state.received
    said = received._asdict()
    return tagged(response, await service.add_version(session, material, kind="file", **said))


@router.post(
    "/materials/{material_id}/links",
    status_code=201,
    response_model=MaterialVersionOut,
    responses=problems(NotFound, IdempotencyKeyReused),
)
async def add_material_link(
    session: Changing, material_id: MaterialId, data: LinkIn, response: Response
) -> MaterialVersion:
    """Add an address elsewhere as the next version of a material.

    Nobody looks at what is there, nor whether it stays.
    """
    material = await get_or_404(session, Material, material_id)
    version = await service.add_version(session, material, kind="link", url=data.url)
    return tagged(response, version)


@router.get("/material-versions", **page_of(MaterialVersionOut, MaterialVersionQuery))
async def list_material_versions(reader: Reading, request: Request) -> Response:
    """List versions of materials.

    The newest first.
    """
    return await queries.versions.page(reader, request, MaterialVersionQuery.of(request))


@router.get(
    "/material-versions/{material_version_id}",
    response_model=MaterialVersionOut,
    responses=problems(NotFound),
)
async def get_material_version(
    reader: Reading, request: Request, material_version_id: VersionId
) -> Response:
    """Read a version of a material.

    What it is, not its content; and what the antivirus says of it.
    """
    return await queries.versions.row(reader, request, material_version_id)


@router.get(
    "/material-versions/{material_version_id}/file",
    response_class=Response,
    openapi_extra={"parameters": [_RANGE]},
    responses=_GIVEN
    | problems(NotFound, MaterialIsALink, FileNotScannedYet, FileInfected, RangeNotSatisfiable),
)
async def get_material_file(
    reader: Reading, request: Request, material_version_id: VersionId
) -> Response:
    """Download the file of a version.

    As it was sent, under its name. Its ETag is the SHA-256 of the content. A range may be asked
    for, to go on with a download that was cut off, or to jump within a film.
    """
    return await giving.file_of(reader, request, material_version_id)
