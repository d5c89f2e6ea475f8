"""The tree of competencies: made, moved, described, and read in its order."""

import asyncio
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tests.competencies.steps import (
    area,
    change,
    competency,
    draft,
    made,
    names,
    remove,
    scale,
    tree,
    try_competency,
)
from tests.world import Somebody, World, everything, problem


async def test_the_tree_is_read_in_its_order(hanoi: Somebody):
    version = await draft(hanoi)
    a = await area(hanoi, version, name_en="A")
    b = await area(hanoi, version, name_en="B")
    for parent, name, position in ((b, "B2", None), (b, "B1", 1), (a, "A1", None), (a, "A2", 7)):
        place = {"parent_identifier": parent["identifier"], "position": position}
        await competency(hanoi, version, name_en=name, **place)
    await area(hanoi, version, name_en="0", position=1)
    expected = ["0", "A", "A1", "A2", "B", "B1", "B2"]
    assert await names(hanoi, version) == expected
    query = {"framework_version": version, "limit": 2}
    paged = await everything(hanoi, "/competencies", **query)
    assert [each["name_en"] for each in paged] == expected
    backwards = await everything(hanoi, "/competencies", sort="-place", **query)
    assert [each["name_en"] for each in backwards] == expected[::-1]
    below = await everything(hanoi, "/competencies", parent=b["identifier"], **query)
    assert [(each["name_en"], each["position"]) for each in below] == [("B1", 1), ("B2", 2)]


async def test_what_is_moved_takes_along_what_stands_below_it(hanoi: Somebody):
    version = await draft(hanoi)
    a, b = [await area(hanoi, version, name_en=name) for name in "AB"]
    a1 = await area(hanoi, version, name_en="A1", parent_identifier=a["identifier"])
    await competency(hanoi, version, name_en="A11", parent_identifier=a1["identifier"])
    await competency(hanoi, version, name_en="A2", parent_identifier=a["identifier"])
    moved = await hanoi.post(
        f"/competencies/{a1['id']}/move", json={"parent_identifier": b["identifier"]}
    )
    assert made(moved, 200)["parent_identifier"] == b["identifier"]
    assert await names(hanoi, version) == ["A", "A2", "B", "A1", "A11"]
    made(await hanoi.post(f"/competencies/{b['id']}/move", json={"position": 1}), 200)
    assert await names(hanoi, version) == ["B", "A1", "A11", "A", "A2"]
    made(await hanoi.post(f"/competencies/{b['id']}/move", json={"position": 2}), 200)
    assert await names(hanoi, version) == ["A", "A2", "B", "A1", "A11"]


async def test_nothing_stands_below_itself(hanoi: Somebody):
    version = await draft(hanoi)
    a = await area(hanoi, version)
    b = await area(hanoi, version, parent_identifier=a["identifier"])
    c = await area(hanoi, version, parent_identifier=b["identifier"])
    for parent in (a, b, c):
        refused = await hanoi.post(
            f"/competencies/{a['id']}/move", json={"parent_identifier": parent["identifier"]}
        )
        assert problem(refused) == (422, "competency-below-itself")


async def test_two_who_move_at_once_close_no_circle(hanoi: Somebody):
    version = await draft(hanoi)
    a, b = [await area(hanoi, version, name_en=name) for name in "AB"]
    for _ in range(5):
        first, second = await asyncio.gather(
            hanoi.post(
                f"/competencies/{a['id']}/move", json={"parent_identifier": b["identifier"]}
            ),
            hanoi.post(
                f"/competencies/{b['id']}/move", json={"parent_identifier": a["identifier"]}
            ),
        )
        assert sorted((first.status_code, second.status_code)) == [200, 422]
        for each in (a, b):
            await hanoi.post(f"/competencies/{each['id']}/move", json={})


async def test_a_parent_of_another_version_is_unknown(hanoi: Somebody):
    version, other = await draft(hanoi), await draft(hanoi)
    stranger = await area(hanoi, other)
    own = await area(hanoi, version)
    for parent in (stranger["identifier"], str(uuid4())):
        refused = await try_competency(hanoi, version, parent_identifier=parent)
        assert problem(refused) == (422, "parent-competency-unknown")
        refused = await hanoi.post(
            f"/competencies/{own['id']}/move", json={"parent_identifier": parent}
        )
        assert problem(refused) == (422, "parent-competency-unknown")


async def test_a_tree_has_fifty_levels_at_most(hanoi: Somebody, world: World):
    version = await draft(hanoi)
    parent = (await area(hanoi, version))["identifier"]
    async with world.session() as session:
        for _ in range(49):
            made_below = await session.scalar(
                text(
                    "insert into competencies (organization_id, framework_version_id,"
                    " parent_identifier, position, kind, name_vi, name_en)"
                    " values (:of, :version, :parent, 1, 'area', 'x', 'x') returning identifier"
                ),
                {"of": hanoi.organization, "version": version, "parent": parent},
            )
            parent = str(made_below)
    refused = await try_competency(hanoi, version, parent_identifier=parent)
    assert problem(refused) == (422, "tree-too-deep")


