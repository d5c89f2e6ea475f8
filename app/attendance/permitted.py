"""Whom routes of this package let in, and what their addresses name."""

from typing import Annotated
from uuid import UUID

from fastapi import Path
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.caller import changing, reading, uploading
from app.access.permissions import Permission
from app.attendance.vocabulary import MEDIA_TYPES
from app.core import examples
from app.core.database.readers import Reader

Reading = Annotated[Reader, reading(Permission.ATTENDANCE_READ)]
Changing = Annotated[AsyncSession, changing(Permission.ATTENDANCE_WRITE)]
Sending = Annotated[AsyncSession, uploading(Permission.ATTENDANCE_WRITE, MEDIA_TYPES)]
Entering = Annotated[AsyncSession, changing(Permission.ATTENDANCE_ENTER)]
Inspecting = Annotated[Reader, reading(Permission.INVARIANTS_READ)]

AttendedId = Annotated[
    UUID, Path(description="The session's id", examples=[examples.ATTENDED_SESSION])
]
OnlineId = Annotated[UUID, Path(description="The session's id", examples=[examples.ONLINE_SESSION])]
