"""What every migration says in the same words: tenancy, audit and versions of a table.

A migration in the field has used these as they are, so they only ever grow: change what a table is
under with a new migration, not by changing a statement here.
"""

from alembic import op

OWN = "(select nullif(current_setting('app.organization', true), '')::uuid)"
SUBTREE = "(select nullif(current_setting('app.subtree', true), ''))::uuid[]"
OWN_LEARNER = "(select nullif(current_setting('app.learner', true), '')::uuid)"
OWN_ACTOR = "(select nullif(current_setting('app.actor', true), ''))"
OWN_SUBJECT = "(select nullif(split_part(current_setting('app.actor', true), ':', 2), '')::uuid)"

ACADEMY, AUDITOR = "banggiao_academy", "banggiao_auditor"
ORGANIZATION, SUBTREE_ROLE = "banggiao_organization", "banggiao_subtree"
PERSON, INSTRUCTOR = "banggiao_person", "banggiao_instructor"
SERVICE, OWNER = "banggiao_service", "banggiao_owner"
EVERYBODY = f"{ACADEMY}, {AUDITOR}, {ORGANIZATION}, {SUBTREE_ROLE}, {PERSON}, {INSTRUCTOR}"
NARROW = (ORGANIZATION, SUBTREE_ROLE, PERSON, INSTRUCTOR)
"""Who sees a part."""
CHANGERS = f"{ACADEMY}, {ORGANIZATION}, {SUBTREE_ROLE}"

NATIONAL = "(select o.id from organizations o where o.kind = 'academy')"
"""Whose catalogue is everybody's."""
TODAY = "(now() at time zone 'Asia/Ho_Chi_Minh')::date"
STAMPS = """
  id uuid default uuidv7() constraint {0}_pkey primary key,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
"""
ADDED = """
  id uuid default uuidv7() constraint {0}_pkey primary key,
  created_at timestamptz not null default now(),
"""
OWNED = """
  organization_id uuid not null
    default nullif(current_setting('app.organization', true), '')::uuid
    constraint {0}_organization_id_fkey references organizations
"""


def run(*statements: str) -> None:
    for statement in statements:
        op.execute(statement)


def policy(name: str, table: str, role: str, rule: str, command: str = "all") -> None:
    """One row policy; what may be read is also all that may be written."""
    check = "" if command in ("select", "delete") else f" with check ({rule})"
    using = "" if command == "insert" else f" using ({rule})"
    run(f"create policy {name} on {table} for {command} to {role}{using}{check}")


def guard(table: str) -> None:
    """Row-level security, for the owner too: without a policy nobody sees anything."""
    run(
        f"alter table {table} enable row level security",
        f"alter table {table} force row level security",
    )


def own(table: str, *, column: str = "organization_id", writable: bool = True) -> None:
    """The table belongs to organisations: the Academy's all, an organisation's its own."""
    guard(table)
    changes = "select, insert, update" if writable else "select"
    command = "all" if writable else "select"
    run(
        f"grant {changes} on {table} to {ACADEMY}, {ORGANIZATION}, {SUBTREE_ROLE}",
        f"grant select on {table} to {AUDITOR}",
    )
    policy("academy_everything", table, ACADEMY, "true", command)
    policy("auditor_reads", table, AUDITOR, "true", "select")
    policy("own_organization", table, ORGANIZATION, f"{column} = {OWN}", command)
    policy("own_subtree", table, SUBTREE_ROLE, f"{column} = any ({SUBTREE})", command)


def own_person(table: str, column: str) -> None:
    """A learner reads their own records."""
    run(f"grant select on {table} to {PERSON}")
    policy("own_record", table, PERSON, f"{column} = {OWN_LEARNER}", "select")


def versioned(table: str) -> None:
    """PostgreSQL counts versions, so that no path to a row forgets to."""
    run(
        f"create trigger touched before update on {table}"
        " for each row when (old.* is distinct from new.*) execute function touch()"
    )


def audited(table: str) -> None:
    """Every change of a row is written down, whoever makes it and however many rows it takes."""
    tables = {
        "insert": "new table as new_rows",
        "update": "old table as old_rows new table as new_rows",
        "delete": "old table as old_rows",
    }
    for operation, transition in tables.items():
        run(
            f"create trigger audited_{operation} after {operation} on {table}"
            f" referencing {transition} for each statement execute function audit_{operation}()"
        )
