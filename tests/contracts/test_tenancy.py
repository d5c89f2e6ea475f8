"""Rules for every table: whose rows it shows, who may change them, what may never be done."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import app
from app.core.problems import VIOLATIONS
from tests.contracts.catalog import CONSTRAINTS, RAISED, RULES
from tests.contracts.rows import Rows
from tests.contracts.rules import TABLES
from tests.contracts.truth import Truth

NAMED_BY_RULE = re.compile(r".*_(pkey|pkc|fkey|key|idx)")
"""Names that PostgreSQL, Alembic or a convention gave, for no rule that a client could break."""

OUT_OF_REACH = {
    "instructor_booking_ends_before_it_begins": "the schema knows the same rule",
    "instructor_booking_for_nothing": "the schema demands a reason",
    "instructor_booking_subject_of_nobody": "no body names a subject",
    "instructor_kind_unknown": "the schema knows the same values",
    "room_booking_ends_before_it_begins": "the schema knows the same rule",
    "room_booking_for_nothing": "the schema demands a reason",
    "room_booking_subject_of_nobody": "no body names a subject",
    "room_capacity_out_of_range": "the schema knows the same bounds",
    "room_zone_unknown": "the schema knows the same zones",
    "unavailability_ends_before_it_begins": "the schema knows the same rule",
    "calendar_language_unknown": "the schema knows the same values",
    "calendar_of_one_thing": "the schema knows the same rule",
    "calendar_token_taken": "the service makes tokens of 256 random bits",
    "course_cancelled_for_a_reason": "cancelling sets both",
    "course_ends_before_it_begins": "the schema knows the same rule",
    "course_mode_unknown": "the schema knows the same values",
    "course_module_twice": "the service chooses each once",
    "course_opened_at_a_moment": "opening sets both",
    "course_places_out_of_order": "the schema knows the same rule",
    "course_state_unknown": "no body has a state",
    "course_year_out_of_range": "the schema knows the same bounds",
    "nominations_after_beginning": "the schema knows the same rule",
    "quota_code_taken": "the schema demands different codes",
    "quota_member_unknown": "the service looks for what is named",
    "quota_places_out_of_range": "the schema knows the same bounds",
    "release_days_out_of_range": "the schema knows the same bounds",
    "session_cancelled_for_a_reason": "cancelling sets both",
    "session_ends_before_it_begins": "the schema knows the same rule",
    "session_instructor_twice": "the schema demands different instructors",
    "session_mode_unknown": "the schema knows the same values",
    "session_room_twice": "the schema demands different rooms",
    "session_state_unknown": "no body has a state",
    "session_zone_unknown": "the schema knows the same zones",
    "learner_booked_twice": "triggers book each once",
    "no_places_moved": "the service moves some, to another pool",
    "nomination_declined_without_reason": "the schema demands one",
    "nomination_letter_hash_unknown": "the schema knows the same rule",
    "nomination_letter_incomplete": "the schema demands both",
    "nomination_of_another": "no body names another",
    "attendance_aspect_unknown": "the service names them",
    "attendance_code_has_a_step": "the service sets both, or none",
    "attendance_minutes_out_of_range": "the schema knows the same bounds",
    "attendance_participation_unknown": "the schema knows the same values",
    "attendance_says_one_thing": "the service adds a row for each",
    "attendance_source_unknown": "the service names them",
    "learner_has_attendance": "nominations, which come before, say so",
    "learner_has_learning_records": "undoing a file names whom it would remove",
    "learning_decided_by_somebody": "deciding sets all three",
    "learning_ends_before_it_begins": "the schema knows the same rule",
    "learning_hours_out_of_range": "the schema knows the same bounds",
    "learning_kind_unknown": "the schema knows the same values",
    "learning_state_unknown": "no body has a state",
    "meeting_log_ends_once": "the service sets both",
    "meeting_log_provider_unknown": "the service names them",
    "meeting_log_state_unknown": "no body has a state",
    "nomination_rank_out_of_range": "the service counts on",
    "nomination_seat_out_of_order": "a trigger gives the seat with the state",
    "nomination_state_unknown": "no body has a state",
    "working_day_exception_taken": "no operation adds one yet",
    "correction_of_another_type": "a correction takes the type over",
    "desired_below_required": "the schema knows the same rule",
    "evidence_expires_before_it_counts": "the schema knows the same rule",
    "evidence_type_unknown": "the schema knows the same values",
    "evidence_without_level": "only what takes back other evidence has none",
    "balance_domain_unknown": "the schema knows the same values",
    "learner_has_trainings": "undoing a file names whom it would remove",
    "minimum_percent_out_of_range": "the schema knows the same bounds",
    "training_field_unknown": "the schema knows the same values",
    "training_kind_unknown": "the schema knows the same values",
    "training_not_completed_yet": "the schema knows the same rule",
    "learner_has_evidence": "undoing a file names whom it would remove",
    "level_of_unpublished_version": "the service names the one in force",
    "requirement_ends_before_it_begins": "the schema knows the same rule",
    "review_decision_unknown": "the schema knows the same values",
    "superseded_evidence_unknown": "it is the same person's, for the same competency",
    "weight_out_of_range": "the schema knows the same bounds",
    "changes_requested_without_note": "the schema knows the same rule",
    "decided_by_nobody": "it is the caller",
    "delegation_ends_before_it_begins": "the schema knows the same rule",
    "organization_decides": "the schema knows the same rule",
    "submission_without_quorum": "the schema demands one",
    "carried_over_from_a_version": "only carrying over sets it",
    "curriculum_approved_by_document": "approving sets all four",
    "curriculum_field_unknown": "the schema knows the same values",
    "curriculum_kind_unknown": "the schema knows the same values",
    "curriculum_version_published_on_a_day": "publishing sets both",
    "curriculum_version_retired_on_a_day": "retiring sets both",
    "curriculum_version_state_unknown": "no body has a state",
    "curriculum_without_hours": "the schema knows the same bounds",
    "curriculum_year_out_of_range": "the schema knows the same bounds",
    "document_sha256_malformed": "the schema knows the same rule",
    "extension_domain_unknown": "the schema knows the same values",
    "extension_hours_both": "the schema knows the same rule",
    "extension_hours_out_of_order": "the schema knows the same rule",
    "extension_of_a_version": "the service sets both",
    "module_domain_unknown": "the schema knows the same values",
    "module_hours_negative": "the schema knows the same bounds",
    "module_kind_unknown": "the schema knows the same values",
    "module_material_unknown": "the service looks for what is named",
    "module_mode_unknown": "the schema knows the same values",
    "module_version_published_on_a_day": "publishing sets both",
    "module_version_retired_on_a_day": "retiring sets both",
    "module_version_state_unknown": "no body has a state",
    "module_version_unknown": "the service looks for what is named",
    "module_without_hours": "the schema knows the same rule",
    "one_curriculum_version_in_force": "publishing retires the one before, which it has locked",
    "one_module_version_in_force": "publishing retires the one before, whose row it locks",
    "required_module_unknown": "the service looks for what is named",
    "attainment_rule_unknown": "the schema knows the same values",
    "comment_author_unknown": "it is of the caller's own organisation",
    "comment_resolution_unknown": "the schema knows the same values",
    "comment_resolved_by_somebody": "the service sets all three",
    "competency_domain_unknown": "the schema knows the same values",
    "competency_identifier_not_exchangeable": "the schema knows the same rule",
    "competency_kind_unknown": "the schema knows the same values",
    "competency_without_domain": "the schema knows the same rule",
    "framework_version_identifier_not_exchangeable": "the service makes them",
    "framework_version_published_on_a_day": "publishing sets both",
    "framework_version_retired_on_a_day": "retiring sets both",
    "framework_version_state_unknown": "no body has a state",
    "invitation_of_one": "the schema knows the same rule",
    "level_out_of_range": "the schema knows the same bounds",
    "one_framework_version_in_force": "publishing retires the one before, whose row it locks",
    "proficient_level_unknown": "the schema knows the same rule",
    "scale_identifier_not_exchangeable": "the schema knows the same rule",
    "scale_of_no_competency": "the schema knows the same rule",
    "thread_unknown": "who answers has read the thread, which nobody deletes",
    "already_requested": "whoever is asked for is not asked for again",
    "category_unknown": "the schema knows the same values",
    "claimed_by_somebody": "claiming sets both, and nothing else sets either",
    "client_key_is_secret_or_public": "the service makes one or the other",
    "client_key_slot_unknown": "a trigger chooses it",
    "invitation_token_taken": "the service makes tokens of 256 random bits",
    "key_state_unknown": "only the service itself keeps signing keys",
    "leadership_level_unknown": "the schema knows the same values",
    "learner_without_record": "the schema demands the same",
    "material_extraction_unknown": "no body has one",
    "material_language_unknown": "the schema knows the same rule",
    "material_scan_unknown": "no body has one",
    "material_version_changed": "no operation changes a version",
    "material_version_kind_unknown": "the service makes one or the other",
    "material_version_of_its_kind": "the service makes one or the other",
    "material_visibility_unknown": "the schema knows the same values",
    "one_change_horizon": "a migration adds the one, and nobody may add another",
    "one_installation": "only the demonstration founds an installation",
    "one_key_is_next": "only the service itself keeps signing keys",
    "one_key_signs": "only the service itself keeps signing keys",
    "organization_kind_unknown": "the schema knows the same values",
    "refresh_token_replaced_by_one": "the service sets both, or none",
    "removal_threshold_is_no_share": "the schema knows the same bounds",
    "role_unknown": "the schema knows the same values",
    "roster_change_kind_unknown": "only the service plans changes",
    "roster_change_outcome_unknown": "only the service knows what became of changes",
    "roster_match_decision_unknown": "the schema knows the same values",
    "roster_match_score_is_no_share": "only the service finds matches",
    "roster_sync_format_unknown": "media types that are none of these are refused",
    "roster_sync_mode_unknown": "the schema knows the same values",
    "roster_sync_state_unknown": "no body has a state",
    "sign_in_end_unknown": "no body says why",
    "sign_in_ends_for_a_reason": "the service sets both, or none",
    "sign_in_method_unknown": "no body says how",
    "status_unknown": "the schema knows the same values",
    "one_webhook_cursor": "a migration adds the one, and nobody may add another",
    "suspended_after_no_days": "the schema knows the same bounds",
    "transfer_state_unknown": "no body has a state",
    "webhook_delivery_attempted_while_pending": "the service sets both, or none",
    "webhook_delivery_state_unknown": "no body has a state",
    "webhook_endpoint_disabled_for_a_reason": "no body says why",
    "webhook_endpoint_ended_is_disabled": "ending does both, and what has ended does not change",
}
"""Rules that no request can run into, and why not."""

IN_THE_ACADEMYS_NAME = {
    "app.curricula.publishing.carry_over": "extensions are others', and follow the common part",
    "app.learners.transfers._moved": "sender and receiver see nothing of each other",
    "app.learners.transfers.request": "who has the learner sees nothing of who asks for them",
    "app.learners.transfers.withdraw": "who asks sees no request before it is answered",
    "app.rosters.syncing.Syncing": "whom a file names may be on a roster that its sender may not"
    " see; they are told that somebody is, and not who",
}


@pytest.mark.parametrize("rule", RULES)
async def test_of_all_tables_and_roles(truth: Truth, rule: str):
    async with truth.as_owner() as owner:
        found = await RULES[rule].found(owner)
    allowed = RULES[rule].allowed.keys()
    assert found - allowed == set(), f"not so: {rule}"
    assert allowed - found == set(), "need no exception any more"


async def test_every_table_has_its_line(truth: Truth):
    async with truth.as_owner() as owner:
        tables = await owner.fetch("select tablename from pg_tables where schemaname = 'public'")
    assert {name for (name,) in tables} == TABLES.keys() | {"alembic_version"}


@pytest.mark.parametrize("table", TABLES)
async def test_everybody_sees_and_changes_the_rows_that_are_theirs(rows: Rows, table: str):
    differences = [difference async for difference in rows.differences(table)]
    assert not differences, "\n".join(differences)


async def test_every_rule_that_a_client_can_break_is_a_problem_type(truth: Truth):
    async with truth.as_owner() as owner:
        names = {name for (name,) in await owner.fetch(CONSTRAINTS)}
        names |= {name for (name,) in await owner.fetch(RAISED)}
    assert VIOLATIONS.keys() <= names, "a problem type of a rule that is no more"
    assert OUT_OF_REACH.keys() <= names - VIOLATIONS.keys(), "need no exception any more"
    unsaid = names - VIOLATIONS.keys() - OUT_OF_REACH.keys()
    assert {name for name in unsaid if not NAMED_BY_RULE.fullmatch(name)} == set()


def test_only_these_act_in_the_name_of_the_academy():
    assert set(_callers_of("acting_for_the_academy")) == IN_THE_ACADEMYS_NAME.keys()


def _callers_of(name: str) -> Iterator[str]:
    """Functions of the service that mention the name, and modules that do so outside of any."""
    root = Path(app.__file__).parent
    for file in root.rglob("*.py"):
        module = ".".join(("app", *file.relative_to(root).with_suffix("").parts))
        for node in ast.parse(file.read_text("utf-8")).body:
            mentioned = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
            mentioned |= {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
            if name in mentioned:
                yield f"{module}.{getattr(node, 'name', '')}"
