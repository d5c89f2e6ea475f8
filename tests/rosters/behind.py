"""Looking behind the service: the rows of an organisation, as the database has them."""

import json
from typing import Any
from uuid import UUID

from sqlalchemy import text

from tests.world import World

BOOKKEEPING = {"roster_syncs", "roster_payloads", "roster_changes", "roster_errors"}
"""What is written of each file, whatever it changes."""
BESIDE = {"personal_data_reads", "clients", "memberships", "last_uses", "organization_subtrees"}

_TABLES = text("""
  select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
  where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
    and a.attname = 'organization_id' and has_table_privilege(c.oid, 'select')
""")


async def tables(world: World, organization: UUID) -> dict[str, list[dict[str, Any]]]:
    """All that there is of an organisation but for what files leave of themselves."""
    async with world.session() as session:
        names = {*await session.scalars(_TABLES)} - BOOKKEEPING - BESIDE
    return {name: await rows(world, name, organization) for name in sorted(names)}


async def rows(world: World, table: str, organization: UUID) -> list[dict[str, Any]]:
    about_syncs = {
        "audit_entries": "and table_name not in ('roster_syncs', 'roster_data_sets')",
        "events": "and name not like 'roster\\_sync%'",
    }.get(table, "")
    found = text(
        f"select to_jsonb(t)::text from {table} t where organization_id = :whose {about_syncs}"
        " order by 1"
    )
    async with world.session() as session:
        return [json.loads(row) for row in await session.scalars(found, {"whose": organization})]


async def roster(world: World, organization: UUID) -> dict[str, Any]:
    """Who is on it, with all that they held: whole rows but for what only counts changes."""
    counting = {"version", "updated_at", "row_digest"}
    return {
        table: [
            {name: value for name, value in row.items() if name not in counting}
            for row in await rows(world, table, organization)
        ]
        for table in ("learners", "positions_held")
    }


async def described(world: World, organization: UUID) -> list[dict[str, Any]]:
    """The same without what is new each time: ids and moments."""
    found = await roster(world, organization)
    names = {learner["id"]: learner["external_id"] for learner in found["learners"]}
    new_each_time = {"id", "created_at", "organization_id", "learner_id", "missing_since"}
    told = []
    for table, of_table in found.items():
        for row in of_table:
            whose = names[row["id"] if table == "learners" else row["learner_id"]]
            said = {name: value for name, value in row.items() if name not in new_each_time}
            missing = row.get("missing_since") is not None
            told.append({"table": table, "whose": whose, "missing": missing} | said)
    return sorted(told, key=lambda row: (row["whose"], row["table"], json.dumps(row)))
