from datetime import date
from uuid import UUID

from pydantic import BaseModel, Field, field_validator
from pydantic_core import PydanticCustomError

from app.core import examples
from app.core.schemas import Body, Day, Line, today


class UnitMove(Body):
    """A unit whose people go elsewhere than everyone else; the units below it go with it."""

    unit_id: UUID = Field(examples=[examples.UNIT])
    successor_id: UUID = Field(
        description="Who takes the unit's people",
        examples=[examples.OTHER_ORGANIZATION],
    )


class SuccessionIn(Body):
    effective_on: Day = Field(
        description="The first day of the successors; today or earlier", examples=["2025-07-01"]
    )
    document: Line = Field(
        description="Number and issuer of the decision", examples=["Nghị quyết 202/2025/QH15"]
    )
    successor_id: UUID = Field(
        description="Who takes everyone that no unit below sends elsewhere, and keeps the records",
        examples=[examples.OTHER_ORGANIZATION],
    )
    units: list[UnitMove] = Field(
        default_factory=list,
        max_length=500,
        description="For a split: the units whose people go elsewhere",
        examples=[[]],
    )

    @field_validator("effective_on")
    @classmethod
    def _has_come(cls, effective_on: date) -> date:
        if effective_on > today():
            raise PydanticCustomError(
                "not_yet", "A succession is carried out on its day or later, not before."
            )
        return effective_on

    @field_validator("units")
    @classmethod
    def _each_once(cls, units: list[UnitMove]) -> list[UnitMove]:
        if len({move.unit_id for move in units}) < len(units):
            raise PydanticCustomError("unit_twice", "Each unit goes to one successor.")
        return units


class Moved(BaseModel):
    successor_id: UUID
    people: int = Field(description="How many go there", examples=[412])


class SuccessionOut(BaseModel):
    organization_id: UUID
    effective_on: date
    dry_run: bool = Field(description="True when nothing was changed")
    moved: list[Moved]
    renamed: int = Field(
        description="People whose external id was taken at the successor: it is now the former"
        " organisation's code, a slash, and the former id",
        examples=[3],
    )
    duplicates: int = Field(
        description="People whom the successor had already, by national id: each has two records"
        " now, and the one that moved no longer carries the number",
        examples=[1],
    )
