"""What PostgreSQL writes is what Pydantic would have written from the same rows, and as cheap."""

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

import app
from app.core.pages import Page
from app.core.schemas import today
from app.core.views import View
from tests.contracts.matrix import Matrix
from tests.contracts.rules import FILES, OPERATIONS
from tests.statements import statements
from tests.world import World

DOCUMENTS = {
    *("get_attendance_sheet", "get_invariants"),
    *("get_framework_diff", "get_framework_tree", "get_competency_profile"),
    *("get_curriculum_diff", "get_curriculum_findings", "get_whole_curriculum"),
    *("get_course_findings", "get_course_quotas", "get_course_seats"),
    *("get_curriculum_trail", "get_enrolment_explanation"),
    *("get_attainment_explanation", "get_gaps", "get_national_gaps"),
    *("get_target_group", "list_target_group_learners", "get_eligibility"),
    *("get_recommendations", "get_curriculum_balance", "get_curriculum_coverage"),
}
"""Read whole, and no rows of a view."""
LISTS = [name for name in OPERATIONS if OPERATIONS[name].does == "lists"]
ROWS = [
    name
    for name in OPERATIONS
    if OPERATIONS[name].does == "reads" and name not in {"get_me", *DOCUMENTS, *FILES}
]
SHOWN_BY = dict.fromkeys(("get_standing", "list_standings"), "standings")
"""Views of the database, by what reads them; others read a table."""
WORKED_OUT = {
    "ConsultationChangeOut": {"fields"},
    "ExpiringEvidenceOut": {
        *("full_name", "organization_id", "unit_id", "competency_id", "code", "name_vi"),
        *("name_en", "domain"),
    },
    "LearnerGapOut": {"job_position_id", "requirements", "below", "unknown", "mean_gap"},
    "RosterChangeOut": {"fields"},
    "RosterStatusOut": {"people", "data_sets"},
}
"""What is no column, and which other tests look at."""
PERSON = "self"
"""Whose rows are read where an address names somebody: everything is known of them."""


def _views() -> Iterator[View[Any]]:
    root = Path(app.__file__).parents[1]
    for file in root.glob("app/**/*queries.py"):
        module = import_module(".".join(file.relative_to(root).with_suffix("").parts))
        yield from (value for value in vars(module).values() if isinstance(value, View))


VIEWS = {(view.shape.__name__, view.kind.__table__.name): view for view in _views()}


class Answers:
    """What an operation answers to an administrator, and what Pydantic makes of the same rows."""

    def __init__(self, world: World, matrix: Matrix, name: str) -> None:
        self._world, self._described = world, matrix.described[name]
        self._http, self.database = matrix.administrator.http, world.database
        targets = matrix.population.targets[OPERATIONS[name].table]
        self._id = targets.get(PERSON, next(iter(targets.values())))
        self.view = VIEWS[self._described.shape, SHOWN_BY.get(name, OPERATIONS[name].table)]

    async def get(self, **query: Any) -> Any:
        url = self._described.url(self._id if self._described.addressed else None)
        response = await self._http.get(url, params=query)
        assert response.status_code == 200, response.text
        return response

    async def written(self, items: list[dict[str, Any]]) -> list[Any]:
        """The same rows, by way of Python."""
        kind, shape = self.view.kind, self.view.shape
        async with self._world.session() as session:
            found = await session.scalars(
                select(kind).where(kind.id.in_([item["id"] for item in items]))
            )
            rows = {str(row.id): row for row in found}
            return [_as_json(_read(shape, _known(rows[item["id"]], item, shape))) for item in items]


def _known(row: Any, item: dict[str, Any], shape: Any) -> Any:
    given = WORKED_OUT.get(shape.__name__, set())
    return SimpleNamespace(
        **{name: item[name] if name in given else getattr(row, name) for name in shape.model_fields}
    )


def _read(shape: Any, row: SimpleNamespace) -> Any:
    return shape.model_validate(row, from_attributes=True)


def _as_json(model: Any) -> Any:
    return json.loads(model.model_dump_json())


@pytest.fixture
async def answers(request: pytest.FixtureRequest, contract_world: World, matrix: Matrix) -> Answers:
    await contract_world.app.state.read_log.write()  # or it would be written meanwhile
    return Answers(contract_world, matrix, request.param)


@pytest.mark.parametrize("answers", LISTS, indirect=True)
async def test_a_list_is_what_pydantic_would_have_written(answers: Answers):
    page = await answers.get(limit=200)
    Page[answers.view.shape].model_validate_json(page.text)
    items = page.json()["items"]
    assert len(items) > 1
    assert _in_order(items) == _in_order(await answers.written(items))


@pytest.mark.parametrize("answers", ROWS, indirect=True)
async def test_a_row_is_what_pydantic_would_have_written(answers: Answers):
    read = await answers.get()
    assert _in_order([read.json()]) == _in_order(await answers.written([read.json()]))
    if "version" in read.json():
        assert read.headers["ETag"] == f'"{read.json()["version"]}"'


@pytest.mark.parametrize("answers", LISTS, indirect=True)
async def test_a_list_gives_the_fields_that_are_asked_for(answers: Answers):
    names = list(answers.view.shape.model_fields)
    whole = (await answers.get()).json()["items"]
    for fields in (*([name] for name in names), names[::-1], names[1::2]):
        items = (await answers.get(fields=",".join(fields))).json()["items"]
        assert _in_order(items) == [[(name, item[name]) for name in fields] for item in whole]


@pytest.mark.parametrize("answers", LISTS, indirect=True)
async def test_a_list_costs_as_many_statements_however_long_it_is(answers: Answers):
    async with statements(answers.database) as short:
        one = await answers.get(limit=1)
    async with statements(answers.database) as long:
        many = await answers.get(limit=200)
    assert len(one.json()["items"]) < len(many.json()["items"])
    assert len(short) == len(long) > 0


async def test_the_roster_of_today_is_the_roster(matrix: Matrix):
    """Another view writes it, from the positions that are held."""
    http = matrix.administrator.http
    queries = {"status": "active", "limit": 200}
    now = await http.get("/learners", params=queries)
    then = await http.get("/learners", params=queries | {"as_of": today().isoformat()})
    assert now.json()["next"] is None
    assert then.json() == now.json()


def _in_order(items: list[dict[str, Any]]) -> list[list[tuple[str, Any]]]:
    """So that the order of fields counts, too."""
    return [list(item.items()) for item in items]
