"""CASE 1.1 (1EdTech): frameworks for other systems to read, in the form that they know.

What is read of whose versions, row policies decide as everywhere. These addresses are
described as CASE has it (`case_discovery`), and not in our own document.
"""

import json
import re
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from app.competencies.exchange import statements
from app.competencies.exchange.case_discovery import FILE, discovery
from app.competencies.exchange.case_refusals import CaseIdentifierInvalid, CaseObjectUnknown
from app.competencies.exchange.case_words import ENDS, ITEM_TYPES, PATH, SETS, SUBJECTS
from app.competencies.exchange.case_writing import Said, Writer, absolute
from app.competencies.exchange.content import Content
from app.competencies.exchange.selecting import Selection
from app.competencies.permitted import Reading
from app.core import routing
from app.core.database.readers import Reader
from app.core.http.rates import Policy
from app.core.openapi import FOR_ALL
from app.core.view_statements import Statement
from app.core.views import unless_held

router = routing.router("competencies", prefix=PATH)

_IDENTIFIER = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_OWN = {"CFItemTypes": ITEM_TYPES, "CFSubjects": SUBJECTS}


async def _read(reader: Reader, statement: Statement, identifier: str, **more: str) -> Any:
    """What the statement gives of it. Raises CaseIdentifierInvalid, CaseObjectUnknown."""
    if not _IDENTIFIER.fullmatch(identifier):
        raise CaseIdentifierInvalid
    found = await _fetched(reader, statement, {"id": identifier} | more)
    if found is None:
        raise CaseObjectUnknown
    return found


async def _fetched(reader: Reader, statement: Statement, values: dict[str, Any]) -> Any:
    sql = f"/* {reader.scope.caller} */ {statement.sql}"
    found = await reader.row(sql, statement.filled(values), plan_anew=False)
    return None if found[0] is None else json.loads(found[0])


async def _writer(reader: Reader, statement: Statement, identifier: str) -> Writer:
    return Writer(Content.of(await _read(reader, statement, identifier)))


def _answer(request: Request, said: Said) -> Response:
    root = request.app.state.settings.public_url
    return unless_held(request, json.dumps(absolute(said, root), ensure_ascii=False))


@router.get(f"/{FILE}", include_in_schema=False)
async def get_case_discovery(request: Request) -> Response:
    """To anybody, as our own document."""
    return JSONResponse(discovery(request.app.state.settings.public_url), headers=FOR_ALL)


@router.get("/CFDocuments", include_in_schema=False)
async def list_case_documents(reader: Reading, request: Request) -> Response:
    """An empty set is none to CASE, so where there is nothing to see nothing is found."""
    await reader.enter()
    selection = Selection(request.query_params)
    found = await _fetched(reader, statements.documents, {})
    documents = [Writer(Content(**each)).standalone_document() for each in found]
    total, shown = selection.of(documents)
    if not shown:
        raise CaseObjectUnknown
    response = _answer(request, {"CFDocuments": shown})
    response.headers["X-Total-Count"] = str(total)
    response.headers["Link"] = ", ".join(_links(request, selection, total))
    return response


