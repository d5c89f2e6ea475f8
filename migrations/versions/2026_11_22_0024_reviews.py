"""Review of curricula: who is asked, what they say and decide, and each step of a version."""

from migrations.curricula import OF_CURRICULUM_VERSION, locks
from migrations.helpers import (
    ACADEMY,
    ADDED,
    EVERYBODY,
    INSTRUCTOR,
    NARROW,
    OWN_SUBJECT,
    OWNED,
    OWNER,
    PERSON,
    STAMPS,
    TODAY,
    audited,
    own,
    policy,
    run,
    versioned,
)
from migrations.opinions import (
    FIND_USER,
    comments,
    comments_in_time,
    invitations,
    invited,
    shown_to_invited,
)

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

SUBJECT = "nullif(split_part(current_setting('app.actor', true), ':', 2), '')::uuid"
"""The user who calls."""
STANDS_IN = f"""
  select d.curriculum_version_id from review_delegations d
  where d.user_id = {OWN_SUBJECT} and d.ended_at is null and {TODAY} between d.since and d.until"""
SEEN = f"{invited('review', 'curriculum')} union all {STANDS_IN}"
"""What whoever looks is asked about, themselves or in the place of somebody."""
OF_INVITATION = """
  invitation_id uuid not null,
  constraint {0}_invitation_id_fkey foreign key (curriculum_version_id, invitation_id)
    references review_invitations (curriculum_version_id, id)
"""


def upgrade() -> None:
    _asked()
    _delegations()
    _decisions()
    _steps()
    shown_to_invited(
        "review",
        "curriculum",
        during="state in ('in_review', 'approved')",
        versions=SEEN,
        logs=("review_decisions", "curriculum_steps"),
    )
    _who_stands_in()
    _who_decides()
    policy("trigger_reads", "curriculum_modules", OWNER, "true", "select")
    comments_in_time(
        "review",
        "curriculum",
        function="refuse_comment_out_of_review",
        state="in_review",
        refusal="in_review",
        item="module",
        items="""n.module_id is not null and n.thread_id is null
              and not exists (select from curriculum_modules m
                where m.curriculum_version_id = n.curriculum_version_id
                  and m.module_id = n.module_id)""",
    )
    _rounds()
    _approval()


def _asked() -> None:
    invitations(
        "review",
        "curriculum",
        OF_CURRICULUM_VERSION,
        once="reviewing_",
        more="""
          decides boolean not null default false,
          constraint review_invitations_curriculum_version_id_id_key
            unique (curriculum_version_id, id),
          constraint organization_decides check (not decides or user_id is not null),""",
    )
    run(FIND_USER.format("review_invitations"))
    comments("review", "curriculum", OF_CURRICULUM_VERSION, "module_id")
    policy("trigger_reads", "review_invitations", OWNER, "true", "select")
    locks("review_invitations")


def _delegations() -> None:
    table = "review_delegations"
    run(
        f"""
        create table {table} ({STAMPS.format(table)}
          {OWNED.format(table)},
          {OF_CURRICULUM_VERSION.format(table)},
          {OF_INVITATION.format(table)},
          user_id uuid not null constraint invited_user_unknown references users,
          email text not null,
          since date not null,
          until date not null,
          ended_at timestamptz,
          constraint review_delegations_curriculum_version_id_id_key
            unique (curriculum_version_id, id),
          constraint delegation_ends_before_it_begins check (since <= until)
        )
        """,
        f"create unique index delegate_already_named on {table}"
        " (curriculum_version_id, invitation_id, user_id) where ended_at is null",
        FIND_USER.format(table),
        # Whoever ends the invitation waits, or this does: else it would outlive the invitation.
        """
        create function refuse_delegation_of_no_reviewer() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          perform from review_invitations i
          where i.id = new.invitation_id and i.decides and i.ended_at is null
            and i.user_id <> new.user_id for share;
          if not found then
            raise check_violation using constraint = 'delegation_of_no_reviewer',
              message = 'only who is named to decide is stood in for, and by somebody else';
          end if;
          return null;
        end $$
        """,
        f"create trigger of_a_reviewer after insert on {table} for each row"
        " execute function refuse_delegation_of_no_reviewer()",
        # Who is asked no more has nobody in their place, either.
        f"""
        create function end_delegations() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          update {table} set ended_at = now()
          where curriculum_version_id = new.curriculum_version_id and invitation_id = new.id
            and ended_at is null;
          return null;
        end $$
        """,
        "create trigger delegations_ended after update of ended_at on review_invitations"
        " for each row when (new.ended_at is not null) execute function end_delegations()",
    )
    own(table)
    audited(table)
    versioned(table)
    policy("trigger_reads", table, OWNER, "true", "select")
    policy("trigger_ends", table, OWNER, "true", "update")


