"""Who may see and change whose rows, and what each operation does: said once more, by hand.

Migrations say it as row policies, routes as permissions; the contracts hold both to these two
pages. A new table and a new operation get a line here, or a test fails.
"""

from app.access.permissions import ALWAYS, P
from app.core.database.scopes import LOGIN, OWNER, Reach
from tests.contracts.attendance_rules import ATTENDANCE_OPERATIONS, ATTENDANCE_TABLES
from tests.contracts.competency_rules import COMPETENCY_OPERATIONS, COMPETENCY_TABLES
from tests.contracts.course_rules import COURSE_OPERATIONS, COURSE_TABLES
from tests.contracts.curriculum_rules import CURRICULUM_OPERATIONS, CURRICULUM_TABLES
from tests.contracts.enrolment_rules import ENROLMENT_OPERATIONS, ENROLMENT_TABLES
from tests.contracts.material_rules import MATERIAL_OPERATIONS, MATERIAL_TABLES
from tests.contracts.people_rules import PEOPLE_OPERATIONS
from tests.contracts.review_rules import REVIEW_OPERATIONS, REVIEW_TABLES
from tests.contracts.rights import (
    ACADEMYS,
    ADDS_ONLY,
    KEEPS_ALL,
    KEEPS_AND_DELETES,
    KEEPS_OWN,
    KNOWN_TO_ALL,
    NARROW,
    OWN_ACCOUNT,
    OWNED,
    OWNED_FOR_A_TIME,
    PROOFS,
    READ_BY_ITS_OWNERS,
    READS_ALL,
    READS_OWN_RECORD,
    Operation,
    Rights,
    Table,
    concerning_them,
    everything,
    of_their_organization,
    operation,
    theirs,
)
from tests.contracts.room_rules import ROOM_OPERATIONS, ROOM_TABLES
from tests.contracts.target_rules import TARGET_OPERATIONS, TARGET_TABLES

