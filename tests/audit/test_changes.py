"""Who changed what: written down for every change, for those concerned, and for good."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.core.database.scopes import Reach, system
from tests.world import add_learner, everything, problem, replace


async def entries(client, row, **query):
    """Oldest first."""
    return await everything(client, "/audit-entries", row=row, sort="occurred_at", **query)


@pytest.fixture
async def learner(hanoi):
    return await add_learner(hanoi, position_title="Chuyên viên", national_id="001188000009")


class TestEntries:
    async def test_say_who_when_in_which_request_and_what_was_before_and_after(
        self, hanoi, learner
    ):
        path = f"/learners/{learner['id']}"
        await replace(hanoi, path, position_title="Trưởng phòng", email="a@hanoi.example")
        await replace(hanoi, path, email=None)
        added, promoted, silent = await entries(hanoi, learner["id"], table="learners")

        for entry in (added, promoted, silent):
            assert entry["actor"] == f"coordinator:{hanoi.subject}"
            assert entry["organization_id"] == str(hanoi.organization)
            assert entry["table_name"] == "learners"
        assert (added["operation"], added["changes"]) == ("insert", {})
        assert promoted["operation"] == "update"
        assert promoted["changes"] == {
            "position_title": ["Chuyên viên", "Trưởng phòng"],
            "email": [None, "a@hanoi.example"],
            "protected_fields": [[], ["email", "position_title"]],  # it was done by hand
        }
        assert silent["changes"] == {"email": ["a@hanoi.example", None]}
        assert added["occurred_at"] == learner["created_at"]

    async def test_are_asked_for_since_a_moment_at_any_offset_of_rfc_3339(self, hanoi):
        for offset in ("+23:59", "-23:59", "+07:00"):
            since = f"2020-01-01T00:00:00{offset}"
            answer = await hanoi.get("/audit-entries", params={"since": since})
            assert answer.status_code == 200, answer.text

    async def test_are_found_by_the_id_that_the_request_was_answered_with(self, hanoi, learner):
        path = f"/learners/{learner['id']}"
        named = {"X-Request-ID": f"night-sync-{uuid4().hex}"}
        tag = (await hanoi.get(path)).headers["ETag"]
        body = {
            "external_id": "CB-9",
            "full_name": "Lê An",
            "position_title": "Trưởng phòng",
            "position_since": "2025-01-01",
        }
        changed = await hanoi.put(path, json=body, headers=named | {"If-Match": tag})
        assert changed.headers["X-Request-ID"] == named["X-Request-ID"]
        request_id = named["X-Request-ID"]
        found = await everything(hanoi, "/audit-entries", request_id=request_id)
        assert sorted((entry["table_name"], entry["operation"]) for entry in found) == [
            ("learners", "update"),
        ]

    async def test_of_a_refused_change_there_are_none(self, hanoi, learner):
        path = f"/learners/{learner['id']}"
        refused = await replace(hanoi, path, unit_id=str(uuid4()))
        assert refused.status_code == 422
        request_id = refused.headers["X-Request-ID"]
        assert await everything(hanoi, "/audit-entries", request_id=request_id) == []
        assert len(await entries(hanoi, learner["id"])) == 1

    async def test_name_a_program_a_person_and_a_command(self, world, academy, hanoi, learner):
        program = await world.program(hanoi.organization, "learners:read", "learners:write")
        path = f"/learners/{learner['id']}"
        await replace(program, path, rank="A")
        await replace(academy, path, rank="B")
        async with world.database.session(system(Reach.EVERYTHING, "nightly job")) as session:
            by_id = text("update learners set rank = 'C' where id = :id")
            await session.execute(by_id, {"id": UUID(learner["id"])})
        actors = [entry["actor"] for entry in await entries(hanoi, learner["id"])]
        assert actors[1:] == [
            f"client:{program.subject}",
            f"academy_admin:{academy.subject}",
            "nightly job",
        ]

    async def test_come_from_bulk_sql_too_one_for_each_row(self, world, hanoi, learner):
        others = [await add_learner(hanoi) for _ in range(3)]
        async with world.session() as session:
            all_of_them = text("update learners set rank = 'Mới' where organization_id = :id")
            await session.execute(all_of_them, {"id": hanoi.organization})
        for row in (learner, *others):
            *_, last = await entries(hanoi, row["id"])
            assert (last["actor"], last["changes"]) == ("test", {"rank": [None, "Mới"]})

    async def test_are_there_for_everything_that_organizations_own(self, academy, hanoi, hue):
        unit = {"code": "LT", "name_vi": "Phòng Lễ tân", "name_en": "Protocol"}
        made = (await hanoi.post("/units", json=unit)).json()
        await replace(hanoi, f"/units/{made['id']}", name_vi="Phòng Lãnh sự")
        *_, changed = await entries(hanoi, made["id"])
        assert changed["changes"] == {"name_vi": ["Phòng Lễ tân", "Phòng Lãnh sự"]}

        learner = await add_learner(hanoi)
        released = await hanoi.post(
            f"/learners/{learner['id']}/release", json={"released_on": "2026-01-01"}
        )
        transfer = released.json()["id"]
        await hanoi.post(f"/transfers/{transfer}/cancel")
        *_, cancelled = await entries(hanoi, transfer)
        assert cancelled["changes"] == {"state": ["released", "cancelled"]}

        await replace(academy, f"/organizations/{hanoi.organization}", name_en="Ha Noi")
        *_, renamed = await entries(hanoi, str(hanoi.organization))
        assert renamed["changes"] == {"name_en": ["hanoi", "Ha Noi"]}
        assert await entries(hue, str(hanoi.organization)) == []


class TestReaders:
    async def test_a_coordinator_reads_their_own_organizations_and_others_more_or_nothing(
        self, world, academy, hanoi, hue, learner
    ):
        row = learner["id"]
        auditor = await world.somebody("auditor")
        whole = await entries(academy, row)
        assert len(whole) == 1
        assert await entries(hanoi, row) == await entries(auditor, row) == whole
        assert await entries(hue, row) == []
        mine = await everything(hue, "/audit-entries")
        assert {entry["organization_id"] for entry in mine} <= {str(hue.organization)}
        for role in ("academy_staff", "instructor", "viewer"):
            organization = hanoi.organization if role == "viewer" else None
            somebody = await world.somebody(role, organization)
            assert problem(await somebody.get("/audit-entries")) == (403, "forbidden")
            assert problem(await somebody.get("/personal-data-reads")) == (403, "forbidden")

    async def test_narrow_by_table_person_and_time(self, hanoi, learner):
        path = f"/learners/{learner['id']}"
        await replace(hanoi, path, rank="A")
        added, changed = await entries(hanoi, learner["id"])
        since, row = changed["occurred_at"], learner["id"]
        assert await entries(hanoi, row, since=since) == [changed]
        assert await entries(hanoi, row, until=since) == [added]
        assert await entries(hanoi, row, actor=changed["actor"]) == [added, changed]
        assert await entries(hanoi, row, actor="nobody") == []
        newest_first = await everything(hanoi, "/audit-entries", table="learners", limit=1)
        assert newest_first == [changed, added]
        naive = await hanoi.get("/audit-entries", params={"since": "2026-01-01T00:00:00"})
        assert problem(naive) == (422, "invalid-request")


@pytest.mark.parametrize("reach", list(Reach))
@pytest.mark.parametrize("table", ["audit_entries", "personal_data_reads"])
async def test_nobody_changes_the_trail_even_by_sql(world, hanoi, learner, reach, table):
    await hanoi.get("/learners")
    await world.app.state.read_log.write()
    for statement in (
        f"update {table} set actor = 'somebody else'",
        f"delete from {table}",
        f"truncate {table}",
        f"insert into {table} select * from {table}",
        f"alter table {table} disable trigger all",
        f"drop table {table}",
    ):
        with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
            async with world.database.session(system(reach, "attacker")) as session:
                await session.execute(text(statement))