def _decisions() -> None:
    table = "review_decisions"
    run(
        f"""
        create table {table} ({ADDED.format(table)}
          {OWNED.format(table)},
          {OF_CURRICULUM_VERSION.format(table)},
          invitation_id uuid,
          round integer,
          decision text not null,
          note text,
          reviewer_id uuid,
          reviewer_name text,
          delegation_id uuid,
          user_id uuid not null default {SUBJECT}
            constraint decided_by_nobody references users,
          decided_by text not null default current_setting('app.actor'),
          decided_by_name text not null,
          constraint review_decisions_invitation_id_fkey
            foreign key (curriculum_version_id, invitation_id)
            references review_invitations (curriculum_version_id, id),
          constraint review_decisions_delegation_id_fkey
            foreign key (curriculum_version_id, delegation_id)
            references review_delegations (curriculum_version_id, id),
          constraint not_a_reviewer check (invitation_id is not null),
          constraint not_in_review check (round is not null),
          constraint review_decision_unknown
            check (decision in ('approve', 'request_changes')),
          constraint changes_requested_without_note
            check (decision = 'approve' or note is not null)
        )
        """,
        f"create index {table}_curriculum_version_id_round_idx on {table}"
        " (curriculum_version_id, round)",
        # One after another, for each version; told in the order in which they were let in. What is
        # not found stays empty, which rules refuse.
        f"""
        create function fill_in_decision() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          select case when v.state = 'in_review' then v.round end into new.round
          from curriculum_versions v where v.id = new.curriculum_version_id for no key update;
          select i.id, u.id, u.name
          into new.invitation_id, new.reviewer_id, new.reviewer_name
          from review_invitations i join users u on u.id = i.user_id
          where i.curriculum_version_id = new.curriculum_version_id
            and i.decides and i.ended_at is null
            and case when new.delegation_id is null then i.user_id = new.user_id
            else exists (select from review_delegations d where d.id = new.delegation_id
              and d.invitation_id = i.id and d.user_id = new.user_id and d.ended_at is null
              and {TODAY} between d.since and d.until) end;
          new.decided_by_name := coalesce(  -- of a program's there is no reviewer either
            (select u.name from users u where u.id = new.user_id), '');
          new.id := uuidv7();
          new.created_at := clock_timestamp();
          return new;
        end $$
        """,
        f"create trigger filled_in before insert on {table}"
        " for each row execute function fill_in_decision()",
        """
        create function refuse_second_voice() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          if (
            select count(*) from (
              select distinct on (d.reviewer_id) d.user_id from review_decisions d
              where d.curriculum_version_id = new.curriculum_version_id and d.round = new.round
              order by d.reviewer_id, d.id desc
            ) as last where last.user_id = new.user_id
          ) > 1 then
            raise check_violation using constraint = 'one_voice_each',
              message = 'nobody decides for two';
          end if;
          return null;
        end $$
        """,
        f"create trigger one_voice after insert on {table}"
        " for each row execute function refuse_second_voice()",
        # Who decides may be of any organisation, and tells the owner nonetheless.
        """
        create function tell_of_decision() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          insert into events (organization_id, name, subject_id, data)
          select v.organization_id, 'curriculum_version.decided', v.id, jsonb_build_object(
            'curriculum_id', v.curriculum_id, 'number', v.number, 'round', new.round,
            'decision', new.decision)
          from curriculum_versions v where v.id = new.curriculum_version_id;
          return null;
        end $$
        """,
        f"create trigger told after insert on {table}"
        " for each row execute function tell_of_decision()",
    )
    policy("trigger_reads", table, OWNER, "true", "select")
    policy("trigger_tells", "events", OWNER, "true", "insert")


