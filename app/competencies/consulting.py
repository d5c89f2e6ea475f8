"""Consultation: who is invited, what they say, and how it is resolved."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.models import User
from app.competencies.consultation_models import Comment, Invitation
from app.competencies.consultation_schemas import (
    AnswerIn,
    CommentIn,
    InvitationIn,
    ResolutionIn,
)
from app.competencies.models import FrameworkVersion
from app.competencies.problems import AnswerResolved, NotInConsultation
from app.core.problems import NotFound


async def invite(
    session: AsyncSession, version: FrameworkVersion, data: InvitationIn
) -> Invitation:
    invitation = Invitation(
        organization_id=version.organization_id,
        framework_version_id=version.id,
        **data.model_dump(),
    )
    session.add(invitation)
    await session.flush()
    await session.refresh(invitation)  # whose address it is
    return invitation


async def end_invitation(session: AsyncSession, invitation: Invitation) -> Invitation:
    if invitation.ended_at is None:
        invitation.ended_at = func.now()
        await session.flush()
        await session.refresh(invitation)
    return invitation


async def comment(
    session: AsyncSession, version_id: UUID, data: CommentIn, author: UUID
) -> Comment:
    """By whoever sees the version; a rule of the database refuses it outside of a consultation."""
    version = await session.get(FrameworkVersion, version_id)
    if version is None:
        raise NotFound
    return await _add(session, version, author, **data.model_dump())


async def answer(session: AsyncSession, comment_id: UUID, data: AnswerIn, author: UUID) -> Comment:
    """Within the thread that the comment belongs to."""
    answered = await session.get(Comment, comment_id)
    if answered is None:
        raise NotFound
    version = await session.get(FrameworkVersion, answered.framework_version_id)
    if version is None:
        raise NotInConsultation  # who was invited sees what was said, and the version no more
    return await _add(
        session,
        version,
        author,
        thread_id=answered.thread_id or answered.id,
        competency_identifier=answered.competency_identifier,
        text=data.text,
    )


async def _add(
    session: AsyncSession, version: FrameworkVersion, author: UUID, **said: object
) -> Comment:
    added = Comment(
        organization_id=version.organization_id,
        framework_version_id=version.id,
        author_name=await session.scalar(select(User.name).where(User.id == author)),
        **said,
    )
    session.add(added)
    await session.flush()
    return added


async def resolve(
    session: AsyncSession, thread: Comment, data: ResolutionIn, actor: str
) -> Comment:
    """May be resolved otherwise later, as long as the version is open."""
    if thread.thread_id is not None:
        raise AnswerResolved
    thread.resolution, thread.resolved_by, thread.resolved_at = data.resolution, actor, func.now()
    await session.flush()
    await session.refresh(thread)
    return thread
