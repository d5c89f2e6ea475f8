"""Nominating, deciding, enrolling by hand, withdrawing and substituting.

Everything for one course waits for its turn, so that what was found still holds when it is done.
"""

import json
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database.scopes import Scope
from app.core.database.sessions import driver_of
from app.core.database.writes import get_or_404
from app.core.problems import InvalidRequest, NotFound, not_to_be_named
from app.enrolment.models import Nomination
from app.enrolment.problems import NominatedOfAnotherOrganization, NominationsRefused
from app.enrolment.schemas import (
    EnrolmentsIn,
    NominationDecisionsIn,
    NominationsIn,
    SubstituteIn,
    WithdrawIn,
)
from app.enrolment.statements import DECIDE, FINDINGS, NOMINATE
from app.enrolment.vocabulary import DECIDED

_TURN = "select take_turn(c.id) from courses c where c.id = $1"
_TURN_OF_HOST = f"{_TURN} and hosts(c.organization_id)"
_TURN_OF_NOMINATION = """
  select take_turn(n.course_id) from nominations n
  where n.id = $1
"""
_ON_ROSTER = "select exists (select from learners where id = $1 and organization_id = $2)"
_FINISH = """
  update nominations n set state = o.state, reason = o.reason, document = o.document
  from jsonb_to_recordset($2::jsonb) as o (nomination_id uuid, state text, reason text,
    document text)
  where n.course_id = $1 and n.id = o.nomination_id
"""


class Outcome(NamedTuple):
    """What became of somebody who was enrolled."""

    nomination_id: UUID
    state: Literal["completed", "failed", "no_show"]
    reason: str | None = None
    document: str | None = None


async def take_turn(session: AsyncSession, course_id: UUID, *, hosting: bool = True) -> Any:
    """Until the end of the transaction nobody else changes who comes to the course. Gives the
    driver. Raises NotFound for a course that is not there, or that somebody else hosts."""
    driver = await driver_of(session)
    if not await driver.fetchval(_TURN_OF_HOST if hosting else _TURN, course_id):
        raise NotFound
    return driver


def of_role(session: AsyncSession, sql: str) -> str:
    """PostgreSQL plans a prepared statement again when another role executes it."""
    scope: Scope = session.info["scope"]
    return f"/* {scope.caller} */ {sql}"


async def nominate(session: AsyncSession, course_id: UUID, data: NominationsIn) -> bytes:
    """All of them or nobody. Raises NominationsRefused with everything that stands against any."""
    letter = (data.letter.number, data.letter.date, data.letter.hash)
    said = (*letter, None, None, False)
    return await _added(session, course_id, data, "nominated", *said)


async def enrol(session: AsyncSession, course_id: UUID, data: EnrolmentsIn) -> bytes:
    """By hand of the host, with a seat of the quota that each organisation is in."""
    said = (None, None, None, data.reason, data.document, data.may_overlap)
    return await _added(session, course_id, data, "enrolled", *said)


async def _added(
    session: AsyncSession,
    course_id: UUID,
    data: NominationsIn | EnrolmentsIn,
    state: str,
    *said: Any,
) -> bytes:
    by_hand = state == "enrolled"
    driver = await take_turn(session, course_id, hosting=by_hand)
    learners = [each.learner_id for each in data.learners]
    step = "enrol" if by_hand else "nominate"
    statement = of_role(session, NOMINATE)
    told = await driver.fetchval(statement, course_id, learners, state, *said, data.dry_run, step)
    return _applied(told, ("learners", "learner_id"), dry_run=data.dry_run)


async def decide(session: AsyncSession, course_id: UUID, data: NominationDecisionsIn) -> bytes:
    """All of it or nothing. Raises NominationsRefused."""
    driver = await take_turn(session, course_id)
    decided = json.dumps(
        [
            each.model_dump(mode="json", exclude={"decision"})
            | {"to_state": DECIDED[each.decision]}
            for each in data.decisions
        ]
    )
    told = await driver.fetchval(of_role(session, DECIDE), course_id, decided, data.dry_run)
    return _applied(told, ("decisions", "nomination_id"), dry_run=data.dry_run)


def _applied(told: str, named: tuple[str, str], *, dry_run: bool) -> bytes:
    """What to answer, as the database wrote it."""
    found = json.loads(told)
    if found["unknown"]:
        field, key = named
        errors = [not_to_be_named(field, place, key) for place in found["unknown"]]
        raise InvalidRequest(errors=errors)
    answer = found["answer"]
    if found["refused"] and not dry_run:
        refused = [each for each in answer["people"] if each["findings"]]
        raise NominationsRefused(people=refused)
    return written(answer)


def written(answer: Any) -> bytes:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


async def held_nomination(session: AsyncSession, id: UUID) -> Nomination:
    """In its course's turn. Raises NotFound."""
    driver = await driver_of(session)
    if not await driver.fetchval(_TURN_OF_NOMINATION, id):
        raise NotFound
    return await get_or_404(session, Nomination, id)


async def withdraw(session: AsyncSession, nomination: Nomination, data: WithdrawIn) -> Nomination:
    """Gives the seat back."""
    nomination.state = "withdrawn"
    nomination.reason, nomination.document = data.reason, data.document
    return await _kept(session, nomination)


async def substitute(
    session: AsyncSession, nomination: Nomination, data: SubstituteIn
) -> Nomination:
    """Somebody else of the same organisation, who takes over its rank, state and seat.

    Raises NominationsRefused; by rules of the database, NominationOutOfOrder, NominationsClosed
    and NominatedOfAnotherOrganization.
    """
    driver = await driver_of(session)
    was = nomination.state
    nomination.state = "substituted"
    nomination.reason, nomination.document = data.reason, None
    await _kept(session, nomination)
    if not await driver.fetchval(_ON_ROSTER, data.learner_id, nomination.organization_id):
        raise NominatedOfAnotherOrganization
    found = json.loads(
        await driver.fetchval(FINDINGS, nomination.course_id, data.learner_id, "substitute")
    )
    if found:
        of = {"organization_id": str(nomination.organization_id), "state": None}
        whom = {"learner_id": str(data.learner_id), "nomination_id": None, "rank": nomination.rank}
        raise NominationsRefused(people=[whom | of | {"findings": found, "warnings": []}])
    letter = data.letter
    instead = Nomination(
        organization_id=nomination.organization_id,
        host_id=nomination.host_id,
        course_id=nomination.course_id,
        learner_id=data.learner_id,
        state=was,
        rank=nomination.rank,
        letter_number=letter and letter.number,
        letter_date=letter and letter.date,
        letter_hash=letter and letter.hash,
        reason=data.reason,
        substitutes_id=nomination.id,
    )
    session.add(instead)
    return await _kept(session, instead)


async def finish(session: AsyncSession, course_id: UUID, outcomes: Sequence[Outcome]) -> None:
    """Who was enrolled has completed the course, has failed, or never came. The caller has the
    course's turn, or takes it by this. Raises, by a rule of the database, NominationOutOfOrder."""
    driver = await take_turn(session, course_id)
    said = [each._asdict() | {"nomination_id": str(each.nomination_id)} for each in outcomes]
    await driver.execute(_FINISH, course_id, json.dumps(said))


async def _kept(session: AsyncSession, nomination: Nomination) -> Nomination:
    await session.flush()
    await session.refresh(nomination)
    return nomination
