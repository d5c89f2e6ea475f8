"""Learners, the positions they held over time, and their transfers between organisations."""

from migrations.helpers import (
    ORGANIZATION,
    OWN,
    OWNER,
    SUBTREE,
    SUBTREE_ROLE,
    audited,
    own,
    own_person,
    policy,
    run,
    versioned,
)

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

LEVELS = "('none', 'division', 'department', 'ministry_or_province')"
CATEGORIES = "('official', 'civil_servant', 'public_employee')"
STAMPS = """
  id uuid default uuidv7() constraint {0}_pkey primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  organization_id uuid not null
    default nullif(current_setting('app.organization', true), '')::uuid
    constraint {0}_organization_id_fkey references organizations,
"""
POSITION = "unit_id, position_title, rank, leadership_level, category"
"""What a position is; a change of one of them is a new position, or the correction of one."""
PERSON_THEN = "external_id, full_name, sort_key, search_text, fields"
"""What a dated roster says of the person, as it was."""
CAME_BACK = """(o.status = 'left' and n.status <> 'left'
              and greatest(n.position_since, n.status_since) > o.status_since)"""
"""Was away in between; who is back no later than they left has never left."""
WITHOUT_UNIT = f"{POSITION}, {PERSON_THEN}".removeprefix("unit_id, ")
"""A unit is of one organisation, and does not go over to another."""

FOLLOWING_UPDATES = tuple(
    f"create trigger {name} after update on learners"
    " referencing old table as old_rows new table as new_rows"
    f" for each statement execute function {function}()"
    for name, function in (
        ("open_organization_update", "refuse_move_to_closed_organization"),
        ("positions_kept_update", "keep_positions_update"),
        ("positions_succeeded", "carry_positions_over"),
    )
)


