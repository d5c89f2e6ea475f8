"""What rooms, instructors and their bookings may be refused for."""

from app.core.problems import Problem


class RoomCodeTaken(Problem):
    status, title, constraint = 409, "Room code taken", "room_code_taken"
    detail = "Another room of the organisation has this code. Choose another one."


class RoomDoubleBooked(Problem):
    status, title, constraint = 409, "Room double booked", "room_double_booked"
    detail = (
        "The room is booked then. List its bookings, look for a free room, or book tentatively."
    )


class RoomClosed(Problem):
    status, title, constraint = 409, "Room closed", "room_closed"
    detail = "The room is closed by then. Look for another one."


class RoomBookedAfterClosing(Problem):
    status, title = 409, "Room booked after closing"
    constraint = "room_booked_after_closing"
    detail = "The room is booked on that day or later. Move what it is booked for first."


class BookingOfSubject(Problem):
    status, title = 409, "Booking of something else"
    detail = "This is booked for what `subject_id` names. Move that, and its bookings go along."


class InstructorAccountUnknown(Problem):
    status, title, constraint = 422, "Account unknown", "instructor_account_unknown"
    detail = "There is no user with this id. List users, or leave `user_id` out."


class InstructorAccountTaken(Problem):
    status, title, constraint = 409, "Account taken", "instructor_account_taken"
    detail = "Another instructor has this account. Each has an account of their own."


class InstructorLearnerUnknown(Problem):
    status, title, constraint = 422, "Learner unknown", "instructor_learner_unknown"
    detail = "There is no learner with this id. List learners, or leave `learner_id` out."


class InstructorLearnerTaken(Problem):
    status, title, constraint = 409, "Learner taken", "instructor_learner_taken"
    detail = "Another instructor is this learner. It is the same person: change that entry."


class InstructorDoubleBooked(Problem):
    status, title, constraint = 409, "Instructor double booked", "instructor_double_booked"
    detail = "The instructor is booked then. Look for somebody who is free, or book tentatively."


class InstructorUnavailable(Problem):
    status, title, constraint = 409, "Instructor unavailable", "instructor_unavailable"
    detail = "The instructor is unavailable then. Look for somebody who is free, or ask them."


class InstructorInactive(Problem):
    status, title, constraint = 409, "Instructor inactive", "instructor_inactive"
    detail = "The instructor teaches no more by then. Look for somebody else."


class InstructorBookedLater(Problem):
    status, title, constraint = 409, "Instructor booked later", "instructor_booked_later"
    detail = "The instructor is booked on that day or later. Find somebody else for that first."
