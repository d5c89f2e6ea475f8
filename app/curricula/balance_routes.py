"""How curricula are balanced, what the Academy watches in that, and what they leave out."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response

from app.core import examples, routing
from app.core.database.writes import get_or_404, replace
from app.core.etags import IfMatch, tagged
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import page_of, parameters_of
from app.core.problems import NotFound, Outdated, VersionRequired, problems
from app.core.views import whole
from app.curricula import balance_queries as balance
from app.curricula import coverage
from app.curricula.balance_schemas import (
    BalanceOut,
    BalanceQuery,
    BalanceThresholdIn,
    BalanceThresholdOut,
    BalanceThresholdQuery,
    CoverageOut,
    CoverageQuery,
)
from app.curricula.permitted import Changing, Reading
from app.curricula.problems import BalanceThresholdTaken
from app.curricula.training_models import BalanceThreshold

router = routing.router("curricula")

ThresholdId = Annotated[
    UUID, Path(description="The threshold's id", examples=[examples.BALANCE_THRESHOLD])
]
UnwantedThresholdId = Annotated[
    UUID, Path(description="The threshold's id", examples=[examples.UNWANTED_THRESHOLD])
]


@router.get(
    "/curriculum-balance",
    response_model=BalanceOut,
    openapi_extra=parameters_of(BalanceQuery),
)
async def get_curriculum_balance(reader: Reading, request: Request) -> Response:
    """Read how the hours of curricula are shared out.

    By domain, mode, common and specific modules, and form; beside the year before, with a warning
    where the Academy watches for more. Of each curriculum the version in force, or the last one
    that was.
    """
    query = BalanceQuery.of(request)
    values = {"organization": query.organization, "code": query.code, "year": query.year}
    return await whole(reader, request, balance.statements[query.by], values, balance.in_words)


@router.get(
    "/curriculum-coverage",
    response_model=CoverageOut,
    openapi_extra=parameters_of(CoverageQuery),
)
async def get_curriculum_coverage(reader: Reading, request: Request) -> Response:
    """Read what curricula in force leave out.

    Competencies that no module of theirs leads to, and requirements of job positions whose level
    none leads to.
    """
    values = {"year": CoverageQuery.of(request).year}
    return await whole(reader, request, coverage.statement, values)


@router.get("/balance-thresholds", **page_of(BalanceThresholdOut, BalanceThresholdQuery))
async def list_balance_thresholds(reader: Reading, request: Request) -> Response:
    """List what the Academy watches in the balance of curricula.

    One threshold for each domain, at most.
    """
    query = BalanceThresholdQuery.of(request)
    return await balance.thresholds.page(reader, request, query)


@router.post(
    "/balance-thresholds",
    status_code=201,
    response_model=BalanceThresholdOut,
    responses=problems(NotFound, BalanceThresholdTaken, IdempotencyKeyReused),
)
async def create_balance_threshold(
    session: Changing, data: BalanceThresholdIn, response: Response
) -> BalanceThreshold:
    """Watch the hours of a domain.

    The Academy does.
    """
    threshold = BalanceThreshold(**data.model_dump())
    session.add(threshold)
    await session.flush()
    return tagged(response, threshold)


@router.get(
    "/balance-thresholds/{balance_threshold_id}",
    response_model=BalanceThresholdOut,
    responses=problems(NotFound),
)
async def get_balance_threshold(
    reader: Reading, request: Request, balance_threshold_id: ThresholdId
) -> Response:
    """Read what is watched of a domain's hours."""
    return await balance.thresholds.row(reader, request, balance_threshold_id)


@router.put(
    "/balance-thresholds/{balance_threshold_id}",
    response_model=BalanceThresholdOut,
    openapi_extra=examples.body(domain="skill", minimum_percent=30, must_grow=True),
    responses=problems(NotFound, BalanceThresholdTaken, Outdated, VersionRequired),
)
async def replace_balance_threshold(
    session: Changing,
    balance_threshold_id: ThresholdId,
    expected: IfMatch,
    data: BalanceThresholdIn,
    response: Response,
) -> BalanceThreshold:
    """Replace what is watched of a domain's hours.

    The Academy does.
    """
    threshold = await get_or_404(session, BalanceThreshold, balance_threshold_id)
    expected.check(threshold)
    return tagged(response, await replace(session, threshold, data))


@router.delete(
    "/balance-thresholds/{balance_threshold_id}",
    status_code=204,
    responses=problems(NotFound, Outdated, VersionRequired),
)
async def remove_balance_threshold(
    session: Changing, balance_threshold_id: UnwantedThresholdId, expected: IfMatch
) -> None:
    """Watch the hours of a domain no more.

    The Academy does.
    """
    threshold = await get_or_404(session, BalanceThreshold, balance_threshold_id)
    expected.check(threshold)
    await session.delete(threshold)
    await session.flush()
