"""What frameworks, their versions, competencies and scales may be refused for."""

from app.core.problems import Problem


class FrameworkCodeTaken(Problem):
    status, title, constraint = 409, "Framework code taken", "framework_code_taken"
    detail = "Another framework of the organisation has this code. Choose another one."


class FrameworkVersionAlreadyOpen(Problem):
    status, title = 409, "A version is open already"
    constraint = "framework_version_already_open"
    detail = "Another version of the framework is worked on. Go on with it, publish or discard it."


class PublishedVersionChanged(Problem):
    status, title, constraint = 409, "A published version stays", "published_version_changed"
    detail = "What is published does not change any more. Begin a new version, and change that."


class VersionDiscarded(Problem):
    status, title = 409, "The version was discarded"
    detail = "It stays as it was left. Begin a new version of the framework, and change that."


NO_LONGER_OPEN = (PublishedVersionChanged, VersionDiscarded)


class NothingToPublish(Problem):
    status, title, constraint = 409, "Nothing to publish", "nothing_to_publish"
    detail = "The version has no competencies yet. Add some first."


class PublishedScaleChanged(Problem):
    status, title, constraint = 409, "A published scale keeps its levels", "published_scale_changed"
    detail = (
        "A scale of this version has other levels than it had when it was published. Give them as"
        " a scale of their own, with a new identifier."
    )


class NotInForce(Problem):
    status, title = 409, "Not in force"
    detail = "Only a published version is retired."


class NotInConsultation(Problem):
    status, title, constraint = 409, "Not in consultation", "not_in_consultation"
    detail = "Comments are taken, and a consultation closed, only while the version is in one."


class AlreadyInConsultation(Problem):
    status, title = 409, "Already in consultation"
    detail = "The version is in consultation already. Close that first to begin another one."


class CompetencyIdentifierTaken(Problem):
    status, title = 409, "Identifier taken"
    constraint = "competency_identifier_taken"
    detail = "Another competency of the version has this identifier. Leave it out to get a new one."


class CompetencyCodeTaken(Problem):
    status, title, constraint = 409, "Competency code taken", "competency_code_taken"
    detail = "Another competency of the version has this code. Choose another one."


class ParentCompetencyUnknown(Problem):
    status, title, constraint = 422, "Parent unknown", "parent_competency_unknown"
    detail = "The version has no competency with the identifier given as `parent_identifier`."


class CompetencyBelowItself(Problem):
    status, title, constraint = 422, "Below itself", "competency_below_itself"
    detail = "A competency cannot stand below itself, nor below what stands below it."


class TreeTooDeep(Problem):
    status, title, constraint = 422, "Tree too deep", "tree_too_deep"
    detail = "A tree has fifty levels at most. Choose a parent that is nearer to the top."


class CompetencyNotEmpty(Problem):
    status, title = 409, "Not empty"
    detail = "Others stand below it. Move or remove them first."


class ReplacedCompetencyUnknown(Problem):
    status, title, constraint = 422, "Replaced one unknown", "replaced_competency_unknown"
    detail = "`replaces` names what the version before does not have. List its competencies."


class ScaleUnknown(Problem):
    status, title, constraint = 422, "Scale unknown", "scale_unknown"
    detail = "The version has no scale with this identifier. List its scales."


class ScaleIdentifierTaken(Problem):
    status, title, constraint = 409, "Identifier taken", "scale_identifier_taken"
    detail = "Another scale of the version has this identifier. Leave it out to get a new one."


class ScaleInUse(Problem):
    status, title = 409, "Scale in use"
    detail = "Competencies of the version are on this scale. Give them another one first."


class DescriptorOfNoLevel(Problem):
    status, title, constraint = 422, "Descriptor of no level", "descriptor_of_no_level"
    detail = "A descriptor is of a level that the competency's scale does not have. Correct either."


class CommentOnUnknownCompetency(Problem):
    status, title, constraint = 422, "Competency unknown", "comment_on_unknown_competency"
    detail = "The version has no competency with this identifier. List its competencies."


class CauseUnknown(Problem):
    status, title, constraint = 422, "Cause unknown", "cause_unknown"
    detail = "`because_of` names no comment on this version. List its comments."


class JobPositionCodeTaken(Problem):
    status, title, constraint = 409, "Job position code taken", "job_position_code_taken"
    detail = "Another job position of the organisation has this code. Choose another one."


class CompetencyNotPublished(Problem):
    status, title = 422, "Competency unknown"
    detail = (
        "No published version of this framework has a competency with this identifier and a scale."
        " List its competencies."
    )


class RequiredLevelUnknown(Problem):
    status, title, constraint = 422, "Required level unknown", "required_level_unknown"
    detail = "The competency's scale does not have the level given as `required_level`."


class DesiredLevelUnknown(Problem):
    status, title, constraint = 422, "Desired level unknown", "desired_level_unknown"
    detail = "The competency's scale does not have the level given as `desired_level`."


class RequirementsOverlap(Problem):
    status, title, constraint = 409, "Required already", "requirements_overlap"
    detail = "The position requires this competency at that time already. Change that requirement."


class TitleOfUnknownPosition(Problem):
    status, title, constraint = 422, "Job position unknown", "title_of_unknown_position"
    detail = "There is no such job position, neither national nor of the organisation. List them."


class AssignedPositionUnknown(Problem):
    status, title, constraint = 422, "Job position unknown", "assigned_position_unknown"
    detail = "There is no such job position, neither national nor of the organisation. List them."


class TitleOfUnknownUnit(Problem):
    status, title, constraint = 422, "Unit unknown", "title_of_unknown_unit"
    detail = "The organisation has no unit with this id. List its units."


class JobPositionTitleTaken(Problem):
    status, title, constraint = 409, "Title taken", "job_position_title_taken"
    detail = "This title has a meaning there already. Remove that one first."


class JobPositionAlreadyAssigned(Problem):
    status, title, constraint = 409, "Assigned already", "job_position_already_assigned"
    detail = "The learner is assigned to a job position already. Remove that assignment first."


class EvidenceLevelUnknown(Problem):
    status, title, constraint = 422, "Level unknown", "evidence_level_unknown"
    detail = "The competency's scale does not have this level."


class EvidenceWithoutDocument(Problem):
    status, title, constraint = 422, "Document missing", "evidence_without_document"
    detail = "Evidence of this type needs a `document`."


class EvidenceForOthersToGive(Problem):
    status, title = 422, "For others to say"
    detail = "Of yourself you may say `self_declared` and `prior_learning`; the rest others say."


class AlreadySuperseded(Problem):
    status, title, constraint = 409, "Corrected already", "already_superseded"
    detail = "It was corrected or taken back already. Look at what took its place."


class EvidenceOfOthers(Problem):
    status, title, constraint = 409, "Recorded by others", "evidence_of_others"
    detail = "Somebody else recorded it. Ask your coordinator to correct it."


class EvidenceWithdrawn(Problem):
    status, title = 409, "Taken back"
    detail = "This only takes back other evidence; there is nothing of its own to change or review."


class FrameworkFileRefused(Problem):
    status, title = 422, "The file cannot be taken"
    members = ("mistakes",)
    detail = (
        "{count} things are wrong with the file, and nothing of it was written. `mistakes` names"
        " each by its row or item; correct all of them and send it again."
    )