async def test_codes_and_identifiers_are_there_once_in_a_version(hanoi: Somebody):
    version, other = await draft(hanoi), await draft(hanoi)
    identifier = str(uuid4())
    await competency(hanoi, version, code="A", identifier=identifier)
    taken = await try_competency(hanoi, version, code="A")
    assert problem(taken) == (409, "competency-code-taken")
    taken = await try_competency(hanoi, version, identifier=identifier)
    assert problem(taken) == (409, "competency-identifier-taken")
    elsewhere = await competency(hanoi, other, code="A", identifier=identifier)
    assert elsewhere["identifier"] == identifier
    for _ in range(2):
        await competency(hanoi, version, code=None)


async def test_an_identifier_is_one_that_can_be_exchanged(hanoi: Somebody):
    version = await draft(hanoi)
    refused = await try_competency(
        hanoi, version, identifier="0198c0de-0000-7000-8000-000000000001"
    )
    assert refused.json()["errors"][0]["code"] == "identifier_version"
    identifier = UUID((await competency(hanoi, version))["identifier"])
    assert identifier.version == 4


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"domain": None}, "domain_missing"),
        ({"kind": "indicator", "scale_identifier": str(uuid4())}, "scale_of_no_competency"),
        (
            {"descriptors": [{"level": 1, "text_vi": "x", "text_en": "x"}]},
            "descriptors_without_scale",
        ),
        (
            {
                "scale_identifier": str(uuid4()),
                "descriptors": [{"level": 1, "text_vi": "x", "text_en": "x"}] * 2,
            },
            "level_twice",
        ),
    ],
)
async def test_parts_of_a_competency_fit_together(hanoi: Somebody, fields, code):
    refused = await try_competency(hanoi, await draft(hanoi), **fields)
    assert problem(refused) == (422, "invalid-request")
    assert [each["code"] for each in refused.json()["errors"]] == [code]


async def test_a_competency_is_on_a_scale_of_its_version(hanoi: Somebody):
    version, other = await draft(hanoi), await draft(hanoi)
    stranger = await scale(hanoi, other)
    refused = await try_competency(hanoi, version, scale_identifier=stranger["identifier"])
    assert problem(refused) == (422, "scale-unknown")
    own = await scale(hanoi, version)
    described = [{"level": 6, "text_vi": "x", "text_en": "x"}]
    refused = await try_competency(
        hanoi, version, scale_identifier=own["identifier"], descriptors=described
    )
    assert problem(refused) == (422, "descriptor-of-no-level")


async def test_descriptors_are_replaced_with_their_competency(hanoi: Somebody):
    version = await draft(hanoi)
    own, other = await scale(hanoi, version), await scale(hanoi, version)
    one, two = ({"level": n, "text_vi": f"{n}", "text_en": f"{n}"} for n in (1, 2))
    item = await competency(
        hanoi, version, scale_identifier=own["identifier"], descriptors=[two, one]
    )
    assert item["descriptors"] == [one, two]
    same = await change(hanoi, "competencies", item["id"])
    assert same.json()["version"] == item["version"]
    better = {**two, "text_en": "better"}
    changed = await change(hanoi, "competencies", item["id"], descriptors=[better])
    assert changed.json()["descriptors"] == [better]
    assert changed.json()["version"] > item["version"]
    moved = await change(
        hanoi, "competencies", item["id"], scale_identifier=other["identifier"], descriptors=[one]
    )
    assert made(moved, 200)["descriptors"] == [one]
    stale = await hanoi.put(
        f"/competencies/{item['id']}",
        json={"kind": "area", "name_vi": "x", "name_en": "x"},
        headers={"If-Match": '"1"'},
    )
    assert problem(stale) == (412, "outdated")


async def test_only_what_holds_nothing_is_removed(hanoi: Somebody, hue: Somebody):
    version = await draft(hanoi)
    own = await scale(hanoi, version)
    top = await area(hanoi, version)
    item = await competency(
        hanoi,
        version,
        parent_identifier=top["identifier"],
        scale_identifier=own["identifier"],
        descriptors=[{"level": 1, "text_vi": "x", "text_en": "x"}],
    )
    paths = [f"/competencies/{each['id']}" for each in (top, item)]
    scale_path = f"/proficiency-scales/{own['id']}"
    for path in (*paths, scale_path):
        assert problem(await remove(hue, path)) == (404, "not-found")
    assert problem(await remove(hanoi, paths[0])) == (409, "competency-not-empty")
    assert problem(await remove(hanoi, scale_path)) == (409, "scale-in-use")
    for path in (paths[1], paths[0], scale_path):
        removed = await remove(hanoi, path)
        assert (removed.status_code, removed.content) == (204, b"")
        assert problem(await hanoi.get(path)) == (404, "not-found")
        assert problem(await remove(hanoi, path)) == (404, "not-found")
    assert (await tree(hanoi, version))["competencies"] == []


