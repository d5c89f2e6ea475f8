"""Officers on a roster: who sees them, how they are changed, what is kept of them."""

from tests.world import add_learner, problem, replace


class TestTenancy:
    async def test_a_learner_exists_for_their_organization_and_the_academy(
        self, academy, hanoi, hue
    ):
        learner = await add_learner(hanoi)
        path = f"/learners/{learner['id']}"

        assert (await hanoi.get(path)).json() == learner
        assert (await academy.get(path)).json() == learner
        assert problem(await hue.get(path)) == (404, "not-found")
        assert (await hue.get("/learners")).json()["items"] == []

    async def test_a_learner_reads_their_own_record_and_nobody_elses(self, world, hanoi):
        own, other = await add_learner(hanoi), await add_learner(hanoi)
        learner = await world.somebody("learner", hanoi.organization, own["id"])

        assert (await learner.get("/learners")).json()["items"] == [own]
        assert problem(await learner.get(f"/learners/{other['id']}")) == (404, "not-found")


class TestReplacing:
    async def test_keeps_the_position_held_before(self, hanoi):
        learner = await add_learner(hanoi, position_title="Chuyên viên")
        path = f"/learners/{learner['id']}"
        changed = await replace(
            hanoi, path, position_title="Trưởng phòng", position_since="2024-05-01"
        )
        assert changed.status_code == 200, changed.text

        held = (await hanoi.get(f"{path}/positions")).json()["items"]
        assert [(p["position_title"], p["held_from"], p["held_until"]) for p in held] == [
            ("Trưởng phòng", "2024-05-01", None),
            ("Chuyên viên", "2020-01-01", "2024-05-01"),
        ]
