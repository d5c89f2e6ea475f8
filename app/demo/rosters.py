"""What the HR system of Hà Nội has sent: a file that went in, one that is held, and dry runs.

They are worked on as any others are, with the scopes that the program has.
"""

import csv
from collections.abc import Iterable
from io import StringIO
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.models import Client
from app.access.permissions import Role
from app.core import examples
from app.core.config import Settings
from app.core.database.scopes import Reach, system
from app.core.database.sessions import Database
from app.core.secrets import Pepper
from app.demo.accounts import CLIENT
from app.learners.models import Learner
from app.rosters.models import DataSet, Payload, RosterMatch, RosterSync
from app.rosters.syncing import Syncing

HEADINGS = {"Số hiệu": "external_id", "Chức danh hiện nay": "position_title", "Ghi chú": None}
"""What the headings of its files mean, where that does not go without saying."""
COLUMNS = ("Số hiệu", "Họ và tên", "Ngày sinh", "Chức danh hiện nay", "Ghi chú")
NEWCOMER = (
    "CB-900001",
    "Đặng Thu Hà",
    "14/02/1996",
    "Chuyên viên về Lễ tân đối ngoại",
    "mới tuyển",
)
MISTAKEN = ("CB-900002", "Trịnh Quốc Bảo", "31/02/1990", "Chuyên viên về Lãnh sự", "")
PROMOTED = "Chuyên viên chính về Hợp tác quốc tế"

Row = tuple[str, ...]


async def send(database: Database, pepper: Pepper) -> None:
    async with database.session(system(Reach.EVERYTHING, "demo")) as session:
        client = (await session.scalars(select(Client).where(Client.name == CLIENT))).one()
        officers = await _officers(session, client.organization_id)
        session.add(
            DataSet(
                id=examples.DATA_SET,
                organization_id=client.organization_id,
                code="hr",
                headings=HEADINGS,
            )
        )
    known = officers.pop(examples.LEARNER)
    rows = list(officers.values())
    changed = [(*row[:3], PROMOTED, "nâng ngạch") for row in rows[:3]]
    namesake = ("CB-900003", *known[1:3], known[3], "trùng họ tên, ngày sinh")
    files: dict[UUID, tuple[Iterable[Row], dict[str, Any]]] = {
        examples.APPLIED_SYNC: (rows, {"mode": "full"}),
        examples.ROSTER_SYNC: (
            [*changed, *rows[3 : len(rows) // 2], NEWCOMER, MISTAKEN, namesake],
            {"mode": "full"},
        ),
        examples.PLANNED_SYNC: (changed, {"mode": "delta", "dry_run": True}),
        examples.UNWANTED_SYNC: ([NEWCOMER], {"mode": "delta", "dry_run": True}),
    }
    syncing = Syncing(Settings(), database, pepper)
    for id, (of_file, how) in files.items():
        await _sent(database, client, id, of_file, how)
        await syncing.advance(examples.DATA_SET)
    async with database.session(system(Reach.EVERYTHING, "demo")) as session:
        await session.execute(update(RosterMatch).values(id=examples.MATCH))


async def _officers(session: AsyncSession, organization: UUID) -> dict[UUID, Row]:
    """The roster as the HR system has it, by the officers' ids."""
    found = select(Learner).where(Learner.organization_id == organization, Learner.status != "left")
    return {
        one.id: (
            one.external_id,
            one.full_name,
            f"{one.birth_date:%d/%m/%Y}",
            one.position_title,
            "",
        )
        for one in await session.scalars(found.order_by(Learner.external_id))
    }


async def _sent(
    database: Database, client: Client, id: UUID, rows: Iterable[Row], how: dict[str, Any]
) -> None:
    content = _written(rows)
    async with database.session(system(Reach.EVERYTHING, f"{Role.CLIENT}:{client.id}")) as session:
        sync = RosterSync(
            id=id,
            organization_id=client.organization_id,
            data_set_id=examples.DATA_SET,
            data_set="hr",
            format="csv",
            file_name="danh-sach-can-bo.csv",
            size=len(content),
            acts_as=_acts_as(client),
            **{"dry_run": False} | how,
        )
        session.add(sync)
        await session.flush()
        of_sync = {"sync_id": id, "organization_id": client.organization_id}
        await session.execute(insert(Payload).values(**of_sync, part=0, content=content))


def _acts_as(client: Client) -> dict[str, Any]:
    return {
        "subject": str(client.id),
        "role": str(Role.CLIENT),
        "organization": str(client.organization_id),
        "scopes": " ".join(client.scopes),
    }


def _written(rows: Iterable[Row]) -> bytes:
    """As Excel saves it, so that its Vietnamese is read without asking."""
    text = StringIO()
    csv.writer(text).writerows([COLUMNS, *rows])
    return text.getvalue().encode("utf-8-sig")
