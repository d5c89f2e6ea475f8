"""What is measured can be loaded: rules of the database hold for it as for everybody."""

from pathlib import Path

import asyncpg

from app.access.models import User
from app.core.config import Settings
from app.core.database.migrating import migrate
from app.core.database.scopes import Reach, system
from app.core.database.serving import Urls
from app.core.database.sessions import Database
from app.successions import reference
from benchmarks import competencies, curricula, target_groups
from tests.test_migrations import connect, scratch

__all__ = ["scratch"]


async def test_curricula_and_target_groups_are_there_to_be_read(scratch: Urls, tmp_path: Path):
    assert scratch.owner is not None
    await migrate(scratch.owner, scratch.service)
    database = Database(Settings(data_directory=tmp_path), scratch.service)
    async with database.session(system(Reach.EVERYTHING, "benchmark")) as session:
        await reference.found(session)
        session.add(User(email="reviewer@bench.example", name="Reviewer"))
    owner: asyncpg.Connection = await connect(scratch.owner)
    await competencies.load(owner)
    await curricula.load(owner, "VN-01")
    await target_groups.load(owner)
    states = await owner.fetch("select state, count(*) from curriculum_versions group by state")
    await owner.close()
    assert dict(states) == {"published": 2, "draft": len(target_groups.RULES)}
