"""What the migrations of competencies say in the same words."""

from migrations.helpers import run

EXCHANGEABLE = "(coalesce(uuid_extract_version(identifier), 0) between 1 and 5)"
"""CASE 1.1 takes no identifiers of later versions than 5."""
OF_VERSION = """
  framework_version_id uuid not null,
  constraint {0}_framework_version_id_fkey foreign key (organization_id, framework_version_id)
    references framework_versions (organization_id, id)
"""
STATED = """
  framework_id uuid not null,
  framework_version_id uuid not null,
  competency_identifier uuid not null,
  scale_identifier uuid not null,
  constraint {0}_framework_version_id_fkey foreign key (framework_id, framework_version_id)
    references framework_versions (framework_id, id),
  constraint {0}_published_fkey foreign key (framework_id, competency_identifier)
    references published_competencies (framework_id, identifier),
  constraint {0}_competency_fkey
    foreign key (framework_version_id, competency_identifier, scale_identifier)
    references competencies (framework_version_id, identifier, scale_identifier)
"""
"""A statement of a level: in the words of the version that was in force when it was made."""
CONTENT = (
    "competencies",
    "competency_replacements",
    "proficiency_scales",
    "proficiency_levels",
    "level_descriptors",
)
"""What a version says, and never says otherwise once it is published."""


def on_each(table: str, name: str, function: str) -> None:
    """Statement triggers with what was there before and what is there now."""
    for operation, rows in (
        ("insert", "new table as new_rows"),
        ("update", "old table as old_rows new table as new_rows"),
        ("delete", "old table as old_rows"),
    ):
        run(
            f"create trigger {name}_{operation} after {operation} on {table} referencing {rows}"
            f" for each statement execute function {function}()"
        )