async def test_a_scale_has_its_levels_and_one_that_is_proficient(hanoi: Somebody):
    version = await draft(hanoi)
    own = await scale(hanoi, version)
    assert [each["level"] for each in own["levels"]] == [1, 2, 3, 4, 5]
    refused = await change(hanoi, "proficiency-scales", own["id"], proficient_level=6)
    assert refused.json()["errors"][0]["code"] == "proficient_level_unknown"
    refused = await change(hanoi, "proficiency-scales", own["id"], levels=own["levels"] * 2)
    assert refused.json()["errors"][0]["code"] == "level_twice"
    await competency(
        hanoi,
        version,
        scale_identifier=own["identifier"],
        descriptors=[{"level": 5, "text_vi": "x", "text_en": "x"}],
    )
    refused = await change(hanoi, "proficiency-scales", own["id"], levels=own["levels"][:4])
    assert problem(refused) == (422, "descriptor-of-no-level")
    kept = made(await change(hanoi, "proficiency-scales", own["id"], levels=own["levels"][2:]), 200)
    assert [each["level"] for each in kept["levels"]] == [3, 4, 5]
    assert kept["version"] == own["version"] + 1
    identifier = own["identifier"]
    body = {"name_vi": "x", "name_en": "x", "proficient_level": 3, "levels": own["levels"]}
    taken = await hanoi.post(
        f"/framework-versions/{version}/scales", json=body | {"identifier": identifier}
    )
    assert problem(taken) == (409, "scale-identifier-taken")


async def test_a_version_of_five_thousand_is_read_in_one_statement(hanoi: Somebody, world: World):
    version = await draft(hanoi)
    top = await area(hanoi, version)
    async with world.session() as session:
        await session.execute(
            text(
                "insert into competencies (organization_id, framework_version_id,"
                " parent_identifier, position, kind, domain, code, name_vi, name_en)"
                " select :of, :version, :parent, n, 'competency', 'skill', 'C' || n, 'x', 'x'"
                " from generate_series(1, 4999) as n"
            ),
            {"of": hanoi.organization, "version": version, "parent": top["identifier"]},
        )
    await tree(hanoi, version)
    sent: list[str] = []
    readers = list(world.database.readers.idle)

    def note(record) -> None:
        sent.append(record.query)

    for connection in readers:
        connection.add_query_logger(note)
    whole = (await tree(hanoi, version))["competencies"]
    await asyncio.sleep(0)
    for connection in readers:
        connection.remove_query_logger(note)
    assert len(sent) == 1
    assert [each["position"] for each in whole[1:]] == list(range(1, 5000))


@dataclass
class Model:
    """A tree as anybody would draw it."""

    children: dict[str | None, list[str]] = field(default_factory=lambda: {None: []})

    def parent(self, node: str) -> str | None:
        return next(parent for parent, below in self.children.items() if node in below)

    def within(self, node: str, root: str) -> bool:
        at: str | None = node
        while at is not None:
            if at == root:
                return True
            at = self.parent(at)
        return False

    def put(self, node: str, parent: str | None, place: int) -> None:
        self.children[parent].insert(place - 1, node)

    def order(self, root: str | None = None) -> list[str]:
        return [each for child in self.children[root] for each in (child, *self.order(child))]


STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "move", "remove"]), *[st.integers(0, 20)] * 3),
    min_size=4,
    max_size=14,
)


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
async def test_a_tree_is_always_as_it_was_drawn(hanoi: Somebody, steps):
    version, drawn, known = await draft(hanoi), Model(), {}
    for what, one, other, place in steps:
        nodes = [None, *known]
        node, parent = nodes[one % len(nodes)], nodes[other % len(nodes)]
        below = {"parent_identifier": known[parent]["identifier"] if parent else None}
        if what == "add":
            name = f"N{len(known)}-{one}-{place}"
            known[name] = await area(hanoi, version, name_en=name, position=place + 1, **below)
            drawn.children[name] = []
            drawn.put(name, parent, place + 1)
        elif node is None:
            continue
        elif what == "move":
            path = f"/competencies/{known[node]['id']}/move"
            answer = await hanoi.post(path, json=below | {"position": place + 1})
            if parent is not None and drawn.within(parent, node):
                assert problem(answer) == (422, "competency-below-itself")
            else:
                made(answer, 200)
                drawn.children[drawn.parent(node)].remove(node)
                drawn.put(node, parent, place + 1)
        else:
            answer = await remove(hanoi, f"/competencies/{known[node]['id']}")
            if drawn.children[node]:
                assert problem(answer) == (409, "competency-not-empty")
            else:
                assert answer.status_code == 204
                drawn.children[drawn.parent(node)].remove(node)
                del drawn.children[node], known[node]
        assert await names(hanoi, version) == drawn.order()
