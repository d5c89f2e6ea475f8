"""Rosters: files of people that provinces send, what they would change, and what became of it."""

from importlib import import_module

from migrations.helpers import (
    ACADEMY,
    EVERYBODY,
    ORGANIZATION,
    OWNER,
    SUBTREE_ROLE,
    audited,
    own,
    policy,
    run,
    versioned,
)

former = import_module("migrations.versions.2026_11_22_0007_learners")
POSITION, PERSON_THEN = former.POSITION, former.PERSON_THEN
WITHOUT_UNIT, CAME_BACK = former.WITHOUT_UNIT, former.CAME_BACK
left_on, qualified = former.left_on, former.qualified

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

STAMPS = """
  id uuid default uuidv7() constraint {0}_pkey primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  organization_id uuid not null
    default nullif(current_setting('app.organization', true), '')::uuid
    constraint {0}_organization_id_fkey references organizations,
"""
PERSON = """
  full_name text, sort_key text collate "C", search_text text, birth_date date, email text,
  phone text, unit_id uuid, position_title text, rank text, leadership_level text, category text,
  position_since date, fields text[], languages jsonb, recruited_on date, status text,
  status_since date, attributes jsonb, national_id_hash bytea, national_id_tail text,
  row_digest bytea
"""
OF_SYNC = """
  constraint {0}_sync_id_fkey foreign key (organization_id, sync_id)
    references roster_syncs (organization_id, id)
"""
NO_COUNTS = (
    '{"rows": 0, "unchanged": 0, "created": 0, "updated": 0, "reactivated": 0, "rekeyed": 0,'
    ' "missing": 0, "claimed": 0, "in_transfer": 0, "undecided": 0, "rejected": 0, "left_out": 0,'
    ' "outdated": 0}'
)
KEPT = "coalesce(current_setting('app.undoing', true), '') = ''"
"""Whether positions follow from the rows of learners, as they do but where a sync is undone."""
MOVED = "old.organization_id <> new.organization_id"
OTHERWISE_HELD = "({}) is distinct from ({})".format(
    *(
        f"{row}.organization_id, {row}.position_since, {row}.status, {row}.status_since,"
        f" {qualified(row)}"
        for row in ("old", "new")
    )
)
"""Nothing else of a learner is said of a position."""
HIDDEN = (
    "'{version,updated_at,sort_key,search_text,national_id_hash,row_digest,"
    "attempts,rows_read,rows_total,acts_as}'"
)


def upgrade() -> None:
    _learners()
    _tables()
    _reading()
    _audit()
    _history()
    _transfers()


def _learners() -> None:
    run(
        "alter table learners"
        " add data_set text,"
        " add missing_since timestamptz,"
        " add protected_fields text[] not null default '{}',"
        " add row_digest bytea",
        "create index learners_missing_since_idx on learners (missing_since)"
        " where missing_since is not null",
        # Who may be whom: a match proposes people of the same name and birth date.
        "create index learners_birth_date_search_text_idx on learners (birth_date, search_text)",
        # A roster of a hundred thousand pays for each index, so two do the work of three.
        "-- squawk-ignore require-concurrent-index-deletion\n"
        "drop index learners_national_id_hash_idx, learners_organization_id_unit_id_idx",
        "-- squawk-ignore ban-drop-constraint\n"
        "alter table learners drop constraint national_id_taken",
        "-- squawk-ignore disallowed-unique-constraint\n"
        "alter table learners add constraint national_id_taken"
        " unique (national_id_hash, organization_id)",
        "create index learners_organization_id_unit_id_idx on learners (organization_id, unit_id)"
        " where unit_id is not null",
        # `row_digest` is that of the row that a learner was last as, so any other change ends it.
        # Who has moved to another organisation is no more of the former one's files.
        """
        create function touch_learner() returns trigger
        language plpgsql set search_path = public as $$
        declare
          before learners := old;
        begin
          if new.organization_id <> old.organization_id then
            new.data_set := null;
            new.missing_since := null;
          end if;
          before.row_digest := new.row_digest;
          if before is not distinct from new then
            return new;
          end if;
          if new.row_digest is not distinct from old.row_digest then
            new.row_digest := null;
          end if;
          new.version := old.version + 1;
          new.updated_at := now();
          return new;
        end $$
        """,
        # A code that has become another unit's says something else in the same row.
        """
        create function forget_rows() returns trigger
        language plpgsql set search_path = public as $$
        begin
          update learners set row_digest = null
          where organization_id = new.organization_id and unit_id = new.id
            and row_digest is not null;
          return null;
        end $$
        """,
        "create trigger rows_forgotten after update of code on units"
        " for each row when (old.code <> new.code) execute function forget_rows()",
        "drop trigger touched on learners",
        "create trigger touched before update on learners"
        " for each row when (old.* is distinct from new.*) execute function touch_learner()",
    )


