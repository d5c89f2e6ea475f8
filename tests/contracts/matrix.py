"""Each operation, called by everybody, for every target: what it answers, and what it should.

What it should follows from the page of permissions and from rules.py, and from nothing else.
"""

from collections.abc import AsyncGenerator, Collection, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from httpx import Response

from app.access.permissions import GRANTS, Permission
from tests.contracts.callers import Caller
from tests.contracts.described import Described, operations
from tests.contracts.documents import Document, resolved
from tests.contracts.population import Population, once
from tests.contracts.rights import NO_RIGHTS, Rights, Sight, Whose, nothing
from tests.contracts.rules import OPERATIONS, TABLES

UNAUTHENTICATED = frozenset({"401 unauthenticated"})
FORBIDDEN = frozenset({"403 forbidden"})
NOT_FOUND = frozenset({"404 not-found"})
ABSENT, ITSELF = "absent", "itself"
NO_CHANGES: Mapping[str, Any] = {}
VOLATILE = {"x-request-id", "date", "ratelimit"}


class Matrix:
    """Operations by callers by targets."""

    def __init__(self, document: Document, population: Population, callers: list[Caller]) -> None:
        self.population, self.callers = population, callers
        self._document = document
        self.described = {
            name: _beside(each, name, population) for name, each in operations(document).items()
        }
        self.grants = dict(GRANTS)  # as they are now, whatever a mutation makes of them later
        self._present: dict[str, dict[str, Any]] = {}

    @cached_property
    def administrator(self) -> Caller:
        """Who sees and may do everything."""
        return self.caller("Academy administrator")

    def caller(self, name: str) -> Caller:
        return next(caller for caller in self.callers if caller.name == name)

    async def failures(
        self, name: str, callers: Collection[Caller] | None = None, *, verbs: bool = True
    ) -> AsyncGenerator[str, None]:
        """Every cell of an operation that is not as it should be, as a sentence.

        Without `verbs`, what row policies alone should do: as if every permission were granted.
        """
        rows: dict[UUID, Whose] = {}
        for caller in self.callers if callers is None else callers:
            answers: dict[str, Response] = {}
            for target, id in self.targets(name).items():
                response = answers[target] = await self.send(name, caller, id)
                expected = self.expected(name, caller, target, verbs=verbs)
                got = outcome(response)
                if got not in expected:
                    yield f"{caller.name}, {name}, {target}: {got}, not {' or '.join(expected)}"
                elif got == "200" and lists(name):
                    for wrong in await self._shown(name, caller, id, response, rows):
                        yield f"{caller.name}, {name}, {target}: {wrong}"
            for target in self._told_apart(name, caller, answers, verbs=verbs):
                yield f"{caller.name}, {name}, {target}: told apart from what does not exist"

    def targets(self, name: str) -> dict[str, UUID | None]:
        """What the operation is asked for: rows of every kind of owner, and one that is not."""
        operation, described = OPERATIONS[name], self.described[name]
        if described.addressed:
            known = self.population.targets[operation.table]
            if operation.among:
                known = {name: known[name] for name in known if name in operation.among}
        elif "organization_id" in self._fields(name) or "{target}" in operation.query:
            known = self.population.places
        else:
            return {ITSELF: None}
        return {**known, ABSENT: uuid4()} if operation.absent else {**known}

    def expected(
        self, name: str, caller: Caller, target: str, *, verbs: bool = True
    ) -> frozenset[str]:
        operation = OPERATIONS[name]
        if caller.principal is None:
            return UNAUTHENTICATED
        if verbs and self.lacks_permission(name, caller):
            return FORBIDDEN
        if caller.withdrawn:
            return UNAUTHENTICATED
        sight: Sight = getattr(rights(name, caller), "reads" if lists(name) else operation.does)
        if lists(name):
            return NOT_FOUND if sight is nothing else operation.answers
        assert caller.seat is not None
        if target == ABSENT or not sight(caller.seat, self._whose(name, target)):
            return NOT_FOUND
        return operation.answers

    def lacks_permission(self, name: str, caller: Caller) -> bool:
        granted = caller.granted(self.grants) if caller.principal else set(Permission)
        return OPERATIONS[name].permission not in granted

    def _whose(self, name: str, target: str) -> Whose:
        if target == ITSELF:
            return Whose()
        if not self.described[name].addressed:
            return Whose(organization=self.population.places[target])
        return self.population.owners[OPERATIONS[name].table][target]

    def _fields(self, name: str) -> dict[str, Any]:
        """The fields of the operation's body."""
        return dict(self.described[name].body.get("properties", {}))

    async def send(
        self, name: str, caller: Caller, id: UUID | None, changes: Mapping[str, Any] = NO_CHANGES
    ) -> Response:
        """A request that is right in every way, so that a refusal is for who asks, for what, or
        for what was changed in its body."""
        operation, described = OPERATIONS[name], self.described[name]
        query = "limit=200" if lists(name) else operation.query.format(target=id)
        sent: dict[str, Any] = {"headers": once() if described.method == "POST" else {}}
        if described.method in ("PUT", "DELETE"):
            sent["headers"]["If-Match"] = "*"
        if described.body:
            body = await self._body(name, id)
            sent["json"] = {**body, **changes} if isinstance(body, dict) else body
        if described.text is not None:
            sent["content"] = described.text.encode()
            sent["headers"]["Content-Type"] = "text/plain"
        url = described.url(id, query)
        if described.method != "DELETE":
            return await caller.http.request(described.method, url, **sent)
        async with self.population.truth.kept(operation.table, id):  # for those who come after
            return await caller.http.request(described.method, url, **sent)

    async def _body(self, name: str, id: UUID | None) -> Any:
        operation, fields = OPERATIONS[name], self._fields(name)
        body = self.described[name].example
        if isinstance(body, list):  # the rows of a file
            return body
        if self.described[name].method == "PUT":
            present = await self._present_row(name, id)
            return body | {
                field: self._taken(fields[field], value)
                for field, value in present.items()
                if field in fields and not (value == [] and fields[field].get("minItems"))
            }
        body |= {field: _fresh(field) for field in operation.fresh}
        body |= {f: str(getattr(self.population, what)) for f, what in operation.given.items()}
        return body | ({"organization_id": str(id)} if "organization_id" in fields else {})

    def _taken(self, schema: dict[str, Any], value: Any) -> Any:
        """Of parts that are read with more than is written of them, what is written."""
        part = resolved(self._document, schema.get("items", {})).get("properties")
        if part is None or not isinstance(value, list):
            return value
        return [{name: each[name] for name in part if name in each} for each in value]

    async def _present_row(self, name: str, id: UUID | None) -> dict[str, Any]:
        """What is there now; any other row's, when nothing is."""
        known = self.population.targets[OPERATIONS[name].table].values()
        url = self.described[name].url(id if id in known else next(iter(known)))
        if url not in self._present:
            self._present[url] = (await self.administrator.http.get(url)).json()
        return self._present[url]

    async def _shown(
        self,
        name: str,
        caller: Caller,
        id: UUID | None,
        response: Response,
        rows: dict[UUID, Whose],
    ) -> list[str]:
        """What a list shows too much, and what it should show and does not."""
        table, sight = OPERATIONS[name].table, rights(name, caller).reads
        shown = {UUID(item["id"]) for item in await all_items(caller, response)}
        if not rows or shown - rows.keys():  # written since
            rows |= await self.population.truth.whose(table)
        assert caller.seat is not None
        seen = {row for row, whose in rows.items() if sight(caller.seat, whose)}
        if self.described[name].addressed:
            seen = due = {row for row in seen if id in (rows[row].learner, rows[row].sync)}
        else:
            targets, among = self.population.targets[table], OPERATIONS[name].among
            due = seen & {id for each, id in targets.items() if not among or each in among}
        wrong = {"shows": shown - seen, "lacks": due - shown}
        return [f"{verb} {[rows[row] for row in found]}" for verb, found in wrong.items() if found]

    def _told_apart(
        self, name: str, caller: Caller, answers: Mapping[str, Response], *, verbs: bool
    ) -> list[str]:
        """Targets that are hidden, yet answered otherwise than what does not exist."""
        if ABSENT not in answers:
            return []
        nothing_there = canonical(answers[ABSENT])
        hidden = [
            target
            for target, response in answers.items()
            if self.expected(name, caller, target, verbs=verbs) == NOT_FOUND
            or (lists(name) and response.text == answers[ABSENT].text)
        ]
        return [target for target in hidden if canonical(answers[target]) != nothing_there]


