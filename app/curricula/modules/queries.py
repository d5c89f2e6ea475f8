from typing import Any

from sqlalchemy import Select, select

from app.core.views import View
from app.curricula.modules.models import Module, ModuleCompetency, ModuleVersion
from app.curricula.modules.schemas import (
    ModuleOut,
    ModuleQuery,
    ModuleVersionOut,
    ModuleVersionQuery,
)
from app.curricula.tables import stamp_of_versions


def modules_matching(query: ModuleQuery) -> Select[Any]:
    statement = select(Module)
    if query.organization is not None:
        statement = statement.where(Module.organization_id == query.organization)
    if query.code is not None:
        statement = statement.where(Module.code == query.code)
    if query.kind is not None:
        statement = statement.where(Module.kind == query.kind)
    return statement


def versions_matching(query: ModuleVersionQuery) -> Select[Any]:
    statement = select(ModuleVersion)
    if query.organization is not None:
        statement = statement.where(ModuleVersion.organization_id == query.organization)
    if query.module is not None:
        statement = statement.where(ModuleVersion.module_id == query.module)
    if query.state is not None:
        statement = statement.where(ModuleVersion.state == query.state)
    if query.domain is not None:
        statement = statement.where(ModuleVersion.domain == query.domain)
    if query.competency is not None:
        leading = select(ModuleCompetency.module_version_id)
        leading = leading.where(ModuleCompetency.competency_identifier == query.competency)
        statement = statement.where(ModuleVersion.id.in_(leading))
    return statement


modules = View(
    Module,
    ModuleOut,
    modules_matching,
    stamp=stamp_of_versions(Module, ModuleVersion, ModuleVersion.module_id),
)
versions = View(ModuleVersion, ModuleVersionOut, versions_matching)
