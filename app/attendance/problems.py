"""What attendance may be refused for."""

from app.core.problems import Problem


class AttendanceOfStranger(Problem):
    status, title, constraint = 409, "Not enrolled", "attendance_of_stranger"
    members = ("learner_ids",)
    detail = (
        "Somebody is not enrolled in the course. Leave out those in `learner_ids`, or have its host"
        " enrol them."
    )

    def __init__(self, *, learner_ids: object = None, **facts: object) -> None:
        """Without any where the database refuses what changed in the same moment."""
        super().__init__(learner_ids=learner_ids or [], **facts)  # type: ignore[arg-type]


class AttendanceOutOfTime(Problem):
    status, title, constraint = 409, "Not at this time", "attendance_out_of_time"
    detail = (
        "Attendance is taken from an hour before a session begins; check-ins and codes, until it"
        " ends. Whoever teaches it, or hosts the course, enters later what is missing."
    )


class AttendanceSettled(Problem):
    status, title, constraint = 409, "Result stands", "attendance_settled"
    detail = (
        "Whether they completed the course is decided, and this would make another result of it."
        " What does not, is still taken."
    )


class ModalityNotOfSession(Problem):
    status, title, constraint = 409, "Not held in this way", "modality_not_of_session"
    detail = (
        "Nobody is online at a session in person, and nobody in a room at an online one. Correct"
        " the session's mode, or how they attended."
    )


class AttendanceTooLong(Problem):
    status, title, constraint = 409, "Longer than the session", "attendance_longer_than_session"
    detail = "Somebody attended longer than the session lasted. Correct the minutes."


class SessionCancelled(Problem):
    status, title, constraint = 409, "Session cancelled", "attendance_of_cancelled_session"
    detail = "The session was cancelled, and nobody attends it."


class AttendanceCodeWrong(Problem):
    status, title = 422, "Code not known"
    detail = "This is no code of this session. Read it again, and enter it while it is shown."


class AttendanceCodeExpired(Problem):
    status, title = 409, "Code expired"
    detail = (
        "The code was shown before, and is no longer. Enter the one that is shown now, or ask"
        " whoever teaches the session to enter your attendance."
    )


class AttendanceCodeReplayed(Problem):
    status, title, constraint = 409, "Code used", "attendance_code_replayed"
    detail = "You have entered this code already, and your attendance is recorded."


class AlreadyCheckedIn(Problem):
    status, title = 409, "Checked in already"
    detail = "They are checked in, and have not checked out since."


class NotCheckedIn(Problem):
    status, title = 409, "Not checked in"
    detail = "Nobody checks out who is not checked in. Check them in first."


class MeetingLogUnreadable(Problem):
    status, title = 422, "Report not readable"
    detail = (
        "Line {line} is nothing that an attendance report of Zoom or Microsoft Teams has. Send the"
        " file as it was taken out there, in English, and do not open it in between."
    )


class MeetingLogWithoutTimes(Problem):
    status, title = 422, "Report without times"
    detail = (
        "The report has one line for each person, without when they joined and left. In Zoom, take"
        " it out again without `Show unique users`."
    )


class MeetingLogOfAnotherMeeting(Problem):
    status, title = 409, "Report of another meeting"
    detail = (
        "The report has another meeting number than the session, or nobody in it was there while"
        " the session was on. Choose the session that it is of; or correct the session's meeting"
        " number, or say in `zone` where it was taken out."
    )


class MeetingLogUndecided(Problem):
    status, title = 409, "Not decided"
    members = ("undecided",)
    detail = (
        "Nobody has said who is meant in the rows that `undecided` lists. Say in `decisions` which"
        " learner each is, or null for nobody in the course."
    )

    def __init__(self, *, undecided: object = None, **facts: object) -> None:
        super().__init__(undecided=undecided or [], **facts)  # type: ignore[arg-type]


class MeetingLogEnded(Problem):
    status, title = 409, "Report applied or discarded"
    detail = "The report was applied or discarded already. Send it again to apply it anew."


class ResultsNotReady(Problem):
    status, title = 409, "Results not ready"
    members = ("findings",)
    detail = (
        "Results are decided when every session is over or cancelled, and attendance was taken of"
        " each that was held. `findings` name those of which it is not so."
    )


class CompletionAgainstRule(Problem):
    status, title, constraint = 409, "Against the rule", "completion_against_rule"
    detail = (
        "Who completes the course is decided by its rule and their attendance. Correct the"
        " attendance, or decide on the results of the whole course."
    )


class LearningDecided(Problem):
    status, title, constraint = 409, "Decided already", "learning_decided"
    detail = "It was confirmed or refused, and stays as it was. Record what is different anew."


class LearningConfirmedByOneself(Problem):
    status, title, constraint = 409, "Not by oneself", "learning_confirmed_by_oneself"
    detail = "Nobody confirms what they recorded themselves. Have a mentor or manager confirm it."
