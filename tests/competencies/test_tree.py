"""The tree of competencies: made, moved, described, and read in its order."""

import asyncio
from dataclasses import dataclass, field
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tests.competencies.steps import (
    area,
    competency,
    draft,
    made,
    names,
    remove,
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
