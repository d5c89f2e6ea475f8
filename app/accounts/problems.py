"""What users, their roles, and programs may be refused for."""

from app.core.problems import Problem


class EmailTaken(Problem):
    status, title, constraint = 409, "Address taken", "email_taken"
    detail = "Another user has this address. Find them with `email`, or choose another one."


class MembershipTaken(Problem):
    status, title, constraint = 409, "Role held already", "membership_taken"
    detail = "The user has this role there, or had it: end what is there, or restore it."


class RoleOfTheAcademy(Problem):
    status, title, constraint = 422, "Role of the Academy", "role_of_the_academy"
    detail = "Who has this role sees every organisation, so only members of the Academy have it."


class UserUnknown(Problem):
    status, title, constraint = 422, "User unknown", "memberships_user_id_fkey"
    detail = "There is no user with the id in `user_id`."


class LearnerUnknown(Problem):
    status, title, constraint = 422, "Learner unknown", "memberships_learner_id_fkey"
    detail = "There is no learner with the id in `learner_id` on that organisation's roster."


class NotYourself(Problem):
    status, title = 409, "Not yourself"
    detail = "You would shut yourself out. Ask another administrator to do it."


class MailNotConfigured(Problem):
    status, title = 409, "No mail server"
    detail = "No mail server is set up. Print the link with `banggiao users invite {email}`."


class MailNotTaken(Problem):
    status, title = 503, "Mail not taken"
    detail = "The mail server did not take the invitation, so none was made. Try again later."


class UserDisabled(Problem):
    status, title = 409, "User disabled"
    detail = "The user is kept out. Enable them first."


class ClientNameTaken(Problem):
    status, title, constraint = 409, "Name taken", "client_name_taken"
    detail = "Another program has this name, or had it. Choose another one."


class TwoKeysAtMost(Problem):
    status, title, constraint = 409, "Two keys already", "two_keys_at_most"
    detail = "The program has two of the kind. Revoke the one that it no longer uses."


class ClientRevoked(Problem):
    status, title = 409, "Program revoked"
    detail = "The program is kept out for good. Register a new one."
