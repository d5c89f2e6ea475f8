"""A file of people of each place, with a row of everything that a file leaves."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import insert

from app.rosters.models import DataSet, Payload, RosterChange, RosterError, RosterMatch, RosterSync
from tests.world import World


async def rosters(
    world: World, places: Mapping[str, UUID], learners: Mapping[str, UUID]
) -> dict[str, dict[str, UUID]]:
    """Each with somebody who would be new, somebody who may be known, and two mistakes."""
    data_sets, syncs, matches = {}, {}, {}
    known = next(iter(learners.values()))
    for name, place in places.items():
        async with world.session() as session:
            session.add(data_set := DataSet(organization_id=place, code=f"hr-{name}"))
            await session.flush()
            sync = RosterSync(
                organization_id=place,
                data_set_id=data_set.id,
                data_set=data_set.code,
                mode="full",
                dry_run=True,
                state="planned",
                format="json",
                size=2,
                acts_as={},
            )
            session.add(sync)
            await session.flush()
            of_sync = {"sync_id": sync.id, "organization_id": place}
            match = RosterMatch(
                **of_sync,
                external_id="CB-2",
                full_name=name,
                learner_id=known,
                on_our_roster=False,
                score=80,
            )
            session.add(match)
            await session.execute(insert(Payload).values(**of_sync, part=0, content=b"[]"))
            for kind in ("create", "match"):
                person = {"external_id": f"CB-{kind}", "learner_id": known, "full_name": name}
                await session.execute(insert(RosterChange).values(**of_sync, **person, kind=kind))
            for number in (1, 2):
                wrong = {"field": "phone", "code": "string_type", "row_number": number}
                words = {"message_vi": name, "message_en": name}
                await session.execute(insert(RosterError).values(**of_sync, **wrong, **words))
            await session.flush()
            data_sets[name], syncs[name], matches[name] = data_set.id, sync.id, match.id
    return {
        "roster_data_sets": data_sets,
        "roster_syncs": syncs,
        "roster_changes": syncs,
        "roster_errors": syncs,
        "roster_matches": matches,
    }
