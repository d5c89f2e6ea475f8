"""A row of everything, in organisations that must not see each other, and all who call.

Hà Nội and Huế are strangers. Beside them stand a ministry, and a region with a district below it.
Some officers have moved from one to another, with their past.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from tests.contracts.accounts import accounts, newcomer
from tests.contracts.attendance import SAID, attendance
from tests.contracts.competencies import competencies
from tests.contracts.courses import courses
from tests.contracts.curricula import curricula
from tests.contracts.enrolment import nominations
from tests.contracts.materials import materials
from tests.contracts.people import in_force, of_people
from tests.contracts.reviews import reviews
from tests.contracts.rights import PLACES, Whose
from tests.contracts.rooms import rooms
from tests.contracts.rosters import rosters
from tests.contracts.trainings import trainings
from tests.contracts.truth import Truth
from tests.rooms.steps import made
from tests.world import Somebody, World, add_learner, replace

RICH = {
    "birth_date": "1988-04-12",
    "email": "hoa@so.example",
    "phone": "024 0000 0001",
    "rank": "Chuyên viên",
    "fields": ["protocol_and_events", "consular"],
    "languages": [{"language": "en", "level": 4, "evidence": "IELTS 6.5"}],
    "recruited_on": "2012-09-01",
    "national_id": "001088000123",
    "attributes": {"a": 1.5, "b": True, "c": None, "d": 'Đ "x" \\ \n\u2028😀', "e": -7},
}
"""Every field of a learner, and what JSON finds hard to write."""

ADDRESSED_BY = {
    "positions_held": "learners",
    "roster_changes": "roster_syncs",
    "roster_errors": "roster_syncs",
}
"""What an address names where it is no row of the table itself."""
PEOPLE = {
    "self": "hanoi",
    "colleague": "hanoi",
    "stranger": "hue",
    "official": "ministry",
    "regional": "region",
    "local": "district",
}
MOVED = {
    "moved": ("hue", "hanoi"),
    "moved to the region": ("hue", "region"),
    "moved from the region": ("region", "hue"),
}
"""Who worked elsewhere before, and has their past with them."""


@dataclass(frozen=True)
class Population:
    places: dict[str, UUID]
    heir: UUID
    """An organisation that can take the place of any other."""
    claim_code: str
    """Of somebody whom Huế released, and nobody has claimed."""
    newcomer: UUID
    """A user without any role yet."""
    delegate: str
    """The address of a user who may stand in for any reviewer."""
    required_framework: UUID
    """A framework that is in force, and what positions require of it."""
    required_competency: UUID
    """By its identifier."""
    explained: UUID
    """The same, by its id."""
    position: UUID
    """A national one."""
    done: UUID
    """A curriculum that learners have completed."""
    in_force: UUID
    """The version of it that everybody reads."""
    opened_course: UUID
    seated: UUID
    """A learner who has seats in courses."""
    targets: dict[str, dict[str, UUID]]
    """Of each table that operations address: rows by a name that tells whose they are."""
    owners: dict[str, dict[str, Whose]]
    """Whose each target is."""
    truth: Truth

    async def tell_owners(self) -> None:
        for table, ids in self.targets.items():
            whose = await self.truth.whose(ADDRESSED_BY.get(table, table))
            self.owners[table] = {name: whose[id] for name, id in ids.items()}


async def populate(world: World, truth: Truth) -> Population:
    places = await _places(world)
    admin = await world.somebody("academy_admin")
    keepers = {name: await world.somebody("coordinator", id) for name, id in places.items()}
    units = {name: await _unit(keepers[name]) for name in places}
    learners, transfers, learnt_before = {}, {}, {}
    for person, place in PEOPLE.items():
        learner = await _officer(keepers[place], units[place])
        learners[person] = UUID(learner["id"])
        if person != "colleague":  # whom the matrix releases
            transfers[person] = UUID((await _released(keepers[place], learner))["id"])
    for person, (sender, receiver) in MOVED.items():
        learner = await _officer(keepers[sender], units[sender])
        learners[person] = UUID(learner["id"])
        path = f"/learners/{learner['id']}/learning-records"
        said = made(await keepers[sender].post(path, json=SAID))
        learnt_before[f"{person}, before"] = UUID(said["id"])
        transfers[person] = await _moved(learner, keepers[sender], keepers[receiver])
    heir = await _former(world, admin)
    released = await _released(keepers["hue"], await _officer(keepers["hue"], units["hue"]))
    await _service_rows(world)
    await _read_by_all(world, keepers.values())
    targets = {
        "organizations": places,
        "units": units,
        "learners": learners,
        "positions_held": learners,
        "transfers": transfers,
    } | await accounts(world, places)
    targets |= await _webhooks(world, keepers)
    targets |= await rosters(world, places, learners)
    targets |= await competencies(world, keepers, heir)
    targets |= await of_people(world, keepers, targets)
    targets |= await materials(world, keepers)
    targets |= await rooms(admin, keepers)
    targets |= await curricula(world, keepers, targets["material_versions"])
    delegate = await reviews(world, keepers, heir, targets)
    targets |= await trainings(world, targets)
    in_force_now = targets["curriculum_versions"]["academy in force"]
    targets |= await courses(keepers, in_force_now, places, targets)
    targets |= await nominations(admin, keepers, targets)
    targets |= await attendance(admin, keepers, targets)
    targets["learning_records"] |= learnt_before
    for table in ("audit_entries", "events", "personal_data_reads"):
        targets[table] = await _one_of_each(truth, table, places)
    new = await newcomer(world)
    required = await in_force(world, targets["framework_versions"]["academy in force"])
    position = targets["job_positions"]["academy"]
    run = (targets["curricula"]["academy in force"], in_force_now)
    seats = (targets["courses"]["academy open"], learners["self"])
    people = (places, heir, released["claim_code"], new, delegate)
    told = (*people, *required, position, *run, *seats)
    population = Population(*told, targets, {}, truth)
    await population.tell_owners()
    return population


async def _places(world: World) -> dict[str, UUID]:
    places = {name: await world.organization(name) for name in ("hanoi", "hue", "region")}
    places["academy"] = await world.academy()
    places["ministry"] = await world.organization("ministry", kind="ministry")
    places["district"] = await world.organization("district", parent=places["region"])
    return {name: places[name] for name in PLACES}


def once() -> dict[str, str]:
    return {"Idempotency-Key": uuid4().hex}


async def _unit(keeper: Somebody) -> UUID:
    body = {"code": f"U-{uuid4().hex[:8]}", "name_vi": "Phòng Lễ tân", "name_en": "Protocol"}
    made = await keeper.post("/units", json=body, headers=once())
    assert made.status_code == 201, made.text
    return UUID(made.json()["id"])


async def _officer(keeper: Somebody, unit: UUID) -> dict[str, Any]:
    """Somebody with a past, of whom everything is known."""
    name = f"Trần {uuid4().hex} Hoà"  # so that a search finds nobody else
    national_id = f"{uuid4().int % 10**12:012}"
    learner = await add_learner(
        keeper, **RICH | {"national_id": national_id}, full_name=name, unit_id=str(unit)
    )
    path = f"/learners/{learner['id']}"
    promoted = await replace(
        keeper, path, position_since="2023-05-01", position_title="Trưởng phòng"
    )
    assert promoted.status_code == 200, promoted.text
    return dict(promoted.json())


async def _released(keeper: Somebody, learner: dict[str, Any]) -> dict[str, Any]:
    released = await keeper.post(
        f"/learners/{learner['id']}/release",
        json={"released_on": "2024-01-01", "reason": "Điều động"},
        headers=once(),
    )
    assert released.status_code == 201, released.text
    return dict(released.json())


async def _moved(learner: dict[str, Any], sender: Somebody, receiver: Somebody) -> UUID:
    code = (await _released(sender, learner))["claim_code"]
    body = {
        "claim_code": code,
        "claimed_on": "2024-02-01",
        "external_id": f"CB-{uuid4().hex[:8]}",
        "position_title": "Chuyên viên",
    }
    claimed = await receiver.post("/transfers/claim", json=body, headers=once())
    assert claimed.status_code == 200, claimed.text
    return UUID(claimed.json()["id"])


async def _former(world: World, admin: Somebody) -> UUID:
    """An organisation that is no more, and its heir, which stands below nobody."""
    former, heir = await world.organization("former"), await world.organization("heir", parent=None)
    body = {"effective_on": "2025-07-01", "document": "202/2025/QH15", "successor_id": str(heir)}
    succeeded = await admin.post(f"/organizations/{former}/succeed", json=body)
    assert succeeded.status_code == 200, succeeded.text
    return heir


async def _webhooks(world: World, keepers: Mapping[str, Somebody]) -> dict[str, dict[str, UUID]]:
    """An endpoint of each place, with a message; all of them have taken nothing yet."""
    endpoints, deliveries = {}, {}
    for place, keeper in keepers.items():
        body = {"url": f"https://{place}.example/changes"}
        endpoint = (await keeper.post("/webhook-endpoints", json=body, headers=once())).json()
        path = f"/webhook-endpoints/{endpoint['id']}/ping"
        delivery = (await keeper.post(path, headers=once())).json()
        endpoints[place], deliveries[place] = UUID(endpoint["id"]), UUID(delivery["id"])
    await world.database.unscoped(
        "insert into webhook_failures (endpoint_id, organization_id)"
        " select id, organization_id from webhook_endpoints"
    )
    return {"webhook_endpoints": endpoints, "webhook_deliveries": deliveries}


async def _service_rows(world: World) -> None:
    """What no operation writes, or only on the way to a token."""
    program = await world.program(await world.academy())
    async with world.session() as session:
        await session.execute(text("insert into installations (demo_loaded_at) values (now())"))
    await world.database.unscoped(
        "insert into used_assertions (client_id, jti, expires_at) values ($1, 'used', now())",
        program.subject,
    )


async def _read_by_all(world: World, keepers: Any) -> None:
    for keeper in keepers:
        assert (await keeper.get("/learners")).status_code == 200
    await world.app.state.read_log.write()


async def _one_of_each(truth: Truth, table: str, places: dict[str, UUID]) -> dict[str, UUID]:
    organizations = {whose.organization: id for id, whose in (await truth.whose(table)).items()}
    return {name: organizations[place] for name, place in places.items()}
