"""Whom routes of this package let in, and what their addresses name."""

from typing import Annotated
from uuid import UUID

from fastapi import Path
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.caller import changing, reading
from app.access.permissions import Permission
from app.core import examples
from app.core.database.readers import Reader

Reading = Annotated[Reader, reading(Permission.CURRICULA_READ)]
Changing = Annotated[AsyncSession, changing(Permission.CURRICULA_WRITE)]

ModuleId = Annotated[UUID, Path(description="The module's id", examples=[examples.MODULE])]
ModuleVersionId = Annotated[
    UUID, Path(description="The version's id", examples=[examples.MODULE_VERSION])
]
DraftModuleVersionId = Annotated[
    UUID, Path(description="The version's id", examples=[examples.DRAFT_MODULE_VERSION])
]
UnwantedModuleVersionId = Annotated[
    UUID, Path(description="The version's id", examples=[examples.UNWANTED_MODULE_VERSION])
]
CurriculumId = Annotated[
    UUID, Path(description="The curriculum's id", examples=[examples.CURRICULUM])
]
VersionId = Annotated[
    UUID, Path(description="The version's id", examples=[examples.CURRICULUM_VERSION])
]
DraftVersionId = Annotated[
    UUID, Path(description="The version's id", examples=[examples.DRAFT_CURRICULUM_VERSION])
]
EndingVersionId = Annotated[
    UUID, Path(description="The version's id", examples=[examples.ENDING_CURRICULUM_VERSION])
]
UnwantedVersionId = Annotated[
    UUID, Path(description="The version's id", examples=[examples.UNWANTED_CURRICULUM_VERSION])
]