def upgrade() -> None:
    run(
        f"""
        create table learners ({STAMPS.format("learners")}
          external_id text not null,
          full_name text not null,
          sort_key text collate "C" not null,
          search_text text not null,
          birth_date date,
          email text,
          phone text,
          unit_id uuid,
          position_title text not null,
          rank text,
          leadership_level text not null,
          category text not null,
          position_since date not null,
          fields text[] not null,
          languages jsonb not null,
          recruited_on date,
          status text not null,
          status_since date not null,
          attributes jsonb not null,
          national_id_hash bytea,
          national_id_tail text,
          constraint external_id_taken unique (organization_id, external_id),
          constraint national_id_taken unique (organization_id, national_id_hash),
          constraint unit_unknown foreign key (organization_id, unit_id)
            references units (organization_id, id),
          constraint leadership_level_unknown check (leadership_level in {LEVELS}),
          constraint category_unknown check (category in {CATEGORIES}),
          constraint status_unknown check (status in ('active', 'suspended', 'left')),
          constraint position_before_recruitment check (position_since >= recruited_on)
        )
        """,
        "create index learners_organization_id_sort_key_id_idx"
        " on learners (organization_id, sort_key, id)",
        "create index learners_sort_key_id_idx on learners (sort_key, id)",
        "create index learners_organization_id_unit_id_idx on learners (organization_id, unit_id)",
        "create index learners_search_text_idx on learners using gin (search_text gin_trgm_ops)",
        "create index learners_national_id_hash_idx on learners (national_id_hash)",
        "create index learners_updated_at_id_idx on learners (updated_at, id)",
        f"""
        create table positions_held ({STAMPS.format("positions_held")}
          learner_id uuid not null constraint positions_held_learner_id_fkey references learners,
          held daterange not null,
          external_id text not null,
          full_name text not null,
          sort_key text collate "C" not null,
          search_text text not null,
          unit_id uuid,
          position_title text not null,
          rank text,
          leadership_level text not null,
          category text not null,
          fields text[] not null,
          constraint positions_overlap exclude using gist (learner_id with =, held with &&),
          constraint position_ends_before_it_begins check (not isempty(held))
        )
        """,
        "create index positions_held_organization_id_sort_key_id_idx"
        " on positions_held (organization_id, sort_key, id)",
        "create index positions_held_sort_key_id_idx on positions_held (sort_key, id)",
        f"""
        create table transfers ({STAMPS.format("transfers")}
          learner_id uuid not null constraint transfers_learner_id_fkey references learners,
          full_name text not null,
          to_organization_id uuid
            constraint transfers_to_organization_id_fkey references organizations,
          state text not null,
          released_on date not null,
          claimed_on date,
          reason text,
          claim_code_hash bytea not null,
          constraint transfer_state_unknown check (state in ('released', 'claimed', 'cancelled')),
          constraint claimed_before_release check (claimed_on >= released_on),
          constraint claimed_by_somebody
            check ((state = 'claimed') = (to_organization_id is not null))
        )
        """,
        "create unique index already_released on transfers (learner_id) where state = 'released'",
        "create index transfers_learner_id_idx on transfers (learner_id)",
        "create index transfers_organization_id_id_idx on transfers (organization_id, id)",
        "create index transfers_to_organization_id_id_idx on transfers (to_organization_id, id)",
        "create index transfers_claim_code_hash_idx on transfers (claim_code_hash)",
    )

    own("learners")
    own_person("learners", "id")
    own("positions_held", writable=False)
    own_person("positions_held", "learner_id")
    # History follows the person: whoever sees the learner sees where they were before.
    for role in (ORGANIZATION, SUBTREE_ROLE):
        policy(
            f"follows_the_learner_{role}",
            "positions_held",
            role,
            "exists (select from learners l where l.id = learner_id)",
            "select",
        )
    policy("trigger_writes", "positions_held", OWNER, "true")
    own("transfers")
    # The receiving side sees what it claimed; releasing and cancelling stay with the sending side.
    policy("claimed_by_us", "transfers", ORGANIZATION, f"to_organization_id = {OWN}", "select")
    policy(
        "claimed_below_us",
        "transfers",
        SUBTREE_ROLE,
        f"to_organization_id = any ({SUBTREE})",
        "select",
    )
    own_person("transfers", "learner_id")
    for table in ("learners", "positions_held", "transfers"):
        versioned(table)
        audited(table)

    run(
        # Only an open organisation has learners. Whoever joins locks it against being closed, which
        # then takes them along; or waits until it is closed, and is refused.
        """
        create function refuse_closed_organization() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          perform from organizations
          where id in (select organization_id from new_rows) order by id for share;
          if exists (
            select from new_rows n join organizations o on o.id = n.organization_id
            where o.closed_on is not null
          ) then
            raise check_violation using constraint = 'organization_closed',
              message = 'the organization is closed';
          end if;
          return null;
        end $$
        """,
        refuse_move(),
        "create trigger open_organization_insert after insert on learners"
        " referencing new table as new_rows"
        " for each statement execute function refuse_closed_organization()",
        # A period that would end before it begins is empty, which a rule of the table refuses.
        """
        create function period(since date, until date) returns daterange
        language sql immutable set search_path = public as $$
          select daterange(since, case when until < since then since else until end)
        $$
        """,
        # Positions are kept from the learners' rows, whoever changes them and however many at once.
        f"""
        create function keep_positions_insert() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          insert into positions_held (organization_id, learner_id, held, {POSITION}, {PERSON_THEN})
          select organization_id, id, period(position_since, {left_on("r")}),
            {POSITION}, {PERSON_THEN}
          from new_rows r;
          return null;
        end $$
        """,
        keep_positions(),
        carry_positions_over(),
        "create trigger positions_kept_insert after insert on learners"
        " referencing new table as new_rows"
        " for each statement execute function keep_positions_insert()",
        *FOLLOWING_UPDATES,
    )


def left_on(row: str) -> str:
    return f"(case when {row}.status = 'left' then {row}.status_since end)"


def qualified(row: str) -> str:
    return ", ".join(f"{row}.{column}" for column in f"{POSITION}, {PERSON_THEN}".split(", "))


