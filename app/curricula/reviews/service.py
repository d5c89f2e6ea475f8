"""Review: a version is submitted, decided on, returned or approved, and set to be published."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database.writes import get_or_404
from app.core.problems import NotFound
from app.core.schemas import today
from app.curricula.findings import refuse_unless_ready
from app.curricula.models import CurriculumVersion
from app.curricula.problems import (
    CurriculumVersionNotDraft,
    NotApproved,
    NothingToReturn,
    NotInReview,
    ReviewClosed,
)
from app.curricula.publishing import publish_version
from app.curricula.reviews.models import (
    ReviewComment,
    ReviewDecision,
    ReviewDelegation,
    ReviewInvitation,
)
from app.curricula.reviews.schemas import (
    ApprovalIn,
    PublicationIn,
    ReturnIn,
    ReviewCommentIn,
    ReviewDecisionIn,
    ReviewDelegationIn,
    SubmissionIn,
)
from app.curricula.versions import moved, tell
from app.curricula.vocabulary import OPEN_STATES
from app.opinions import asking
from app.opinions.schemas import AnswerIn

_NOTE = text("select set_config('app.note', :note, true)")


async def submit(
    session: AsyncSession, version: CurriculumVersion, data: SubmissionIn
) -> CurriculumVersion:
    """A new round begins, in which nobody has decided yet. The version comes from `held`.

    Raises CurriculumVersionNotDraft, CurriculumNotReady.
    """
    if version.state != "draft":
        raise CurriculumVersionNotDraft
    await refuse_unless_ready(session, version.id)
    version.quorum, version.review_due_on = data.quorum, data.due_on
    return await _step(session, version, "in_review", "submitted", data.note)


async def return_version(
    session: AsyncSession, version: CurriculumVersion, data: ReturnIn
) -> CurriculumVersion:
    """To a draft, which is changed and submitted anew; an approval is void. Raises
    NothingToReturn."""
    if version.state not in ("in_review", "approved"):
        raise NothingToReturn
    version.publish_on = None
    for field in ApprovalIn.model_fields:
        setattr(version, field, None)
    return await _step(session, version, "draft", "returned", data.note)


async def approve(
    session: AsyncSession, version: CurriculumVersion, data: ApprovalIn
) -> CurriculumVersion:
    """Raises NotInReview; and, by rules of the database, ChangesRequested, QuorumMissing,
    ThreadsUnresolved."""
    if version.state != "in_review":
        raise NotInReview
    for field, value in data:
        setattr(version, field, value)
    return await _step(session, version, "approved", "approved")


async def publish(
    session: AsyncSession, version: CurriculumVersion, data: PublicationIn
) -> CurriculumVersion:
    """Now, or by a worker on the day that is said. Raises NotApproved, CurriculumNotReady."""
    if version.state != "approved":
        raise NotApproved
    if data.on is None or data.on <= today():
        return await publish_version(session, version)
    await refuse_unless_ready(session, version.id)
    version.publish_on = data.on
    return await moved(session, version, "scheduled")


async def publish_due(session: AsyncSession, version: CurriculumVersion) -> None:
    """If nothing else has come of it since it was found to be due."""
    if _due(version):
        await publish_version(session, version)


async def postpone(session: AsyncSession, version: CurriculumVersion) -> None:
    """What cannot be published on its day stays approved, without a day, and its owner is told; if
    nothing else has come of it since that was found out."""
    if _due(version):
        version.publish_on = None
        await session.flush()
        tell(session, version, "not_published")


def _due(version: CurriculumVersion) -> bool:
    day = version.publish_on
    return version.state == "approved" and day is not None and day <= today()


async def open_version(session: AsyncSession, id: UUID) -> CurriculumVersion:
    """The one door to who reviews a version, and to what became of their comments. Raises
    ReviewClosed."""
    version = await get_or_404(session, CurriculumVersion, id)
    if version.state not in OPEN_STATES:
        raise ReviewClosed
    return version


async def decide(session: AsyncSession, version_id: UUID, data: ReviewDecisionIn) -> ReviewDecision:
    """By whoever sees the version; the database knows whether they are named, and in time."""
    version = await session.get(CurriculumVersion, version_id)
    if version is None:
        raise NotFound
    decision = ReviewDecision(
        organization_id=version.organization_id,
        curriculum_version_id=version.id,
        **data.model_dump(),
    )
    session.add(decision)
    await session.flush()
    return decision


async def delegate(
    session: AsyncSession, invitation_id: UUID, data: ReviewDelegationIn
) -> ReviewDelegation:
    """By the reviewer, or by who named them. Raises ReviewClosed."""
    invitation = await session.get(ReviewInvitation, invitation_id)
    if invitation is None:
        raise NotFound
    version = await session.get(CurriculumVersion, invitation.curriculum_version_id)
    if version is None or version.state not in OPEN_STATES:
        raise ReviewClosed
    delegation: ReviewDelegation = ReviewDelegation.of(
        version, invitation_id=invitation.id, **data.model_dump()
    )
    session.add(delegation)
    await session.flush()
    return delegation


async def comment(
    session: AsyncSession, version_id: UUID, data: ReviewCommentIn, author: UUID
) -> ReviewComment:
    version = await session.get(CurriculumVersion, version_id)
    return await asking.comment(session, ReviewComment, version, author, **data.model_dump())


async def answer(
    session: AsyncSession, comment_id: UUID, data: AnswerIn, author: UUID
) -> ReviewComment:
    answered = await session.get(ReviewComment, comment_id)
    if answered is None:
        raise NotFound
    return await asking.answer(
        session,
        answered,
        await session.get(CurriculumVersion, answered.curriculum_version_id),
        author,
        closed=NotInReview,
        module_id=answered.module_id,
        text=data.text,
    )


async def _step(
    session: AsyncSession,
    version: CurriculumVersion,
    state: str,
    news: str,
    note: str | None = None,
) -> CurriculumVersion:
    """The version in its next state, with all that was set in the same moment; the trail says
    why."""
    version.state = state
    with session.no_autoflush:
        await session.execute(_NOTE, {"note": note or ""})
    return await moved(session, version, news)