def _steps() -> None:
    table = "curriculum_steps"
    run(
        f"""
        create table {table} ({ADDED.format(table)}
          {OWNED.format(table)},
          {OF_CURRICULUM_VERSION.format(table)},
          state text not null,
          round integer not null,
          note text,
          quorum integer,
          review_due_on date,
          document_number text,
          issuing_body text,
          issued_on date,
          document_sha256 text,
          publish_on date,
          made_by text not null
            default coalesce(nullif(current_setting('app.actor', true), ''), 'system'),
          made_by_name text
        )
        """,
        f"create index {table}_curriculum_version_id_id_idx on {table} (curriculum_version_id, id)",
        "alter table curriculum_versions add column round integer not null default 0,"
        " add column quorum integer, add column review_due_on date",
        # From the changes themselves, so that none is missing; why, its cause says (app.note).
        f"""
        create function log_curriculum_step() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          insert into {table} (created_at, organization_id, curriculum_version_id, state, round,
            note, quorum, review_due_on, document_number, issuing_body, issued_on,
            document_sha256, publish_on, made_by_name)
          select clock_timestamp(), new.organization_id, new.id, new.state, new.round,
            nullif(current_setting('app.note', true), ''), new.quorum, new.review_due_on,
            new.document_number, new.issuing_body, new.issued_on, new.document_sha256,
            new.publish_on, (select u.name from users u where u.id = {SUBJECT});
          return null;
        end $$
        """,
        "create trigger step_logged_insert after insert on curriculum_versions"
        " for each row execute function log_curriculum_step()",
        "create trigger step_logged_update after update of state, publish_on on curriculum_versions"
        " for each row when ((old.state, old.publish_on) is distinct from"
        " (new.state, new.publish_on)) execute function log_curriculum_step()",
    )
    policy("trigger_writes", table, OWNER, "true", "insert")


def _who_stands_in() -> None:
    """A reviewer says who stands in for them; who does reads that."""
    table = "review_delegations"
    theirs = f"""(organization_id, invitation_id) in (
      select i.organization_id, i.id from review_invitations i
      where i.user_id = {OWN_SUBJECT} and i.decides and i.ended_at is null)"""
    for role in (PERSON, INSTRUCTOR):
        run(f"grant select, insert, update on {table} to {role}")
    for role in NARROW:
        policy(f"own_place_{role}", table, role, theirs)
        policy(f"stands_in_{role}", table, role, f"user_id = {OWN_SUBJECT}", "select")


def _who_decides() -> None:
    """Whoever sees a version may try, and speaks for nobody else; a trigger knows who is named."""
    seen = "curriculum_version_id in (select v.id from curriculum_versions v)"
    for role in (ACADEMY, *NARROW):
        run(f"grant insert on review_decisions to {role}")
        policy(
            f"decides_{role}",
            "review_decisions",
            role,
            f"user_id = {OWN_SUBJECT} and decided_by = current_setting('app.actor') and {seen}",
            "insert",
        )


