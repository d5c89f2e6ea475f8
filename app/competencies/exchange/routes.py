"""Frameworks as files: taken out, and sent."""

import json
from functools import partial
from pathlib import Path as FilePath
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.concurrency import run_in_threadpool

from app.access.caller import uploading
from app.access.permissions import Permission
from app.competencies.exchange import statements
from app.competencies.exchange.case_reading import read_package
from app.competencies.exchange.case_writing import Writer, absolute
from app.competencies.exchange.content import Content
from app.competencies.exchange.importing import import_file
from app.competencies.exchange.mistakes import Mistakes
from app.competencies.exchange.schemas import (
    MEDIA_TYPES,
    PACKAGE,
    PACKAGE_SCHEMA,
    PARTS,
    TABLE,
    XLSX,
    FrameworkFileQuery,
    FrameworkImportOut,
    FrameworkImportQuery,
)
from app.competencies.exchange.table_reading import read_table
from app.competencies.exchange.table_writing import as_csv, as_workbook
from app.competencies.permitted import Reading
from app.competencies.problems import (
    FrameworkCodeTaken,
    FrameworkFileRefused,
    FrameworkVersionAlreadyOpen,
)
from app.core import examples, routing, scratch
from app.core.files.encodings import Encoding
from app.core.files.problems import (
    EncodingUnsure,
    EncodingWrong,
    FileEmpty,
    FileKindUnsupported,
    FileUnreadable,
    LettersLost,
    QuotesBroken,
    TableTooLarge,
    WorkbookTooLarge,
    WorkbookUnsafe,
)
from app.core.http.limits import read_json
from app.core.http.rates import Policy
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import parameters_of
from app.core.problems import NotFound, TooManyRequests, problems
from app.core.uploads import Upload

router = routing.router("competencies")

# One at a time: a large one takes a processor, and half a gigabyte, for as long as it is read.
Sending = Annotated[AsyncSession, uploading(Permission.FRAMEWORKS_WRITE, MEDIA_TYPES, at_once=1)]
PublishedId = Annotated[
    UUID, Path(description="The version's id", examples=[examples.VERSION_IN_FORCE])
]

_BINARY = {"type": "string", "contentMediaType": "application/octet-stream"}
_FILE: dict[str, Any] = {"type": "object", "properties": {"file": _BINARY}, "required": ["file"]}
_DEEPEST = 32
_PIECE = 1 << 20
_SENT = parameters_of(FrameworkImportQuery) | {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "patternProperties": {f"^({'|'.join(PARTS)})$": {}},
                    "additionalProperties": False,
                },
                "example": PACKAGE,
            },
            "text/csv": {"schema": {"type": "string"}, "example": TABLE},
            XLSX: {"schema": _BINARY},
            "multipart/form-data": {"schema": _FILE},
        },
    }
}
_TAKEN_OUT = parameters_of(FrameworkFileQuery) | {"x-schemas": {"CasePackage": PACKAGE_SCHEMA}}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/CasePackage"}},
            "text/csv": {"schema": {"type": "string"}},
            XLSX: {"schema": _BINARY},
        }
    }
}


@router.get(
    "/framework-versions/{framework_version_id}/file",
    response_class=Response,
    openapi_extra=_TAKEN_OUT,
    responses=_ANSWERS | problems(NotFound, TooManyRequests),
)
async def get_framework_file(
    reader: Reading, request: Request, framework_version_id: PublishedId
) -> Response:
    """Take out a version of a framework as a file.

    As a package of CASE 1.1 for other systems, or as a table for spreadsheets. Sent again it makes
    the same version, under the same identifiers; what came from another system with a package and
    has no place here, is in the package as it came.
    """
    format = FrameworkFileQuery.of(request).format
    sql = f"/* {reader.scope.caller} */ {statements.by_id.sql}"
    found = await reader.row(sql, [str(framework_version_id)], plan_anew=False)
    if found[0] is None:
        raise NotFound
    await request.app.state.rates.take(request, Policy.EXPORT, request.state.principal_id)
    root = request.app.state.settings.public_url
    return await run_in_threadpool(_written, found[0], format, root)


def _written(found: bytes, format: str, root: str) -> Response:
    content = Content.of(json.loads(found))
    if format == "case":
        body, media_type, ending = _package(content, root), "application/json", "json"
    elif format == "csv":
        body, media_type, ending = as_csv(content), "text/csv; charset=utf-8", "csv"
    else:
        body, media_type, ending = as_workbook(content), XLSX, "xlsx"
    name = f'attachment; filename="framework.{ending}"'
    headers = {"Content-Disposition": name, "Vary": "Authorization"}
    return Response(body, media_type=media_type, headers=headers)


def _package(content: Content, root: str) -> bytes:
    said = absolute(Writer(content).package(), root)
    return json.dumps(said, ensure_ascii=False).encode()


@router.post(
    "/framework-imports",
    response_model=FrameworkImportOut,
    openapi_extra=_SENT,
    responses=problems(
        NotFound,
        FrameworkCodeTaken,
        FrameworkVersionAlreadyOpen,
        FrameworkFileRefused,
        FileKindUnsupported,
        FileUnreadable,
        FileEmpty,
        WorkbookTooLarge,
        WorkbookUnsafe,
        TableTooLarge,
        QuotesBroken,
        EncodingUnsure,
        EncodingWrong,
        LettersLost,
        IdempotencyKeyReused,
    ),
)
async def create_framework_import(session: Sending, request: Request) -> Any:
    """Send a framework as a file.

    A package of CASE 1.1, or a table as `get_framework_file` gives it. It becomes the draft of a
    framework, if that has none that is worked on, or of a new framework. The answer tells what it
    makes otherwise than the version before; unless `dry_run` is false, that is all. A file with
    mistakes is refused with all of them, and nothing of it is written.
    """
    query, upload = FrameworkImportQuery.of(request), request.state.upload
    assert isinstance(upload, Upload)  # noqa: S101 -- `uploading` sees to it
    domain = query.domain
    if upload.media_type == "application/json":
        root = request.app.state.settings.public_url
        read = partial(_read_package, upload, root, domain)
    else:
        read = partial(_read_table, upload, query.encoding, domain)
    return await import_file(
        session, read, query.framework, query.code, query.organization, dry_run=query.dry_run
    )


def _read_package(
    upload: Upload, root: str, domain: str | None, base: Content, found: Mistakes
) -> Content:
    package = read_json(b"".join(upload.parts(_PIECE)).removeprefix(b"\xef\xbb\xbf"), _DEEPEST)
    former = {item.identifier: item.name_vi for item in base.items}
    return read_package(package, root, domain, former, found)


def _read_table(
    upload: Upload, encoding: Encoding | None, domain: str | None, base: Content, found: Mistakes
) -> Content:
    with scratch.folder() as folder:
        path = FilePath(folder) / "file"
        with path.open("wb") as file:
            file.writelines(upload.parts(_PIECE))
        return read_table(path, encoding, base, domain, found)
