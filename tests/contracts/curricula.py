"""Modules and curricula of each place: one that only they see, and one in force."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from tests.competencies.steps import made
from tests.contracts.rights import Whose
from tests.curricula.steps import (
    change_module,
    curriculum,
    module,
    publish,
    publish_module,
    published_module,
    stated,
)
from tests.world import Somebody, World

Targets = dict[str, dict[str, UUID]]
_TABLES = ("modules", "module_versions", "curricula", "curriculum_versions")


async def curricula(
    world: World, keepers: Mapping[str, Somebody], materials: Mapping[str, UUID]
) -> Targets:
    targets: Targets = {table: {} for table in _TABLES}
    leads = await stated(keepers["academy"])
    before = await published_module(keepers["academy"])
    for place, keeper in keepers.items():
        said = {
            "outcomes": [{"text_vi": "Làm được", "text_en": "Does it"}],
            "competencies": [leads],
            "prerequisites": [before["module_id"]],
            "materials": [str(materials[place])],
        }
        for name in (place, f"{place} in force"):
            began = await module(keeper)
            version = made(await change_module(keeper, began["open_version_id"], **said), 200)
            if name != place:
                version = await publish_module(keeper, version["id"])
            targets["modules"][name] = UUID(began["id"])
            targets["module_versions"][name] = UUID(version["id"])
        await _curricula(world, keeper, place, version, before, targets)
    return targets


async def _curricula(
    world: World,
    keeper: Somebody,
    place: str,
    version: dict[str, Any],
    before: dict[str, Any],
    targets: Targets,
) -> None:
    bounds = {"extension_hours_min": 0, "extension_hours_max": 100}
    for name in (place, f"{place} in force"):
        known = {"field": "consular", "code": uuid4().hex[:8]}
        began = await curriculum(keeper, before, version, **known, **bounds)
        targets["curricula"][name] = UUID(began["id"])
        targets["curriculum_versions"][name] = UUID(began["open_version_id"])
        if name != place:
            await publish(world, began["open_version_id"])


@dataclass(frozen=True)
class Curricula:
    """Versions that are everybody's, and modules and curricula that have one."""

    published: frozenset[UUID]

    @classmethod
    async def of(cls, owner: asyncpg.Connection) -> "Curricula":
        found: set[UUID] = set()
        for table, root in _VERSIONS.items():
            await owner.execute(f"alter table {table} no force row level security")
            rows = await owner.fetch(
                f"select id, {root} from {table} where published_on is not null"
            )
            found |= {id for row in rows for id in row}
        return cls(frozenset(found))

    def shown(self, table: str, row: dict[str, Any], whose: Whose) -> Whose:
        """Whose a row is, with whether everybody reads it."""
        key = _KEYS.get(table)
        if key is None:
            return whose
        return replace(whose, published=UUID(row[key]) in self.published)


_VERSIONS = {"module_versions": "module_id", "curriculum_versions": "curriculum_id"}
_KEYS = {
    **dict.fromkeys(_TABLES, "id"),
    "module_outcomes": "module_version_id",
    "module_competencies": "module_version_id",
    "module_prerequisites": "module_version_id",
    "module_materials": "module_version_id",
    "curriculum_modules": "curriculum_version_id",
}
