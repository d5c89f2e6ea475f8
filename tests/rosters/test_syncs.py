"""A file goes into the roster: who is new, who changed, who is gone."""

from tests.rosters.sending import Sender, counted


async def test_a_first_file_makes_a_roster(hr: Sender):
    sync = await hr.sends([hr.person(n) for n in range(5)])
    assert sync["state"] == "applied", sync
    assert counted(sync) == {"rows": 5, "created": 5}
    assert len(await hr.learners()) == 5


async def test_the_same_file_twice_changes_nothing(hr: Sender):
    rows = [hr.person(n) for n in range(5)]
    await hr.sends(rows)
    before = await hr.learners()
    again = await hr.sends(rows)
    assert counted(again) == {"rows": 5, "unchanged": 5}
    reordered = await hr.sends([dict(reversed(row.items())) for row in reversed(rows)])
    assert counted(reordered) == {"rows": 5, "unchanged": 5}
    assert await hr.learners() == before


async def test_a_plan_says_what_would_change_field_by_field(hr: Sender):
    await hr.sends([hr.person(n) for n in range(20)])
    rows = [hr.person(n) for n in range(1, 20)]
    rows[0] |= {"phone": "024 0000 0001", "position_title": "Trưởng phòng"}
    rows.append(hr.person(100))
    plan = await hr.sends(rows, dry_run=True)
    assert plan["state"] == "planned"
    assert counted(plan) == {
        "rows": 20,
        "unchanged": 18,
        "created": 1,
        "updated": 1,
        "missing": 1,
    }
    changes = {change["external_id"]: change for change in await hr.changes(plan)}
    updated = changes["CB-00001"]
    assert (updated["kind"], updated["row_number"]) == ("update", 1)
    assert updated["fields"] == [
        {"field": "phone", "before": None, "after": "024 0000 0001"},
        {"field": "position_title", "before": "Chuyên viên", "after": "Trưởng phòng"},
    ]
    assert changes["CB-00000"]["kind"] == "missing"
    assert changes["CB-00100"]["kind"] == "create"
    assert {"field": "full_name", "before": None, "after": hr.person(100)["full_name"]} in changes[
        "CB-00100"
    ]["fields"]
    assert "CB-00100" not in await hr.learners()
    applied = (await hr.does(plan, "apply")).json()
    assert applied["state"] == "applied"
    learners = await hr.learners()
    assert learners["CB-00001"]["phone"] == "024 0000 0001"
    assert learners["CB-00000"]["missing_since"] is not None
    assert learners["CB-00100"]["data_set"] == "hr"


async def test_undoing_a_sync_restores_everybody(hr: Sender, coordinator: Sender):
    await hr.sends([hr.person(n) for n in range(20)])
    before = await hr.learners()
    rows = [hr.person(n) for n in range(1, 20)] + [hr.person(100)]
    rows[0] |= {"position_title": "Trưởng phòng", "position_since": "2024-01-01"}
    sync = await hr.sends(rows)
    assert sync["state"] == "applied"
    undone = await coordinator.does(sync, "undo")
    assert undone.status_code == 200, undone.text
    after = await hr.learners()
    volatile = {"version", "updated_at"}

    def described(learners):
        return {
            k: {n: v for n, v in row.items() if n not in volatile} for k, row in learners.items()
        }

    assert described(after) == described(before)


async def test_all_that_is_wrong_is_listed_by_row(hr: Sender):
    rows = [
        hr.person(1),
        hr.person(2, birth_date="31/02/1990", email="x"),
        hr.person(3),
        hr.person(3, phone="024 1234567"),
        {"external_id": "CB-9"},
        7,
    ]
    sync = await hr.sends(rows)
    assert sync["state"] == "applied"
    assert counted(sync) == {"rows": 6, "created": 1, "rejected": 5}
    errors = await hr.errors(sync)
    wrong = [(e["row_number"], e["external_id"], e["field"], e["code"]) for e in errors]
    assert wrong == [
        (2, "CB-00002", "birth_date", "date_type"),
        (2, "CB-00002", "email", "string_pattern_mismatch"),
        (3, "CB-00003", "external_id", "external_id_twice"),
        (4, "CB-00003", "external_id", "external_id_twice"),
        (5, "CB-9", "full_name", "needed_for_newcomers"),
        (6, None, "row", "model_type"),
    ]
    assert [e["value"] for e in errors][:3] == ["31/02/1990", "x", "CB-00003"]
    assert all(e["message_vi"] and e["message_en"] for e in errors)


async def test_syncs_are_undone_one_after_the_other(hr: Sender, coordinator: Sender):
    first = await hr.sends([hr.person(n) for n in range(20)])
    rows = [hr.person(n) for n in range(1, 20)]
    rows[0] |= {"phone": "024 0000 0001"}
    second = await hr.sends(rows)
    early = await coordinator.does(first, "undo")
    assert (early.status_code, "CB-00000, CB-00001" in early.json()["detail"]) == (409, True)
    for sync in (second, first):
        undone = await coordinator.does(sync, "undo")
        assert undone.status_code == 200, undone.text
    assert await hr.learners() == {}
