"""Whom routes of this package let in, and what their addresses name."""

from typing import Annotated
from uuid import UUID

from fastapi import Path
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.caller import changing, reading
from app.access.permissions import Permission
from app.core import examples
from app.core.database.readers import Reader

Reading = Annotated[Reader, reading(Permission.FRAMEWORKS_READ)]
Changing = Annotated[AsyncSession, changing(Permission.FRAMEWORKS_WRITE)]

Commenting = Annotated[AsyncSession, changing(Permission.FRAMEWORKS_COMMENT)]

LearnerId = Annotated[UUID, Path(description="The learner's id", examples=[examples.LEARNER])]
VersionId = Annotated[
    UUID, Path(description="The version's id", examples=[examples.CONSULTED_VERSION])
]
