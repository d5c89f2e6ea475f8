"""The contracts are themselves tested: whatever is taken from tenancy or access, they notice.

Policies and functions are broken in the contracts' own database, one at a time, and made again as
they were; permissions are broken in this process only.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from typing import NamedTuple

import asyncpg
import pytest
from fastapi import Request
from fastapi.security import SecurityScopes

from app.access.caller import Bearer, Principal
from app.access.permissions import GRANTS, Permission, Role
from app.core.database.scopes import Reach
from tests.contracts.catalog import RULES
from tests.contracts.matrix import Matrix
from tests.contracts.rows import Rows
from tests.contracts.rules import FOR_EVERYBODY, OPERATIONS
from tests.contracts.truth import Truth

POLICIES = """
  select policyname as name, tablename as table, roles::text[] as roles, cmd, qual, with_check
  from pg_policies where schemaname = 'public' order by tablename, policyname
"""
ADDRESSED = {operation.table for operation in OPERATIONS.values()}
CONDITIONS = (
    "and u.disabled_at is null",
    "and m.ended_at is null",
    "and m.role = as_role",
    "and m.organization_id = organization",
    "and s.ended_at is null",
    "and s.expires_at > now()",
    "and c.revoked_at is null",
    "and c.organization_id = organization",
    "and c.scopes @> string_to_array(enter_scope.scopes, ' ')",
)
"""Under which somebody who has a token may still come in (`enter_scope`)."""

SEEN_WITH_COURSES = {"course_sessions", "attendance_sheets"}
BY_CODES = "attendance_entries.adds_banggiao_person"

BROKEN = {
    "every table is under row policies, and its owner too": (
        "alter table units no force row level security",
        "alter table units disable row level security",
        "create table heap (organization_id uuid)",
    ),
    "every policy says what it lets read and what it lets write": (
        "create policy half on units for all to banggiao_person using (true)",
        "create policy half on units for insert to banggiao_person",
        "create policy half on units for select to banggiao_person",
    ),
    "every policy is for roles that are named": (
        "create policy lax on units for select using (true)",
    ),
    "no view shows more than who asks may see": (
        "create view all_learners as select * from learners",
        "create materialized view all_learners as select * from learners",
    ),
    "no function has its owner's rights": ("alter function touch() security definer",),
    "no function finds another table than the one that was meant": (
        "alter function touch() reset search_path",
        "alter function audit_insert() set search_path = public",
    ),
    "no function is everybody's": (
        "grant execute on function rotate_signing_keys to public",
        "reset role; create function later() returns int return 1",
    ),
    "no role is above policies, or can make roles": (
        "reset role; alter role banggiao_person createrole",
    ),
    "no role of a request can log in": ("reset role; alter role banggiao_academy login",),
    "nobody who calls owns anything": ("reset role; alter table units owner to banggiao_service",),
    "nobody who calls creates anything": (
        "reset role; grant create on schema public to banggiao_organization",
    ),
    "nobody becomes anybody else, but the login a request role on purpose": (
        "reset role; grant banggiao_owner to banggiao_service",
        "reset role; grant banggiao_academy to banggiao_person",
        "reset role; grant banggiao_academy to banggiao_service with inherit true",
    ),
    "the auditor changes nothing, anywhere": ("grant delete on units to banggiao_auditor",),
    "what was written down for the audit stays": (
        "grant update on audit_entries to banggiao_academy",
        "grant delete on personal_data_reads to banggiao_service",
    ),
    "nobody who calls has a right that policies do not bind": (
        "grant truncate on learners to banggiao_academy",
    ),
    "requests have no way into the jobs": ("grant usage on schema jobs to banggiao_person",),
    "PostgreSQL counts the versions of every row that has one": (
        "drop trigger touched on learners",
        "alter table learners disable trigger touched",
    ),
    "every change of an entity is written down": (
        "drop trigger audited_insert on units",
        "drop trigger audited_update on units",
        "alter table units disable trigger audited_delete",
    ),
    "a row refers only to rows of its own organisation": (
        "alter table learners add foreign key (unit_id) references learners not valid",
    ),
    "no row disappears behind the back of policies": (
        "alter table units add foreign key (id) references organizations on delete cascade",
    ),
    "what must be unique is so within an organisation": (
        "create unique index on learners (national_id_hash)",
        "create unique index on learners (external_id) include (organization_id)",
    ),
}
"""For each rule of the catalog, what breaks it."""


class Mutant(NamedTuple):
    policy: asyncpg.Record
    change: str
    statement: str

    @property
    def shows_in_answers(self) -> bool:
        """What is written must pass the policy for reading too, since its answer reads it; so a
        wider check alone changes no answer; what is deleted is locked before, for which it must
        pass the policy for changes. Nor does what is only the service's own, or what shows only in
        `get_me`, which asks for nothing else. Sessions are read with their courses, whose policies
        hide them, too, and sheets with sessions. A code is entered once, within seconds."""
        read_by_requests = set(self.policy["roles"]) <= set(Reach)
        unseen = (
            self.change == "check true"
            or (self.policy["cmd"], self.change) == ("DELETE", "using true")
            or (self.change == "using true" and self.policy["table"] in SEEN_WITH_COURSES)
            or f"{self.policy['table']}.{self.policy['name']}" == BY_CODES
            or self.policy["name"].startswith("own_account")
        )
        return read_by_requests and self.policy["table"] in ADDRESSED and not unseen

    def __str__(self) -> str:
        return f"{self.policy['table']}.{self.policy['name']}: {self.change}"


def mutants(policy: asyncpg.Record) -> Iterator[Mutant]:
    """Without the policy; with one that lets everything through; without one of its roles.

    What is changed must pass the policy for reading before and after, so a wider one for changes
    alone lets nothing else through.
    """
    name = f"{policy['name']} on {policy['table']}"
    yield Mutant(policy, "dropped", f"drop policy {name}")
    wider = policy["cmd"] != "UPDATE" or policy["with_check"] not in (None, policy["qual"])
    if wider and policy["qual"] not in (None, "true"):
        yield Mutant(policy, "using true", f"alter policy {name} using (true)")
    if wider and policy["with_check"] not in (None, "true"):
        yield Mutant(policy, "check true", f"alter policy {name} with check (true)")
    for role in policy["roles"] if len(policy["roles"]) > 1 else ():
        others = ", ".join(other for other in policy["roles"] if other != role)
        yield Mutant(policy, f"not for {role}", f"alter policy {name} to {others}")


@asynccontextmanager
async def broken(truth: Truth, statement: str, *mended: str) -> AsyncIterator[None]:
    async with truth.as_owner(keep=True) as owner:
        await owner.execute(statement)
    try:
        yield
    finally:
        async with truth.as_owner(keep=True) as owner:
            for again in mended:
                await owner.execute(again)


def made_again(policy: asyncpg.Record) -> tuple[str, str]:
    name = f"{policy['name']} on {policy['table']}"
    statement = f"create policy {name} for {policy['cmd']} to {', '.join(policy['roles'])}"
    statement += f" using ({policy['qual']})" if policy["qual"] else ""
    statement += f" with check ({policy['with_check']})" if policy["with_check"] else ""
    return f"drop policy if exists {name}", statement


async def noticed(failures: AsyncGenerator[str]) -> bool:
    """Whether there is any failure; the rest is not waited for."""
    async with aclosing(failures):
        async for _ in failures:
            return True
    return False


async def test_every_policy_is_needed_as_it_is(truth: Truth, rows: Rows, matrix: Matrix):
    async with truth.as_owner() as owner:
        policies = await owner.fetch(POLICIES)
    survivors = []
    for mutant in (mutant for policy in policies for mutant in mutants(policy)):
        table, roles = mutant.policy["table"], set(mutant.policy["roles"])
        async with broken(truth, mutant.statement, *made_again(mutant.policy)):
            if not await noticed(rows.differences(table, roles)):
                survivors.append(f"{mutant}: not noticed in the rows")
            if mutant.shows_in_answers and not await _answered_otherwise(matrix, table, roles):
                survivors.append(f"{mutant}: not noticed in the answers")
    async with truth.as_owner() as owner:
        assert await owner.fetch(POLICIES) == policies
    assert not survivors, "\n".join(survivors)


async def _answered_otherwise(matrix: Matrix, table: str, roles: set[str]) -> bool:
    """Where permissions let nobody of these roles ask, there is no answer to tell."""
    callers = [c for c in matrix.callers if c.principal and c.seat and c.seat.role in roles]
    names = [name for name, does in OPERATIONS.items() if table in (does.table, does.adds_to)]
    asked = [n for n in names if not all(matrix.lacks_permission(n, c) for c in callers)]
    for name in asked:
        if await noticed(matrix.failures(name, callers)):
            return True
    return not asked


@pytest.mark.parametrize("rule", RULES)
async def test_every_rule_of_the_catalog_can_be_broken(truth: Truth, rule: str):
    for statement in BROKEN[rule]:
        async with truth.as_owner() as owner:
            await owner.execute(statement)
            found = await RULES[rule].found(owner)
        assert found - RULES[rule].allowed.keys(), f"not noticed: {statement}"


@pytest.mark.parametrize("condition", CONDITIONS)
async def test_who_may_no_longer_come_in_is_noticed(truth: Truth, matrix: Matrix, condition: str):
    async with truth.as_owner() as owner:
        whole = await owner.fetchval("select pg_get_functiondef('enter_scope'::regproc)")
    lax, left_out = re.subn(r"\s+" + r"\s+".join(map(re.escape, condition.split())), "", whole)
    assert left_out == 1
    withdrawn = [caller for caller in matrix.callers if caller.withdrawn]
    async with broken(truth, lax, whole):
        assert await noticed(matrix.failures("get_learner", withdrawn))


@pytest.mark.parametrize("role", Role)
async def test_every_permission_granted_or_not_is_noticed(
    matrix: Matrix, monkeypatch: pytest.MonkeyPatch, role: Role
):
    callers = [c for c in matrix.callers if c.principal and c.principal.role is role]
    survivors = []
    for permission in Permission:
        monkeypatch.setitem(GRANTS, role, matrix.grants[role] ^ {permission})
        for name, operation in OPERATIONS.items():
            concerned = operation.permission is permission
            if concerned and not await noticed(matrix.failures(name, callers)):
                survivors.append(f"{role}, {permission}, {name}")
    assert not survivors


@pytest.mark.parametrize("name", sorted(OPERATIONS.keys() - FOR_EVERYBODY))
async def test_an_operation_that_asks_for_no_permission_is_noticed(
    matrix: Matrix, monkeypatch: pytest.MonkeyPatch, name: str
):
    guarded = Bearer.principal

    def unguarded(bearer: Bearer, request: Request, needed: SecurityScopes) -> Principal:
        lax = request.scope["route"].name == name
        return guarded(bearer, request, SecurityScopes() if lax else needed)

    monkeypatch.setattr(Bearer, "principal", unguarded)
    assert await noticed(matrix.failures(name))
