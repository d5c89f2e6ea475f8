"""A version on its way from a draft to being in force: submitted, decided on, approved."""

from fastapi import Request, Response

from app.core import routing
from app.core.etags import tagged
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import page_of
from app.core.problems import NotFound, problems
from app.core.views import whole
from app.curricula import review_queries as queries
from app.curricula import reviewing, service
from app.curricula.models import CurriculumVersion
from app.curricula.permitted import (
    ApprovedVersionId,
    Approving,
    Changing,
    Reading,
    ReviewedVersionId,
    Reviewing,
    VersionToApproveId,
    VersionToReturnId,
    VersionToSubmitId,
)
from app.curricula.problems import (
    ApprovalDocumentUnknown,
    ChangesRequested,
    CurriculumNotReady,
    CurriculumVersionNotDraft,
    DocumentIsAnotherFile,
    NotApproved,
    NotAReviewer,
    NothingToReturn,
    NotInReview,
    OneVoiceEach,
    QuorumMissing,
)
from app.curricula.review_models import ReviewDecision
from app.curricula.review_schemas import (
    ApprovalIn,
    CurriculumTrailOut,
    PublicationIn,
    ReturnIn,
    ReviewDecisionIn,
    ReviewDecisionOut,
    ReviewDecisionQuery,
    SubmissionIn,
)
from app.curricula.schemas import CurriculumVersionOut
from app.opinions.problems import ThreadsUnresolved

router = routing.router("curricula")


@router.post(
    "/curriculum-versions/{curriculum_version_id}/submit",
    response_model=CurriculumVersionOut,
    responses=problems(
        NotFound, CurriculumVersionNotDraft, CurriculumNotReady, IdempotencyKeyReused
    ),
)
async def submit_curriculum_version(
    session: Changing,
    curriculum_version_id: VersionToSubmitId,
    data: SubmissionIn,
    response: Response,
) -> CurriculumVersion:
    """Submit a draft for review.

    A new round begins: who is invited reads the version and comments on it, reviewers decide. It
    does not change until it is returned. What stands against it is told all at once.
    """
    version = await service.held(session, curriculum_version_id)
    return tagged(response, await reviewing.submit(session, version, data))


@router.post(
    "/curriculum-versions/{curriculum_version_id}/return",
    response_model=CurriculumVersionOut,
    responses=problems(NotFound, NothingToReturn, IdempotencyKeyReused),
)
async def return_curriculum_version(
    session: Changing,
    curriculum_version_id: VersionToReturnId,
    data: ReturnIn,
    response: Response,
) -> CurriculumVersion:
    """Return a version to a draft.

    From review or after its approval, which is void then. What was said and decided stays; when the
    version is submitted again, reviewers decide anew.
    """
    version = await service.held(session, curriculum_version_id)
    return tagged(response, await reviewing.return_version(session, version, data))


@router.post(
    "/curriculum-versions/{curriculum_version_id}/approve",
    response_model=CurriculumVersionOut,
    responses=problems(
        NotFound,
        NotInReview,
        ChangesRequested,
        QuorumMissing,
        ThreadsUnresolved,
        ApprovalDocumentUnknown,
        DocumentIsAnotherFile,
        IdempotencyKeyReused,
    ),
)
async def approve_curriculum_version(
    session: Approving,
    curriculum_version_id: VersionToApproveId,
    data: ApprovalIn,
    response: Response,
) -> CurriculumVersion:
    """Approve a version.

    By the document that says so. As many reviewers as its submission asks for approve it in this
    round, none requests changes, and all comments are resolved. The trail tells how far it is.
    """
    version = await service.held(session, curriculum_version_id)
    return tagged(response, await reviewing.approve(session, version, data))


@router.post(
    "/curriculum-versions/{curriculum_version_id}/publish",
    response_model=CurriculumVersionOut,
    responses=problems(NotFound, NotApproved, CurriculumNotReady, IdempotencyKeyReused),
)
async def publish_curriculum_version(
    session: Approving,
    curriculum_version_id: ApprovedVersionId,
    data: PublicationIn,
    response: Response,
) -> CurriculumVersion:
    """Publish an approved version, today or on a later day.

    Everybody reads it from then on, and it never changes again. The version that was in force is
    retired in the same moment, and extensions come along where nothing stands against them. Until
    the day comes, another one may be said; returning the version calls it off. A version that
    something stands against on that day stays approved, and `curriculum_version.not_published`
    tells so.
    """
    version = await service.held(session, curriculum_version_id)
    return tagged(response, await reviewing.publish(session, version, data))


@router.get("/review-decisions", **page_of(ReviewDecisionOut, ReviewDecisionQuery))
async def list_review_decisions(reader: Reading, request: Request) -> Response:
    """List decisions of reviewers.

    On your curricula, and on those that you are invited to review.
    """
    return await queries.decisions.page(reader, request, ReviewDecisionQuery.of(request))


@router.post(
    "/curriculum-versions/{curriculum_version_id}/decisions",
    status_code=201,
    response_model=ReviewDecisionOut,
    responses=problems(NotFound, NotInReview, NotAReviewer, OneVoiceEach, IdempotencyKeyReused),
)
async def create_review_decision(
    session: Reviewing, curriculum_version_id: ReviewedVersionId, data: ReviewDecisionIn
) -> ReviewDecision:
    """Decide on a version that is in review.

    As the reviewer that you are named as, or on behalf of one, by a delegation. It stays; who
    thinks better of it decides again, and their last decision in the round counts.
    """
    return await reviewing.decide(session, curriculum_version_id, data)


@router.get(
    "/curriculum-versions/{curriculum_version_id}/trail",
    response_model=CurriculumTrailOut,
    responses=problems(NotFound),
)
async def get_curriculum_trail(
    reader: Reading, request: Request, curriculum_version_id: ReviewedVersionId
) -> Response:
    """Read how a version came about.

    Its states with the document by which it was approved, decisions and comments, in their order;
    and how far the present round is. Of others' versions you see what you were asked about.
    """
    values = {"id": curriculum_version_id}
    return await whole(reader, request, queries.trail, values)
