"""Modules and curricula of both schemes, as the files in `curricula_files/` say them."""

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.competencies.models import Competency
from app.core import examples
from app.curricula import target_groups
from app.curricula.models import Curriculum, CurriculumModule, CurriculumVersion
from app.curricula.module_models import (
    Module,
    ModuleCompetency,
    ModuleMaterial,
    ModuleOutcome,
    ModulePrerequisite,
    ModuleVersion,
)
from app.curricula.schemas import CloneIn
from app.curricula.service import clone, held_curriculum
from app.curricula.target_groups import TargetGroup
from app.demo import reviews
from app.materials.models import MaterialVersion

ACADEMY = "DAV"
PUBLISHED = {2026: date(2026, 2, 2), 2027: date(2026, 6, 22)}
_DOCUMENTS = {2026: "36/QĐ-HVNG", 2027: "412/QĐ-HVNG"}
_FOLDER = Path(__file__).with_name("curricula_files")
_SHOWN = {"CD.01": {"id": examples.MODULE}}
_SHOWN_VERSIONS = {"CD.01": {"id": examples.MODULE_VERSION}}
Versions = dict[str, ModuleVersion]


@cache
def _file(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text("utf-8"))


async def add(session: AsyncSession, ids: Mapping[str, UUID]) -> None:
    """In force since PUBLISHED, those of 2027 as clones of those of 2026."""
    versions = await _add_modules(session, ids)
    of = _file("curricula")
    present = {}
    for each in of["curriculum"]:
        present[each["code"]] = await _add_curriculum(session, ids[ACADEMY], each, versions)
    for each in of["extension"]:
        extended = present[each["extends"]]
        present[each["code"]] = await _add_extension(
            session, ids[each["of"]], each, versions, extended
        )
    for each in (*of["curriculum"], *of["extension"]):
        await _clone(session, present[each["code"]], each, versions)
    await _add_examples(session, ids[ACADEMY], versions)


async def _add_modules(session: AsyncSession, ids: Mapping[str, UUID]) -> Versions:
    known = select(Competency).where(Competency.framework_version_id == examples.VERSION_IN_FORCE)
    competencies = {str(item.code): item for item in await session.scalars(known)}
    named = select(MaterialVersion.file_name, MaterialVersion.id)
    files = {row.file_name: row.id for row in await session.execute(named)}
    versions: Versions = {}
    for of in _file("modules")["module"]:
        version = await _begin_module(session, ids[of.get("of", ACADEMY)], of)
        parts = {
            "organization_id": version.organization_id,
            "module_version_id": version.id,
        }
        for place, (vi, en) in enumerate(of["outcomes"], 1):
            session.add(ModuleOutcome(**parts, position=place, text_vi=vi, text_en=en))
        for lead in of["leads"]:
            code, level = lead.split()
            stated = _stated(competencies[code])
            session.add(ModuleCompetency(**parts, **stated, level=int(level)))
        for place, name in enumerate(of.get("materials", ()), 1):
            used = ModuleMaterial(**parts, position=place, material_version_id=files[name])
            session.add(used)
        for code in of.get("after", ()):
            before = versions[code].module_id
            session.add(ModulePrerequisite(**parts, required_module_id=before))
        await session.flush()
        version.state, version.published_on = "published", PUBLISHED[2026]
        await session.flush()
        await session.refresh(version)
        versions[of["code"]] = version
    return versions


async def _begin_module(
    session: AsyncSession, organization: UUID, of: Mapping[str, Any]
) -> ModuleVersion:
    code = of["code"]
    kind = "specific" if "of" in of else "common"
    module = Module(organization_id=organization, code=code, kind=kind, **_SHOWN.get(code, {}))
    session.add(module)
    await session.flush()
    theory, practice, self_study, on_the_job = of["hours"]
    version = ModuleVersion(
        organization_id=organization,
        module_id=module.id,
        number=1,
        title_vi=of["title"][0],
        title_en=of["title"][1],
        domain=of["domain"],
        theory_hours=theory,
        practice_hours=practice,
        self_study_hours=self_study,
        on_the_job_hours=on_the_job,
        mode=of["mode"],
        expertise=of["expertise"],
        **_SHOWN_VERSIONS.get(code, {}),
    )
    session.add(version)
    await session.flush()
    return version


def _stated(competency: Competency) -> dict[str, Any]:
    return {
        "framework_id": examples.FRAMEWORK,
        "framework_version_id": competency.framework_version_id,
        "competency_identifier": competency.identifier,
        "scale_identifier": competency.scale_identifier,
    }


async def _add_curriculum(
    session: AsyncSession, academy: UUID, of: Mapping[str, Any], versions: Versions
) -> CurriculumVersion:
    shown, shown_version = {}, {}
    if of["code"] == "1275-CB":
        shown, shown_version = (
            {"id": examples.CURRICULUM},
            {"id": examples.CURRICULUM_VERSION},
        )
    elif of["code"] == "1275-KB":
        shown_version = {"id": examples.ENDING_CURRICULUM_VERSION}
    curriculum = Curriculum(
        organization_id=academy,
        code=of["code"],
        year=2026,
        kind=of["kind"],
        field=of.get("field"),
        **shown,
    )
    session.add(curriculum)
    await session.flush()
    least, most = of.get("bounds", (None, None))
    bounds = {"extension_hours_min": least, "extension_hours_max": most}
    version = _version(curriculum, of, versions, **bounds, **shown_version)
    version.extension_domains = of.get("domains")
    trained = {"trained": {"kinds": of["trained"]}} if "trained" in of else {}
    group = TargetGroup.model_validate(of.get("group", {}) | trained)
    said, _ = await target_groups.columns(session, group)
    for column, value in said.items():
        setattr(version, column, value)
    return await _bring_into_force(session, version, of, versions)


