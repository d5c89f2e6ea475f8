"""What filters of lists of instructors, their unavailability and their bookings mean.

Who read what is written to the log of reads, under the instructor's id.
"""

from typing import Any

from sqlalchemy import (
    TIMESTAMP,
    Boolean,
    Integer,
    Select,
    Text,
    any_,
    bindparam,
    cast,
    func,
    or_,
    select,
)

from app.core.views import View
from app.learners.queries import speaking
from app.rooms.instructor_models import (
    TAUGHT,
    THIS_YEAR,
    ZONE,
    Instructor,
    InstructorBooking,
    InstructorContact,
    InstructorUnavailability,
    minutes,
)
from app.rooms.instructor_schemas import (
    InstructorBookingOut,
    InstructorBookingQuery,
    InstructorContactOut,
    InstructorOut,
    InstructorQuery,
    InstructorUnavailabilityOut,
    InstructorUnavailabilityQuery,
)
from app.rooms.queries import over, span, tentatively_booked, warned
from app.rooms.times import overlaps


def instructors_matching(query: InstructorQuery) -> Select[Any]:
    statement = select(Instructor)
    if query.kind is not None:
        statement = statement.where(Instructor.kind == query.kind)
    if query.expertise is not None:
        statement = statement.where(cast(query.expertise, Text) == any_(Instructor.expertise))
    if query.free_from is not None:
        statement = _free(statement, query)
    return speaking(statement, Instructor.languages, query)


def _free(statement: Select[Any], query: InstructorQuery) -> Select[Any]:
    """Neither firmly booked nor unavailable, and teaching still."""
    time = span(query.free_from, query.free_to)
    for kind, narrowed in (
        (InstructorBooking, [~InstructorBooking.tentative]),
        (InstructorUnavailability, []),
    ):
        taken = select(kind.id).where(kind.instructor_id == Instructor.id, *narrowed)
        statement = statement.where(~taken.where(overlaps(kind, time)).exists())
    leaves = func.timezone(ZONE, cast(Instructor.active_until, TIMESTAMP()))
    still = leaves >= cast(query.free_to, TIMESTAMP(timezone=True))
    return statement.where(or_(leaves.is_(None), still))


def unavailability_matching(query: InstructorUnavailabilityQuery) -> Select[Any]:
    kind = InstructorUnavailability
    statement = select(kind).where(*over(kind, query))
    if query.instructor is not None:
        statement = statement.where(kind.instructor_id == query.instructor)
    return statement


def instructor_bookings_matching(query: InstructorBookingQuery) -> Select[Any]:
    kind = InstructorBooking
    statement = select(kind).where(*over(kind, query))
    if query.instructor is not None:
        statement = statement.where(kind.instructor_id == query.instructor)
    if query.tentative is not None:
        statement = statement.where(kind.tentative == cast(query.tentative, Boolean))
    return statement


_YEAR = func.coalesce(cast(bindparam("year", type_=Integer), Integer), THIS_YEAR)
_TOLD = {
    "booked_minutes": minutes(_YEAR),
    "taught_minutes": minutes(_YEAR, TAUGHT),
    "tentatively_booked": tentatively_booked(
        InstructorBooking, InstructorBooking.instructor_id == Instructor.id
    ),
}

instructors = View(
    Instructor,
    InstructorOut,
    instructors_matching,
    columns=_TOLD,
    places={"full_name": Instructor.sort_key},
    searched=Instructor.search_text,
    stamp=func.concat_ws(".", Instructor.version, *_TOLD.values()),
    subjects="id",
)
contacts = View(InstructorContact, InstructorContactOut, subjects="id")
unavailability = View(
    InstructorUnavailability,
    InstructorUnavailabilityOut,
    unavailability_matching,
    stamp=warned(InstructorUnavailability),
    subjects="instructor_id",
)
instructor_bookings = View(
    InstructorBooking,
    InstructorBookingOut,
    instructor_bookings_matching,
    stamp=warned(InstructorBooking),
    subjects="instructor_id",
)
