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


class Permission(StrEnum):
    """`<resource>:<action>`, in alphabetical order. A client's scopes are permissions too."""

    AUDIT_READ = "audit:read"
    LEARNERS_READ = "learners:read"
    LEARNERS_TRANSFER = "learners:transfer"
    LEARNERS_WRITE = "learners:write"
    ORGANIZATIONS_READ = "organizations:read"
    ORGANIZATIONS_WRITE = "organizations:write"
    UNITS_WRITE = "units:write"


P = Permission

_LOOK_AROUND = frozenset({P.ORGANIZATIONS_READ})
_VIEW = _LOOK_AROUND | {P.LEARNERS_READ}
_COORDINATE = _VIEW | {P.LEARNERS_WRITE, P.LEARNERS_TRANSFER, P.UNITS_WRITE}

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.ACADEMY_ADMIN: _COORDINATE | {P.ORGANIZATIONS_WRITE, P.AUDIT_READ},
    Role.ACADEMY_STAFF: _COORDINATE,
    Role.AUDITOR: _VIEW | {P.AUDIT_READ},
    Role.INSTRUCTOR: _LOOK_AROUND,
    Role.COORDINATOR: _COORDINATE | {P.AUDIT_READ},
    Role.VIEWER: _VIEW,
    Role.LEARNER: _VIEW,
    Role.CLIENT: _COORDINATE,  # of these, what its scopes name
}

IN_WORDS: dict[Permission, str] = {
    P.AUDIT_READ: "Read who changed what, and who read whose personal data",
    P.LEARNERS_READ: "Read learners, the positions they held, and their transfers",
    P.LEARNERS_TRANSFER: "Release learners to other organisations, and claim them from there",
    P.LEARNERS_WRITE: "Add and change learners",
    P.ORGANIZATIONS_READ: "Read organisations and their units",
    P.ORGANIZATIONS_WRITE: "Add, change, merge and split organisations",
    P.UNITS_WRITE: "Add and change units",
}
"""As the OpenAPI document tells scopes to people."""