def _rounds() -> None:
    run(
        """
        create function count_round() returns trigger
        language plpgsql set search_path = public as $$
        begin
          if coalesce(new.quorum, 0) < 1 then
            raise check_violation using constraint = 'submission_without_quorum',
              message = 'somebody has to approve';
          end if;
          new.round := old.round + 1;
          return new;
        end $$
        """,
        "create trigger round_counted before update of state on curriculum_versions for each row"
        " when (new.state = 'in_review' and old.state <> 'in_review')"
        " execute function count_round()",
        # Of a reviewer's decisions in a round the last one counts, whoever made it, and also if
        # they were invited again meanwhile.
        """
        create function review_standing(version_id uuid)
        returns table (approvals integer, changes_requested integer, unresolved_threads integer)
        language sql stable set search_path = public as $$
          with last as (
            select distinct on (d.reviewer_id) d.decision
            from review_decisions d join curriculum_versions v on v.id = d.curriculum_version_id
            where v.id = version_id and d.round = v.round
            order by d.reviewer_id, d.id desc
          )
          select (count(*) filter (where decision = 'approve'))::integer,
            (count(*) filter (where decision = 'request_changes'))::integer,
            (select count(*) from review_comments c where c.curriculum_version_id = version_id
              and c.thread_id is null and c.resolution is null)::integer
          from last
        $$
        """,
        f"grant execute on function review_standing to {EVERYBODY}",
    )


def _approval() -> None:
    run(
        """
        create function refuse_unready_approval() returns trigger
        language plpgsql set search_path = public as $$
        declare
          standing record;
        begin
          select * into standing from review_standing(new.id);
          if standing.changes_requested > 0 then
            raise check_violation using constraint = 'changes_requested',
              message = 'a reviewer requests changes';
          end if;
          if standing.approvals < new.quorum then
            raise check_violation using constraint = 'quorum_missing',
              message = 'fewer approve than have to';
          end if;
          if standing.unresolved_threads > 0 then
            raise check_violation using constraint = 'threads_unresolved',
              message = 'threads wait for a resolution';
          end if;
          return null;
        end $$
        """,
        "create trigger reviewed after update of state on curriculum_versions for each row"
        " when (new.state = 'approved' and old.state <> 'approved')"
        " execute function refuse_unready_approval()",
        # Under the policies of who approves: what they do not see is not there.
        """
        create function refuse_another_document() returns trigger
        language plpgsql set search_path = public as $$
        declare
          file record;
        begin
          select m.sha256 into file from material_versions m
          where m.id = new.document_material_version_id;
          if not found then
            raise foreign_key_violation using constraint = 'approval_document_unknown',
              message = 'there is no such version of a material';
          end if;
          if file.sha256 is distinct from new.document_sha256 then
            raise check_violation using constraint = 'document_is_another_file',
              message = 'the material is not that file';
          end if;
          return null;
        end $$
        """,
        "create trigger of_that_file after update of state on curriculum_versions for each row"
        " when (new.state = 'approved' and new.document_material_version_id is not null)"
        " execute function refuse_another_document()",
    )


def downgrade() -> None:
    for role in NARROW:
        run(f"drop policy consulted_{role} on curriculum_versions")
    for trigger in (
        *("of_that_file", "reviewed", "round_counted"),
        *("step_logged_insert", "step_logged_update"),
    ):
        run(f"drop trigger {trigger} on curriculum_versions")
    run(
        "drop policy trigger_tells on events",
        "drop policy trigger_reads on curriculum_modules",
        "drop table curriculum_steps, review_decisions, review_delegations, review_comments,"
        " review_invitations",
        "drop function refuse_another_document, refuse_unready_approval, review_standing",
        "drop function curriculum_versions_shown_for_review, count_round, log_curriculum_step,"
        " tell_of_decision, refuse_second_voice",
        "drop function fill_in_decision, end_delegations, refuse_delegation_of_no_reviewer",
        "drop function refuse_comment_out_of_review",
        "alter table curriculum_versions drop column round, drop column quorum,"
        " drop column review_due_on",
    )
