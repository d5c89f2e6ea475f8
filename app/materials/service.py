"""Materials and their versions: added, described, never taken away."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database.writes import replace
from app.core.jobs import EXAMINE_MATERIAL, ask_for
from app.core.text import fold
from app.events.outbox import publish
from app.materials.models import Material, MaterialVersion
from app.materials.schemas import MaterialCreate, MaterialIn


def searched(data: MaterialIn) -> str:
    said = (data.title_vi, data.title_en, data.description_vi, data.description_en)
    return fold(" ".join(filter(None, said)))


async def create_material(session: AsyncSession, data: MaterialCreate) -> Material:
    said = data.model_dump(exclude={"organization_id"})
    material = Material(**said, search_text=searched(data))
    if data.organization_id is not None:
        material.organization_id = data.organization_id
    session.add(material)
    await session.flush()
    await session.refresh(material)
    publish(session, "material.created", material.id, material.organization_id)
    return material


async def replace_material(session: AsyncSession, material: Material, data: MaterialIn) -> Material:
    material.search_text = searched(data)
    await replace(session, material, data)
    await session.refresh(material)
    publish(session, "material.changed", material.id, material.organization_id)
    return material


async def add_version(session: AsyncSession, material: Material, **said: Any) -> MaterialVersion:
    """The material's row is locked, so numbers follow each other."""
    newest = await session.scalar(
        select(func.max(MaterialVersion.number)).where(MaterialVersion.material_id == material.id)
    )
    version = MaterialVersion(
        organization_id=material.organization_id,
        material_id=material.id,
        number=(newest or 0) + 1,
        **said,
    )
    session.add(version)
    await session.flush()
    news = {"version_id": str(version.id), "number": version.number}
    publish(session, "material.version_added", material.id, material.organization_id, **news)
    if version.scan == "scanning" or version.extraction == "waiting":
        await ask_for(session, EXAMINE_MATERIAL, version.id)
    return version
