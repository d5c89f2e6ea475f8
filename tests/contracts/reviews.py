"""Curricula in review: who is asked about them, who decides, and who stands in for whom."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from app.core.schemas import today
from tests.competencies.steps import address, made
from tests.contracts.competencies import ASKED, EXPERTS
from tests.contracts.rights import Whose
from tests.curricula import review_steps as steps
from tests.curricula.steps import curriculum, published_module
from tests.curricula.steps import version as version_of
from tests.world import Somebody, World

Targets = dict[str, dict[str, UUID]]
_TABLES = ("review_invitations", "review_delegations", "review_comments", "review_decisions")


async def reviews(
    world: World, keepers: Mapping[str, Somebody], heir: UUID, targets: Targets
) -> str:
    """Adds to the targets; gives the address of somebody who may stand in for any reviewer."""
    targets |= {table: {} for table in _TABLES}
    for place, keeper in keepers.items():
        invited = {"invited_organization_id": str(heir)}
        draft = str(targets["curriculum_versions"][place])
        invitation = await steps.ask(keeper, draft, **invited)
        targets["review_invitations"][place] = UUID(invitation["id"])
        guest = keepers[ASKED[place]]
        await _reviewed(world, keeper, place, guest.organization, targets)
    return await address(world, await world.somebody("viewer"))


async def _reviewed(
    world: World, keeper: Somebody, place: str, guest: UUID, targets: Targets
) -> None:
    """A version in review, whose reviewer has somebody stand in for them, and objects."""
    reviewer, deputy = [await world.somebody("viewer") for _ in range(2)]
    began = await curriculum(
        keeper, await published_module(keeper), field="consular", kind="specialised"
    )
    id, name = str(began["open_version_id"]), f"{place} reviewed"
    targets["curricula"][name], targets["curriculum_versions"][name] = UUID(began["id"]), UUID(id)
    invitation = await steps.ask(keeper, id, invited_organization_id=str(guest))
    seat = await steps.name(world, keeper, id, reviewer)
    targets["review_invitations"] |= {
        name: UUID(invitation["id"]),
        f"{place} reviewer": UUID(seat["id"]),
    }
    until = today() + timedelta(days=30)
    stands_in = made(await steps.stand_in(world, keeper, seat["id"], deputy, until=until))
    targets["review_delegations"][name] = UUID(stands_in["id"])
    due = str(until)
    await steps.do(keeper, id, "submit", quorum=1, due_on=due, note="Xin ý kiến.")
    module = (await version_of(keeper, id))["modules"][0]["module_id"]
    said = await steps.say(keeper, id, module_id=module)
    targets["review_comments"][name] = UUID(said["id"])
    decided = await steps.decide(reviewer, id, **steps.OBJECT)
    targets["review_decisions"][name] = UUID(decided["id"])


async def ask_for_reviews(world: World, callers: Mapping[str, Any], targets: Targets) -> None:
    """Names some who call as reviewers, lets each say something and decide, and has others of them
    stand in elsewhere."""
    until = today() + timedelta(days=30)
    for name, place in EXPERTS.items():
        caller = callers[name]
        keeper = callers["Academy administrator"].http
        id = str(targets["curriculum_versions"][f"{place} reviewed"])
        seat = await steps.name(world, keeper, id, caller.http)
        targets["review_invitations"][name] = UUID(seat["id"])
        await steps.say(caller.http, id)
        await steps.decide(caller.http, id, **steps.APPROVE)
        deputy = await world.somebody("viewer")
        made(await steps.stand_in(world, caller.http, seat["id"], deputy, until=until))
        elsewhere = targets["review_invitations"]["ministry reviewer"]
        if place != "ministry":
            made(await steps.stand_in(world, keeper, str(elsewhere), caller.http, until=until))


@dataclass(frozen=True)
class Reviews:
    """Whom versions are shown to that are not published."""

    asked: Mapping[UUID, frozenset[UUID]]
    """Organisations and users who are asked about a version, at any time."""
    open_to: Mapping[UUID, frozenset[UUID]]
    """The same, by version and curriculum, while it is shown to them."""
    seats: Mapping[UUID, UUID]
    """The user who decides, by their invitation."""

    @classmethod
    async def of(cls, owner: asyncpg.Connection) -> "Reviews":
        for table in ("curriculum_versions", "review_invitations", "review_delegations"):
            await owner.execute(f"alter table {table} no force row level security")
        asked: dict[UUID, frozenset[UUID]] = {}
        for version, guest in await owner.fetch(_ASKED):
            asked[version] = asked.get(version, frozenset()) | {guest}
        open_to: dict[UUID, frozenset[UUID]] = {}
        for version, root in await owner.fetch(_SHOWN):
            for key in (version, root):
                open_to[key] = open_to.get(key, frozenset()) | asked.get(version, frozenset())
        return cls(asked, open_to, dict(await owner.fetch(_SEATS)))

    def shown(self, table: str, row: dict[str, Any], whose: Whose) -> Whose:
        """Whose a row is, with whom it is shown to."""
        match table:
            case "curricula" | "curriculum_versions":
                return replace(whose, audience=self.open_to.get(UUID(row["id"]), frozenset()))
            case "curriculum_modules":
                key = UUID(row["curriculum_version_id"])
                return replace(whose, audience=self.open_to.get(key, frozenset()))
            case "review_invitations":
                guest = UUID(row["invited_organization_id"] or row["user_id"])
                # Who decides, and so who says who stands in for them.
                return replace(
                    whose, audience=frozenset({guest}), account=self.seats.get(UUID(row["id"]))
                )
            case "review_delegations":
                seat = self.seats.get(UUID(row["invitation_id"]))
                audience = {UUID(row["user_id"]), *([seat] if seat else [])}
                return replace(whose, audience=frozenset(audience), account=seat)
            case "review_comments" | "review_decisions" | "curriculum_steps":
                key = UUID(row["curriculum_version_id"])
                return replace(whose, audience=self.asked.get(key, frozenset()))
        return whose


_ASKED = """
select curriculum_version_id, coalesce(invited_organization_id, user_id)
from review_invitations where ended_at is null
union
select curriculum_version_id, user_id from review_delegations
where ended_at is null and (now() at time zone 'Asia/Ho_Chi_Minh')::date between since and until
"""
_SHOWN = (
    "select id, curriculum_id from curriculum_versions where state in ('in_review', 'approved')"
)
_SEATS = "select id, user_id from review_invitations where decides and ended_at is null"
