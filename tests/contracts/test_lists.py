"""Whatever a client filters, sorts and reads on by, a list shows what its reader may see."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import Response

from app.access.permissions import GRANTS, Role
from app.core.pages import PageQuery
from tests.contracts.callers import Caller
from tests.contracts.matrix import Matrix, all_items, canonical, rights
from tests.contracts.rights import Whose
from tests.contracts.rules import OPERATIONS

READERS = {
    "coordinator of Huế": Role.COORDINATOR,
    "coordinator of a region": Role.COORDINATOR,
    "another learner": Role.LEARNER,
}
FOR_ALL = {"list_organizations", "list_balance_thresholds"}
OF_SOMEBODY = [
    name
    for name, operation in OPERATIONS.items()
    if operation.does == "lists" and name not in FOR_ALL
]
"""Lists whose rows not everybody may see."""
HIDDEN = {("list_meeting_logs", "another learner")}
"""These are answered as if there were no such list."""
READINGS = [
    (name, reader)
    for name in OF_SOMEBODY
    for reader, role in READERS.items()
    if OPERATIONS[name].permission in GRANTS[role] and (name, reader) not in HIDDEN
]
ALL_READINGS = pytest.mark.parametrize("reading", READINGS, indirect=True, ids=", ".join)
ON_EVERY_LIST = {"limit", "after", "fields", "sort"}
THAT_DAY = "2024-06-01"


def _first(row: dict[str, Any], kind: str) -> str:
    """A room or an instructor of the row, if it has one."""
    parts = row.get(f"{kind}s") or [row]
    return parts[0].get(f"{kind}_id") or str(uuid4())


FILTERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "actor": lambda row: row["actor"],
    "as_of": lambda _: THAT_DAY,
    "aspect": lambda row: row["aspect"],
    "capacity": lambda row: row["capacity"],
    "category": lambda row: row["category"],
    "code": lambda row: row["code"],
    "comment": lambda row: row["comment_id"],
    "competency": lambda row: (
        row.get("competency_identifier")
        or next(
            (each["competency_identifier"] for each in row.get("competencies", ())), str(uuid4())
        )
    ),
    "course": lambda row: row["course_id"],
    "course_session": lambda row: row["session_id"],
    "curriculum": lambda row: row.get("curriculum_id") or str(uuid4()),
    "curriculum_version": lambda row: row["curriculum_version_id"],
    "data_set": lambda row: row["data_set"],
    "direction": lambda _: "out",
    "domain": lambda row: row.get("domain", "skill"),
    "enabled": lambda row: str(row["enabled"]),
    "endpoint": lambda row: row["endpoint_id"],
    "evidence": lambda row: row["evidence_id"],
    "equipment": lambda row: row["equipment"][0],
    "extends": lambda row: row["extends_curriculum_id"] or row["id"],
    "extends_version": lambda row: row["extends_version_id"] or row["id"],
    "external_id": lambda row: row["external_id"],
    "field": lambda row: row.get("field") or row["fields"][0],
    "foreign_experts": lambda row: str(row["foreign_experts"]),
    "format": lambda _: "json",
    "free_from": lambda _: "2031-01-01T00:00:00Z",
    "free_to": lambda _: "2031-01-02T00:00:00Z",
    "from": lambda row: row["starts_at"],
    "framework": lambda row: row["framework_id"],
    "framework_version": lambda row: row["framework_version_id"],
    "host": lambda row: row["host_id"],
    "in_effect_on": lambda row: row["since"],
    "instructor": lambda row: _first(row, "instructor"),
    "job_position": lambda row: row["job_position_id"],
    "kind": lambda row: row["kind"],
    "language": lambda row: row.get("language") or row["languages"][0]["language"],
    "language_level": lambda row: row["languages"][0]["level"],
    "leadership_level": lambda row: row["leadership_level"],
    "learner": lambda row: row.get("learner_id") or row.get("learner_ids", [str(uuid4())])[0],
    "letter": lambda row: row["letter_number"] or "0/K",
    "material": lambda row: row["material_id"],
    "mode": lambda row: row["mode"],
    "module": lambda row: row.get("module_id") or row["modules"][0]["module_id"],
    "nomination": lambda row: row["nomination_id"],
    "organization": lambda row: row.get("organization_id") or row["id"],
    "parent": lambda row: row["id"],
    "q": lambda row: row.get("full_name") or row["title_en"],
    "request_id": lambda row: row["request_id"],
    "room": lambda row: _first(row, "room"),
    "round": lambda row: row["round"],
    "row": lambda row: row["row_id"],
    "senior": lambda row: str(row["senior"]),
    "since": lambda row: row["occurred_at"],
    "source": lambda row: row["source"],
    "standing": lambda row: row["standing"],
    "starts_from": lambda row: row["starts_on"],
    "starts_to": lambda row: row["starts_on"],
    "state": lambda row: row["state"],
    "status": lambda row: row["status"],
    "table": lambda row: row["table_name"],
    "tentative": lambda row: str(row["tentative"]),
    "thread": lambda row: row["thread_id"] or row["id"],
    "to": lambda row: row["ends_at"],
    "type": lambda row: row["type"],
    "undecided": lambda row: str(row["decision"] is None),
    "unit": lambda row: row["unit_id"] or str(uuid4()),
    "unresolved": lambda row: str(row["resolution"] is None),
    "until": lambda row: row["occurred_at"],
    "updated_since": lambda row: row["updated_at"],
    "visibility": lambda row: row["visibility"],
    "waiting": lambda _: "false",
    "within": lambda _: "365",
    "year": lambda row: row["year"],
}
"""What somebody would filter by who knows a row that they may not see."""
OF_NOW = {"updated_since"}
"""These do not go with `as_of`."""
TOGETHER_WITH = {"language_level": "language", "free_from": "free_to", "free_to": "free_from"}
MADE_UP: dict[str, Callable[[], str]] = {
    "actor": lambda: f"coordinator:{uuid4()}",
    "code": lambda: f"x-{uuid4().hex[:8]}",
    "data_set": lambda: f"x-{uuid4().hex[:8]}",
    "external_id": lambda: f"X-{uuid4().hex[:8]}",
    "q": lambda: f"Trần {uuid4().hex} Hoà",
    "request_id": lambda: uuid4().hex,
} | dict.fromkeys(
    (
        *("comment", "competency", "course", "course_session", "curriculum"),
        *("curriculum_version", "endpoint", "evidence", "extends", "extends_version"),
        *("framework", "framework_version", "host", "instructor", "job_position", "learner"),
        *("material", "module", "nomination", "organization", "parent", "room", "row", "thread"),
        "unit",
    ),
    lambda: str(uuid4()),
)
"""And who knows none. Other filters take one of a few values, or any moment."""


class Reading:
    """A list, read by somebody who knows of a row that they may not see."""

    def __init__(self, matrix: Matrix, name: str, reader: str) -> None:
        self.name, self.reader = name, matrix.caller(reader)
        self.administrator, self.truth = matrix.administrator, matrix.population.truth
        self.described, self.table = matrix.described[name], OPERATIONS[name].table
        self._targets = matrix.population.targets[self.table]
        victim = self._targets.get("official") or self._targets.get("ministry")
        self._victim = victim if self.described.addressed else None
        self.columns = next(q for q in _queries() if q.shape.__name__ == self.described.shape)

    async def get(self, caller: Caller, **query: Any) -> Response:
        url = self.described.url(self._victim)
        response = await caller.http.get(url, params={"limit": 200, **query})
        assert response.status_code == 200, response.text
        return response

    async def hidden_row(self) -> dict[str, Any]:
        """As an administrator reads it; of a learner of whom its reader sees none, if it may be."""
        seen = await self._seen(self.table, self.name)
        response = await self.get(self.administrator)
        rows = {UUID(row["id"]): row for row in await all_items(self.administrator, response)}
        hidden = [id for id in (*self._targets.values(), *rows) if id in rows and id not in seen]
        known = {whose.learner for whose in seen.values()}
        of_all = await self.truth.whose(self.table)
        return rows[min(hidden, key=lambda each: of_all[each].learner in known)]

    async def leaks(self, response: Response) -> list[dict[str, Any]]:
        """What a list shows and its reader may not see."""
        items = await all_items(self.reader, response)
        if "as_of" in response.request.url.params:  # positions as they were, shown as learners
            seen = (await self._seen("positions_held", "list_learner_positions")).values()
            held = {(whose.learner, whose.organization) for whose in seen}
            return [i for i in items if (UUID(i["id"]), UUID(i["organization_id"])) not in held]
        seen = await self._seen(self.table, self.name)
        return [item for item in items if UUID(item["id"]) not in seen]

    async def _seen(self, table: str, name: str) -> dict[UUID, Whose]:
        rows, sight = await self.truth.whose(table), rights(name, self.reader).reads
        assert self.reader.seat is not None
        return {id: whose for id, whose in rows.items() if sight(self.reader.seat, whose)}


def _queries(kind: type[PageQuery] = PageQuery) -> Iterator[type[PageQuery]]:
    for query in kind.__subclasses__():
        yield from [query] if hasattr(query, "shape") else _queries(query)


@pytest.fixture
def reading(request: pytest.FixtureRequest, matrix: Matrix) -> Reading:
    name, reader = request.param
    return Reading(matrix, name, reader)


def test_every_filter_is_tried(matrix: Matrix):
    filters = {f for name, _ in READINGS for f in matrix.described[name].parameters}
    assert filters == FILTERS.keys() | ON_EVERY_LIST


@ALL_READINGS
async def test_no_filter_finds_what_is_not_theirs(reading: Reading):
    """Nor tells it apart from what does not exist, by a count, a tag or anything else."""
    row, filters = await reading.hidden_row(), set(reading.described.parameters) - ON_EVERY_LIST
    now_and_then = ({}, {"as_of": THAT_DAY}) if "as_of" in filters else ({},)
    compared = set()
    for name, when in product(filters, now_and_then):
        if when and name in OF_NOW:
            continue
        given = when | {key: FILTERS[key](row) for key in (name, TOGETHER_WITH.get(name, name))}
        response = await reading.get(reading.reader, **given)
        assert await reading.leaks(response) == [], given
        if name in MADE_UP and response.json()["items"] == []:
            absent = await reading.get(reading.reader, **given | {name: MADE_UP[name]()})
            assert canonical(response) == canonical(absent), given
            compared.add(name)
    assert compared or not filters & MADE_UP.keys()


@ALL_READINGS
async def test_no_order_and_no_place_leads_to_what_is_not_theirs(reading: Reading):
    """The place is one that an administrator was given, who reads on from there."""
    for sort in (f"{sign}{key}" for key in reading.columns.sortable for sign in ("", "-")):
        pages = [await reading.get(reading.reader, sort=sort, limit=2)]
        first = await reading.get(reading.administrator, sort=sort, limit=1)
        if following := first.json()["next"]:
            pages.append(await reading.get(reading.reader, sort=sort, after=following))
        for page in pages:
            assert await reading.leaks(page) == [], sort
