"""Who saw whose personal data: written down a moment after they saw it."""

import asyncio

import pytest

from tests.world import add_learner, everything, replace


@pytest.fixture
def reads(world, academy):
    """Who read somebody's data, newest first, once so many reads are written down."""

    async def reads(client=None, so_many=1, **query):
        reader, path = client or academy, "/personal-data-reads"
        async with asyncio.timeout(30):
            while len(found := await everything(reader, path, **query)) < so_many:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        return found

    return reads


@pytest.fixture
async def people(hanoi):
    return [await add_learner(hanoi, full_name=name) for name in ("Lê An", "Lê Bình")]


async def test_a_list_names_everyone_who_was_on_the_page(hanoi, people, reads):
    an, binh = people
    answer = await hanoi.get("/learners", params={"limit": 1, "fields": "full_name"})
    (entry,) = await reads(learner=an["id"])
    assert entry["actor"] == f"coordinator:{hanoi.subject}"
    assert entry["organization_id"] == str(hanoi.organization)
    assert entry["operation"] == "list_learners"
    assert entry["request_id"] == answer.headers["X-Request-ID"]
    assert entry["learner_ids"] == [an["id"]]

    await hanoi.get("/learners")
    (both,) = await reads(learner=binh["id"])
    assert both["learner_ids"] == [an["id"], binh["id"]]


@pytest.mark.parametrize(
    ("path", "operation"),
    [
        ("/learners/{id}", "get_learner"),
        ("/learners/{id}/positions", "list_learner_positions"),
        ("/learners?as_of=2024-01-01&q=an", "list_learners"),
        ("/transfers", "list_transfers"),
        ("/transfers/{transfer}", "get_transfer"),
    ],
)
async def test_each_way_to_see_somebody_is_one(hanoi, people, reads, path, operation):
    an, _ = people
    released = await hanoi.post(f"/learners/{an['id']}/release", json={"released_on": "2026-01-01"})
    answer = await hanoi.get(path.format(id=an["id"], transfer=released.json()["id"]))
    assert answer.status_code == 200
    (entry,) = await reads(learner=an["id"])
    assert (entry["operation"], entry["learner_ids"]) == (operation, [an["id"]])


async def test_looking_again_at_what_one_has_is_a_read_too(hanoi, people, reads):
    path = f"/learners/{people[0]['id']}"
    tag = (await hanoi.get(path)).headers["ETag"]
    assert (await hanoi.get(path, headers={"If-None-Match": tag})).status_code == 304
    assert len(await reads(so_many=2, learner=people[0]["id"])) == 2


async def test_what_shows_nobody_is_none(world, hanoi, hue, people, academy, reads):
    hidden = f"/learners/{people[0]['id']}"
    for path in ("/units", "/organizations", "/learners", hidden, f"{hidden}/positions"):
        await hue.get(path)
    await hanoi.get("/learners", params={"q": "nobody"})
    await hanoi.get(hidden)
    (entry,) = await reads(learner=people[0]["id"])
    assert entry["actor"] == f"coordinator:{hanoi.subject}"
    theirs = await everything(academy, "/personal-data-reads", actor=f"coordinator:{hue.subject}")
    assert theirs == []


async def test_a_coordinator_sees_what_their_organization_read(academy, hanoi, hue, people, reads):
    await hanoi.get("/learners")
    await academy.get(f"/learners/{people[0]['id']}")
    (own,) = await reads(hanoi)
    assert own["actor"] == f"coordinator:{hanoi.subject}"
    both = await reads(so_many=2, learner=people[0]["id"])
    assert {entry["actor"].split(":")[0] for entry in both} == {"coordinator", "academy_admin"}
    assert await everything(hue, "/personal-data-reads") == []


async def test_the_former_organization_is_written_down_when_it_looks_back(
    hanoi, hue, people, reads
):
    an, _ = people
    released = await hanoi.post(f"/learners/{an['id']}/release", json={"released_on": "2025-01-01"})
    claim = {
        "claim_code": released.json()["claim_code"],
        "claimed_on": "2025-01-01",
        "external_id": "H-1",
        "position_title": "Chuyên viên",
    }
    assert (await hue.post("/transfers/claim", json=claim)).status_code == 200
    await replace(hue, f"/learners/{an['id']}", rank="A")
    await hanoi.get("/learners", params={"as_of": "2024-01-01", "q": "le an"})
    entries = await reads(learner=an["id"], actor=f"coordinator:{hanoi.subject}")
    assert [entry["operation"] for entry in entries] == ["list_learners"]
