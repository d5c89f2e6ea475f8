"""Who reviews a version, who stands in for them, and what is said of it."""

from uuid import UUID

from fastapi import Request, Response

from app.core import examples, routing
from app.core.database.writes import get_or_404
from app.core.etags import tagged
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import page_of
from app.core.problems import NotFound, problems
from app.curricula import review_queries as queries
from app.curricula import reviewing
from app.curricula.permitted import (
    Changing,
    Reading,
    ReviewCommentId,
    ReviewDelegationId,
    ReviewedVersionId,
    ReviewerId,
    Reviewing,
    ReviewInvitationId,
)
from app.curricula.problems import (
    CommentOnUnknownModule,
    DelegateAlreadyNamed,
    DelegationOfNoReviewer,
    NotInReview,
    ReviewClosed,
)
from app.curricula.review_models import ReviewComment, ReviewDelegation, ReviewInvitation
from app.curricula.review_schemas import (
    ReviewCommentIn,
    ReviewCommentOut,
    ReviewCommentQuery,
    ReviewDelegationIn,
    ReviewDelegationOut,
    ReviewDelegationQuery,
    ReviewInvitationIn,
    ReviewInvitationOut,
    ReviewInvitationQuery,
)
from app.opinions import asking
from app.opinions.problems import INVITING, AnswerResolved, InvitedUserUnknown
from app.opinions.schemas import AnswerIn, ResolutionIn

router = routing.router("curricula")


@router.get("/review-invitations", **page_of(ReviewInvitationOut, ReviewInvitationQuery))
async def list_review_invitations(reader: Reading, request: Request) -> Response:
    """List invitations to review curricula.

    Those of your curricula, and those to you. The newest first.
    """
    return await queries.invitations.page(reader, request, ReviewInvitationQuery.of(request))


@router.post(
    "/curriculum-versions/{curriculum_version_id}/invitations",
    status_code=201,
    response_model=ReviewInvitationOut,
    openapi_extra=examples.body(invited_organization_id=str(examples.OTHER_ORGANIZATION)),
    responses=problems(NotFound, *INVITING, ReviewClosed, IdempotencyKeyReused),
)
async def create_review_invitation(
    session: Changing,
    curriculum_version_id: ReviewedVersionId,
    data: ReviewInvitationIn,
    response: Response,
) -> ReviewInvitation:
    """Invite an organisation or a user to review a version.

    They read it while it is in review and once it is approved, comment on it, and see what others
    say. Who is named to decide is a reviewer.
    """
    version = await reviewing.open_version(session, curriculum_version_id)
    return tagged(response, await asking.invite(session, ReviewInvitation, version, data))


@router.post(
    "/review-invitations/{review_invitation_id}/end",
    response_model=ReviewInvitationOut,
    responses=problems(NotFound, IdempotencyKeyReused),
)
async def end_review_invitation(
    session: Changing, review_invitation_id: ReviewInvitationId, response: Response
) -> ReviewInvitation:
    """End an invitation to review a version.

    What they said stays, and what they decided counts until the version is submitted anew. Nobody
    stands in for them any more.
    """
    invitation = await get_or_404(session, ReviewInvitation, review_invitation_id)
    return tagged(response, await asking.end_invitation(session, invitation))


@router.get("/review-delegations", **page_of(ReviewDelegationOut, ReviewDelegationQuery))
async def list_review_delegations(reader: Reading, request: Request) -> Response:
    """List who stands in for reviewers.

    On your curricula, for you, and where you stand in for others. The newest first.
    """
    return await queries.delegations.page(reader, request, ReviewDelegationQuery.of(request))


@router.post(
    "/review-invitations/{review_invitation_id}/delegations",
    status_code=201,
    response_model=ReviewDelegationOut,
    responses=problems(
        NotFound,
        InvitedUserUnknown,
        DelegationOfNoReviewer,
        DelegateAlreadyNamed,
        ReviewClosed,
        IdempotencyKeyReused,
    ),
)
async def create_review_delegation(
    session: Reviewing,
    review_invitation_id: ReviewerId,
    data: ReviewDelegationIn,
    response: Response,
) -> ReviewDelegation:
    """Have somebody stand in for a reviewer.

    While the reviewer is away: they say so themselves, or who named them does. On these days the
    user reads the version, comments on it, and decides on the reviewer's behalf, which is told with
    each decision.
    """
    made = await reviewing.delegate(session, review_invitation_id, data)
    return tagged(response, made)


@router.post(
    "/review-delegations/{review_delegation_id}/end",
    response_model=ReviewDelegationOut,
    responses=problems(NotFound, IdempotencyKeyReused),
)
async def end_review_delegation(
    session: Reviewing, review_delegation_id: ReviewDelegationId, response: Response
) -> ReviewDelegation:
    """End a delegation.

    By the reviewer who is back, or by who named them. What was decided stays.
    """
    delegation = await get_or_404(session, ReviewDelegation, review_delegation_id)
    return tagged(response, await asking.end_invitation(session, delegation))


@router.get("/review-comments", **page_of(ReviewCommentOut, ReviewCommentQuery))
async def list_review_comments(reader: Reading, request: Request) -> Response:
    """List comments on curricula.

    On yours, and on those that you are invited to review.
    """
    return await queries.comments.page(reader, request, ReviewCommentQuery.of(request))


@router.post(
    "/curriculum-versions/{curriculum_version_id}/comments",
    status_code=201,
    response_model=ReviewCommentOut,
    responses=problems(NotFound, CommentOnUnknownModule, NotInReview, IdempotencyKeyReused),
)
async def create_review_comment(
    session: Reviewing,
    request: Request,
    curriculum_version_id: ReviewedVersionId,
    data: ReviewCommentIn,
    response: Response,
) -> ReviewComment:
    """Comment on a version that is in review.

    On one of its own modules, or on the version as a whole. Everybody who is invited reads it.
    """
    author = UUID(request.state.principal.subject)
    made = await reviewing.comment(session, curriculum_version_id, data, author)
    return tagged(response, made)


@router.post(
    "/review-comments/{review_comment_id}/answer",
    status_code=201,
    response_model=ReviewCommentOut,
    responses=problems(NotFound, NotInReview, IdempotencyKeyReused),
)
async def answer_review_comment(
    session: Reviewing,
    request: Request,
    review_comment_id: ReviewCommentId,
    data: AnswerIn,
    response: Response,
) -> ReviewComment:
    """Answer a comment on a curriculum.

    In its thread; an answer to an answer is in the same one.
    """
    author = UUID(request.state.principal.subject)
    return tagged(response, await reviewing.answer(session, review_comment_id, data, author))


@router.post(
    "/review-comments/{review_comment_id}/resolve",
    response_model=ReviewCommentOut,
    responses=problems(NotFound, AnswerResolved, ReviewClosed, IdempotencyKeyReused),
)
async def resolve_review_comment(
    session: Changing,
    request: Request,
    review_comment_id: ReviewCommentId,
    data: ResolutionIn,
    response: Response,
) -> ReviewComment:
    """Resolve a thread on a curriculum.

    Say what becomes of it, at the comment that it begins with; also after the version is returned.
    A version with threads that nobody has resolved is not approved.
    """
    thread = await get_or_404(session, ReviewComment, review_comment_id)
    await reviewing.open_version(session, thread.curriculum_version_id)
    actor = request.state.principal.actor
    return tagged(response, await asking.resolve(session, thread, data.resolution, actor))
