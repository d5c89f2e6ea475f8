"""Whom routes of this package let in, and what their addresses name."""

from typing import Annotated
from uuid import UUID

from fastapi import Path
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.caller import changing, reading
from app.access.permissions import Permission
from app.core import examples
from app.core.database.readers import Reader

Reading = Annotated[Reader, reading(Permission.NOMINATIONS_READ)]
Nominating = Annotated[AsyncSession, changing(Permission.NOMINATIONS_WRITE)]
Deciding = Annotated[AsyncSession, changing(Permission.NOMINATIONS_DECIDE)]

CourseId = Annotated[UUID, Path(description="The course's id", examples=[examples.OPEN_COURSE])]
