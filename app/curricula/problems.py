"""What modules, curricula and their versions may be refused for."""

from collections.abc import Mapping, Sequence

from app.core.problems import Problem


class ModuleCodeTaken(Problem):
    status, title, constraint = 409, "Module code taken", "module_code_taken"
    detail = "Another module of the organisation has this code. Choose another one."


class CommonModuleOfAcademy(Problem):
    status, title, constraint = 409, "Not the Academy's", "common_module_of_academy"
    detail = "Only the Academy has common modules. Make it a specific one."


class ModuleVersionAlreadyOpen(Problem):
    status, title = 409, "A version is open already"
    constraint = "module_version_already_open"
    detail = "Another version of the module is worked on. Go on with it, publish or discard it."


class ModuleVersionNotDraft(Problem):
    status, title, constraint = 409, "Not a draft", "module_version_not_draft"
    detail = "Only a draft of a module changes. Begin a new version, and change that."


class ModuleNotInForce(Problem):
    status, title = 409, "Not in force"
    detail = "Only a published version of a module is retired."


class PrerequisitesCircular(Problem):
    status, title, constraint = 422, "Modules in a circle", "prerequisites_circular"
    detail = (
        "With these `prerequisites` a module would have to come before itself, over others that"
        " are published or that you draft. Take one of them out."
    )


class CurriculumCodeTaken(Problem):
    status, title, constraint = 409, "Curriculum code taken", "curriculum_code_taken"
    detail = "The organisation has another curriculum with this code in that year."


class CurriculumVersionAlreadyOpen(Problem):
    status, title = 409, "A version is open already"
    constraint = "curriculum_version_already_open"
    detail = "Another version of the curriculum is worked on. Go on with it, or discard it."


class CurriculumVersionNotDraft(Problem):
    status, title, constraint = 409, "Not a draft", "curriculum_version_not_draft"
    detail = (
        "Only a draft of a curriculum changes. What is in review or approved returns to a draft"
        " first; what is published stays: begin a new version, and change that."
    )


class CurriculumNotInForce(Problem):
    status, title = 409, "Not in force"
    detail = "No version of the curriculum is published. Only what is in force may be so used."


class CurriculumNotReady(Problem):
    status, title, constraint = 409, "Not ready", "curriculum_not_ready"
    members = ("findings",)
    detail = "`findings` tell all that stands against the version. Correct that, and try again."

    def __init__(self, *, findings: Sequence[Mapping[str, object]] = (), **facts: object) -> None:
        """Without any where the database refuses what changed in the same moment."""
        super().__init__(findings=list(findings), **facts)  # type: ignore[arg-type]


class CurriculumAlreadyExtended(Problem):
    status, title = 409, "Extended already"
    constraint = "curriculum_already_extended"
    detail = "The organisation extends this curriculum already. Work on that extension."


class ExtendedCurriculumUnknown(Problem):
    status, title, constraint = 422, "Not to be extended", "extended_curriculum_unknown"
    detail = "An extension is not extended again. Extend the curriculum that it extends."


class ExtendedVersionNotInForce(Problem):
    status, title, constraint = 409, "Common part not in force", "extended_version_not_in_force"
    detail = "Only a curriculum in force is extended. Wait until a version of it is published."


class ExtensionNotAllowed(Problem):
    status, title = 409, "Not to be extended"
    detail = "The version in force gives no bounds for extensions. Ask its owner to give some."


class ExtensionOfAnotherKind(Problem):
    status, title, constraint = 409, "Of the same kind and field", "extension_of_another_kind"
    detail = (
        "An extension is of the kind and the field of what it extends; so neither changes while"
        " there are extensions."
    )


class CommonPartNotCloned(Problem):
    status, title = 409, "No common part that year"
    detail = "The curriculum that this one extends has no version in force for the year {year} yet."


class NotInReview(Problem):
    status, title, constraint = 409, "Not in review", "not_in_review"
    detail = (
        "Comments and decisions are taken, and a version approved, only while it is in review. Its"
        " owner submits it first."
    )


class NothingToReturn(Problem):
    status, title = 409, "Nothing to return"
    detail = (
        "Only a version that is in review or approved returns to a draft. A draft is edited as it"
        " is; what is published gets a new version."
    )


class NotApproved(Problem):
    status, title = 409, "Not approved"
    detail = "Only an approved version is published. Submit it, have it reviewed, and approve it."


class ReviewClosed(Problem):
    status, title = 409, "The review is over"
    detail = (
        "The version is published or discarded. What was said and decided stays as it is; comment"
        " on the next version."
    )


class NotAReviewer(Problem):
    status, title, constraint = 409, "Not a reviewer", "not_a_reviewer"
    detail = (
        "Those decide who are named to, or who stand in for them today and give that delegation as"
        " `delegation_id`. Ask who submitted the version."
    )


class OneVoiceEach(Problem):
    status, title, constraint = 409, "One voice each", "one_voice_each"
    detail = (
        "You have decided for another reviewer in this round. Nobody decides for two: the reviewer"
        " decides, or names somebody else to stand in."
    )


class DelegationOfNoReviewer(Problem):
    status, title, constraint = 409, "Nobody to stand in for", "delegation_of_no_reviewer"
    detail = "Only who is named to decide is stood in for, and by somebody else than themselves."


class DelegateAlreadyNamed(Problem):
    status, title, constraint = 409, "Standing in already", "delegate_already_named"
    detail = "This user stands in for the reviewer already. End that delegation first."


class CommentOnUnknownModule(Problem):
    status, title, constraint = 422, "Module unknown", "comment_on_unknown_module"
    detail = "The version has no module of its own with this id. Read the version, whole."


class ChangesRequested(Problem):
    status, title, constraint = 409, "Changes are requested", "changes_requested"
    detail = (
        "A reviewer requests changes. Return the version to a draft and change it, or convince them"
        " to approve it as it is."
    )


class QuorumMissing(Problem):
    status, title, constraint = 409, "Quorum missing", "quorum_missing"
    detail = (
        "Fewer reviewers approve the version than its submission asks for. Its trail tells how many"
        " do."
    )


class ApprovalDocumentUnknown(Problem):
    status, title, constraint = 422, "Document unknown", "approval_document_unknown"
    detail = "There is no version of a material with this id. List the materials."


class DocumentIsAnotherFile(Problem):
    status, title, constraint = 422, "Another file", "document_is_another_file"
    detail = "The material is not the file whose SHA-256 you give. Correct one of them."


class TrainingAlreadyRecorded(Problem):
    status, title, constraint = 409, "Recorded already", "training_already_recorded"
    detail = "You have recorded this training of this learner already. Correct that one."


class TrainingOfUnknownCurriculum(Problem):
    status, title, constraint = 422, "Curriculum unknown", "training_of_unknown_curriculum"
    detail = "There is no curriculum with this `curriculum_id` that you may see. Leave it out."


class BalanceThresholdTaken(Problem):
    status, title, constraint = 409, "Threshold there already", "balance_threshold_taken"
    detail = "Hours in this domain have a threshold already. Change that one."
