"""What organisations and units may be refused for."""

from app.core.problems import Problem


class OrganizationCodeTaken(Problem):
    status, title, constraint = 409, "Code taken", "organization_code_taken"
    detail = "Another organisation has this code. Choose another one."


class OrganizationClosesBeforeOpening(Problem):
    status, title = 422, "Closes before it opens"
    constraint = "organization_closes_before_opening"
    detail = "An organisation must have been open before it closes. Choose a later day."


class OrganizationBelowItself(Problem):
    status, title, constraint = 422, "Below itself", "organization_below_itself"
    detail = "An organisation cannot stand below itself in the tree. Choose another parent."


class ParentOrganizationUnknown(Problem):
    status, title, constraint = 422, "Parent unknown", "parent_organization_unknown"
    detail = "There is no organisation with the id in `parent_id`."


class OneAcademy(Problem):
    status, title, constraint = 409, "One Academy", "one_academy"
    detail = "There is an Academy already, and there can be only one."


class UnitCodeTaken(Problem):
    status, title, constraint = 409, "Code taken", "unit_code_taken"
    detail = "Another unit of the organisation has this code. Choose another one."


class ParentUnitUnknown(Problem):
    status, title, constraint = 422, "Parent unknown", "parent_unit_unknown"
    detail = "The organisation has no unit with the id in `parent_id`."


class UnitBelowItself(Problem):
    status, title, constraint = 422, "Below itself", "unit_below_itself"
    detail = "A unit cannot stand below itself in the tree. Choose another parent."


class OrganizationClosed(Problem):
    status, title, constraint = 409, "Organisation closed", "organization_closed"
    detail = "This organisation is closed; its people are with its successors. Address one of them."
