from typing import Any

from sqlalchemy import JSON, Select, bindparam, case, func, literal_column, or_, select

from app.core.view_statements import document_statement, listed
from app.core.views import View
from app.curricula.models import Curriculum, CurriculumModule, CurriculumVersion
from app.curricula.modules.models import Module, ModuleVersion
from app.curricula.modules.sql import (
    COMPETENCIES,
    NAMED_MATERIALS,
    NAMED_PREREQUISITES,
    OUTCOMES,
)
from app.curricula.schemas import (
    CurriculumOut,
    CurriculumQuery,
    CurriculumVersionOut,
    CurriculumVersionQuery,
)
from app.curricula.tables import stamp_of_versions


def curricula_matching(query: CurriculumQuery) -> Select[Any]:
    statement = select(Curriculum)
    if query.organization is not None:
        statement = statement.where(Curriculum.organization_id == query.organization)
    if query.code is not None:
        statement = statement.where(Curriculum.code == query.code)
    if query.year is not None:
        statement = statement.where(Curriculum.year == query.year)
    if query.kind is not None:
        statement = statement.where(Curriculum.kind == query.kind)
    if query.field is not None:
        statement = statement.where(Curriculum.field == query.field)
    if query.extends is not None:
        statement = statement.where(Curriculum.extends_curriculum_id == query.extends)
    return statement


def versions_matching(query: CurriculumVersionQuery) -> Select[Any]:
    statement = select(CurriculumVersion)
    if query.organization is not None:
        statement = statement.where(CurriculumVersion.organization_id == query.organization)
    if query.curriculum is not None:
        statement = statement.where(CurriculumVersion.curriculum_id == query.curriculum)
    if query.state is not None:
        statement = statement.where(CurriculumVersion.state == query.state)
    if query.extends_version is not None:
        extended = CurriculumVersion.extends_version_id
        statement = statement.where(extended == query.extends_version)
    if query.module is not None:
        having = select(CurriculumModule.curriculum_version_id)
        having = having.where(CurriculumModule.module_id == query.module)
        statement = statement.where(CurriculumVersion.id.in_(having))
    return statement


curricula = View(
    Curriculum,
    CurriculumOut,
    curricula_matching,
    stamp=stamp_of_versions(Curriculum, CurriculumVersion, CurriculumVersion.curriculum_id),
)
versions = View(CurriculumVersion, CurriculumVersionOut, versions_matching)

_VERSION: Any = bindparam("id")
_THE_VERSION = select(CurriculumVersion).where(CurriculumVersion.id == _VERSION)


def _of_it(column: Any) -> Any:
    chosen = select(column).where(CurriculumVersion.id == _VERSION)
    return chosen.correlate(None).scalar_subquery()


def _first(rows: Any) -> Any:
    return rows.op("->", return_type=JSON)(literal_column("0"))


_OWN = CurriculumModule.curriculum_version_id == _VERSION
_EXTENDED = _of_it(CurriculumVersion.extends_version_id)
_MODULES = (
    select(CurriculumModule)
    .join(ModuleVersion, ModuleVersion.id == CurriculumModule.module_version_id)
    .join(Module, Module.id == CurriculumModule.module_id)
    .where(or_(_OWN, CurriculumModule.curriculum_version_id == _EXTENDED))
)
_MODULE_FIELDS = {
    "part": case((_OWN, literal_column("'own'")), else_=literal_column("'common'")),
    "mandatory": CurriculumModule.mandatory,
    "module_id": Module.id,
    "module_version_id": ModuleVersion.id,
    "organization_id": Module.organization_id,
    "code": Module.code,
    "kind": Module.kind,
    **{
        name: getattr(ModuleVersion, name)
        for name in (
            *("number", "title_vi", "title_en", "description_vi", "description_en", "domain"),
            *("theory_hours", "practice_hours", "self_study_hours", "on_the_job_hours", "hours"),
            *("mode", "expertise"),
        )
    },
    "outcomes": literal_column(OUTCOMES, type_=JSON),
    "competencies": literal_column(COMPETENCIES, type_=JSON),
    "prerequisites": literal_column(NAMED_PREREQUISITES, type_=JSON),
    "materials": literal_column(NAMED_MATERIALS, type_=JSON),
}
_BOTH = select(func.sum(CurriculumVersion.hours)).where(
    or_(CurriculumVersion.id == _VERSION, CurriculumVersion.id == _EXTENDED)
)
_CURRICULUM = select(Curriculum).where(Curriculum.id == _of_it(CurriculumVersion.curriculum_id))
_COMMON = select(CurriculumVersion).where(CurriculumVersion.id == _EXTENDED)

whole_version = document_statement(
    {
        "curriculum": _first(curricula.listed(_CURRICULUM)),
        "version": _first(versions.listed(_THE_VERSION)),
        "common_part": _first(versions.listed(_COMMON)),
        "hours": _BOTH.correlate(None).scalar_subquery(),
        "modules": listed(_MODULES, _MODULE_FIELDS, (_OWN, CurriculumModule.position)),
    },
    where=_THE_VERSION.exists(),
)
"""In one statement, and so as it was at one moment."""
