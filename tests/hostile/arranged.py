"""What operations need to find before they take a request, and the request that they take."""

from copy import deepcopy
from typing import Any
from uuid import uuid4

from tests.hostile.operations import Operation, Request
from tests.world import Somebody, World, add_learner


class Arranged:
    """Makes what an operation needs to find, and a request that it takes."""

    def __init__(self, world: World, academy: Somebody, hanoi: Somebody, hue: Somebody) -> None:
        self.world, self.academy, self.hanoi, self.hue = world, academy, hanoi, hue
        self._found: dict[str, str] = {}
        self._requests: dict[str, Request] = {}

    async def request(self, operation: Operation) -> Request:
        """The same one until it is used up."""
        if operation.id not in self._requests:
            self._requests[operation.id] = await self._fresh(operation)
        return deepcopy(self._requests[operation.id])

    def used_up(self) -> None:
        """It was taken, which many operations do once only."""
        self._requests.clear()

    async def _fresh(self, operation: Operation) -> Request:
        request = Request(headers={"Authorization": self.academy.headers["Authorization"]})
        for slot in operation.parameters("path"):
            fresh = operation.id == "release_learner"
            request.path[slot.name] = await self._id(slot.name, fresh=fresh)
        for said in operation.content.values():
            request.body = deepcopy(said["example"])
        if operation.method == "PUT":
            request.headers["If-Match"] = "*"
        for key in {"code", "external_id"} & (request.body or {}).keys():
            request.body[key] = f"H-{uuid4().hex[:12]}"
        await self._complete(operation.id, request)
        return request

    async def _complete(self, operation_id: str, request: Request) -> None:
        """What the document's examples cannot know."""
        hanoi, hue = str(self.hanoi.organization), str(self.hue.organization)
        if operation_id in ("create_learner", "create_unit"):
            request.body["organization_id"] = hanoi
        elif operation_id == "claim_learner":
            request.body |= {"claim_code": await self._claim_code(), "organization_id": hue}
        elif operation_id == "succeed_organization":
            unit = await self._id("unit_id")
            request.body["successor_id"] = hue
            request.body["units"] = [{"unit_id": unit, "successor_id": hue}]
            request.path["organization_id"], request.query["dry_run"] = hanoi, "true"

    async def _id(self, name: str, *, fresh: bool = False) -> str:
        if fresh or name not in self._found:
            self._found[name] = await self._make(name)
        return self._found[name]

    async def _make(self, name: str) -> str:
        if name == "organization_id":
            return str(await self.world.organization("spoilt"))
        if name == "unit_id":
            body = {"code": uuid4().hex[:8], "name_vi": "Phòng", "name_en": "Division"}
            return str((await self.hanoi.post("/units", json=body)).json()["id"])
        learner = str((await add_learner(self.hanoi))["id"])
        if name == "learner_id":
            return learner
        assert name == "transfer_id", f"say how to make a {name}"
        return str((await self._release(learner))["id"])

    async def _release(self, learner: str) -> dict[str, Any]:
        body = {"released_on": "2026-01-01"}
        return dict((await self.hanoi.post(f"/learners/{learner}/release", json=body)).json())

    async def _claim_code(self) -> str:
        return str((await self._release(await self._make("learner_id")))["claim_code"])
