"""What nominations, decisions on them and seats may be refused for."""

from collections.abc import Mapping, Sequence

from app.core.problems import Problem


class NominationsRefused(Problem):
    status, title = 409, "Nobody was nominated or decided on"
    members = ("people",)
    detail = (
        "`people` tells of each with whom something is wrong all rules that stand against it, what"
        " was looked at, and who can do something about it. Nothing was changed for the others"
        " either: leave these out, or have it corrected."
    )

    def __init__(self, *, people: Sequence[Mapping[str, object]] = (), **facts: object) -> None:
        super().__init__(people=list(people), **facts)  # type: ignore[arg-type]


class NominationOutOfOrder(Problem):
    status, title, constraint = 409, "Out of order", "nomination_out_of_order"
    detail = (
        "A nomination does not go from the state that it is in to that one. Read it, and what"
        " happened to it."
    )


class HostDecides(Problem):
    status, title, constraint = 409, "Its host decides", "host_decides"
    detail = "Only the organisation that hosts the course decides on nominations for it. Ask it."


class CourseNotOpen(Problem):
    status, title, constraint = 409, "Course not open", "course_not_open"
    detail = "The course is not open yet, or over. Choose another one."


class NominationsClosed(Problem):
    status, title, constraint = 409, "Nominations closed", "nominations_closed"
    detail = (
        "The day until which organisations nominate and substitute is over, or its host has closed"
        " the course. Ask the host."
    )


class NominationTwice(Problem):
    status, title, constraint = 409, "Nominated already", "nomination_twice"
    detail = "The learner is nominated for the course already. Read that nomination."


class NominatedOfAnotherOrganization(Problem):
    status, title = 409, "Of another organisation"
    constraint = "nominated_of_another_organization"
    detail = (
        "The learner is on the roster of another organisation than that which nominates, or than"
        " that of whom they should substitute. Name somebody of the same one."
    )


class SeatsExceedPlaces(Problem):
    status, title, constraint = 409, "More seats than places", "seats_exceed_places"
    detail = (
        "More people have a seat than there would be places, in a quota or in what the quotas leave"
        " over. Read the seats of the course; give more places, or withdraw somebody first."
    )


class LearnerDoubleBooked(Problem):
    status, title, constraint = 409, "Learner double booked", "learner_double_booked"
    detail = (
        "Somebody who has a seat has another session at that time. Choose another time, make the"
        " session tentative, or accept the overlap where it is decided on the nomination."
    )


class QuotaHasSeats(Problem):
    status, title, constraint = 409, "Quota has seats", "quota_has_seats"
    detail = "Somebody has a seat of the quota. Keep the quota, with as many places at least."


class PlacesOfQuotaWereGiven(Problem):
    status, title, constraint = 409, "Places were given away", "places_of_quota_were_given"
    detail = "Places of the quota were given to others. Keep the quota."


class PlacesWereGivenToQuota(Problem):
    status, title, constraint = 409, "Places were given to it", "places_were_given_to_quota"
    detail = "The quota was given places of others. Keep the quota."


class LearnerHasNominations(Problem):
    status, title, constraint = 409, "Learner has nominations", "learner_has_nominations"
    detail = "The learner was nominated for courses, and is kept. Record that they have left."
