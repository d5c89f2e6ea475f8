import re
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, field_validator

from app.core.pages import Query
from app.core.schemas import Instant

NOW = "now"
"""Instead of a cursor: from here on."""

_NAME = r"[a-z_]{1,40}\.([a-z_]{1,40}|\*)"

Types = Annotated[str, Field(max_length=1000, pattern=rf"^{_NAME}(,{_NAME})*$")]
"""Names of events and beginnings of names, separated by commas."""


def matching(types: str) -> str:
    """A regular expression for the names that are meant."""
    names = (re.escape(name).replace(r"\*", ".*") for name in types.split(","))
    return f"^({'|'.join(names)})$"


class ChangeOut(BaseModel):
    """What happened, to whom. What they are like now is read where they are, by `subject_id`."""

    id: UUID = Field(description="The same whenever this change is told")
    type: str = Field(description="Whom it happened to, and what", examples=["learner.changed"])
    occurred_at: Instant
    organization_id: UUID = Field(description="Whose change it is")
    subject_id: UUID = Field(description="Whom or what it happened to")
    data: dict[str, Any] = Field(
        description="`key` is the learner's `external_id`; `former_key` the one before, where it"
        " changed",
        examples=[{"key": "CB-000001", "former_key": "CB-1"}],
    )


class Changes(BaseModel):
    """Some changes in the order in which they are followed, and where to go on."""

    items: list[ChangeOut]
    next: str = Field(description="Pass it as `since` to go on, now or later", examples=["WyI"])
    more: bool = Field(description="Whether there is more to read at once")


class ChangeQuery(Query):
    since: Annotated[str, Field(max_length=2000)] | None = Field(
        None,
        description="`next` of the answer before; or `now`, to begin here. Unsaid, it begins with"
        " the oldest change that is kept",
        examples=[NOW],
    )
    types: Types | None = Field(
        None,
        description="Only these, separated by commas; `learner.*` is everything of learners",
        examples=["learner.*,unit.changed"],
    )
    limit: int = Field(100, ge=1, le=1000, description="Changes of an answer, at most")

    @field_validator("types")
    @classmethod
    def _as_pattern(cls, types: str | None) -> str | None:
        """From here on `types` is the pattern that PostgreSQL matches."""
        return None if types is None else matching(types)
