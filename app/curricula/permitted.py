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

Reviewing = Annotated[AsyncSession, changing(Permission.CURRICULA_REVIEW)]
Approving = Annotated[AsyncSession, changing(Permission.CURRICULA_APPROVE)]

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
ReviewedVersionId = Annotated[
    UUID, Path(description="The version's id", examples=[examples.REVIEWED_CURRICULUM_VERSION])
]
VersionToSubmitId = Annotated[
    UUID, Path(description="The version's id", examples=[examples.CURRICULUM_TO_SUBMIT])
]
VersionToReturnId = Annotated[
    UUID, Path(description="The version's id", examples=[examples.CURRICULUM_TO_RETURN])
]
VersionToApproveId = Annotated[
    UUID, Path(description="The version's id", examples=[examples.CURRICULUM_TO_APPROVE])
]
ApprovedVersionId = Annotated[
    UUID, Path(description="The version's id", examples=[examples.APPROVED_CURRICULUM_VERSION])
]
ReviewInvitationId = Annotated[
    UUID, Path(description="The invitation's id", examples=[examples.REVIEW_INVITATION])
]
ReviewerId = Annotated[
    UUID, Path(description="The reviewer's invitation", examples=[examples.REVIEWER])
]
ReviewDelegationId = Annotated[
    UUID, Path(description="The delegation's id", examples=[examples.REVIEW_DELEGATION])
]
ReviewCommentId = Annotated[
    UUID, Path(description="The comment's id", examples=[examples.REVIEW_COMMENT])
]
