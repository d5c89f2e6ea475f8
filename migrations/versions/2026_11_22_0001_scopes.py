"""Scopes: how a transaction says whose it is, and what every table has."""

from migrations.helpers import EVERYBODY, SERVICE, run

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    run(
        # Switches to a request role for the rest of the transaction and says for whom. It grants
        # nothing: only the login role may switch, and only to the roles it was made a member of.
        """
        create function enter_reach(
          reach text, organization uuid, learner uuid, actor text, request text
        ) returns void language plpgsql set search_path = public as $$
        begin
          perform
            set_config('app.organization', coalesce(organization::text, ''), true),
            set_config('app.learner', coalesce(learner::text, ''), true),
            set_config('app.subtree', '', true),
            set_config('app.actor', coalesce(actor, 'system'), true),
            set_config('app.request', coalesce(request, ''), true),
            set_config('role', reach, true);
        end $$
        """,
        """
        create function touch() returns trigger language plpgsql set search_path = public as $$
        begin
          new.version := old.version + 1;
          new.updated_at := now();
          return new;
        end $$
        """,
        "revoke execute on all functions in schema public from public",
        f"grant execute on function enter_reach to {SERVICE}",
        "alter default privileges revoke execute on functions from public",
        f"grant usage on schema public to {EVERYBODY}",
        f"grant select on alembic_version to {SERVICE}",  # is it the version that we need?
    )


def downgrade() -> None:
    run(
        "alter default privileges grant execute on functions to public",
        "drop function touch",
        "drop function enter_reach",
    )
