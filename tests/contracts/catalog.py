"""What must hold for every table, policy, function and constraint, asked of the catalog.

Each rule is a query for its offenders, so what is added later is held to it too. Who may offend is
listed beside the rule, each with the reason.
"""

from dataclasses import dataclass, field

import asyncpg

from app.core.database.scopes import LOGIN, OWNER, Reach


def _listed(*roles: str) -> str:
    return ", ".join(f"'{role}'" for role in roles)


CALLERS = _listed(*Reach, LOGIN)
"""The roles that requests have, and the one that the service logs in with."""
TABLES = "from pg_class t where t.relnamespace = 'public'::regnamespace and t.relkind in ('r', 'p')"
FUNCTIONS = """
  from pg_proc f where f.pronamespace in ('public'::regnamespace, 'jobs'::regnamespace)
    and not exists (select from pg_depend where objid = f.oid and deptype = 'e')
"""
KEYS = """
  from pg_constraint c join pg_class t on t.oid = c.conrelid join pg_class o on o.oid = c.confrelid
  where c.contype = 'f' and t.relnamespace = 'public'::regnamespace
"""


def _having(*privileges: str) -> str:
    """Callers `r` who have a privilege `p` for a table `t`."""
    return f"""
      from pg_class t, pg_roles r, unnest(array[{_listed(*privileges)}]) p
      where t.relnamespace in ('public'::regnamespace, 'jobs'::regnamespace)
        and t.relkind in ('r', 'p') and r.rolname in ({CALLERS})
        and has_table_privilege(r.oid, t.oid, p)
    """


def _columns(table: str, *names: str) -> str:
    """Whether the table has all these columns."""
    return (
        f"(select count(*) = {len(names)} from pg_attribute a where a.attrelid = {table}.oid"
        f" and a.attname in ({_listed(*names)}) and not a.attisdropped)"
    )


def _trigger(function: str) -> str:
    return (
        "exists (select from pg_trigger g where g.tgrelid = t.oid and g.tgenabled = 'O'"
        f" and g.tgfoid = '{function}'::regproc)"
    )


@dataclass(frozen=True)
class Rule:
    offenders: str
    """A query for their names."""
    allowed: dict[str, str] = field(default_factory=dict)
    """Who may offend, and why."""

    async def found(self, connection: asyncpg.Connection) -> set[str]:
        return {row[0] for row in await connection.fetch(self.offenders)}


