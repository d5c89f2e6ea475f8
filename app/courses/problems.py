"""What courses, their sessions and their calendars may be refused for."""

from collections.abc import Mapping, Sequence

from app.core.problems import Problem


class CourseCodeTaken(Problem):
    status, title, constraint = 409, "Course code taken", "course_code_taken"
    detail = "Another course of the organisation has this code. Choose another one."


class CourseCurriculumNotInForce(Problem):
    status, title = 422, "Curriculum not in force"
    constraint = "course_curriculum_not_in_force"
    detail = (
        "There is no published version of a curriculum with this id that extends no other. List"
        " versions in state `published`, and name what is added in `extension_version_id`."
    )


class CourseExtensionOfAnother(Problem):
    status, title = 422, "Extension of another curriculum"
    constraint = "course_extension_of_another"
    detail = (
        "`extension_version_id` names no published version that extends the course's own. Choose"
        " one that does, or leave it out."
    )


class ModuleNotOfCurriculum(Problem):
    status, title, constraint = 422, "Not of the curriculum", "module_not_of_curriculum"
    detail = "A module is of another curriculum than the course. Choose from its own."


class CourseStateOutOfOrder(Problem):
    status, title, constraint = 409, "Out of order", "course_state_out_of_order"
    detail = (
        "A course is planned, opened, closed, started and completed, in this order, and may be"
        " cancelled before it is completed. Read it, and take the next step."
    )


class CourseEnded(Problem):
    status, title, constraint = 409, "Course over", "course_ended"
    detail = "The course was completed or cancelled, and stays as it was. Plan another one."


class CourseFixedAtOpening(Problem):
    status, title, constraint = 409, "Fixed at the opening", "course_fixed_at_opening"
    detail = (
        "Since the course was opened, its curriculum, modules and rule of completion stay as they"
        " are, for others rely on them. Send them as you read them; to teach otherwise, cancel the"
        " course and plan another one."
    )


class CourseNotReady(Problem):
    status, title, constraint = 409, "Course not ready", "course_not_ready"
    members = ("findings",)
    detail = "`findings` tell all that stands against it. Correct that, and try again."

    def __init__(self, *, findings: Sequence[Mapping[str, object]] = (), **facts: object) -> None:
        """Without any where the database refuses what changed in the same moment."""
        super().__init__(findings=list(findings), **facts)  # type: ignore[arg-type]


class QuotasExceedPlaces(Problem):
    status, title, constraint = 409, "More quotas than places", "quotas_exceed_places"
    detail = "The quotas give more places than `max_places`. Give fewer, or add places first."


class QuotaMemberTaken(Problem):
    status, title, constraint = 409, "Organisation has a quota", "quota_member_taken"
    detail = "An organisation is in one quota of a course at most. Take it out of the other one."


class SessionModuleUnknown(Problem):
    status, title, constraint = 422, "Module not taught", "session_module_unknown"
    detail = (
        "The course does not teach the module that a session is about. Choose one that it does,"
        " or keep those that sessions are about."
    )


class SessionOutsideCourse(Problem):
    status, title, constraint = 409, "Outside the course", "session_outside_course"
    detail = (
        "A session begins on the course's first day or later and ends on its last or before, by the"
        " clock of its zone. Move it, or change the days of the course."
    )


class SessionMinutesOutOfRange(Problem):
    status, title, constraint = 422, "Too many minutes", "session_minutes_out_of_range"
    detail = (
        "A session lasts 10000 minutes at most, and its `planned_minutes` are no more than it"
        " lasts. Give fewer, leave them out, or plan several sessions."
    )


class SessionStateOutOfOrder(Problem):
    status, title, constraint = 409, "Out of order", "session_state_out_of_order"
    detail = "The session was held or cancelled already. Plan another one."


class SessionOver(Problem):
    status, title, constraint = 409, "Session over", "session_over"
    detail = "The session was held or cancelled, and stays as it was. Plan another one."


class SessionNotBegun(Problem):
    status, title, constraint = 409, "Session not begun", "session_not_begun"
    detail = "A session is held when it has begun, and not before. Say so then."
