"""Who is said to have left as before takes back that they returned."""

from importlib import import_module

from migrations.helpers import run

rosters = import_module("migrations.versions.2026_11_22_0012_rosters")


def _taken_back(when: str) -> None:
    run(
        "drop trigger position_taken_back on learners",
        "create trigger position_taken_back after update on learners for each row"
        f" when ({rosters.KEPT} and {when}) execute function take_position_back()",
    )


revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Who goes on giving the old day of the position takes a return back by `left` alone."""
    _taken_back(rosters.OTHERWISE_HELD)


def downgrade() -> None:
    _taken_back("new.position_since < old.position_since")