RULES = {
    "every table is under row policies, and its owner too": Rule(
        f"select t.relname::text {TABLES} and not (t.relrowsecurity and t.relforcerowsecurity)",
        {"alembic_version": "says which revision this is, before there is any scope"},
    ),
    "every policy says what it lets read and what it lets write": Rule("""
        select tablename || '.' || policyname from pg_policies where case cmd
          when 'SELECT' then qual is null
          when 'DELETE' then qual is null
          when 'INSERT' then with_check is null
          else qual is null or with_check is null end
    """),
    "every policy is for roles that are named": Rule(
        "select tablename || '.' || policyname from pg_policies"
        f" where not roles <@ array[{CALLERS}, '{OWNER}']::name[]"
    ),
    "no view shows more than who asks may see": Rule("""
        select relname::text from pg_class where relnamespace = 'public'::regnamespace
          and (relkind = 'm' or relkind = 'v'
            and not 'security_invoker=true' = any (coalesce(reloptions, '{}')))
    """),
    "no function has its owner's rights": Rule(
        f"select f.proname::text {FUNCTIONS} and f.prosecdef",
        {
            "calendar_content": "who reads has an address, and no scope",
            "learner_sessions": "who reads has an address, and no scope",
            "courses_taught": "whoever teaches in a course sees it, which policies ask before",
            "refuse_change_of_course_content": "locks courses that others may see and not change",
            "refuse_course_beside_sessions": "looks at whole courses, whoever changes them",
            "refuse_module_of_another_curriculum": "looks at whole courses, whoever changes them",
            "refuse_quotas_beyond_places": "looks at whole courses, whoever changes them",
            "refuse_session_outside_course": "looks at whole courses, whoever changes them",
            "count_moved_places": "counts what nobody may count by hand",
            "keep_attendance": "counts on sheets, and looks at nominations that others may not see",
            "keep_attendance_sheets": "adds what nobody may add by hand",
            "move_seats_with_quotas": "counts what nobody may count by hand",
            "keep_what_was_learnt": "adds to what is known of learners whom the host does not have",
            "people_of_session": "tells who teaches a session whom a report may be of",
            "refuse_result_against_rule": "looks at attendance that others may not see",
            "refuse_session_that_changes_results": "looks at the standing of all, whoever plans",
            "sessions_taught": "whoever teaches a session marks it, which policies ask before",
            "end_nominations": "ends what others may not",
            "follow_nominations_insert": "writes what nobody may write by hand",
            "follow_nominations_update": "writes what nobody may write by hand",
            "keep_learner_bookings": "books what nobody may book by hand",
            "keep_nomination_in_order": "names learners whom the host does not see",
            "keep_seat_pools": "counts what nobody may count by hand",
            "nomination_findings": "tells of bookings and quotas of others, to who decides",
            "refuse_nomination_that_does_not_begin": "looks at learners whom the host does not see",
            "seat_pool_of": "looks at quotas of others, and tells whose place is taken",
            "tell_who_nominated": "tells organisations whose events the host may not add",
            "take_sheet": "locks sheets that learners may see and not change",
            "take_turn": "locks courses that others may see and not change",
            "wait_for_booked_learners": "looks at bookings that the host need not see",
            "find_session_warnings": "tells hosts of bookings that they need not see",
            "audit_insert": "writes what nobody may write by hand",
            "audit_update": "writes what nobody may write by hand",
            "audit_delete": "writes what nobody may write by hand",
            "keep_subtrees": "keeps a table that nobody else may change",
            "keep_positions_insert": "keeps history that nobody else may change",
            "keep_positions_update": "keeps history that nobody else may change",
            "take_position_back": "keeps history that nobody else may change",
            "put_positions_back": "keeps history that nobody else may change",
            "carry_positions_over": "keeps history that nobody else may change",
            "note_in_audit": "writes what nobody may write by hand",
            "note_invitation": "writes what nobody may write by hand",
            "carry_attainments_over": "keeps what nobody else may change",
            "count_gaps": "counts people whom nobody who asks may see",
            "gaps_elsewhere": "tells of such counts what tells of nobody",
            "keep_attainments": "keeps what nobody else may change",
            "end_delegations": "ends what the caller may not see",
            "fill_in_decision": "locks a version that the caller may only read, and names users",
            "log_curriculum_step": "writes what nobody may write by hand",
            "refuse_comment_out_of_review": "locks a version that the caller may only read",
            "refuse_delegation_of_no_reviewer": "looks at invitations that the caller may not see",
            "refuse_second_voice": "looks at decisions that the caller may not see",
            "tell_of_decision": "tells the owner, whose news the caller may not write",
            "refuse_another_kind_of_extension": "looks at curricula that the caller may not see",
            "hold_common_part": "locks a curriculum that the caller may only read",
            "hold_extended_version": "locks a curriculum that the caller may only read",
            "refuse_change_of_curriculum_content": "locks a version that is whoever's it is",
            "refuse_change_of_module_content": "locks a version that is whoever's it is",
            "refuse_circular_prerequisites": "looks at modules that the caller may not see",
            "refuse_publishing_a_circle": "looks at modules that the caller may not see",
            "refuse_unseen_material": "looks at materials that the caller may not see",
            "refuse_unseen_module": "looks at modules that the caller may not see",
            "refuse_unseen_module_version": "looks at modules that the caller may not see",
            "find_invited_user": "looks at users whom the caller may not see",
            "index_material": "keeps what nobody else may change",
            "search_materials": "names what has words, and readers see of that what is theirs",
            "keep_tree": "sorts what is locked, and writes the order that nobody else writes",
            "log_consultation": "writes what nobody may write by hand",
            "publish_competencies": "keeps what nobody else may change",
            "refuse_change_of_published_version": "locks a version that is whoever's it is",
            "refuse_comment_out_of_time": "locks a version that the caller may only read",
            "refuse_foreign_correction": "looks at evidence that the caller may not see",
            "refuse_foreign_position": "looks at positions that the caller may not see",
            "refuse_absent_instructor": "looks at what the caller may not see",
            "refuse_closed_room": "looks at a room that the caller may not see",
            "wait_for_instructor": "locks an instructor whom the caller may not change",
            "wait_for_room": "locks a room that the caller may not change",
            "renew_attainments": "keeps what nobody else may change",
            "refuse_unpublished_statement": "looks at versions that the caller may not see",
            "refuse_closed_organization": "locks an organisation that the caller may only read",
            "refuse_move_to_closed_organization": "locks what the caller may only read",
        },
    ),
    "no function finds another table than the one that was meant": Rule(
        # Temporary tables come first unless they are told to come last. What is parsed when it is
        # made (`begin atomic`) has found its tables by then.
        f"select f.proname::text {FUNCTIONS} and f.pronamespace = 'public'::regnamespace"
        " and f.prosqlbody is null and not"
        " case when f.prosecdef then 'search_path=public, pg_temp' else 'search_path=public' end"
        " = any (coalesce(f.proconfig, '{}'))"
    ),
    "no function is everybody's": Rule(
        f"select f.proname::text {FUNCTIONS} and has_function_privilege('public', f.oid, 'execute')"
    ),
    "no role is above policies, or can make roles": Rule("""
        select rolname::text from pg_roles where rolname like 'banggiao%'
          and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)
    """),
    "no role of a request can log in": Rule(
        "select rolname::text from pg_roles where rolcanlogin"
        f" and rolname in ({CALLERS}, '{OWNER}')"
    ),
    "nobody who calls owns anything": Rule(f"""
        select r.rolname || ' owns ' || d.classid::regclass || ' ' || d.objid
        from pg_shdepend d join pg_roles r on r.oid = d.refobjid
        where d.deptype = 'o' and r.rolname like 'banggiao%' and r.rolname <> '{OWNER}'
    """),
    "nobody who calls creates anything": Rule(f"""
        select r.rolname || ' in ' || n.nspname from pg_roles r, pg_namespace n
        where r.rolname in ({CALLERS}) and has_schema_privilege(r.oid, n.oid, 'create')
    """),
    "nobody becomes anybody else, but the login a request role on purpose": Rule(f"""
        select m.rolname || ' is ' || r.rolname from pg_auth_members a
        join pg_roles m on m.oid = a.member join pg_roles r on r.oid = a.roleid
        where m.rolname like 'banggiao%' and not (
          m.rolname = '{LOGIN}' and r.rolname in ({_listed(*Reach)})
            and not a.inherit_option and not a.admin_option
          or m.rolcanlogin and r.rolname = '{LOGIN}' and not a.admin_option)
    """),
    "the auditor changes nothing, anywhere": Rule(
        f"select t.relname::text {_having('insert', 'update', 'delete')}"
        f" and r.rolname = '{Reach.EVERYTHING_TO_READ}'"
    ),
    "what was written down for the audit stays": Rule(
        f"select r.rolname || ' may ' || p || ' ' || t.relname {_having('update', 'delete')}"
        " and t.relname in ('audit_entries', 'personal_data_reads')"
    ),
    "nobody who calls has a right that policies do not bind": Rule(
        "select r.rolname || ' may ' || p || ' ' || t.relname"
        f" {_having('truncate', 'references', 'trigger', 'maintain')}"
    ),
    "requests have no way into the jobs": Rule(f"""
        select rolname::text from pg_roles where rolname in ({_listed(*Reach)})
          and has_schema_privilege(oid, 'jobs', 'usage')
    """),
    "PostgreSQL counts the versions of every row that has one": Rule(
        f"select t.relname::text {TABLES} and {_columns('t', 'id', 'version')}"
        f" and not ({_trigger('touch')} or {_trigger('touch_learner')})"
    ),
    "every change of an entity is written down": Rule(
        f"select t.relname::text {TABLES} and {_columns('t', 'id', 'version')} and not"
        f" ({' and '.join(_trigger(f'audit_{o}') for o in ('insert', 'update', 'delete'))})",
        {"positions_held": "triggers keep it from learners, whose changes are written down"},
    ),
    "a row refers only to rows of its own organisation": Rule(
        f"select c.conname::text {KEYS} and {_columns('t', 'organization_id')}"
        f" and {_columns('o', 'organization_id')} and cardinality(c.conkey) = 1",
        {
            "calendars_course_id_fkey": "whoever sees a course has it in a calendar",
            "calendars_learner_id_fkey": "it stays where it was made when people move on",
            "calendars_room_id_fkey": "the Academy has everybody's rooms in calendars",
            "course_curriculum_not_in_force": "what others publish is run",
            "course_extension_of_another": "what others publish is run",
            "assigned_position_unknown": "the Academy's positions are everybody's",
            "attainments_evidence_id_fkey": "it was recorded where somebody was before",
            "attainments_learner_id_fkey": "a trigger keeps it with the learner",
            "job_position_assignments_learner_id_fkey": "it stays where the position was held",
            "learner_has_evidence": "evidence stays where it was when people move on",
            "learner_bookings_learner_id_fkey": "hosts book people of others",
            "learner_has_attendance": "attendance stays with who nominated when people move on",
            "learner_has_learning_records": "they stay where they were recorded",
            "learner_has_nominations": "a nomination stays with who nominated when people move on",
            "learner_has_trainings": "a training stays where it was when people move on",
            "training_of_unknown_curriculum": "what others publish is run",
            "extended_curriculum_unknown": "what others publish is extended",
            "required_module_unknown": "modules of others come before",
            "module_material_unknown": "public materials of others are used",
            "approval_document_unknown": "whoever approves may have the document",
            "title_of_unknown_position": "the Academy's positions are everybody's",
            "memberships_learner_id_fkey": "an account stays where it was when its owner moves on",
            "positions_held_learner_id_fkey": "history stays where it was when people move on",
            "roster_matches_learner_id_fkey": "whom a file names may be on another's roster",
            "transfers_learner_id_fkey": "a transfer stays with the sender when people move on",
        },
    ),
    "no row disappears behind the back of policies": Rule(
        f"select c.conname::text {KEYS} and not (c.confdeltype = 'a' and c.confupdtype = 'a')",
        {
            "attainments_learner_id_fkey": "what nobody attains any more is forgotten",
            "calendars_learner_id_fkey": "it goes with whom a file had added",
            "learner_bookings_session_id_fkey": "what is booked for a session moves with it",
            "seat_pools_quota_id_fkey": "what a quota's places were counted in goes with it",
            "instructor_bookings_session_fkey": "what is booked for a session moves with it",
            "room_bookings_session_fkey": "what is booked for a session moves with it",
            "instructor_learner_unknown": "who teaches stays, whatever roster they are on no more",
            "job_position_assignments_learner_id_fkey": "it goes with whom a file had added",
            "positions_held_learner_id_fkey": "history goes with whom an undone file had added",
            "roster_matches_learner_id_fkey": "nobody is like somebody who is no more",
        },
    ),
    "what must be unique is so within an organisation": Rule(
        f"""
        select i.indexrelid::regclass::text from pg_index i join pg_class t on t.oid = i.indrelid
        where t.relnamespace = 'public'::regnamespace and {_columns("t", "organization_id")}
          and (i.indisunique or i.indisexclusion) and not i.indisprimary
          and not exists (select from pg_attribute where attrelid = t.oid
            and attname in ('organization_id', 'framework_version_id', 'module_version_id',
              'curriculum_version_id')
            and attnum = any ((i.indkey::int2[])[0:i.indnkeyatts - 1]))
        """,
        {
            "calendar_token_taken": "nobody knows another's token, nor finds one by trying",
            "learner_booked_twice": "triggers write them",
            "learner_double_booked": "a learner is in one place at a time; triggers write them",
            "nomination_twice": "a course has a learner once, whoever nominates",
            "nominations_host_id_course_id_id_key": "holds the key, for steps and bookings",
            "seat_pools_course_id_quota_id_key": "triggers write them",
            "already_requested": "the Academy asks, once for each roster that names a learner",
            "already_superseded": "whoever has the learner sees what was recorded of them",
            "evidence_of_learner_key": "holds the key, for reviews and corrections",
            "framework_versions_framework_id_id_key": "holds the key, for what people state",
            "framework_versions_id_based_on_id_key": "holds the key, for replacements",
            "curricula_id_extends_curriculum_id_key": "holds the key, for versions",
            "curriculum_versions_curriculum_id_id_key": "holds the key, for versions",
            "module_versions_module_id_id_key": "holds the key, for curricula",
            "already_released": "a learner has one roster, and who may release them sees it",
            "client_name_taken": "OAuth names clients without saying whose; the Academy adds them",
            "events_transaction_sequence_idx": "the order of news; no client chooses it",
            "positions_overlap": "a person holds one position at a time; triggers write them",
        },
    ),
}

CONSTRAINTS = """
  select c.conname::text from pg_constraint c join pg_class t on t.oid = c.conrelid
  where t.relnamespace = 'public'::regnamespace and c.contype in ('c', 'u', 'x', 'f')
  union
  select i.indexrelid::regclass::text from pg_index i join pg_class t on t.oid = i.indrelid
  where t.relnamespace = 'public'::regnamespace and i.indisunique
"""
"""The name of everything that a change may run into."""
RAISED = (
    f"select distinct (regexp_matches(f.prosrc, 'constraint = ''(\\w+)''', 'g'))[1] {FUNCTIONS}"
)
"""And of what triggers refuse."""
