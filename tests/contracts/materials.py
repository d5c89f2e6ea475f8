"""Materials of everybody: one that all read, and one for instructors, each with a file."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg

from app.materials.examining import Examining
from tests.contracts.rights import Whose
from tests.world import Somebody, World

Targets = dict[str, dict[str, UUID]]
TITLED = {"title_vi": "Cẩm nang", "language": "vi", "licence": "CC BY 4.0"}
DESCRIBED = {"description_vi": "Dùng cho mọi người.", "description_en": "For all."}


async def materials(world: World, keepers: Mapping[str, Somebody]) -> Targets:
    """Named as the organisation, and what is shown to all as `... public`."""
    targets: Targets = {"materials": {}, "material_versions": {}}
    examining = Examining(world.app.state.settings, world.database, world.app.state.materials)
    for place, keeper in keepers.items():
        for name, visibility in ((place, "instructors"), (f"{place} public", "public")):
            title = f"Handbook of {place} {visibility}"
            body = TITLED | DESCRIBED | {"title_en": title, "visibility": visibility}
            made = await keeper.post("/materials", json=body)
            assert made.status_code == 201, made.text
            material = made.json()["id"]
            sent = await keeper.post(
                f"/materials/{material}/files?file_name=a.txt",
                content=f"Lễ tân của {place}".encode(),
                headers={"Content-Type": "text/plain"},
            )
            assert sent.status_code == 201, sent.text
            targets["materials"][name] = UUID(material)
            version = targets["material_versions"][name] = UUID(sent.json()["id"])
            await examining.examine(version)
    return targets


async def public_materials(owner: asyncpg.Connection) -> set[str]:
    found = await owner.fetch("select id::text from materials where visibility = 'public'")
    return {id for (id,) in found}


def shown(table: str, row: dict[str, Any], whose: Whose, public: set[str]) -> Whose:
    """Whose a row is, and whether all read it."""
    if table not in ("materials", "material_versions", "material_texts"):
        return whose
    of = row["id"] if table == "materials" else row["material_id"]
    return replace(whose, published=of in public)