TABLES: dict[str, Table] = (
    {
        "audit_entries": READ_BY_ITS_OWNERS | {OWNER: ADDS_ONLY},  # by the triggers
        "authorization_codes": PROOFS,
        "client_keys": ACADEMYS,
        "change_horizons": dict.fromkeys(
            (Reach.EVERYTHING, Reach.EVERYTHING_TO_READ, Reach.ORGANIZATION, Reach.SUBTREE),
            READS_ALL,
        )
        | {LOGIN: Rights(everything, changes=everything)},
        "clients": ACADEMYS | {Reach.ORGANIZATION: OWN_ACCOUNT, Reach.SUBTREE: OWN_ACCOUNT},
        "events": READ_BY_ITS_OWNERS
        | {
            Reach.EVERYTHING: Rights(everything, everything),
            Reach.ORGANIZATION: Rights(theirs, theirs),
            Reach.SUBTREE: Rights(theirs, theirs),
            # Forgets them in time.
            LOGIN: Rights(everything, changes=everything, deletes=everything),
            OWNER: Rights(adds=everything),  # by the trigger that tells of decisions
        },
        "idempotency_keys": {
            **dict.fromkeys(set(Reach) - {Reach.EVERYTHING_TO_READ}, KEEPS_OWN),
            LOGIN: Rights(reads=everything, deletes=everything),
        },
        "identities": ACADEMYS,
        "installations": {Reach.EVERYTHING: Rights(everything, everything), LOGIN: READS_ALL},
        "invitations": {Reach.EVERYTHING: ADDS_ONLY, LOGIN: KEEPS_AND_DELETES},
        "last_uses": {
            Reach.EVERYTHING: READS_ALL,
            Reach.EVERYTHING_TO_READ: READS_ALL,
            LOGIN: KEEPS_AND_DELETES,
        },
        "learners": OWNED_FOR_A_TIME
        | {Reach.PERSON: READS_OWN_RECORD, OWNER: READS_ALL},  # by the triggers
        "memberships": ACADEMYS,
        "organization_subtrees": {LOGIN: READS_ALL, OWNER: KEEPS_AND_DELETES},  # by a trigger
        "organizations": KNOWN_TO_ALL
        | {LOGIN: READS_ALL}
        | {OWNER: Rights(reads=everything, locks=everything)},  # by the triggers
        "passwords": {LOGIN: KEEPS_ALL},
        "personal_data_reads": READ_BY_ITS_OWNERS | {LOGIN: ADDS_ONLY},
        "positions_held": READ_BY_ITS_OWNERS
        | {
            Reach.ORGANIZATION: Rights(concerning_them),
            Reach.SUBTREE: Rights(concerning_them),
            Reach.PERSON: READS_OWN_RECORD,
            OWNER: KEEPS_AND_DELETES,  # by the triggers
        },
        "recovery_codes": {LOGIN: Rights(everything, everything, deletes=everything)},
        "refresh_tokens": PROOFS,
        "roster_changes": OWNED_FOR_A_TIME | {OWNER: Rights(everything)},  # by a trigger
        "roster_data_sets": OWNED,
        "roster_errors": OWNED_FOR_A_TIME,
        "roster_matches": OWNED,
        "roster_payloads": OWNED_FOR_A_TIME,
        "roster_syncs": OWNED,
        "second_factors": PROOFS,
        "sign_in_delays": PROOFS,
        "sign_ins": {
            Reach.EVERYTHING: Rights(everything, changes=everything),
            Reach.EVERYTHING_TO_READ: READS_ALL,
            LOGIN: KEEPS_ALL,
        },
        "signing_keys": {LOGIN: KEEPS_ALL},
        "successions": KNOWN_TO_ALL,
        "transfers": OWNED
        | {
            Reach.ORGANIZATION: Rights(concerning_them, theirs, theirs),
            Reach.SUBTREE: Rights(concerning_them, theirs, theirs),
            Reach.PERSON: READS_OWN_RECORD,
        },
        "units": OWNED
        | {
            Reach.PERSON: Rights(of_their_organization),
            Reach.COURSES: Rights(of_their_organization),
        },
        "webhook_cursors": {LOGIN: Rights(everything, changes=everything)},
        "webhook_deliveries": OWNED | {LOGIN: KEEPS_AND_DELETES},
        "webhook_endpoints": OWNED | {LOGIN: READS_ALL},
        "webhook_failures": READ_BY_ITS_OWNERS | {LOGIN: KEEPS_AND_DELETES},
        "webhook_secrets": {
            Reach.EVERYTHING: ADDS_ONLY,
            Reach.ORGANIZATION: Rights(adds=theirs),
            Reach.SUBTREE: Rights(adds=theirs),
            LOGIN: READS_ALL,
        },
        "used_assertions": {LOGIN: Rights(everything, everything, deletes=everything)},
        "users": ACADEMYS
        | dict.fromkeys(NARROW, OWN_ACCOUNT)
        | {OWNER: READS_ALL},  # by the trigger that finds who is invited
    }
    | COMPETENCY_TABLES
    | COURSE_TABLES
    | CURRICULUM_TABLES
    | REVIEW_TABLES
    | MATERIAL_TABLES
    | ATTENDANCE_TABLES
    | ENROLMENT_TABLES
    | ROOM_TABLES
    | TARGET_TABLES
)


OF_THEIR_ORGANIZATION: Table = {
    Reach.EVERYTHING: Rights(everything, everything),
    Reach.ORGANIZATION: Rights(of_their_organization, of_their_organization),
    Reach.SUBTREE: Rights(of_their_organization, of_their_organization),
}
"""Where somebody may name the organisation that they act for: below it, they act for nobody."""
FILE_OF_THEIR_ORGANIZATION: Table = OF_THEIR_ORGANIZATION | {
    Reach.EVERYTHING_TO_READ: READS_ALL,
    Reach.PERSON: Rights(of_their_organization),
}

PUBLIC = frozenset({"issue_token", "list_signing_keys", "get_server_metadata", "revoke_token"})
"""What anybody may ask, signed in or not: how to sign in, and what tokens are verified with."""

