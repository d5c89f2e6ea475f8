"""Modules and the life of their versions."""

from fastapi import Request, Response

from app.core import examples, routing
from app.core.database.writes import get_or_404
from app.core.etags import IfMatch, tagged
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import page_of
from app.core.problems import NotFound, Outdated, VersionRequired, problems
from app.curricula import module_queries as queries
from app.curricula import modules
from app.curricula.module_models import Module, ModuleVersion
from app.curricula.module_schemas import (
    ModuleCreate,
    ModuleIn,
    ModuleOut,
    ModuleQuery,
    ModuleVersionIn,
    ModuleVersionOut,
    ModuleVersionQuery,
)
from app.curricula.permitted import (
    Changing,
    DraftModuleVersionId,
    ModuleId,
    ModuleVersionId,
    Reading,
    UnwantedModuleVersionId,
)
from app.curricula.problems import (
    CommonModuleOfAcademy,
    ModuleCodeTaken,
    ModuleNotInForce,
    ModuleVersionAlreadyOpen,
    ModuleVersionNotDraft,
    PrerequisitesCircular,
)

router = routing.router("curricula")

_NAMED = (ModuleCodeTaken, CommonModuleOfAcademy)


@router.get("/modules", **page_of(ModuleOut, ModuleQuery))
async def list_modules(reader: Reading, request: Request) -> Response:
    """List modules.

    Your own, and those of others that were ever published.
    """
    return await queries.modules.page(reader, request, ModuleQuery.of(request))


@router.post(
    "/modules",
    status_code=201,
    response_model=ModuleOut,
    responses=problems(NotFound, *_NAMED, PrerequisitesCircular, IdempotencyKeyReused),
)
async def create_module(session: Changing, data: ModuleCreate, response: Response) -> Module:
    """Add a module.

    It begins with a first version, a draft that only you see: `open_version_id`.
    """
    return tagged(response, await modules.create_module(session, data))


@router.get("/modules/{module_id}", response_model=ModuleOut, responses=problems(NotFound))
async def get_module(reader: Reading, request: Request, module_id: ModuleId) -> Response:
    """Read a module."""
    return await queries.modules.row(reader, request, module_id)


@router.put(
    "/modules/{module_id}",
    response_model=ModuleOut,
    openapi_extra=examples.body(code="CD.01", kind="common"),
    responses=problems(NotFound, *_NAMED, Outdated, VersionRequired),
)
async def replace_module(
    session: Changing, module_id: ModuleId, expected: IfMatch, data: ModuleIn, response: Response
) -> Module:
    """Replace the code and the kind of a module.

    What else there is to say of it, its versions say.
    """
    module = await get_or_404(session, Module, module_id)
    expected.check(module)
    return tagged(response, await modules.replace_module(session, module, data))


@router.post(
    "/modules/{module_id}/versions",
    status_code=201,
    response_model=ModuleVersionOut,
    responses=problems(
        NotFound, ModuleVersionAlreadyOpen, PrerequisitesCircular, IdempotencyKeyReused
    ),
)
async def create_module_version(
    session: Changing, module_id: ModuleId, response: Response
) -> ModuleVersion:
    """Begin a new version of a module.

    A copy of the newest one that was not discarded. One version is worked on at a time. Curricula
    keep the version that they have.
    """
    module = await get_or_404(session, Module, module_id)
    return tagged(response, await modules.create_version(session, module))


@router.get("/module-versions", **page_of(ModuleVersionOut, ModuleVersionQuery))
async def list_module_versions(reader: Reading, request: Request) -> Response:
    """List versions of modules.

    The newest first, each with what it says.
    """
    return await queries.versions.page(reader, request, ModuleVersionQuery.of(request))


@router.get(
    "/module-versions/{module_version_id}",
    response_model=ModuleVersionOut,
    responses=problems(NotFound),
)
async def get_module_version(
    reader: Reading, request: Request, module_version_id: ModuleVersionId
) -> Response:
    """Read a version of a module."""
    return await queries.versions.row(reader, request, module_version_id)


@router.put(
    "/module-versions/{module_version_id}",
    response_model=ModuleVersionOut,
    responses=problems(
        NotFound, ModuleVersionNotDraft, PrerequisitesCircular, Outdated, VersionRequired
    ),
)
async def replace_module_version(
    session: Changing,
    module_version_id: DraftModuleVersionId,
    expected: IfMatch,
    data: ModuleVersionIn,
    response: Response,
) -> ModuleVersion:
    """Replace what a draft of a module says.

    All of it: outcomes, competencies, modules that come before, and materials, too.
    """
    version = await modules.draft(session, module_version_id)
    expected.check(version)
    return tagged(response, await modules.replace_version(session, version, data))


@router.post(
    "/module-versions/{module_version_id}/publish",
    response_model=ModuleVersionOut,
    responses=problems(
        NotFound, ModuleVersionNotDraft, PrerequisitesCircular, IdempotencyKeyReused
    ),
)
async def publish_module_version(
    session: Changing, module_version_id: DraftModuleVersionId, response: Response
) -> ModuleVersion:
    """Publish a version of a module.

    Everybody reads it from now on, curricula may consist of it, and it never changes again. The
    version that was in force is retired in the same moment.
    """
    version = await modules.draft(session, module_version_id)
    return tagged(response, await modules.publish_version(session, version))


@router.post(
    "/module-versions/{module_version_id}/discard",
    response_model=ModuleVersionOut,
    responses=problems(NotFound, ModuleVersionNotDraft, IdempotencyKeyReused),
)
async def discard_module_version(
    session: Changing, module_version_id: UnwantedModuleVersionId, response: Response
) -> ModuleVersion:
    """Discard a draft of a module.

    It stays as it is, and another one may be begun.
    """
    version = await modules.draft(session, module_version_id)
    return tagged(response, await modules.discard_version(session, version))


@router.post(
    "/module-versions/{module_version_id}/retire",
    response_model=ModuleVersionOut,
    responses=problems(NotFound, ModuleNotInForce, IdempotencyKeyReused),
)
async def retire_module_version(
    session: Changing, module_version_id: DraftModuleVersionId, response: Response
) -> ModuleVersion:
    """Retire the version of a module that is in force.

    Without another one in its place. Curricula that have it stay as they are; new ones cannot be
    submitted with it.
    """
    version = await get_or_404(session, ModuleVersion, module_version_id)
    return tagged(response, await modules.retire_version(session, version))
