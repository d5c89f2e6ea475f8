"""What operations need to find before they take a request, and the request that they take."""

from copy import deepcopy
from typing import Any
from uuid import uuid4

from app.access.tokens import SigningKey
from tests.hostile import (
    attendance,
    competencies,
    courses,
    curricula,
    enrolment,
    people,
    reviews,
    rooms,
    rosters,
    targets,
)
from tests.hostile.operations import Operation, Request
from tests.materials.steps import add_file, add_material
from tests.world import Somebody, World, add_learner

ONCE = {
    *("release_learner", "create_client_key"),
    *(*attendance.ONCE, *competencies.ONCE, *courses.ONCE, *curricula.ONCE, *people.ONCE),
    *(*enrolment.ONCE, *reviews.ONCE, *rooms.ONCE, *targets.ONCE),
}
"""What is asked for is another one each time."""
SYNCS_IN = {
    "apply_roster_sync": "planned",
    "approve_roster_sync": "held",
    "cancel_roster_sync": "received",
    "undo_roster_sync": "applied",
}
"""The state in which a sync is when it is asked for."""


class Arranged:
    """Makes what an operation needs to find, and a request that it takes."""

    def __init__(self, world: World, academy: Somebody, hanoi: Somebody, hue: Somebody) -> None:
        self.world, self.academy, self.hanoi, self.hue = world, academy, hanoi, hue
        self.people = people.Arranged(academy, hanoi)
        self.attendance = attendance.Arranged(world, academy, hanoi)
        self._found: dict[str, str] = {}
        self._requests: dict[str, Request] = {}

    async def request(self, operation: Operation) -> Request:
        """The same one until it is used up."""
        if operation.id not in self._requests:
            fresh = self._requests[operation.id] = await self._fresh(operation)
            if operation.id in people.STATING:
                fresh.body |= await self.people.named(operation.id)
            if operation.id in targets.COMPLETED:
                fresh.body |= targets.completed()
            if operation.id == "create_balance_threshold":
                await targets.nothing_watched(self.world)
            if operation.id in curricula.NAMING:
                fresh.body |= await curricula.named(self.academy, operation.id)
            if operation.id in reviews.NAMING:
                fresh.body |= await reviews.named(self.world, self.hue, operation.id)
            if operation.id in attendance.NAMING:
                await self.attendance.completed(operation.id, fresh)
            if operation.id in courses.NAMING:
                who = (self.world, self.academy)
                fresh.body |= await courses.named(*who, operation.id)
            if operation.id in enrolment.NAMING:
                whom = (self.academy, self.hanoi, fresh.path)
                fresh.body |= await enrolment.named(*whom, operation.id)
        return deepcopy(self._requests[operation.id])

    def used_up(self) -> None:
        """It was taken, which many operations do once only."""
        self._requests.clear()

    async def _fresh(self, operation: Operation) -> Request:
        request = Request(headers={"Authorization": self.academy.headers["Authorization"]})
        for slot in operation.parameters("path"):
            request.path[slot.name] = await self._named(slot.name, operation.id)
        if operation.id == "get_enrolment_explanation":
            request.query["learner_id"] = await self._id("learner_id")
        if state := SYNCS_IN.get(operation.id):
            request.path["sync_id"] = await rosters.sync(self.world, self.hanoi, state)
        if operation.media_type is not None:
            request.body = deepcopy(operation.content[operation.media_type]["example"])
        if operation.takes_files:
            named = operation.id == "add_material_file"
            request.query |= {"file_name": "a.txt"} if named else {"dry_run": "true"}
            if operation.id == "send_meeting_log":
                request.query, request.body = {}, attendance.REPORT
            return request
        if operation.method in ("PUT", "DELETE"):
            request.headers["If-Match"] = "*"
        for key in {"code", "external_id"} & (request.body or {}).keys():
            request.body[key] = f"H-{uuid4().hex[:12]}"
        if operation.id in ("create_user", "replace_user"):
            request.body["email"] = f"{uuid4().hex}@test.example"
        await self._complete(operation.id, request)
        return request

    async def _named(self, name: str, operation_id: str) -> str:
        """What an address names."""
        fresh = operation_id in ONCE
        asked = attendance.SESSIONS | {"send_meeting_log"}
        of_attendance = name in attendance.IDS or operation_id in asked
        of_people = name in people.IDS or operation_id in people.NAMED.get(name, ())
        of_nominations = name == "nomination_id" or operation_id in enrolment.OPEN
        of_reviews = name in reviews.IDS or operation_id in reviews.STATES
        makers = (
            (of_people, lambda: self.people.made(name, fresh=fresh)),
            (of_attendance, lambda: self.attendance.made(name, operation_id)),
            (of_nominations, lambda: self._nomination(name, operation_id, fresh=fresh)),
            (of_reviews, lambda: self._review(name, operation_id, fresh=fresh)),
            (
                name in targets.IDS,
                lambda: targets.made(self.world, self.academy, self.hanoi, name),
            ),
            (name in curricula.IDS, lambda: self._curriculum(name, operation_id, fresh=fresh)),
            (name in courses.IDS, lambda: self._course(name, operation_id, fresh=fresh)),
            (name in competencies.IDS, lambda: self._competency(name, operation_id, fresh=fresh)),
            (True, lambda: self._id(name, fresh=fresh)),
        )
        return await next(make for concerns_it, make in makers if concerns_it)()

    async def _complete(self, operation_id: str, request: Request) -> None:
        """What the document's examples cannot know."""
        hanoi, hue = str(self.hanoi.organization), str(self.hue.organization)
        if operation_id in ("create_learner", "create_unit"):
            request.body["organization_id"] = hanoi
        elif operation_id == "create_membership":
            request.body |= {"user_id": await self._make("user_id"), "organization_id": hanoi}
        elif operation_id == "create_client_key":
            request.body["public_jwk"] = SigningKey.generate().public_jwk()
        elif operation_id == "create_webhook_endpoint":  # of which each has few
            request.body["organization_id"] = str(await self.world.organization(uuid4().hex))
        elif operation_id == "create_client":
            request.body |= {"name": f"h-{uuid4().hex[:12]}", "organization_id": hanoi}
        elif operation_id in ("create_competency", "replace_competency"):
            request.body |= await competencies.described(self.academy, request.path)
        elif operation_id == "create_consultation_invitation":
            request.body["invited_organization_id"] = hue
        elif operation_id == "claim_learner":
            request.body |= {"claim_code": await self._claim_code(), "organization_id": hue}
        elif operation_id == "succeed_organization":
            unit = await self._id("unit_id")
            request.body["successor_id"] = hue
            request.body["units"] = [{"unit_id": unit, "successor_id": hue}]
            request.path["organization_id"], request.query["dry_run"] = hanoi, "true"

    async def _review(self, name: str, operation_id: str, *, fresh: bool) -> str:
        known = f"{name} for {operation_id}"
        if fresh or known not in self._found:
            made = reviews.made(self.world, self.academy, name, operation_id)
            self._found[known] = await made
        return self._found[known]

    async def _curriculum(self, name: str, operation_id: str, *, fresh: bool) -> str:
        known = f"{name} for {operation_id}"
        if fresh or known not in self._found:
            made = curricula.made(self.world, self.academy, name, operation_id)
            self._found[known] = await made
        return self._found[known]

    async def _course(self, name: str, operation_id: str, *, fresh: bool) -> str:
        known = f"{name} for {operation_id}"
        if fresh or known not in self._found:
            made = courses.made_for(self.world, self.academy, name, operation_id)
            self._found[known] = await made
        return self._found[known]

    async def _nomination(self, name: str, operation_id: str, *, fresh: bool) -> str:
        known = f"{name} of a course that is open"
        if fresh or known not in self._found:
            who = (self.world, self.academy, self.hanoi)
            self._found[known] = await enrolment.made(*who, name, operation_id)
        return self._found[known]

    async def _competency(self, name: str, operation_id: str, *, fresh: bool) -> str:
        known = f"{name} for {operation_id}"
        if fresh or known not in self._found:
            made = competencies.made(self.academy, self.hue, name, operation_id)
            self._found[known] = await made
        return self._found[known]

    async def _id(self, name: str, *, fresh: bool = False) -> str:
        if fresh or name not in self._found:
            of_rooms = name in rooms.IDS
            make = rooms.made(self.academy, name) if of_rooms else self._make(name)
            self._found[name] = await make
        return self._found[name]

    async def _make(self, name: str) -> str:
        if name == "organization_id":
            return str(await self.world.organization("spoilt"))
        if name == "unit_id":
            body = {"code": uuid4().hex[:8], "name_vi": "Phòng", "name_en": "Division"}
            return str((await self.hanoi.post("/units", json=body)).json()["id"])
        if name in ("learner_id", "transfer_id"):
            learner = str((await add_learner(self.hanoi))["id"])
            return learner if name == "learner_id" else str((await self._release(learner))["id"])
        if name in ("sync_id", "data_set_id", "match_id"):
            return await rosters.made(self.world, self.hanoi, name)
        makers = {
            **dict.fromkeys(("material_id", "material_version_id"), self._make_material),
            **dict.fromkeys(("webhook_endpoint_id", "webhook_delivery_id"), self._make_webhook),
        }
        return await makers.get(name, self._make_account)(name)

    async def _make_material(self, name: str) -> str:
        material = await add_material(self.academy)
        if name == "material_id":
            return material
        return str((await add_file(self.academy, material))["id"])

    async def _make_webhook(self, name: str) -> str:
        body = {
            "url": "https://hr.example/changes",
            "organization_id": str(await self.world.organization(uuid4().hex)),
        }
        endpoint = (await self.academy.post("/webhook-endpoints", json=body)).json()["id"]
        if name == "webhook_endpoint_id":
            return str(endpoint)
        return str((await self.academy.post(f"/webhook-endpoints/{endpoint}/ping")).json()["id"])

    async def _make_account(self, name: str) -> str:
        """Of a person or of a program, and what belongs to it."""
        organization = str(self.hanoi.organization)
        if name == "sign_in_id":
            user = (await self.world.somebody("viewer", self.hanoi.organization)).subject
            listed = await self.academy.get("/sign-ins", params={"user": str(user)})
            return str(listed.json()["items"][0]["id"])
        bodies: dict[str, tuple[str, dict[str, Any]]] = {
            "user_id": ("/users", {"email": f"{uuid4().hex}@test.example", "name": "Ai Đó"}),
            "client_id": (
                "/clients",
                {"name": f"h-{uuid4().hex}", "organization_id": organization, "scopes": []},
            ),
        }
        if name == "membership_id":
            user = await self._make("user_id")
            member = {"user_id": user, "organization_id": organization, "role": "viewer"}
            bodies[name] = ("/memberships", member)
        if name == "client_key_id":
            bodies[name] = (f"/clients/{await self._make('client_id')}/keys", {})
        assert name in bodies, f"say how to make a {name}"
        path, body = bodies[name]
        made = await self.academy.post(path, json=body)
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    async def _release(self, learner: str) -> dict[str, Any]:
        body = {"released_on": "2026-01-01"}
        return dict((await self.hanoi.post(f"/learners/{learner}/release", json=body)).json())

    async def _claim_code(self) -> str:
        return str((await self._release(await self._make("learner_id")))["claim_code"])
