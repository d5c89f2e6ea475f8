"""The organisations of Viet Nam as they were and are, from a readable file that cites its sources.

Those that are no more are founded first and then succeeded, by the same service as any other
succession, so that people who were loaded in between have moved with them.
"""

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from importlib.resources import files
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.organizations.models import Organization
from app.successions import service
from app.successions.schemas import SuccessionIn

DECISIONS = {
    date(2025, 3, 1): "Nghị quyết 176/2025/QH15",
    date(2025, 7, 1): "Nghị quyết 202/2025/QH15",
}
"""Which decision ended those that closed on a day."""


NO_IDS: Mapping[str, UUID] = {}


class Reference(NamedTuple):
    """A line of the file."""

    code: str
    kind: str
    name_vi: str
    name_en: str
    short_name_vi: str
    parent: str
    opened_on: date
    closed_on: date | None
    successors: list[str]


def read() -> Iterator[Reference]:
    """The Academy first, and each organisation before those below it."""
    file = files("app.organizations") / "reference" / "organizations.csv"
    with file.open(encoding="utf-8") as lines:
        for line in csv.DictReader(lines):
            yield Reference(
                line["code"],
                line["kind"],
                line["name_vi"],
                line["name_en"],
                line["short_name_vi"],
                line["parent"],
                date.fromisoformat(line["opened_on"]),
                date.fromisoformat(line["closed_on"]) if line["closed_on"] else None,
                [code for code in line["successors"].split(";") if code],
            )


async def found(session: AsyncSession, ids: Mapping[str, UUID] = NO_IDS) -> dict[str, UUID]:
    """Adds the organisations that are not there yet, all of them open; the id of each code.

    `ids` are those that somebody already knows some by.
    """
    rows = await session.execute(select(Organization.code, Organization.id))
    known: dict[str, UUID] = {row.code: row.id for row in rows}
    academy: UUID | None = None
    for line in read():
        if line.code not in known:
            organization = Organization(
                code=line.code,
                kind=line.kind,
                name_vi=line.name_vi,
                name_en=line.name_en,
                short_name_vi=line.short_name_vi,
                parent_id=academy,
                opened_on=line.opened_on,
                **({"id": ids[line.code]} if line.code in ids else {}),
            )
            session.add(organization)
            await session.flush()
            known[line.code] = organization.id
        academy = academy or known[line.code]
    return known


async def succeed(session: AsyncSession, ids: dict[str, UUID]) -> None:
    """Carries out the successions that the file lists and the database does not have yet."""
    for line in read():
        organization = await session.get_one(Organization, ids[line.code])
        if line.closed_on is None or organization.closed_on is not None:
            continue
        succession = SuccessionIn(
            effective_on=line.closed_on,
            document=DECISIONS[line.closed_on],
            successor_id=ids[line.successors[0]],
        )
        await service.succeed(session, organization, succession, dry_run=False)
