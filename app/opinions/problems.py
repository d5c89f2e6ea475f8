"""What asking others about a version may be refused for."""

from app.core.problems import Problem


class InvitedOrganizationUnknown(Problem):
    status, title, constraint = 422, "Organisation unknown", "invited_organization_unknown"
    detail = "There is no organisation with this id. List the organisations."


class InvitedUserUnknown(Problem):
    status, title, constraint = 422, "User unknown", "invited_user_unknown"
    detail = "There is no user with this address. Ask the Academy to add them, then invite them."


class OrganizationAlreadyInvited(Problem):
    status, title = 409, "Already invited"
    constraint = "organization_already_invited reviewing_organization_already_invited"
    detail = "This organisation is invited already; nothing is left to do."


class UserAlreadyInvited(Problem):
    status, title = 409, "Already invited"
    constraint = "user_already_invited reviewing_user_already_invited"
    detail = "This user is invited already. To invite them otherwise, end that invitation first."


class AnswerResolved(Problem):
    status, title, constraint = 409, "An answer is not resolved", "answer_resolved"
    detail = "Threads are resolved, at the comment that they begin with. Resolve that one."


class ThreadsUnresolved(Problem):
    status, title, constraint = 409, "Threads are unresolved", "threads_unresolved"
    detail = "Comments wait for a resolution. List those that are `unresolved`; resolve them first."


INVITING = (
    InvitedOrganizationUnknown,
    InvitedUserUnknown,
    OrganizationAlreadyInvited,
    UserAlreadyInvited,
)
