"""A file that somebody takes out holds what its reader may see, whatever they ask for."""

import csv
from io import StringIO
from uuid import UUID

import pytest

from tests.contracts.callers import Caller
from tests.contracts.matrix import Matrix, all_items

READERS = {
    "Academy administrator": {"academy", "hanoi", "hue", "ministry", "region", "district"},
    "auditor": {"academy", "hanoi", "hue", "ministry", "region", "district"},
    "coordinator of Hà Nội": {"hanoi"},
    "coordinator of Huế": {"hue"},
    "coordinator of a region": {"region", "district"},
    "program of a region": {"region", "district"},
}
"""From whose syncs each may take out what these say."""
ALL_READERS = pytest.mark.parametrize("reader", READERS)


async def rows(caller: Caller, path: str) -> list[dict[str, str]]:
    response = await caller.http.get(path)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(StringIO(response.content.decode("utf-8-sig")), delimiter=";"))


@ALL_READERS
async def test_a_roster_is_the_people_of_that_roster(matrix: Matrix, reader: str):
    caller, places = matrix.caller(reader), matrix.population.places
    assert caller.seat is not None
    own = caller.seat.organization
    own = places["hue"] if own == places["academy"] else own  # it may name any
    listed = await caller.http.get("/learners", params={"organization": str(own), "limit": 200})
    known = {item["external_id"] for item in await all_items(caller, listed)}
    found = await rows(caller, f"/roster-file?format=csv&organization={own}")
    assert known
    assert {row["external_id"] for row in found} == known


@ALL_READERS
@pytest.mark.parametrize("part", ["changes", "errors"])
async def test_nothing_of_a_foreign_sync_is_in_a_file(matrix: Matrix, reader: str, part: str):
    caller = matrix.caller(reader)
    for place, sync in matrix.population.targets["roster_syncs"].items():
        found = await rows(caller, f"/roster-syncs/{sync}/{part}?format=csv")
        assert bool(found) == (place in READERS[reader]), place


@ALL_READERS
async def test_nothing_of_a_foreign_roster_is_counted(matrix: Matrix, reader: str):
    """As fresh as somebody sees the rosters that are theirs, with their data sets and no others."""
    caller = matrix.caller(reader)
    listed = await caller.http.get("/roster-status", params={"limit": 200})
    shown = {UUID(item["id"]): item for item in await all_items(caller, listed)}
    for place, id in matrix.population.places.items():
        assert (id in shown) == (place in READERS[reader])
        if id in shown:
            assert place == "academy" or shown[id]["people"] > 0
            assert f"hr-{place}" in {one["data_set"] for one in shown[id]["data_sets"]}