def _tables() -> None:
    run(
        f"""
        create table roster_data_sets ({STAMPS.format("roster_data_sets")}
          code text not null,
          headings jsonb not null default '{{}}',
          encoding text,
          removal_threshold numeric(5, 2),
          suspend_after_days integer,
          constraint data_set_code_taken unique (organization_id, code),
          constraint roster_data_sets_organization_id_id_key unique (organization_id, id),
          constraint removal_threshold_is_no_share check (removal_threshold between 0 and 100),
          constraint suspended_after_no_days check (suspend_after_days between 1 and 3650)
        )
        """,
        f"""
        create table roster_syncs ({STAMPS.format("roster_syncs")}
          data_set_id uuid not null,
          data_set text not null,
          mode text not null,
          dry_run boolean not null,
          state text not null default 'received',
          format text not null,
          encoding text,
          file_name text,
          size integer not null,
          asked_by text not null default current_setting('app.actor'),
          acts_as jsonb not null,
          approved_by text,
          removals boolean not null default true,
          held_for text[] not null default '{{}}',
          problem jsonb,
          counts jsonb not null default '{NO_COUNTS}',
          attempts integer not null default 0,
          rows_read integer not null default 0,
          rows_total integer,
          staged_at timestamptz,
          planned_at timestamptz,
          applied_at timestamptz,
          ended_at timestamptz,
          constraint roster_syncs_organization_id_id_key unique (organization_id, id),
          constraint roster_syncs_data_set_id_fkey foreign key (organization_id, data_set_id)
            references roster_data_sets (organization_id, id),
          constraint roster_sync_mode_unknown check (mode in ('full', 'delta')),
          constraint roster_sync_format_unknown check (format in ('json', 'ndjson', 'csv', 'xlsx')),
          constraint roster_sync_state_unknown check (state in ('received', 'staged', 'planned',
            'held', 'applying', 'applied', 'failed', 'cancelled', 'undone'))
        )
        """,
        "create index roster_syncs_data_set_id_id_idx on roster_syncs (data_set_id, id)",
        f"""
        create table roster_payloads (
          sync_id uuid,
          part integer,
          organization_id uuid not null,
          content bytea not null,
          {OF_SYNC.format("roster_payloads")},
          constraint roster_payloads_pkey primary key (sync_id, part)
        )
        """,
        # It was sent as it is, and is read once: to compress it costs more than to store it.
        "alter table roster_payloads alter content set storage external",
        f"""
        create table roster_changes (
          id uuid default uuidv7(),
          sync_id uuid not null,  -- of a row that stays; to look each time would cost a tenth
          organization_id uuid not null,
          kind text not null,
          outcome text,
          row_number integer,
          external_id text not null,
          learner_id uuid,
          learner_version integer,
          former_external_id text,
          before jsonb,
          held jsonb,
          {PERSON},
          constraint roster_changes_pkey primary key (sync_id, id),
          constraint roster_change_kind_unknown check (kind in
            ('create', 'update', 'reactivate', 'rekey', 'missing', 'claim', 'transfer', 'match')),
          constraint roster_change_outcome_unknown check (outcome in ('left_out', 'outdated'))
        )
        """,
        f"""
        create table roster_errors (
          id uuid default uuidv7(),
          sync_id uuid,
          organization_id uuid not null,
          row_number integer not null,
          external_id text,
          field text not null,
          code text not null,
          value text,
          message_vi text not null,
          message_en text not null,
          constraint roster_errors_pkey primary key (sync_id, id),
          {OF_SYNC.format("roster_errors")}
        )
        """,
        f"""
        create table roster_matches ({STAMPS.format("roster_matches")}
          sync_id uuid not null,
          external_id text not null,
          full_name text not null,
          birth_date date,
          learner_id uuid not null constraint roster_matches_learner_id_fkey references learners
            on delete cascade,
          on_our_roster boolean not null,
          score integer not null,
          decision text,
          decided_by text,
          constraint roster_matches_organization_id_external_id_learner_id_key
            unique (organization_id, external_id, learner_id),
          {OF_SYNC.format("roster_matches")},
          constraint roster_match_decision_unknown check (decision in ('same', 'different')),
          constraint roster_match_score_is_no_share check (score between 0 and 100)
        )
        """,
        "create index roster_matches_learner_id_idx on roster_matches (learner_id)",
        "create index roster_matches_sync_id_idx on roster_matches (sync_id)",
    )
    kept = ("roster_data_sets", "roster_syncs", "roster_matches")
    for table in kept:
        own(table)
        versioned(table)
        audited(table)
    policy("trigger_reads", "roster_changes", OWNER, "true", "select")
    for table in ("roster_payloads", "roster_changes", "roster_errors"):
        own(table)
        # What a file said is forgotten once it is of no more use.
        run(f"grant delete on {table} to {ACADEMY}, {ORGANIZATION}, {SUBTREE_ROLE}")