def refuse_move() -> str:
    """Nobody moves to a closed organisation."""
    return """
    create function refuse_move_to_closed_organization() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
    begin
      perform from organizations
      where id in (
        select n.organization_id from new_rows n join old_rows b using (id)
        where n.organization_id <> b.organization_id
      ) order by id for share;
      if exists (
        select from new_rows n join old_rows b using (id)
        join organizations o on o.id = n.organization_id
        where n.organization_id <> b.organization_id and o.closed_on is not null
      ) then
        raise check_violation using constraint = 'organization_closed',
          message = 'the organization is closed';
      end if;
      return null;
    end $$
    """


def keep_positions() -> str:
    """The newest position is the one that ends when the former row says its holder left."""
    return f"""
    create function keep_positions_update() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
    begin
      -- Corrected: the newest position, its end included, as it should have been all along. It
      -- stays where it was held when who has left is moved.
      update positions_held p
      set (held, organization_id, {POSITION}, {PERSON_THEN}) = (select
        period(
          case when n.position_since < o.position_since
            then n.position_since else lower(p.held) end,
          {left_on("n")}),
        n.organization_id, {qualified("n")})
      from new_rows n join old_rows o using (id)
      where p.learner_id = n.id and upper(p.held) is not distinct from {left_on("o")}
        and n.position_since <= lower(p.held) and not {CAME_BACK}
        and (o.status <> 'left' or n.organization_id = o.organization_id)
        and (n.organization_id, n.position_since, {left_on("n")}, {qualified("n")})
          is distinct from
          (o.organization_id, o.position_since, {left_on("o")}, {qualified("o")});
      -- Ended and begun: a later position, or another one after having been away.
      with ended as (
        update positions_held p
        set held = period(lower(p.held), least(upper(p.held), n.position_since))
        from new_rows n join old_rows o using (id)
        where p.learner_id = n.id and upper(p.held) is not distinct from {left_on("o")}
          and n.position_since > lower(p.held) and not {CAME_BACK}
        returning p.learner_id
      )
      insert into positions_held (organization_id, learner_id, held, {POSITION}, {PERSON_THEN})
      select n.organization_id, n.id,
        period(case when {CAME_BACK}
          then greatest(n.position_since, n.status_since) else n.position_since end,
          {left_on("n")}),
        {qualified("n")}
      from new_rows n join old_rows o using (id)
      where n.id in (select learner_id from ended) or {CAME_BACK};
      return null;
    end $$
    """


def carry_positions_over() -> str:
    """What somebody held past the end of an organisation, they held at its successor.

    That is an earlier position, or the last one of somebody who has left.
    """
    return f"""
    create function carry_positions_over() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
    begin
      with moved as (
        select n.id, n.organization_id, g.id as former_id, g.closed_on
        from new_rows n join old_rows o using (id)
        join organizations g on g.id = o.organization_id
        where n.organization_id <> o.organization_id and g.closed_on is not null
      ), cut as (
        update positions_held p set held = daterange(lower(p.held), m.closed_on)
        from moved m
        where p.learner_id = m.id and p.organization_id = m.former_id
          and lower(p.held) < m.closed_on and upper(p.held) > m.closed_on
        returning with (old as was) m.organization_id as successor_id,
          daterange(m.closed_on, upper(was.held)) as rest, p.*
      ), whole as (
        update positions_held p set organization_id = m.organization_id, unit_id = null
        from moved m
        where p.learner_id = m.id and p.organization_id = m.former_id
          and lower(p.held) >= m.closed_on
      )
      insert into positions_held (organization_id, learner_id, held, {WITHOUT_UNIT})
      select successor_id, learner_id, rest, {WITHOUT_UNIT} from cut;
      return null;
    end $$
    """


def downgrade() -> None:
    run(
        "drop table transfers, positions_held, learners",
        "drop function keep_positions_insert, keep_positions_update, carry_positions_over, period",
        "drop function refuse_closed_organization, refuse_move_to_closed_organization",
    )
