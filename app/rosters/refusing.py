"""Taking rows out of a plan, with what is wrong with them."""

import asyncpg

from app.rosters.faults import Fault

_REFUSE = """
with wrong as (
  delete from roster_rows r {which}
  returning r.row_number, r.external_id, r.former_external_id, r.national_id_hash, r.learner_id,
    {value} as value
),
rejected as (
  insert into roster_rejected
  select distinct row_number, external_id, former_external_id, national_id_hash, learner_id
  from wrong
)
insert into roster_mistakes
  (row_number, external_id, field, code, value, message_vi, message_en)
select distinct row_number, external_id, ${n}, ${n1}, value, ${n2}, ${n3} from wrong
"""
_SHOWN = {
    "external_id": "r.external_id",
    "national_id": "'…' || r.national_id_tail",
    "position_since": "r.position_since::text",
    "status_since": "r.status_since::text",
}


async def refuse(driver: asyncpg.Connection, fault: Fault, which: str, *values: object) -> None:
    """`which` is the rest of a `delete from roster_rows r`, with its values."""
    places = {f"n{k or ''}": len(values) + 1 + k for k in range(4)}
    value = _SHOWN.get(fault.field, "null::text")
    said = (*values, fault.field, fault.code, *fault.words())
    types = {key: f"{place}::text" for key, place in places.items()}
    await driver.execute(_REFUSE.format(which=which, value=value, **types), *said)