def _reading() -> None:
    """What lists of changes and of freshness are written with, under the caller's policies."""
    run(
        """
        create function roster_change_fields(change roster_changes) returns json
        language sql stable set search_path = public as $$
          select coalesce(json_agg(json_build_object('field', f.field, 'before', f.before,
            'after', f.after) order by f.field), '[]')
          from (
            select case key when 'national_id_tail' then 'national_id' else key end as field,
              change.before -> key as before,
              case key
                when 'data_set' then (
                  select to_jsonb(s.data_set) from roster_syncs s where s.id = change.sync_id)
                else to_jsonb(change) -> key end as after
            from jsonb_object_keys(coalesce(change.before, to_jsonb(change) - array['id',
              'sync_id', 'organization_id', 'kind', 'outcome', 'row_number', 'external_id',
              'learner_id', 'learner_version', 'former_external_id', 'before', 'held'])) as key
            where key not in ('sort_key', 'search_text', 'national_id_hash', 'row_digest',
                'missing_since')
              and (change.before is not null
                or to_jsonb(change) -> key not in ('null', '[]', '{}'))
          ) as f
        $$
        """,
        """
        create function roster_freshness(organization uuid) returns json
        language sql stable set search_path = public as $$
          select coalesce(json_agg(json_build_object(
            'data_set', d.code,
            'last_applied_at', to_char(last.applied_at at time zone 'UTC',
              'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
            'age_days', extract(day from now() - last.applied_at)::integer,
            'rows_rejected', coalesce((sent.counts ->> 'rejected')::integer, 0),
            'held', (select count(*) from roster_syncs s
              where s.data_set_id = d.id and s.state = 'held'),
            'undecided', (select count(*) from roster_matches m join roster_syncs s
              on s.id = m.sync_id where s.data_set_id = d.id and m.decision is null),
            'missing', (select count(*) from learners l where l.organization_id = organization
              and l.data_set = d.code and l.missing_since is not null)
          ) order by d.code), '[]')
          from roster_data_sets d
          left join lateral (select s.applied_at from roster_syncs s
            where s.data_set_id = d.id and s.state = 'applied'
            order by s.applied_at desc limit 1) as last on true
          left join lateral (select s.counts from roster_syncs s
            where s.data_set_id = d.id and s.state not in ('received', 'staged', 'failed')
            order by s.id desc limit 1) as sent on true
          where d.organization_id = organization
        $$
        """,
        f"grant execute on function roster_change_fields, roster_freshness to {EVERYBODY}",
    )


def _audit() -> None:
    """The same entries, written faster; positions are told by the learners that they follow."""
    run(
        """
        create or replace function audit_insert() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        declare
          owner text := case when tg_table_name = 'organizations' then 'r.id'
            when exists (select from pg_attribute where attrelid = tg_relid
              and attname = 'organization_id' and not attisdropped) then 'r.organization_id'
            else 'null::uuid' end;
        begin
          execute format(
            'insert into audit_entries
               (organization_id, actor, request_id, operation, table_name, row_id, changes)
             select %s, $1, $2, ''insert'', $3, r.id, ''{}'' from new_rows r', owner
          ) using coalesce(nullif(current_setting('app.actor', true), ''), 'system'),
            coalesce(current_setting('app.request', true), ''), tg_table_name;
          return null;
        end $$
        """,
        f"""
        create or replace function audit_update() returns trigger
        language plpgsql security definer set search_path = public, pg_temp
        set enable_nestloop = off as $$  -- planned for one row, it compares ten thousand, too
        begin
          insert into audit_entries
            (organization_id, actor, request_id, operation, table_name, row_id, changes)
          select
            case when tg_table_name = 'organizations' then u.id
              else (u.new ->> 'organization_id')::uuid end,
            coalesce(nullif(current_setting('app.actor', true), ''), 'system'),
            coalesce(current_setting('app.request', true), ''),
            'update', tg_table_name, u.id, changed.fields
          from (
            select r.id, to_jsonb(r) as new, to_jsonb(o) as old
            from new_rows as r join old_rows as o using (id)
            offset 0  -- or each row is written as JSON again for each of its columns
          ) as u, lateral (
            select jsonb_object_agg(n.key, jsonb_build_array(u.old -> n.key, n.value)) as fields
            from jsonb_each(u.new - {HIDDEN}::text[]) as n
            where n.value is distinct from u.old -> n.key
          ) as changed
          where changed.fields is not null;
          return null;
        end $$
        """,
        *(
            f"drop trigger audited_{operation} on positions_held"
            for operation in ("insert", "update", "delete")
        ),
    )