async def _add_extension(
    session: AsyncSession,
    organization: UUID,
    of: Mapping[str, Any],
    versions: Versions,
    extended: CurriculumVersion,
) -> CurriculumVersion:
    common = await session.get_one(Curriculum, extended.curriculum_id)
    extension = Curriculum(
        organization_id=organization,
        code=of["code"],
        year=common.year,
        kind=common.kind,
        field=common.field,
        extends_curriculum_id=common.id,
    )
    session.add(extension)
    await session.flush()
    extends = {"extends_curriculum_id": common.id, "extends_version_id": extended.id}
    version = _version(extension, of, versions, **extends)
    return await _bring_into_force(session, version, of, versions)


async def _clone(
    session: AsyncSession, version: CurriculumVersion, of: Mapping[str, Any], versions: Versions
) -> None:
    """For 2027, with what is otherwise then; the Ministry of Health still works on its part."""
    curriculum = await held_curriculum(session, version.curriculum_id)
    made = await clone(session, curriculum, CloneIn(year=2027))
    draft = await session.get_one(CurriculumVersion, made.open_version_id)
    changed = of.get("next", {"out": [], "into": []})
    into = [code for code in of["modules"] if code not in changed["out"]] + changed["into"]
    present = await session.scalars(
        select(CurriculumModule).where(CurriculumModule.curriculum_version_id == draft.id)
    )
    for row in present.all():
        await session.delete(row)
    await session.flush()
    then = {**of, "modules": into}
    draft.hours = _hours(then, versions)
    await _bring_into_force(session, draft, then, versions, publish=of["code"] != "2007-HN-YT")


def _version(
    curriculum: Curriculum, of: Mapping[str, Any], versions: Versions, **more: Any
) -> CurriculumVersion:
    about_vi, about_en = of.get("about", (None, None))
    return CurriculumVersion(
        organization_id=curriculum.organization_id,
        curriculum_id=curriculum.id,
        number=1,
        title_vi=of["title"][0],
        title_en=of["title"][1],
        description_vi=about_vi,
        description_en=about_en,
        hours=_hours(of, versions),
        **more,
    )


def _hours(of: Mapping[str, Any], versions: Versions) -> float:
    """All that everybody takes, and one of the others."""
    mandatory = sum(versions[code].hours for code in of["modules"])
    return float(mandatory + min((versions[c].hours for c in of.get("elective", ())), default=0))


async def _bring_into_force(
    session: AsyncSession,
    version: CurriculumVersion,
    of: Mapping[str, Any],
    versions: Versions,
    *,
    publish: bool = True,
) -> CurriculumVersion:
    session.add(version)
    await session.flush()
    codes = [(code, True) for code in of["modules"]]
    codes += [(code, False) for code in of.get("elective", ())]
    for place, (code, mandatory) in enumerate(codes, 1):
        session.add(
            CurriculumModule(
                organization_id=version.organization_id,
                curriculum_version_id=version.id,
                module_id=versions[code].module_id,
                module_version_id=versions[code].id,
                position=place,
                mandatory=mandatory,
            )
        )
    await session.flush()
    if publish:
        curriculum = await session.get_one(Curriculum, version.curriculum_id)
        await _approve(session, version, curriculum.year)
    return version


async def _approve(session: AsyncSession, version: CurriculumVersion, year: int) -> None:
    await reviews.agree(session, version)
    version.state, version.issued_on = "approved", PUBLISHED[year]
    version.document_number, version.issuing_body = _DOCUMENTS[year], "Học viện Ngoại giao"
    await session.flush()
    version.state, version.published_on = "published", PUBLISHED[year]
    await session.flush()
    await session.refresh(version)


async def _add_examples(session: AsyncSession, academy: UUID, versions: Versions) -> None:
    """What somebody works on, and what nobody wants."""
    of = {
        "title": ["Bồi dưỡng tiền công vụ đối ngoại (bản nháp)", "Induction (sketch)"],
        "modules": ["CD.01", "CD.09"],
    }
    for code, id in (
        ("DT-01", examples.DRAFT_CURRICULUM_VERSION),
        ("DT-02", examples.UNWANTED_CURRICULUM_VERSION),
    ):
        curriculum = Curriculum(organization_id=academy, code=code, year=2027, kind="basic")
        session.add(curriculum)
        await session.flush()
        version = _version(curriculum, of, versions, id=id)
        await _bring_into_force(session, version, of, versions, publish=False)
    sketched = {
        "title": ["Kỹ năng thuyết trình", "Presenting"],
        "domain": "skill",
        "hours": [2, 6, 0, 0],
        "mode": "in_person",
        "expertise": [],
    }
    for code, id in (
        ("DT.01", examples.DRAFT_MODULE_VERSION),
        ("DT.02", examples.UNWANTED_MODULE_VERSION),
    ):
        _SHOWN_VERSIONS[code] = {"id": id}
        await _begin_module(session, academy, {**sketched, "code": code})