def _links(request: Request, selection: Selection, total: int) -> list[str]:
    limit, offset = selection.limit, selection.offset
    places = {"first": 0, "last": (total - 1) // limit * limit}
    if offset + limit < total:
        places["next"] = offset + limit
    if offset:
        places["prev"] = max(0, offset - limit)
    root = request.app.state.settings.public_url
    given = [(k, v) for k, v in request.query_params.multi_items() if k not in ("limit", "offset")]
    return [
        f"<{root}{PATH}/CFDocuments?{urlencode([*given, ('limit', limit), ('offset', place)])}>"
        f'; rel="{name}"'
        for name, place in places.items()
    ]


@router.get("/CFDocuments/{sourced_id}", include_in_schema=False)
async def get_case_document(reader: Reading, request: Request, sourced_id: str) -> Response:
    writer = await _writer(reader, statements.document, sourced_id)
    return _answer(request, writer.standalone_document())


@router.get("/CFPackages/{sourced_id}", include_in_schema=False)
async def get_case_package(reader: Reading, request: Request, sourced_id: str) -> Response:
    """In one statement; of thousands of items, so not where other requests wait."""
    found = await _read(reader, statements.package, sourced_id)
    await request.app.state.rates.take(request, Policy.EXPORT, request.state.principal_id)
    root = request.app.state.settings.public_url
    body = await run_in_threadpool(written_package, found, root)
    return unless_held(request, body)


def written_package(found: Any, root: str) -> str:
    said = absolute(Writer(Content.of(found)).package(), root)
    return json.dumps(said, ensure_ascii=False)


@router.get("/CFItems/{sourced_id}", include_in_schema=False)
async def get_case_item(reader: Reading, request: Request, sourced_id: str) -> Response:
    writer = await _writer(reader, statements.item, sourced_id)
    return _answer(request, writer.standalone_item(writer.items[sourced_id]))


@router.get("/CFItemAssociations/{sourced_id}", include_in_schema=False)
async def get_case_item_associations(
    reader: Reading, request: Request, sourced_id: str
) -> Response:
    """What it stands below, what stands below it, and what else is said of it and others."""
    writer = await _writer(reader, statements.item, sourced_id)
    found = [
        said
        for said in writer.associations()
        if sourced_id in (said[end]["identifier"] for end in ENDS)
    ]
    if not found:
        raise CaseObjectUnknown
    item = writer.standalone_item(writer.items[sourced_id])
    return _answer(request, {"CFItem": item, "CFAssociations": found})


@router.get("/CFAssociations/{sourced_id}", include_in_schema=False)
async def get_case_association(reader: Reading, request: Request, sourced_id: str) -> Response:
    writer = await _writer(reader, statements.association, sourced_id)
    for said in writer.associations():
        if said["identifier"] == sourced_id:
            return _answer(request, said)
    raise CaseObjectUnknown


@router.get("/CFRubrics/{sourced_id}", include_in_schema=False)
async def get_case_rubric(reader: Reading, request: Request, sourced_id: str) -> Response:
    writer = await _writer(reader, statements.rubric, sourced_id)
    for said in writer.rubrics():
        if said["identifier"] == sourced_id:
            return _answer(request, said)
    raise CaseObjectUnknown


async def _definition(reader: Reader, request: Request, kind: str, identifier: str) -> Response:
    """Ours are everybody's; others came with a package."""
    own = {one["identifier"]: one for one in _OWN.get(kind, {}).values()}
    if identifier in own:
        await reader.enter()
        defined: dict[str, Said] = own
    else:
        defined = await _read(reader, statements.definition, identifier, list=kind)
    one = defined[identifier]
    if kind not in SETS:
        return _answer(request, one)
    code = one["hierarchyCode"]
    below = [
        each
        for each in defined.values()
        if each is not one and each["hierarchyCode"].startswith(f"{code}.")
    ]
    return _answer(request, {kind: [one, *below]})


@router.get("/CFConcepts/{sourced_id}", include_in_schema=False)
async def get_case_concept(reader: Reading, request: Request, sourced_id: str) -> Response:
    return await _definition(reader, request, "CFConcepts", sourced_id)


@router.get("/CFSubjects/{sourced_id}", include_in_schema=False)
async def get_case_subject(reader: Reading, request: Request, sourced_id: str) -> Response:
    return await _definition(reader, request, "CFSubjects", sourced_id)


@router.get("/CFItemTypes/{sourced_id}", include_in_schema=False)
async def get_case_item_type(reader: Reading, request: Request, sourced_id: str) -> Response:
    return await _definition(reader, request, "CFItemTypes", sourced_id)


@router.get("/CFLicenses/{sourced_id}", include_in_schema=False)
async def get_case_license(reader: Reading, request: Request, sourced_id: str) -> Response:
    return await _definition(reader, request, "CFLicenses", sourced_id)


@router.get("/CFAssociationGroupings/{sourced_id}", include_in_schema=False)
async def get_case_association_grouping(
    reader: Reading, request: Request, sourced_id: str
) -> Response:
    return await _definition(reader, request, "CFAssociationGroupings", sourced_id)
