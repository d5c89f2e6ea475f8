"""Who the people of a file are: known by their ids, or only perhaps by their names.

An external id that changed is a new key of the same person, and somebody on another organisation's
roster is not a second person. What ids do not tell, somebody has to: a match by name and birth date
only proposes.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from uuid import UUID

import asyncpg

from app.rosters import faults
from app.rosters.refusing import refuse

Elsewhere = Callable[[], AbstractAsyncContextManager[None]]
"""Within it the rosters of others are seen too, for as long as it takes to look for somebody."""

_BY_EXTERNAL_ID = """
update roster_rows r set learner_id = l.id, learner_version = l.version, kind = 'update'
from learners l where l.organization_id = $1 and l.external_id = r.external_id
"""
_KEPT_ELSEWHERE = """
using learners l where l.id = r.learner_id and l.data_set <> $1
"""
_BY_FORMER_ID = """
update roster_rows r set learner_id = l.id, learner_version = l.version, kind = 'rekey'
from learners l
where r.learner_id is null and l.organization_id = $1 and l.external_id = r.former_external_id
  and (l.data_set is null or l.data_set = $2)
  and not exists (select from roster_keys k where k.external_id = l.external_id)
"""
_BY_NATIONAL_ID = """
update roster_rows r set learner_id = l.id, learner_version = l.version, kind = 'rekey'
from learners l
where r.learner_id is null and l.organization_id = $1 and l.national_id_hash = r.national_id_hash
  and (l.data_set is null or l.data_set = $2)
  and not exists (select from roster_keys k where k.external_id = l.external_id)
"""
_SAME_NATIONAL_ID = """
where r.national_id_hash in (select national_id_hash from roster_rows
  where national_id_hash is not null group by national_id_hash having count(*) > 1)
"""
_SAME_PERSON = """
where r.learner_id in (select learner_id from roster_rows
  where learner_id is not null group by learner_id having count(*) > 1)
"""
_SAME_ELSEWHERE_TWICE = """
where r.kind in ('claim', 'transfer') and r.elsewhere in (select elsewhere from roster_rows
  where kind in ('claim', 'transfer') group by elsewhere having count(*) > 1)
"""
_NATIONAL_ID_TAKEN = """
using learners l where l.organization_id = $1 and l.national_id_hash = r.national_id_hash
  and l.id is distinct from r.learner_id
"""
_ON_ANOTHER_ROSTER = """
update roster_rows r set elsewhere = l.id
from (
  select distinct on (national_id_hash) national_id_hash, id from learners
  where organization_id <> $1 and national_id_hash in (
    select national_id_hash from roster_rows where learner_id is null)
  order by national_id_hash, (status = 'left'), position_since desc, id
) as l
where r.learner_id is null and l.national_id_hash = r.national_id_hash
"""
# Of who is elsewhere the score tells nothing that the row could guess at.
_ALIKE = """
insert into roster_alike
select r.row_number, r.external_id, r.full_name, r.birth_date, l.id as learner_id,
  l.organization_id = $1 as on_our_roster,
  60 + case when lower(l.full_name) = lower(r.full_name) then 20 else 0 end
    + case when l.organization_id = $1 and (l.email = r.email or l.phone = r.phone)
      then 10 else 0 end
    + case when l.organization_id = $1 and (l.position_title = r.position_title
      or l.recruited_on = r.recruited_on) then 10 else 0 end as score
from roster_rows r
join learners l on l.search_text = r.search_text and l.birth_date = r.birth_date
where r.learner_id is null and r.elsewhere is null
  and (l.national_id_hash is null or r.national_id_hash is null)
  and case when l.organization_id = $1 then (l.data_set is null or l.data_set = $2)
    and not exists (select from roster_keys k where k.external_id = l.external_id)
    else l.status <> 'left' end
"""
_PROPOSE = """
insert into roster_matches (organization_id, sync_id, external_id, full_name, birth_date,
  learner_id, on_our_roster, score)
select $1, $2, external_id, full_name, birth_date, learner_id, on_our_roster, score
from roster_alike
on conflict (organization_id, external_id, learner_id) do nothing
"""
_SAME_OURS = """
update roster_rows r set learner_id = l.id, learner_version = l.version, kind = 'rekey'
from roster_alike a join learners l on l.id = a.learner_id
  join roster_matches m on m.learner_id = l.id and m.organization_id = $1
where r.row_number = a.row_number and m.external_id = r.external_id
  and a.on_our_roster and m.decision = 'same'
"""
_SAME_ELSEWHERE = """
update roster_rows r set elsewhere = m.learner_id
from roster_alike a join roster_matches m on m.learner_id = a.learner_id
  and m.organization_id = $1
where r.row_number = a.row_number and m.external_id = r.external_id and r.learner_id is null
  and not a.on_our_roster and m.decision = 'same'
"""
_UNDECIDED = """
update roster_rows r set kind = 'match', elsewhere = a.learner_id
from roster_alike a left join roster_matches m on m.learner_id = a.learner_id
  and m.organization_id = $1 and m.external_id = a.external_id
where r.row_number = a.row_number and r.learner_id is null and r.elsewhere is null
  and m.decision is null
"""
# Released to whom it may concern, they come to whoever knows their national id, as to a claim; a
# name and a birth date are not enough for that.
_FROM_ELSEWHERE = """
update roster_rows r
set kind = case when exists (
  select from transfers t join learners l on l.id = t.learner_id
  where t.learner_id = r.elsewhere and t.state = 'released' and (t.to_organization_id = $1
    or t.to_organization_id is null and l.national_id_hash = r.national_id_hash))
  then 'claim' else 'transfer' end
where r.elsewhere is not null and r.kind = 'create'
"""


async def match(
    driver: asyncpg.Connection,
    organization: UUID,
    data_set: str,
    sync: UUID,
    elsewhere: Elsewhere,
) -> None:
    """Says of each row whose it is, as far as it can be known, and asks about the others."""
    await driver.execute(_BY_EXTERNAL_ID, organization)
    await refuse(driver, faults.OF_ANOTHER_DATA_SET, _KEPT_ELSEWHERE, data_set)
    await refuse(driver, faults.NATIONAL_ID_TWICE, _SAME_NATIONAL_ID)
    await driver.execute(_BY_FORMER_ID, organization, data_set)
    await driver.execute(_BY_NATIONAL_ID, organization, data_set)
    await refuse(driver, faults.ONE_PERSON_TWICE, _SAME_PERSON)
    await refuse(driver, faults.NATIONAL_ID_TAKEN, _NATIONAL_ID_TAKEN, organization)
    async with elsewhere():
        await driver.execute(_ON_ANOTHER_ROSTER, organization)
        await driver.execute(_ALIKE, organization, data_set)
        await driver.execute(_PROPOSE, organization, sync)
        await driver.execute(_SAME_OURS, organization)
        await driver.execute(_SAME_ELSEWHERE, organization)
        await driver.execute(_UNDECIDED, organization)
        await driver.execute(_FROM_ELSEWHERE, organization)
    for decided in (_SAME_PERSON, _SAME_ELSEWHERE_TWICE):
        await refuse(driver, faults.ONE_PERSON_TWICE, decided)
