"""Job positions and evidence in the state that an operation asks for."""

from typing import Any
from uuid import uuid4

from tests.competencies.people import Catalogue
from tests.competencies.steps import made
from tests.world import Somebody, add_learner

ONCE = {
    *("correct_evidence", "withdraw_evidence", "create_job_position_requirement"),
    *("create_job_position_assignment", "remove_job_position_requirement"),
    *("remove_job_position_title", "remove_job_position_assignment"),
}
"""What is asked for is another one each time."""
IDS = {
    *("job_position_id", "job_position_requirement_id", "job_position_title_id"),
    *("job_position_assignment_id", "evidence_id"),
}
NAMED = {"competency_id": {"get_attainment_explanation"}}
"""What another id is of a published competency."""
STATING = {
    *("create_job_position_requirement", "replace_job_position_requirement", "record_evidence"),
    *("create_job_position_title", "create_job_position_assignment", "correct_evidence"),
}
"""What names something else in its body."""


class Arranged:
    """A framework in force, positions that require it, and evidence."""

    def __init__(self, academy: Somebody, hanoi: Somebody) -> None:
        self._academy, self._hanoi = academy, hanoi
        self._found: dict[str, str] = {}
        self._known: Catalogue | None = None

    async def made(self, name: str, *, fresh: bool) -> str:
        if fresh or name not in self._found:
            self._found[name] = await self._make(name)
        return self._found[name]

    async def named(self, operation_id: str) -> dict[str, Any]:
        """What is in the body in the place of the document's examples."""
        match operation_id:
            case "create_job_position_title":
                position = await self.made("job_position_id", fresh=False)
                return {"title": uuid4().hex, "job_position_id": position}
            case "create_job_position_assignment":
                return {"job_position_id": await self.made("job_position_id", fresh=False)}
            case "correct_evidence":
                return {"level": 1}
        return (await self._catalogue()).named("A")

    async def _catalogue(self) -> Catalogue:
        if self._known is None:
            self._known = await Catalogue.of(self._academy, A="best")
        return self._known

    async def _make(self, name: str) -> str:
        catalogue = await self._catalogue()
        if name == "competency_id":
            return str(catalogue.items["A"]["id"])
        if name == "evidence_id":
            learner = (await add_learner(self._hanoi))["id"]
            return str((await catalogue.record(self._hanoi, learner, "A", 3))["id"])
        position = str((await catalogue.position())["id"])
        match name:
            case "job_position_requirement_id":
                return str(made(await catalogue.require(position, "A", 3))["id"])
            case "job_position_title_id":
                body = {"title": uuid4().hex, "job_position_id": position}
                return str(made(await self._academy.post("/job-position-titles", json=body))["id"])
            case "job_position_assignment_id":
                learner = (await add_learner(self._hanoi))["id"]
                path = f"/learners/{learner}/job-position-assignments"
                body = {"job_position_id": position}
                return str(made(await self._hanoi.post(path, json=body))["id"])
        return position
