"""Units within an organisation: added, renamed and moved by its own coordinator."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from app.events.models import Event
from tests.world import everything, problem, replace


async def add(client, code, **fields):
    body = {"code": code, "name_vi": f"Phòng {code}", "name_en": f"Division {code}"}
    made = await client.post("/units", json=body | fields)
    assert made.status_code == 201, made.text
    return made.json()


@pytest.fixture
async def tree(hanoi):
    """An office, a division in it, and a group in that."""
    office = await add(hanoi, "SNGV")
    division = await add(hanoi, "LE-TAN", parent_id=office["id"])
    return office, division, await add(hanoi, "TO-1", parent_id=division["id"])


async def test_are_listed_read_and_replaced_by_their_organization(world, hanoi, tree):
    office, division, group = tree
    assert await everything(hanoi, "/units") == [division, office, group]
    assert await everything(hanoi, "/units", parent=office["id"]) == [division]
    assert await everything(hanoi, "/units", sort="-code") == [group, office, division]

    path = f"/units/{division['id']}"
    changed = await replace(hanoi, path, name_vi="Phòng Lễ tân - Lãnh sự", parent_id=None)
    assert changed.status_code == 200, changed.text
    assert (changed.json()["parent_id"], changed.json()["version"]) == (None, 2)
    assert (await hanoi.get(path)).json() == changed.json()
    await replace(hanoi, path)
    async with world.session() as session:
        told = await session.scalars(select(Event.name).where(Event.subject_id == division["id"]))
        assert sorted(told.all()) == ["unit.changed", "unit.created"]


async def test_of_others_are_not_there(academy, hanoi, hue, tree):
    office, _, _ = tree
    path = f"/units/{office['id']}"
    assert await everything(hue, "/units") == []
    assert problem(await hue.get(path)) == (404, "not-found")
    body = {"code": "X", "name_vi": "X", "name_en": "X"}
    stale = {"If-Match": '"1"'}
    assert problem(await hue.put(path, json=body, headers=stale)) == (404, "not-found")
    theirs = body | {"organization_id": str(hanoi.organization)}
    assert problem(await hue.post("/units", json=theirs)) == (404, "not-found")
    nobodys = body | {"organization_id": str(uuid4())}
    assert problem(await academy.post("/units", json=nobodys)) == (404, "not-found")

    made = await academy.post("/units", json=theirs)
    assert made.json()["organization_id"] == str(hanoi.organization)
    assert await everything(academy, "/units", organization=str(hue.organization)) == []
    assert len(await everything(academy, "/units", organization=str(hanoi.organization))) == 4


async def test_have_codes_of_their_own_within_an_organization(hanoi, hue, tree):
    body = {"code": "SNGV", "name_vi": "Sở Ngoại vụ", "name_en": "Department of Foreign Affairs"}
    assert problem(await hanoi.post("/units", json=body)) == (409, "unit-code-taken")
    assert (await hue.post("/units", json=body)).status_code == 201
    renamed = await replace(hanoi, f"/units/{tree[2]['id']}", code="SNGV")
    assert problem(renamed) == (409, "unit-code-taken")


async def test_stand_below_a_unit_of_the_same_organization(hanoi, hue, tree):
    theirs = await add(hue, "SNGV")
    body = {"code": "X", "name_vi": "X", "name_en": "X"}
    for unknown in (theirs["id"], str(uuid4())):
        refusal = await hanoi.post("/units", json=body | {"parent_id": unknown})
        assert problem(refusal) == (422, "parent-unit-unknown")
        refusal = await replace(hanoi, f"/units/{tree[1]['id']}", parent_id=unknown)
        assert problem(refusal) == (422, "parent-unit-unknown")


async def test_do_not_stand_below_themselves(hanoi, tree):
    path = f"/units/{tree[0]['id']}"
    for below in tree:
        refusal = await replace(hanoi, path, parent_id=below["id"])
        assert problem(refusal) == (422, "unit-below-itself")
    assert (await hanoi.get(path)).json() == tree[0]
