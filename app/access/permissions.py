"""Who may do what, on one page. Which rows they may do it to is tenancy's business."""

from enum import StrEnum


class Role(StrEnum):
    ACADEMY_ADMIN = "academy_admin"
    ACADEMY_STAFF = "academy_staff"
    AUDITOR = "auditor"
    INSTRUCTOR = "instructor"
    COORDINATOR = "coordinator"
    VIEWER = "viewer"
    LEARNER = "learner"
    CLIENT = "client"


OF_THE_ACADEMY = frozenset({Role.ACADEMY_ADMIN, Role.ACADEMY_STAFF, Role.AUDITOR})
"""Who has one of these sees every organisation, and is a member of the Academy: a trigger sees to
it."""


class Permission(StrEnum):
    """`<resource>:<action>`, in alphabetical order. A client's scopes are permissions too."""

    ATTENDANCE_ENTER = "attendance:enter"
    ATTENDANCE_READ = "attendance:read"
    ATTENDANCE_WRITE = "attendance:write"
    AUDIT_READ = "audit:read"
    CHANGES_READ = "changes:read"
    CLIENTS_READ = "clients:read"
    CLIENTS_WRITE = "clients:write"
    COURSES_READ = "courses:read"
    COURSES_WRITE = "courses:write"
    CURRICULA_APPROVE = "curricula:approve"
    CURRICULA_READ = "curricula:read"
    CURRICULA_REVIEW = "curricula:review"
    CURRICULA_WRITE = "curricula:write"
    EVIDENCE_READ = "evidence:read"
    EVIDENCE_REVIEW = "evidence:review"
    EVIDENCE_WRITE = "evidence:write"
    FRAMEWORKS_COMMENT = "frameworks:comment"
    FRAMEWORKS_READ = "frameworks:read"
    FRAMEWORKS_WRITE = "frameworks:write"
    GAPS_READ = "gaps:read"
    INSTRUCTORS_CORRECT = "instructors:correct"
    INSTRUCTORS_READ = "instructors:read"
    INSTRUCTORS_WRITE = "instructors:write"
    INVARIANTS_READ = "invariants:read"
    JOB_POSITIONS_READ = "job_positions:read"
    JOB_POSITIONS_WRITE = "job_positions:write"
    LEARNERS_READ = "learners:read"
    LEARNERS_TRANSFER = "learners:transfer"
    LEARNERS_WRITE = "learners:write"
    MATERIALS_READ = "materials:read"
    MATERIALS_WRITE = "materials:write"
    ME_READ = "me:read"
    NOMINATIONS_DECIDE = "nominations:decide"
    NOMINATIONS_READ = "nominations:read"
    NOMINATIONS_WRITE = "nominations:write"
    ORGANIZATIONS_READ = "organizations:read"
    ORGANIZATIONS_WRITE = "organizations:write"
    ROOMS_READ = "rooms:read"
    ROOMS_WRITE = "rooms:write"
    ROSTERS_APPROVE = "rosters:approve"
    ROSTERS_READ = "rosters:read"
    ROSTERS_WRITE = "rosters:write"
    UNITS_WRITE = "units:write"
    USERS_READ = "users:read"
    USERS_WRITE = "users:write"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"


P = Permission

ALWAYS = frozenset({P.ME_READ})
"""What no token is too narrow for."""

_LOOK_AROUND = ALWAYS | {
    P.COURSES_READ,
    P.CURRICULA_READ,
    P.FRAMEWORKS_READ,
    P.JOB_POSITIONS_READ,
    P.MATERIALS_READ,
    P.NOMINATIONS_READ,
    P.ORGANIZATIONS_READ,
}
_COMMENT = frozenset({P.CURRICULA_REVIEW, P.FRAMEWORKS_COMMENT})
_READ_OWN = _LOOK_AROUND | {P.ATTENDANCE_READ, P.EVIDENCE_READ, P.LEARNERS_READ}
_VIEW = _READ_OWN | {P.CHANGES_READ, P.GAPS_READ, P.ROOMS_READ, P.ROSTERS_READ}
_KEEP_PEOPLE = frozenset({P.LEARNERS_WRITE, P.LEARNERS_TRANSFER, P.ROSTERS_WRITE, P.UNITS_WRITE})
_SYNC = _VIEW | _KEEP_PEOPLE | {P.EVIDENCE_WRITE, P.NOMINATIONS_WRITE}
_JUDGE = frozenset({P.EVIDENCE_REVIEW, P.ROSTERS_APPROVE})
_PREPARE = frozenset(
    {
        P.ATTENDANCE_WRITE,
        *(P.COURSES_WRITE, P.CURRICULA_WRITE, P.FRAMEWORKS_WRITE, P.JOB_POSITIONS_WRITE),
        *(P.MATERIALS_WRITE, P.NOMINATIONS_DECIDE, P.ROOMS_WRITE),
    }
)
_COORDINATE = _SYNC | _COMMENT | _JUDGE | _PREPARE
_TEACH = frozenset({P.INSTRUCTORS_READ, P.INSTRUCTORS_CORRECT})
_MARK = frozenset({P.ATTENDANCE_READ, P.ATTENDANCE_WRITE})
_RUN = _COORDINATE | _TEACH | {P.INSTRUCTORS_WRITE}
_BE_TOLD = frozenset({P.WEBHOOKS_READ, P.WEBHOOKS_WRITE})
_OVERSEE = frozenset({P.AUDIT_READ, P.CLIENTS_READ, P.INVARIANTS_READ, P.USERS_READ})

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.ACADEMY_ADMIN: _RUN
    | _OVERSEE
    | _BE_TOLD
    | {P.CLIENTS_WRITE, P.CURRICULA_APPROVE, P.ORGANIZATIONS_WRITE, P.USERS_WRITE},
    Role.ACADEMY_STAFF: _RUN,  # who work on the country's curricula, and approve none
    Role.AUDITOR: _VIEW | _OVERSEE | {P.INSTRUCTORS_READ, P.WEBHOOKS_READ},
    Role.INSTRUCTOR: _LOOK_AROUND | _COMMENT | _TEACH | _MARK,  # of these, what is their own
    Role.COORDINATOR: _COORDINATE | _BE_TOLD | {P.AUDIT_READ, P.CURRICULA_APPROVE},
    Role.VIEWER: _VIEW | _COMMENT,
    # What they say of themselves.
    Role.LEARNER: _READ_OWN | _COMMENT | {P.ATTENDANCE_ENTER, P.EVIDENCE_WRITE},
    Role.CLIENT: _SYNC | _BE_TOLD,  # of these, what its scopes name
}

