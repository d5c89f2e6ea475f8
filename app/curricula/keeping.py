"""What is done for curricula by the clock."""

from uuid import UUID

from sqlalchemy import select
from structlog import get_logger

from app.core.database.scopes import Reach, system
from app.core.database.sessions import Database
from app.core.failures import problem_of
from app.core.schemas import today
from app.curricula import reviewing, service
from app.curricula.models import CurriculumVersion

log = get_logger()


async def publish_due(database: Database) -> None:
    """Versions whose day has come, each in a transaction of its own: it is published as a whole, or
    another time. Common parts first, so that extensions of the same day extend them."""
    async with database.session(system(Reach.EVERYTHING, "system")) as session:
        found = await session.scalars(
            select(CurriculumVersion.id)
            .where(CurriculumVersion.state == "approved", CurriculumVersion.publish_on <= today())
            .order_by(
                CurriculumVersion.extends_version_id.is_not(None),
                CurriculumVersion.publish_on,
                CurriculumVersion.id,
            )
        )
        due = found.all()
    for id in due:
        await _publish(database, id)


async def _publish(database: Database, id: UUID) -> None:
    """What stands in the way of one is no reason to keep others waiting."""
    try:
        async with database.session(system(Reach.EVERYTHING, "system")) as session:
            await reviewing.publish_due(session, await service.held(session, id))
    except Exception as error:
        refusal = problem_of(error)
        if refusal is None or refusal.status >= 500:  # noqa: PLR2004 -- ours: the next turn tries again
            log.exception("curriculum_not_published", curriculum_version=str(id))
            return
        log.warning("curriculum_not_published", curriculum_version=str(id), problem=refusal.slug)
        async with database.session(system(Reach.EVERYTHING, "system")) as session:
            await reviewing.postpone(session, await service.held(session, id))
