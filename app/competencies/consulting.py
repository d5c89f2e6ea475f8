"""Consultation: what is said of a version, and of which of its competencies."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.competencies.consultation_models import Comment
from app.competencies.consultation_schemas import CommentIn
from app.competencies.models import FrameworkVersion
from app.competencies.problems import NotInConsultation
from app.core.problems import NotFound
from app.opinions import asking
from app.opinions.schemas import AnswerIn


async def comment(
    session: AsyncSession, version_id: UUID, data: CommentIn, author: UUID
) -> Comment:
    version = await session.get(FrameworkVersion, version_id)
    return await asking.comment(session, Comment, version, author, **data.model_dump())


async def answer(session: AsyncSession, comment_id: UUID, data: AnswerIn, author: UUID) -> Comment:
    answered = await session.get(Comment, comment_id)
    if answered is None:
        raise NotFound
    return await asking.answer(
        session,
        answered,
        await session.get(FrameworkVersion, answered.framework_version_id),
        author,
        closed=NotInConsultation,
        competency_identifier=answered.competency_identifier,
        text=data.text,
    )