def _fresh(field: str) -> str:
    value = f"x-{uuid4().hex[:12]}"
    return f"{value}@test.example" if field == "email" else value


def _beside(described: Described, name: str, population: Population) -> Described:
    """With what its address names of the population beside its row."""
    path = described.path
    for parameter, what in OPERATIONS[name].beside.items() if name in OPERATIONS else ():
        path = path.replace(f"{{{parameter}}}", str(getattr(population, what)))
    return replace(described, path=path)


def lists(name: str) -> bool:
    return OPERATIONS[name].does in ("lists", "follows")


def rights(name: str, caller: Caller) -> Rights:
    """What a caller may do to the rows that an operation is about."""
    assert caller.seat is not None
    operation = OPERATIONS[name]
    return (operation.rights or TABLES[operation.table]).get(caller.seat.role, NO_RIGHTS)


def outcome(response: Response) -> str:
    """Status, and of a refusal its type."""
    if response.headers.get("content-type") != "application/problem+json":
        return str(response.status_code)
    return f"{response.status_code} {response.json()['type'].removeprefix('/problems/')}"


async def all_items(caller: Caller, response: Response) -> list[dict[str, Any]]:
    """The rows of a list, from this page to its end."""
    page = response.json()
    items: list[dict[str, Any]] = list(page["items"])
    while page.get("more", page["next"]):
        on = "since" if "more" in page else "after"
        url = response.request.url.copy_merge_params({on: page["next"]})
        page = (await caller.http.get(url)).json()
        items += page["items"]
    return items


def canonical(response: Response) -> tuple[int, list[tuple[str, str]], str]:
    """All that a client can see, but for the ids that differ between any two requests."""
    said = response.text.replace(response.headers["x-request-id"], "<trace>")
    for part in response.request.url.path.split("/"):
        said = said.replace(part, "<id>") if len(part) == 36 else said
    headers = sorted(pair for pair in response.headers.items() if pair[0] not in VOLATILE)
    return response.status_code, headers, said
