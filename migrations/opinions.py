"""What migrations say of asking others about versions: who is asked, and what they say.

The migration of consultations says the same for frameworks; it came before, and stays as it is.
"""

from migrations.helpers import (
    INSTRUCTOR,
    NARROW,
    ORGANIZATION,
    OWN,
    OWN_SUBJECT,
    OWNED,
    PERSON,
    STAMPS,
    SUBTREE,
    SUBTREE_ROLE,
    audited,
    own,
    policy,
    run,
    versioned,
)

FIND_USER = """
create trigger user_found before insert on {0} for each row
when (new.email is not null) execute function find_invited_user()
"""
"""Who invites knows addresses, and does not read the users of others."""


def invited(asking: str, of: str) -> str:
    """Versions that whoever looks is invited to give an opinion on."""
    return f"select i.{of}_version_id from {asking}_invitations i where i.ended_at is null"


def invitations(asking: str, of: str, belongs: str, *, once: str = "", more: str = "") -> None:
    """`<asking>_invitations`, to versions `of` something. `once` begins the names of indexes,
    which belong to one table only; `more` are further columns and rules."""
    table = f"{asking}_invitations"
    run(
        f"""
        create table {table} ({STAMPS.format(table)}
          {OWNED.format(table)},
          {belongs.format(table)},
          invited_organization_id uuid
            constraint invited_organization_unknown references organizations,
          user_id uuid constraint invited_user_unknown references users,
          email text,
          ended_at timestamptz,
          {more}
          constraint invitation_of_one
            check ((invited_organization_id is null) <> (user_id is null))
        )
        """,
        f"create unique index {once}organization_already_invited on {table}"
        f" ({of}_version_id, invited_organization_id) where ended_at is null",
        f"create unique index {once}user_already_invited on {table}"
        f" ({of}_version_id, user_id) where ended_at is null",
    )


def comments(asking: str, of: str, belongs: str, item: str) -> None:
    """`<asking>_comments`. An item that is commented on may be taken out, so its key is kept, not
    looked up."""
    table = f"{asking}_comments"
    run(
        f"""
        create table {table} ({STAMPS.format(table)}
          {OWNED.format(table)},
          {belongs.format(table)},
          {item} uuid,
          thread_id uuid,
          author text not null default current_setting('app.actor'),
          author_name text,
          author_organization_id uuid
            default nullif(current_setting('app.organization', true), '')::uuid
            constraint comment_author_unknown references organizations,
          text text not null,
          resolution text,
          resolved_at timestamptz,
          resolved_by text,
          constraint {table}_{of}_version_id_id_key
            unique ({of}_version_id, id),
          constraint thread_unknown foreign key ({of}_version_id, thread_id)
            references {table} ({of}_version_id, id),
          constraint comment_resolution_unknown
            check (resolution in ('accepted', 'declined', 'noted')),
          constraint comment_resolved_by_somebody check ((resolution is null)
            = (resolved_at is null) and (resolution is null) = (resolved_by is null)),
          constraint answer_resolved check (thread_id is null or resolution is null)
        )
        """,
        f"create index {table}_{of}_version_id_thread_id_idx on {table}"
        f" ({of}_version_id, thread_id)",
    )


def shown_to_invited(
    asking: str, of: str, *, during: str, versions: str, logs: tuple[str, ...]
) -> None:
    """Who is invited reads the version `during` its states, what others say of it, and `logs`.
    `versions` is a query: `invited(...)`, and more. Policies of many tables ask it through a
    function, which is planned by itself, and only called where nothing else shows a row."""
    function = f"{of}_versions_shown_for_{asking}"
    run(
        f"""
        create function {function}() returns uuid[]
        language sql stable set search_path = public as $$
          select coalesce(array_agg(shown.id), '{{}}') from ({versions}) as shown (id)
        $$
        """,
        f"grant execute on function {function} to {', '.join(NARROW)}",
    )
    shown = f"any ((select {function}())::uuid[])"
    seen = f"{of}_version_id = {shown}"
    asked = (f"{asking}_invitations", f"{asking}_comments")
    for table in asked:
        own(table)
        audited(table)
        versioned(table)
    for table in logs:
        own(table, writable=False)
    for role in (PERSON, INSTRUCTOR):
        for table in (*asked, *logs):
            run(f"grant select on {table} to {role}")
        run(f"grant insert on {asking}_comments to {role}")
    for role in NARROW:
        policy(
            f"consulted_{role}",
            f"{of}_versions",
            role,
            f"{during} and id = {shown}",
            "select",
        )
        policy(
            f"invited_user_{role}",
            f"{asking}_invitations",
            role,
            f"user_id = {OWN_SUBJECT}",
            "select",
        )
        for table in (f"{asking}_comments", *logs):
            policy(f"invited_reads_{role}", table, role, seen, "select")
        policy(
            f"invited_comments_{role}",
            f"{asking}_comments",
            role,
            f"{seen} and author = current_setting('app.actor')"
            f" and author_organization_id = {OWN} and resolution is null",
            "insert",
        )
    for role, theirs in ((ORGANIZATION, f"= {OWN}"), (SUBTREE_ROLE, f"= any ({SUBTREE})")):
        policy(
            f"invited_organization_{role}",
            f"{asking}_invitations",
            role,
            f"invited_organization_id {theirs}",
            "select",
        )


def comments_in_time(
    asking: str, of: str, *, function: str, state: str, refusal: str, item: str, items: str
) -> None:
    """Comments are made while a version is in `state`, else `not_<refusal>`; and of what it says:
    `items` are those of the version of a comment `n`, and `item` what one is called."""
    run(
        f"""
        create function {function}() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          perform from {of}_versions
          where id in (select {of}_version_id from new_rows) order by id for share;
          if exists (
            select from new_rows n join {of}_versions v on v.id = n.{of}_version_id
            where v.state <> '{state}'
          ) then
            raise check_violation using constraint = 'not_{refusal}',
              message = 'the version is not {refusal.replace("_", " ")}';
          end if;
          if exists (
            select from new_rows n where {items}
          ) then
            raise check_violation using constraint = 'comment_on_unknown_{item}',
              message = 'the version has no such {item}';
          end if;
          return null;
        end $$
        """,
        f"create trigger in_time after insert on {asking}_comments"
        " referencing new table as new_rows"
        f" for each statement execute function {function}()",
    )
