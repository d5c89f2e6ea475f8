"""Who sees nominations, seats and what is booked for learners; and who changes them."""

from migrations.helpers import (
    ACADEMY,
    AUDITOR,
    EVERYBODY,
    INSTRUCTOR,
    NARROW,
    ORGANIZATION,
    OWN,
    OWN_LEARNER,
    OWNER,
    PERSON,
    SUBTREE,
    SUBTREE_ROLE,
    audited,
    guard,
    own,
    policy,
    run,
    versioned,
)

STEPPED = "state, reason, document, may_overlap"
"""What a step changes; whose a nomination is, nobody does."""


def rights() -> None:
    _nominations()
    _parts()
    own("place_moves")
    run(f"revoke update on place_moves from {ACADEMY}, {ORGANIZATION}, {SUBTREE_ROLE}")
    guard("seat_pools")
    run(f"grant select on seat_pools to {ACADEMY}, {AUDITOR}, {ORGANIZATION}, {SUBTREE_ROLE}")
    for role in (ACADEMY, AUDITOR):
        policy(f"read_by_{role}", "seat_pools", role, "true", "select")
    for role in (ORGANIZATION, SUBTREE_ROLE):
        # The places of a quota are for whoever sees the quota; the others for who sees the course.
        rule = (
            "course_id in (select c.id from courses c)"
            " and (quota_id is null or quota_id in (select q.id from course_quotas q))"
        )
        policy(f"for_{role}", "seat_pools", role, rule, "select")
    for table in ("place_moves", "nominations"):
        audited(table)
    versioned("nominations")
    for table in ("learner_bookings", "nomination_steps", "nominations", "seat_pools"):
        policy("trigger_writes", table, OWNER, "true")
    policy("trigger_reads", "course_quota_members", OWNER, "true", "select")
    policy("trigger_reads", "place_moves", OWNER, "true", "select")


def _nominations() -> None:
    guard("nominations")
    run(
        f"grant select, insert on nominations to {ACADEMY}, {ORGANIZATION}, {SUBTREE_ROLE}",
        f"grant update ({STEPPED}) on nominations to {ACADEMY}, {ORGANIZATION}, {SUBTREE_ROLE}",
        f"grant select on nominations to {AUDITOR}, {PERSON}, {INSTRUCTOR}",
    )
    policy("academy_everything", "nominations", ACADEMY, "true")
    policy("auditor_reads", "nominations", AUDITOR, "true", "select")
    policy("own_record", "nominations", PERSON, f"learner_id = {OWN_LEARNER}", "select")
    taught = "course_id in (select courses_taught())"
    policy("taught", "nominations", INSTRUCTOR, taught, "select")
    for role, member in ((ORGANIZATION, f"= {OWN}"), (SUBTREE_ROLE, f"= any ({SUBTREE})")):
        policy(f"own_{role}", "nominations", role, f"organization_id {member}")
        # Its host decides, but does not nominate for others.
        policy(f"hosted_{role}", "nominations", role, f"host_id {member}", "select")
        policy(f"decided_{role}", "nominations", role, f"host_id {member}", "update")


def _parts() -> None:
    for table in ("nomination_steps", "learner_bookings"):
        guard(table)
        run(f"grant select on {table} to {EVERYBODY}")
        policy("academy_everything", table, ACADEMY, "true", "select")
        policy("auditor_reads", table, AUDITOR, "true", "select")
        for role in NARROW:
            visible = "nomination_id in (select n.id from nominations n)"
            policy(f"nomination_visible_{role}", table, role, visible, "select")
    # Whoever has a seat is told how to join.
    run(f"grant select on session_meetings to {PERSON}")
    booked = f"select b.session_id from learner_bookings b where b.learner_id = {OWN_LEARNER}"
    policy("has_a_seat", "session_meetings", PERSON, f"id in ({booked})", "select")


def remove() -> None:
    run(
        "drop policy trigger_reads on course_quota_members",
        "drop policy has_a_seat on session_meetings",
        f"revoke select on session_meetings from {PERSON}",
    )