OPERATIONS: dict[str, Operation] = (
    {
        "list_organizations": operation(P.ORGANIZATIONS_READ, "lists", "organizations"),
        "create_organization": operation(
            P.ORGANIZATIONS_WRITE, "adds", "organizations", fresh=("code",)
        ),
        "get_organization": operation(P.ORGANIZATIONS_READ, "reads", "organizations"),
        "replace_organization": operation(P.ORGANIZATIONS_WRITE, "changes", "organizations"),
        "succeed_organization": operation(
            P.ORGANIZATIONS_WRITE,
            "changes",
            "organizations",
            query="dry_run=true",
            given={"successor_id": "heir"},
        ),
        "list_units": operation(P.ORGANIZATIONS_READ, "lists", "units"),
        "create_unit": operation(P.UNITS_WRITE, "adds", "units", fresh=("code",)),
        "get_unit": operation(P.ORGANIZATIONS_READ, "reads", "units"),
        "replace_unit": operation(P.UNITS_WRITE, "changes", "units"),
        "list_learners": operation(P.LEARNERS_READ, "lists", "learners"),
        "create_learner": operation(P.LEARNERS_WRITE, "adds", "learners", fresh=("external_id",)),
        "get_learner": operation(P.LEARNERS_READ, "reads", "learners"),
        "replace_learner": operation(P.LEARNERS_WRITE, "changes", "learners"),
        "replace_protected_fields": operation(P.LEARNERS_WRITE, "changes", "learners"),
        "list_learner_positions": operation(P.LEARNERS_READ, "lists", "positions_held"),
        "release_learner": operation(
            P.LEARNERS_TRANSFER, "changes", "learners", "201", "409 already-released"
        ),
        "list_transfers": operation(P.LEARNERS_READ, "lists", "transfers"),
        "get_transfer": operation(P.LEARNERS_READ, "reads", "transfers"),
        # The step is the Academy's, so row policies do not stand before it: see test_layers.py.
        "claim_learner": operation(
            P.LEARNERS_TRANSFER,
            "adds",
            "transfers",
            "404 nothing-to-claim",
            rights=dict.fromkeys(Reach, Rights(adds=of_their_organization))
            | {Reach.EVERYTHING: ADDS_ONLY},
            absent=False,  # the Academy's claim finds nobody before it asks where they go
        ),
        "cancel_transfer": operation(
            P.LEARNERS_TRANSFER, "changes", "transfers", "200", "409 transfer-ended"
        ),
        "create_roster_sync": operation(
            P.ROSTERS_WRITE,
            "adds",
            "roster_syncs",
            "202",
            query="dry_run=true&organization={target}",
            rights=OF_THEIR_ORGANIZATION,
        ),
        "list_roster_syncs": operation(P.ROSTERS_READ, "lists", "roster_syncs"),
        "get_roster_sync": operation(P.ROSTERS_READ, "reads", "roster_syncs"),
        "list_roster_changes": operation(P.ROSTERS_READ, "lists", "roster_changes"),
        "list_roster_errors": operation(P.ROSTERS_READ, "lists", "roster_errors"),
        "apply_roster_sync": operation(
            P.ROSTERS_WRITE,
            "changes",
            "roster_syncs",
            "202",
            "409 approval-required",
            "409 not-waiting-to-be-applied",
        ),
        "approve_roster_sync": operation(
            P.ROSTERS_APPROVE, "changes", "roster_syncs", "202", "409 not-waiting-to-be-applied"
        ),
        "cancel_roster_sync": operation(
            P.ROSTERS_WRITE, "changes", "roster_syncs", "200", "409 sync-ended"
        ),
        "undo_roster_sync": operation(
            P.ROSTERS_APPROVE, "changes", "roster_syncs", "200", "409 not-applied"
        ),
        "get_roster_file": operation(
            P.ROSTERS_READ,
            "reads",
            "learners",
            query="format=csv&organization={target}",
            rights=FILE_OF_THEIR_ORGANIZATION,
            absent=False,  # of what does not exist, the Academy gets an empty file
        ),
        "get_roster_template": operation(
            P.ROSTERS_READ, "reads", "roster_data_sets", rights=dict.fromkeys(Reach, READS_ALL)
        ),
        "list_roster_data_sets": operation(P.ROSTERS_READ, "lists", "roster_data_sets"),
        "create_roster_data_set": operation(
            P.ROSTERS_APPROVE,
            "adds",
            "roster_data_sets",
            fresh=("code",),
            rights=OF_THEIR_ORGANIZATION,
        ),
        "get_roster_data_set": operation(P.ROSTERS_READ, "reads", "roster_data_sets"),
        "replace_roster_data_set": operation(P.ROSTERS_APPROVE, "changes", "roster_data_sets"),
        "list_roster_matches": operation(P.ROSTERS_READ, "lists", "roster_matches"),
        "decide_roster_match": operation(P.ROSTERS_APPROVE, "changes", "roster_matches"),
        "list_roster_status": operation(
            P.ROSTERS_READ, "lists", "organizations", rights=READ_BY_ITS_OWNERS
        ),
        "list_changes": operation(P.CHANGES_READ, "follows", "events"),
        "list_webhook_endpoints": operation(P.WEBHOOKS_READ, "lists", "webhook_endpoints"),
        "create_webhook_endpoint": operation(
            P.WEBHOOKS_WRITE,
            "adds",
            "webhook_endpoints",
            "201",
            "409 twenty-webhook-endpoints-at-most",
        ),
        "get_webhook_endpoint": operation(P.WEBHOOKS_READ, "reads", "webhook_endpoints"),
        "replace_webhook_endpoint": operation(
            P.WEBHOOKS_WRITE, "changes", "webhook_endpoints", "200", "409 webhook-endpoint-ended"
        ),
        "rotate_webhook_secret": operation(
            P.WEBHOOKS_WRITE, "changes", "webhook_endpoints", "200", "409 webhook-endpoint-ended"
        ),
        "ping_webhook_endpoint": operation(
            P.WEBHOOKS_WRITE, "changes", "webhook_endpoints", "201", "409 webhook-endpoint-ended"
        ),
        "end_webhook_endpoint": operation(P.WEBHOOKS_WRITE, "changes", "webhook_endpoints"),
        "list_webhook_deliveries": operation(P.WEBHOOKS_READ, "lists", "webhook_deliveries"),
        "redeliver_webhook": operation(
            P.WEBHOOKS_WRITE, "changes", "webhook_deliveries", "200", "409 webhook-endpoint-ended"
        ),
        "get_me": operation(
            P.ME_READ, "reads", "organizations", rights=dict.fromkeys(Reach, READS_ALL)
        ),
        "list_users": operation(P.USERS_READ, "lists", "users"),
        "create_user": operation(P.USERS_WRITE, "adds", "users", fresh=("email",)),
        "get_user": operation(P.USERS_READ, "reads", "users"),
        "replace_user": operation(P.USERS_WRITE, "changes", "users"),
        "invite_user": operation(P.USERS_WRITE, "changes", "users", "409 mail-not-configured"),
        "disable_user": operation(P.USERS_WRITE, "changes", "users"),
        "enable_user": operation(P.USERS_WRITE, "changes", "users"),
        "reset_second_factor": operation(P.USERS_WRITE, "changes", "users"),
        "sign_user_out": operation(P.USERS_WRITE, "changes", "users"),
        "list_memberships": operation(P.USERS_READ, "lists", "memberships"),
        "create_membership": operation(
            P.USERS_WRITE,
            "adds",
            "memberships",
            "201",
            "409 membership-taken",
            given={"user_id": "newcomer"},
        ),
        "end_membership": operation(P.USERS_WRITE, "changes", "memberships"),
        "restore_membership": operation(P.USERS_WRITE, "changes", "memberships"),
        "list_sign_ins": operation(P.USERS_READ, "lists", "sign_ins"),
        "end_sign_in": operation(P.USERS_WRITE, "changes", "sign_ins"),
        # Beside each program stands when its keys were used, which only the Academy sees.
        "list_clients": operation(P.CLIENTS_READ, "lists", "clients", rights=ACADEMYS),
        "create_client": operation(P.CLIENTS_WRITE, "adds", "clients", fresh=("name",)),
        "get_client": operation(P.CLIENTS_READ, "reads", "clients"),
        "replace_client": operation(P.CLIENTS_WRITE, "changes", "clients"),
        "revoke_client": operation(P.CLIENTS_WRITE, "changes", "clients"),
        "list_client_keys": operation(P.CLIENTS_READ, "lists", "client_keys"),
        "create_client_key": operation(
            P.CLIENTS_WRITE,
            "changes",
            "clients",
            "201",
            "409 client-revoked",
            "409 two-keys-at-most",
        ),
        "revoke_client_key": operation(P.CLIENTS_WRITE, "changes", "client_keys"),
        "list_audit_entries": operation(P.AUDIT_READ, "lists", "audit_entries"),
        "list_personal_data_reads": operation(P.AUDIT_READ, "lists", "personal_data_reads"),
    }
    | COMPETENCY_OPERATIONS
    | COURSE_OPERATIONS
    | CURRICULUM_OPERATIONS
    | REVIEW_OPERATIONS
    | PEOPLE_OPERATIONS
    | MATERIAL_OPERATIONS
    | ATTENDANCE_OPERATIONS
    | ENROLMENT_OPERATIONS
    | ROOM_OPERATIONS
    | TARGET_OPERATIONS
)

FILES = {"get_roster_file", "get_roster_template", "get_framework_file", "get_material_file"}
"""These answer with a file, and nothing else."""
FOR_EVERYBODY = {name for name in OPERATIONS if OPERATIONS[name].permission in ALWAYS}
"""Whoever is signed in may do these."""
