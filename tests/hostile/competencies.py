"""Frameworks in the state that an operation asks for."""

from typing import Any

from tests.competencies import steps
from tests.world import Somebody

ONCE = {
    *("create_consultation_invitation", "create_framework_version", "remove_competency"),
    *("close_framework_consultation", "open_framework_consultation", "publish_framework_version"),
    *("remove_proficiency_scale", "retire_framework_version", "discard_framework_version"),
}
"""What is asked for is another one each time."""
CONSULTED = {"close_framework_consultation", "create_consultation_comment"}
IDS = {
    *("framework_id", "framework_version_id", "proficiency_scale_id", "competency_id"),
    *("consultation_invitation_id", "consultation_comment_id"),
}


async def made(keeper: Somebody, hue: Somebody, name: str, operation_id: str) -> str:
    """The id of one of `IDS`, of a version that is open unless the operation needs another."""
    began = await steps.framework(keeper)
    version = str(began["open_version_id"])
    if operation_id in ("create_competency", "replace_competency"):
        return await _described(keeper, began["id"], version, name)
    if name == "proficiency_scale_id":
        return str((await steps.scale(keeper, version))["id"])
    item = await steps.competency(keeper, version)
    if name == "competency_id":
        return str(item["id"])
    path = f"/framework-versions/{version}"
    if name == "consultation_invitation_id":
        invited = {"invited_organization_id": str(hue.organization)}
        return str(steps.made(await keeper.post(f"{path}/invitations", json=invited))["id"])
    if name == "consultation_comment_id" or operation_id in CONSULTED:
        await steps.do(keeper, version, "open-consultation")
    if name == "consultation_comment_id":
        said = await keeper.post(f"{path}/comments", json={"text": "?"})
        return str(steps.made(said)["id"])
    if operation_id in ("create_framework_version", "retire_framework_version"):
        await steps.do(keeper, version, "publish")
    return str(began["id"]) if name == "framework_id" else version


async def _described(keeper: Somebody, framework: str, first: str, name: str) -> str:
    """A second version, with a scale, and something that may be replaced."""
    await steps.scale(keeper, first)
    await steps.competency(keeper, first)
    await steps.do(keeper, first, "publish")
    second = await steps.next_version(keeper, framework)
    if name == "framework_version_id":
        return str(second["id"])
    return str((await steps.tree(keeper, second["id"]))["competencies"][0]["id"])


async def described(keeper: Somebody, path: dict[str, Any]) -> dict[str, Any]:
    """What a competency may say that the document's example does not."""
    version = path.get("framework_version_id")
    if version is None:
        item = steps.made(await keeper.get(f"/competencies/{path['competency_id']}"), 200)
        version = item["framework_version_id"]
    whole = await steps.tree(keeper, str(version))
    return {
        "scale_identifier": whole["scales"][0]["identifier"],
        "descriptors": [{"level": 1, "text_vi": "x", "text_en": "x"}],
        "replaces": [whole["competencies"][0]["identifier"]],
    }
