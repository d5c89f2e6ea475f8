"""Reviews in the state that an operation asks for."""

from app.core.schemas import today
from tests.competencies.steps import address
from tests.competencies.steps import made as taken
from tests.curricula import review_steps as steps
from tests.world import Somebody, World

IDS = {"review_invitation_id", "review_comment_id", "review_delegation_id"}
STATES = {
    "submit_curriculum_version": "draft",
    "return_curriculum_version": "in_review",
    "create_review_invitation": "in_review",
    "create_review_comment": "in_review",
    "create_review_decision": "in_review",
    "get_curriculum_trail": "in_review",
    "approve_curriculum_version": "agreed",
    "publish_curriculum_version": "approved",
}
"""The state in which a version is when it is asked for."""
ONCE = {
    *("submit_curriculum_version", "return_curriculum_version", "approve_curriculum_version"),
    *("publish_curriculum_version", "create_review_invitation", "create_review_delegation"),
}
"""What is asked for is another one each time."""


NAMING = {"create_review_invitation", "create_review_delegation"}
"""What names somebody in its body."""


async def made(world: World, keeper: Somebody, name: str, operation_id: str) -> str:
    """The id of one of `IDS`, or of a version in the state that the operation needs."""
    if name in IDS:
        return await _part(world, keeper, name)
    return await _in_state(world, keeper, STATES[operation_id])


async def _in_state(world: World, keeper: Somebody, state: str) -> str:
    """A version of a curriculum whose reviewer is its keeper."""
    version = await steps.draft(keeper)
    if state == "draft":
        return version
    await steps.name(world, keeper, version, keeper)
    await steps.submit(keeper, version)
    if state in ("agreed", "approved"):
        await steps.decide(keeper, version, **steps.APPROVE)
    if state == "approved":
        await steps.do(keeper, version, "approve", **steps.DOCUMENT)
    return version


async def _part(world: World, keeper: Somebody, name: str) -> str:
    version = await _in_state(world, keeper, "in_review")
    if name == "review_comment_id":
        return str((await steps.say(keeper, version))["id"])
    reviewer = await world.somebody("viewer")
    seat = str((await steps.name(world, keeper, version, reviewer))["id"])
    if name == "review_invitation_id":
        return seat
    delegate = await world.somebody("viewer")
    return str(taken(await steps.stand_in(world, keeper, seat, delegate))["id"])


async def named(world: World, hue: Somebody, operation_id: str) -> dict[str, str]:
    """What is in the body in the place of the document's examples."""
    if operation_id == "create_review_invitation":
        return {"invited_organization_id": str(hue.organization)}
    if operation_id == "create_review_delegation":
        return {"email": await address(world, hue), "since": str(today())}
    raise AssertionError(operation_id)