def _history() -> None:
    """Positions follow the learner row by row.

    A statement over all that changed is planned when it is first run, for as many as there were
    then: planned for one person it compares each with each, which takes minutes for ten thousand.
    """
    came_back = CAME_BACK.replace("o.", "old.").replace("n.", "new.")
    run(
        "drop trigger open_organization_update on learners",
        "drop trigger positions_kept_update on learners",
        "drop trigger positions_succeeded on learners",
        """
        create or replace function refuse_move_to_closed_organization() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          perform from organizations where id = new.organization_id for share;
          if exists (
            select from organizations where id = new.organization_id and closed_on is not null
          ) then
            raise check_violation using constraint = 'organization_closed',
              message = 'the organization is closed';
          end if;
          return null;
        end $$
        """,
        "create trigger open_organization_update after update on learners for each row"
        f" when ({MOVED}) execute function refuse_move_to_closed_organization()",
        # Who is set back to a position before the present one never had the present one. What was
        # before cannot be told from how it was changed, so undoing puts it back whole.
        f"""
        create function take_position_back() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          with taken_back as (
            delete from positions_held p using positions_held f
            where p.learner_id = new.id and upper(p.held) is not distinct from {left_on("old")}
              and f.learner_id = new.id and f.organization_id = new.organization_id
              and lower(f.held) = new.position_since and lower(f.held) < lower(p.held)
              and upper(f.held) = coalesce({left_on("new")}, lower(p.held))
            returning f.id
          )
          update positions_held f
          set (held, {POSITION}, {PERSON_THEN})
            = row(period(new.position_since, {left_on("new")}), {qualified("new")})
          from taken_back t where f.id = t.id;
          return null;
        end $$
        """,
        "create trigger position_taken_back after update on learners for each row"
        f" when ({KEPT} and new.position_since < old.position_since)"
        " execute function take_position_back()",
        f"""
        create or replace function keep_positions_update() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          -- Corrected: the newest position, its end included, as it should have been all along. It
          -- stays where it was held when who has left is moved.
          if not {came_back} and (old.status <> 'left' or new.organization_id = old.organization_id)
          then
            update positions_held p
            set (held, organization_id, {POSITION}, {PERSON_THEN}) = row(
              period(
                case when new.position_since < old.position_since
                  then new.position_since else lower(p.held) end,
                {left_on("new")}),
              new.organization_id, {qualified("new")})
            where p.learner_id = new.id and upper(p.held) is not distinct from {left_on("old")}
              and new.position_since <= lower(p.held);
          end if;
          -- Ended and begun: a later position, or another one after having been away.
          if not {came_back} then
            update positions_held p
            set held = period(lower(p.held), least(upper(p.held), new.position_since))
            where p.learner_id = new.id and upper(p.held) is not distinct from {left_on("old")}
              and new.position_since > lower(p.held);
            if not found then
              return null;
            end if;
          end if;
          insert into positions_held (organization_id, learner_id, held, {POSITION}, {PERSON_THEN})
          values (new.organization_id, new.id,
            period(case when {came_back}
              then greatest(new.position_since, new.status_since) else new.position_since end,
              {left_on("new")}),
            {qualified("new")});
          return null;
        end $$
        """,
        "create trigger positions_kept_update after update on learners for each row"
        f" when ({KEPT} and {OTHERWISE_HELD}) execute function keep_positions_update()",
        # What somebody held past the end of an organisation, they held at its successor: an earlier
        # position, or the last one of somebody who has left. (The present one is kept above.)
        f"""
        create or replace function carry_positions_over() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        declare
          closed date := (select closed_on from organizations where id = old.organization_id);
        begin
          with cut as (
            update positions_held p set held = daterange(lower(p.held), closed)
            where p.learner_id = new.id and p.organization_id = old.organization_id
              and lower(p.held) < closed and upper(p.held) > closed
            returning with (old as was) daterange(closed, upper(was.held)) as rest, p.*
          ), whole as (
            update positions_held p set organization_id = new.organization_id, unit_id = null
            where p.learner_id = new.id and p.organization_id = old.organization_id
              and lower(p.held) >= closed
          )
          insert into positions_held (organization_id, learner_id, held, {WITHOUT_UNIT})
          select new.organization_id, learner_id, rest, {WITHOUT_UNIT} from cut;
          return null;
        end $$
        """,
        "create trigger positions_succeeded after update on learners for each row"
        f" when ({MOVED}) execute function carry_positions_over()",
        """
        create function put_positions_back() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          delete from positions_held f using roster_changes c
          where c.sync_id = new.id and c.outcome is null and c.held is not null
            and f.learner_id = c.learner_id and f.organization_id = c.organization_id;
          insert into positions_held
          select f.* from roster_changes c, jsonb_populate_recordset(null::positions_held, c.held) f
          where c.sync_id = new.id and c.outcome is null and c.held is not null
            and f.learner_id = c.learner_id and f.organization_id = c.organization_id;
          return null;
        end $$
        """,
        "create trigger positions_put_back after update of state on roster_syncs for each row"
        " when (old.state = 'applied' and new.state = 'undone')"
        " execute function put_positions_back()",
        # Somebody whom a file added goes again, and their history with them, when it is undone.
        "-- squawk-ignore ban-drop-constraint\n"
        "alter table positions_held drop constraint positions_held_learner_id_fkey",
        "alter table positions_held add constraint positions_held_learner_id_fkey"
        " foreign key (learner_id) references learners on delete cascade",
        f"grant delete on learners to {ACADEMY}, {ORGANIZATION}, {SUBTREE_ROLE}",
    )


