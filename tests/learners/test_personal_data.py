"""A national id identifies an officer, and is written down nowhere."""

import io
from uuid import uuid4

import asyncpg
import pytest
import structlog
from sqlalchemy import make_url

from app.core.http import logs
from tests.world import add_learner, problem, replace


def a_national_id():
    return f"{uuid4().int % 10**12:012}"


@pytest.fixture
async def everything_stored(urls):
    """Every row of every table, as one text: as who owns the server reads it."""
    owner = make_url(urls.owner).set(drivername="postgresql")
    connection = await asyncpg.connect(owner.render_as_string(hide_password=False))

    async def read():
        tables = await connection.fetch(
            "select format('%I.%I', table_schema, table_name) from information_schema.tables"
            " where table_schema in ('public', 'jobs') and table_type = 'BASE TABLE'"
        )
        rows = [await connection.fetch(f"select t::text from {name} as t") for (name,) in tables]
        return "\n".join(row[0] for table in rows for row in table)

    yield read
    await connection.close()


async def test_of_a_national_id_only_the_tail_is_ever_shown_or_stored(
    academy, hanoi, hue, everything_stored, monkeypatch
):
    told = io.StringIO()
    monkeypatch.setattr("sys.stdout", told)
    logs.configure()
    number, other = a_national_id(), a_national_id()
    answers = []

    learner = await add_learner(hanoi, national_id=number)
    path = f"/learners/{learner['id']}"
    answers += [
        await hanoi.get(path),
        await hanoi.get("/learners"),
        await hanoi.get("/learners", params={"as_of": "2024-01-01"}),
        await hanoi.get(f"{path}/positions"),
        await replace(hanoi, path, national_id=other),
        await replace(hanoi, path, national_id=number),
        await hanoi.post(
            f"{path}/release",
            json={"released_on": "2025-01-01"},
            headers={"Idempotency-Key": "once"},
        ),
        await hue.post(
            "/transfers/claim",
            json={
                "national_id": number,
                "claimed_on": "2025-01-01",
                "external_id": "H-1",
                "position_title": "Chuyên viên",
            },
            headers={"Idempotency-Key": "once"},
        ),
        await hue.get(path),
        await academy.get("/audit-entries", params={"row": learner["id"]}),
        await hue.post("/learners", json={"national_id": number, "full_name": number * 30}),
        await hue.post("/transfers/claim", json={"national_id": number, "claim_code": number}),
    ]
    structlog.reset_defaults()

    assert [a.status_code for a in answers] == [*[200] * 6, 201, 200, 200, 200, 422, 422]
    assert learner["national_id_tail"] == number[-3:]
    assert answers[8].json()["national_id_tail"] == number[-3:]
    stored = await everything_stored()
    assert learner["id"] in stored
    for place in (stored, told.getvalue(), *(answer.text for answer in answers)):
        assert number not in place
        assert other not in place


async def test_one_person_is_once_on_a_roster(hanoi, hue):
    number = a_national_id()
    await add_learner(hanoi, national_id=number)
    twin = await add_learner(hanoi)
    again = await replace(hanoi, f"/learners/{twin['id']}", national_id=number)
    assert problem(again) == (409, "national-id-taken")
    assert (await add_learner(hue, national_id=number))["national_id_tail"] == number[-3:]


@pytest.mark.parametrize(
    "number", ["12345678", "1234567890", "०१२३४५६७८", "０７９２０３００１２３４", "07920300123a"]
)
async def test_a_national_id_is_nine_or_twelve_digits(hanoi, number):
    learner = await add_learner(hanoi)
    refusal = await replace(hanoi, f"/learners/{learner['id']}", national_id=number)
    assert problem(refusal) == (422, "invalid-request")
    assert [error["pointer"] for error in refusal.json()["errors"]] == ["/national_id"]
