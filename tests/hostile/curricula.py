"""Modules and curricula in the state that an operation asks for."""

from tests.curricula import steps
from tests.world import Somebody, World

ONCE = {
    *("create_module_version", "publish_module_version", "discard_module_version"),
    *("retire_module_version", "create_curriculum_version", "clone_curriculum"),
    *("extend_curriculum", "discard_curriculum_version", "retire_curriculum_version"),
}
"""What is asked for is another one each time."""
IDS = {"module_id", "module_version_id", "curriculum_id", "curriculum_version_id"}
IN_FORCE = {
    *("create_module_version", "retire_module_version", "create_curriculum_version"),
    *("clone_curriculum", "extend_curriculum", "retire_curriculum_version"),
}
NAMING = {
    *("create_curriculum", "replace_curriculum_version", "extend_curriculum"),
    *("create_module", "replace_module_version"),
}
"""What names something else in its body."""


async def made(world: World, keeper: Somebody, name: str, operation_id: str) -> str:
    """The id of one of `IDS`, of a draft unless the operation needs what is in force."""
    if name.startswith("module"):
        version = await steps.module_draft(keeper)
        if operation_id in IN_FORCE:
            await steps.publish_module(keeper, version)
        if name == "module_version_id":
            return version
        read = await keeper.get(f"/module-versions/{version}")
        return str(read.json()["module_id"])
    module = await steps.published_module(keeper)
    bounds = {"extension_hours_min": 0, "extension_hours_max": 100}
    began = await steps.curriculum(keeper, module, **bounds)
    if operation_id in IN_FORCE:
        await steps.publish(world, began["open_version_id"])
    return str(began["id"] if name == "curriculum_id" else began["open_version_id"])


async def named(keeper: Somebody, operation_id: str) -> dict[str, object]:
    """What is in the body in the place of the document's examples."""
    if "module" in operation_id:
        outcomes = [{"text_vi": "Làm được", "text_en": "Does it"}]
        return {"outcomes": outcomes, "competencies": [await steps.stated(keeper)]}
    return {"modules": steps.held(await steps.published_module(keeper)), "hours": 10}
