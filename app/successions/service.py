"""An organisation ends on a day, and others take its place.

People move by the rule that the request gives. What happened at the former organisation stays
there, and it is placed below the successor that keeps its records, in whose reach it so remains.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, Uuid, bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.events.outbox import publish
from app.organizations.models import Organization, Succession, Unit
from app.successions.problems import (
    AlreadySucceeded,
    SucceedsItself,
    SuccessorUnknown,
    UnitNotThere,
)
from app.successions.schemas import Moved, SuccessionIn, SuccessionOut

# The nearest unit at or above a learner's own that the request sends somewhere decides; a unit of
# the same code at the successor becomes theirs. An external id that is taken there is told apart
# by the former organisation's code. Who is there already, by national id, has two records then; the
# one that moved no longer carries the number, for it may stand on a roster only once. Each move is
# told as `outbox.publish` would, to those who follow the one roster or the other.
_MOVE = text("""
  with recursive sent (unit_id, successor_id, depth) as (
    select unit_id, successor_id, 0 from unnest(:unit_ids, :successor_ids)
      as move (unit_id, successor_id)
    union all
    select u.id, s.successor_id, s.depth + 1
    from units u join sent s on u.parent_id = s.unit_id
  ), nearest as (
    select distinct on (unit_id) unit_id, successor_id from sent order by unit_id, depth
  ), bound as (
    select l.id, l.external_id, l.national_id_hash, u.code as unit_code,
      coalesce(n.successor_id, :successor_id) as successor_id
    from learners l left join nearest n on n.unit_id = l.unit_id
      left join units u on u.id = l.unit_id
    where l.organization_id = :organization_id
    for update of l
  ), settled as (
    select b.id, b.successor_id, u.id as unit_id, exists (
        select from learners t
        where t.organization_id = b.successor_id and t.external_id = b.external_id
      ) as taken, exists (
        select from learners t
        where t.organization_id = b.successor_id and t.national_id_hash = b.national_id_hash
      ) as there_already
    from bound b left join units u
      on u.organization_id = b.successor_id and u.code = b.unit_code
  ), moved as (
    update learners l set
      organization_id = s.successor_id,
      unit_id = s.unit_id,
      position_since = case when l.status = 'left'
        then l.position_since else greatest(l.position_since, :effective_on) end,
      external_id = case when s.taken then :code || '/' || l.external_id else l.external_id end,
      national_id_hash = case when not s.there_already then l.national_id_hash end
    from settled s where s.id = l.id
    returning l.id, l.organization_id, old.external_id as former_key, l.external_id as key,
      s.taken, s.there_already
  ), told as (
    insert into events (organization_id, name, subject_id, data)
    select e.organization_id, e.name, m.id, e.data
    from moved m cross join lateral (values
      (1, 'learner.left', cast(:organization_id as uuid), jsonb_build_object('key', former_key)),
      (2, 'learner.joined', m.organization_id,
        jsonb_build_object('key', key, 'former_key', former_key))
    ) as e (nth, name, organization_id, data)
    order by m.id, e.nth
  )
  select organization_id, count(*) as people, count(*) filter (where taken) as renamed,
    count(*) filter (where there_already) as duplicates
  from moved group by organization_id
""").bindparams(
    bindparam("unit_ids", type_=ARRAY(Uuid)), bindparam("successor_ids", type_=ARRAY(Uuid))
)


async def succeed(
    session: AsyncSession, organization: Organization, data: SuccessionIn, *, dry_run: bool
) -> SuccessionOut:
    """Closes the organisation and moves its people; with `dry_run`, tells what would happen."""
    if organization.closed_on is not None:
        raise AlreadySucceeded
    await _check(session, organization, data)
    organization_id = organization.id
    async with session.begin_nested() as attempt:
        # Closed first: whoever is joining it is waited for, and nobody is left behind.
        organization.closed_on, organization.parent_id = data.effective_on, data.successor_id
        await session.flush()
        rows = await _move(session, organization, data)
        nobody = dict.fromkeys((data.successor_id, *(move.successor_id for move in data.units)), 0)
        moved = nobody | {row.organization_id: row.people for row in rows}
        await _record(session, organization, data, moved)
        if dry_run:
            await attempt.rollback()
    return SuccessionOut(
        organization_id=organization_id,
        effective_on=data.effective_on,
        dry_run=dry_run,
        moved=[Moved(successor_id=to, people=people) for to, people in sorted(moved.items())],
        renamed=sum(row.renamed for row in rows),
        duplicates=sum(row.duplicates for row in rows),
    )


async def _check(session: AsyncSession, organization: Organization, data: SuccessionIn) -> None:
    successors = {data.successor_id, *(move.successor_id for move in data.units)}
    if organization.id in successors:
        raise SucceedsItself
    open_then = select(Organization.id).where(
        Organization.id.in_(successors),
        Organization.opened_on <= data.effective_on,
        Organization.closed_on.is_(None),
    )
    # Locked, so that none of them is closed meanwhile.
    locked = await session.scalars(open_then.order_by(Organization.id).with_for_update(read=True))
    if len(locked.all()) != len(successors):
        raise SuccessorUnknown
    units = {move.unit_id for move in data.units}
    own = select(func.count()).where(Unit.id.in_(units), Unit.organization_id == organization.id)
    if await session.scalar(own) != len(units):
        raise UnitNotThere


async def _move(
    session: AsyncSession, organization: Organization, data: SuccessionIn
) -> Sequence[Row[Any]]:
    values: dict[str, Any] = {
        "organization_id": organization.id,
        "code": organization.code,
        "effective_on": data.effective_on,
        "successor_id": data.successor_id,
        "unit_ids": [move.unit_id for move in data.units],
        "successor_ids": [move.successor_id for move in data.units],
    }
    return (await session.execute(_MOVE, values)).all()


async def _record(
    session: AsyncSession,
    organization: Organization,
    data: SuccessionIn,
    moved: dict[UUID, int],
) -> None:
    for successor_id, people in moved.items():
        session.add(
            Succession(
                organization_id=organization.id,
                successor_id=successor_id,
                effective_on=data.effective_on,
                document=data.document,
                people_moved=people,
            )
        )
        publish(
            session,
            "organization.succeeded",
            organization.id,
            successor_id,
            effective_on=data.effective_on.isoformat(),
            people=people,
        )
    await session.flush()