def _transfers() -> None:
    """The receiving side may ask for somebody; the sending side releases them, or does not."""
    run(
        "-- squawk-ignore ban-drop-constraint\n"
        "alter table transfers drop constraint transfer_state_unknown",
        "alter table transfers add constraint transfer_state_unknown"
        " check (state in ('requested', 'released', 'claimed', 'cancelled'))",
        "-- squawk-ignore ban-drop-constraint\n"
        "alter table transfers drop constraint claimed_by_somebody",
        "alter table transfers add constraint claimed_by_somebody"
        " check (state not in ('requested', 'claimed') or to_organization_id is not null)",
        "create unique index already_requested on transfers (learner_id, to_organization_id)"
        " where state = 'requested'",
    )


def downgrade() -> None:
    """The audit's functions stay: they write what the former ones wrote."""
    run(
        "drop index already_requested",
        "update transfers set state = 'cancelled' where state = 'requested'",
        "alter table transfers drop constraint claimed_by_somebody",
        "update transfers set to_organization_id = null where state <> 'claimed'",
        "alter table transfers add constraint claimed_by_somebody"
        " check ((state = 'claimed') = (to_organization_id is not null))",
        "alter table transfers drop constraint transfer_state_unknown",
        "alter table transfers add constraint transfer_state_unknown"
        " check (state in ('released', 'claimed', 'cancelled'))",
        "drop trigger positions_put_back on roster_syncs",
        "drop function put_positions_back",
        "drop trigger position_taken_back on learners",
        "drop trigger positions_kept_update on learners",
        "drop trigger positions_succeeded on learners",
        "drop trigger open_organization_update on learners",
        "drop function take_position_back, keep_positions_update, carry_positions_over,"
        " refuse_move_to_closed_organization",
        former.refuse_move(),
        former.keep_positions(),
        former.carry_positions_over(),
        *former.FOLLOWING_UPDATES,
        "alter table positions_held drop constraint positions_held_learner_id_fkey",
        "alter table positions_held add constraint positions_held_learner_id_fkey"
        " foreign key (learner_id) references learners",
        f"revoke delete on learners from {ACADEMY}, {ORGANIZATION}, {SUBTREE_ROLE}",
        "drop function roster_change_fields, roster_freshness",
        "drop table roster_matches, roster_errors, roster_changes, roster_payloads, roster_syncs,"
        " roster_data_sets",
        "drop trigger touched on learners",
        "drop function touch_learner",
        "drop trigger rows_forgotten on units",
        "drop function forget_rows",
        "drop index learners_missing_since_idx, learners_birth_date_search_text_idx,"
        " learners_organization_id_unit_id_idx",
        "create index learners_organization_id_unit_id_idx on learners (organization_id, unit_id)",
        "alter table learners drop constraint national_id_taken",
        "alter table learners add constraint national_id_taken"
        " unique (organization_id, national_id_hash)",
        "create index learners_national_id_hash_idx on learners (national_id_hash)",
        "alter table learners drop data_set, drop missing_since, drop protected_fields,"
        " drop row_digest",
    )
    versioned("learners")
    audited("positions_held")
