"""Consultation on versions."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response

from app.competencies import consulting, queries, service
from app.competencies.consultation_models import Comment, Invitation
from app.competencies.consultation_schemas import (
    CommentIn,
    ConsultationChangeOut,
    ConsultationChangeQuery,
    ConsultationCommentOut,
    ConsultationCommentQuery,
    ConsultationInvitationOut,
    ConsultationInvitationQuery,
)
from app.competencies.permitted import Changing, Commenting, Reading, VersionId
from app.competencies.problems import (
    NO_LONGER_OPEN,
    CommentOnUnknownCompetency,
    NotInConsultation,
)
from app.core import examples, routing
from app.core.database.writes import get_or_404
from app.core.etags import tagged
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import page_of
from app.core.problems import NotFound, problems
from app.opinions import asking
from app.opinions.problems import INVITING, AnswerResolved
from app.opinions.schemas import AnswerIn, InvitationIn, ResolutionIn

router = routing.router("competencies")

InvitationId = Annotated[
    UUID, Path(description="The invitation's id", examples=[examples.CONSULTATION_INVITATION])
]
CommentId = Annotated[
    UUID, Path(description="The comment's id", examples=[examples.CONSULTATION_COMMENT])
]


@router.get(
    "/consultation-invitations",
    **page_of(ConsultationInvitationOut, ConsultationInvitationQuery),
)
async def list_consultation_invitations(reader: Reading, request: Request) -> Response:
    """List invitations to comment on versions.

    Those of your frameworks, and those to you. The newest first.
    """
    query = ConsultationInvitationQuery.of(request)
    return await queries.invitations.page(reader, request, query)


@router.post(
    "/framework-versions/{framework_version_id}/invitations",
    status_code=201,
    response_model=ConsultationInvitationOut,
    openapi_extra=examples.body(invited_organization_id=str(examples.OTHER_ORGANIZATION)),
    responses=problems(
        NotFound,
        *INVITING,
        *NO_LONGER_OPEN,
        IdempotencyKeyReused,
    ),
)
async def create_consultation_invitation(
    session: Changing, framework_version_id: VersionId, data: InvitationIn, response: Response
) -> Invitation:
    """Invite an organisation or a user to comment on a version.

    They read it while it is in consultation, comment on it, and see what others say.
    """
    version = await service.open_version(session, framework_version_id)
    return tagged(response, await asking.invite(session, Invitation, version, data))


@router.post(
    "/consultation-invitations/{consultation_invitation_id}/end",
    response_model=ConsultationInvitationOut,
    responses=problems(NotFound, IdempotencyKeyReused),
)
async def end_consultation_invitation(
    session: Changing, consultation_invitation_id: InvitationId, response: Response
) -> Invitation:
    """End an invitation.

    What they said stays.
    """
    invitation = await get_or_404(session, Invitation, consultation_invitation_id)
    return tagged(response, await asking.end_invitation(session, invitation))


@router.get("/consultation-comments", **page_of(ConsultationCommentOut, ConsultationCommentQuery))
async def list_consultation_comments(reader: Reading, request: Request) -> Response:
    """List comments on versions.

    On your frameworks, and on those that you are invited to comment on.
    """
    query = ConsultationCommentQuery.of(request)
    return await queries.comments.page(reader, request, query)


@router.post(
    "/framework-versions/{framework_version_id}/comments",
    status_code=201,
    response_model=ConsultationCommentOut,
    responses=problems(
        NotFound, CommentOnUnknownCompetency, NotInConsultation, IdempotencyKeyReused
    ),
)
async def create_consultation_comment(
    session: Commenting,
    request: Request,
    framework_version_id: VersionId,
    data: CommentIn,
    response: Response,
) -> Comment:
    """Comment on a version that is in consultation.

    On one of its competencies, or on the version as a whole. Everybody who is invited reads it.
    """
    author = UUID(request.state.principal.subject)
    made = await consulting.comment(session, framework_version_id, data, author)
    return tagged(response, made)


@router.post(
    "/consultation-comments/{consultation_comment_id}/answer",
    status_code=201,
    response_model=ConsultationCommentOut,
    responses=problems(NotFound, NotInConsultation, IdempotencyKeyReused),
)
async def answer_consultation_comment(
    session: Commenting,
    request: Request,
    consultation_comment_id: CommentId,
    data: AnswerIn,
    response: Response,
) -> Comment:
    """Answer a comment.

    In its thread; an answer to an answer is in the same one.
    """
    author = UUID(request.state.principal.subject)
    return tagged(response, await consulting.answer(session, consultation_comment_id, data, author))


@router.post(
    "/consultation-comments/{consultation_comment_id}/resolve",
    response_model=ConsultationCommentOut,
    responses=problems(NotFound, AnswerResolved, *NO_LONGER_OPEN, IdempotencyKeyReused),
)
async def resolve_consultation_comment(
    session: Changing,
    request: Request,
    consultation_comment_id: CommentId,
    data: ResolutionIn,
    response: Response,
) -> Comment:
    """Resolve a thread.

    Say what becomes of it, at the comment that it begins with. A version with threads that nobody
    has resolved is not published.
    """
    thread = await get_or_404(session, Comment, consultation_comment_id)
    await service.open_version(session, thread.framework_version_id)
    actor = request.state.principal.actor
    return tagged(response, await asking.resolve(session, thread, data.resolution, actor))


@router.get("/consultation-changes", **page_of(ConsultationChangeOut, ConsultationChangeQuery))
async def list_consultation_changes(reader: Reading, request: Request) -> Response:
    """List what was changed during consultations, and later because of them.

    Field by field, by whom, and because of which comment.
    """
    query = ConsultationChangeQuery.of(request)
    return await queries.changes.page(reader, request, query)