IN_WORDS: dict[Permission, str] = {
    P.ATTENDANCE_ENTER: "Enter the code that is shown in class",
    P.ATTENDANCE_READ: "Read who attended what, how they stand, and results of courses",
    P.ATTENDANCE_WRITE: "Take attendance of sessions, and apply reports of online meetings",
    P.AUDIT_READ: "Read who changed what, and who read whose personal data",
    P.CHANGES_READ: "Follow what changes",
    P.CLIENTS_READ: "Read programs, their keys, and when these were used",
    P.CLIENTS_WRITE: "Register, change and revoke programs and their keys",
    P.COURSES_READ: "Read courses and their sessions, and have them in calendars",
    P.COURSES_WRITE: "Plan and change courses and their sessions, open and cancel them",
    P.CURRICULA_APPROVE: "Approve curricula by a document, publish and retire them",
    P.CURRICULA_READ: "Read modules and curricula",
    P.CURRICULA_REVIEW: "Comment on curricula that one is asked about, and decide on them",
    P.CURRICULA_WRITE: "Work on modules and curricula, and extend what others publish",
    P.EVIDENCE_READ: "Read evidence of what people know and can do, what they attain, their gaps",
    P.EVIDENCE_REVIEW: "Confirm and refuse evidence",
    P.EVIDENCE_WRITE: "Record evidence, correct it and take it back",
    P.FRAMEWORKS_COMMENT: "Comment on competency frameworks that one is asked about",
    P.FRAMEWORKS_READ: "Read competency frameworks, and consultations that one is asked to join",
    P.FRAMEWORKS_WRITE: "Work on competency frameworks, consult on them, publish and retire them",
    P.GAPS_READ: "Read gaps of units, organisations and the country, as figures",
    P.INSTRUCTORS_CORRECT: "Correct what instructors say of themselves, and when they can teach",
    P.INSTRUCTORS_READ: "Read instructors, how to reach them, and what they are booked for",
    P.INSTRUCTORS_WRITE: "Add and change instructors, and book them",
    P.INVARIANTS_READ: "Read whether what must always hold of courses does",
    P.JOB_POSITIONS_READ: "Read job positions, what they require, and which titles mean them",
    P.JOB_POSITIONS_WRITE: "Work on job positions, and say who is in which",
    P.LEARNERS_READ: "Read learners, the positions they held, and their transfers",
    P.LEARNERS_TRANSFER: "Release learners to other organisations, and claim them from there",
    P.LEARNERS_WRITE: "Add and change learners",
    P.MATERIALS_READ: "Search and read materials, and take out their files",
    P.MATERIALS_WRITE: "Add and change materials, and send their files",
    P.ME_READ: "Read who one is, and what one may do",
    P.NOMINATIONS_DECIDE: "Decide on nominations for courses that one hosts, and enrol by hand",
    P.NOMINATIONS_READ: "Read nominations for courses, and what happened to them",
    P.NOMINATIONS_WRITE: "Nominate people for courses, withdraw and substitute them",
    P.ORGANIZATIONS_READ: "Read organisations and their units",
    P.ORGANIZATIONS_WRITE: "Add, change, merge and split organisations",
    P.ROOMS_READ: "Read rooms, and what they are booked for",
    P.ROOMS_WRITE: "Add and change rooms, and book them",
    P.ROSTERS_APPROVE: "Approve what files of people would remove, undo it, and tell who is who",
    P.ROSTERS_READ: "Read files of people: what they would change, and what is wrong with them",
    P.ROSTERS_WRITE: "Send files of people, and apply or cancel their plans",
    P.UNITS_WRITE: "Add and change units",
    P.USERS_READ: "Read users, their roles, and where they are signed in",
    P.USERS_WRITE: "Add, invite and disable users, give them roles, and end their sign-ins",
    P.WEBHOOKS_READ: "Read webhooks, and what was delivered to them",
    P.WEBHOOKS_WRITE: "Add, change, try out and end webhooks",
}
"""As the OpenAPI document tells scopes to people."""
