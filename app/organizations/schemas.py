from datetime import date
from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from app.core.pages import PageQuery, sorting
from app.core.schemas import Body, Code, Day, EntityOut, Line, Text, today

Kind = Annotated[
    Literal["academy", "ministry", "province"],
    Field(description="`ministry`: any ministry or central agency"),
]


class OrganizationIn(Body):
    code: Code = Field(
        description="Known to everyone: `VN-` and the official number of a province, the"
        " customary abbreviation of a ministry",
        examples=["VN-99"],
    )
    kind: Kind = Field(examples=["province"])
    name_vi: Line = Field(examples=["Tỉnh Ví Dụ"])
    name_en: Line = Field(examples=["Example province"])
    short_name_vi: Line = Field(examples=["Ví Dụ"])
    parent_id: UUID | None = Field(
        None, description="The organisation above; the Academy's is null", examples=[None]
    )
    opened_on: Day = Field(
        description="The first day on which it was there", examples=["2026-01-01"]
    )


class OrganizationOut(EntityOut):
    code: str = Field(examples=["VN-01"])
    kind: Kind = Field(examples=["province"])
    name_vi: str = Field(examples=["Thành phố Hà Nội"])
    name_en: str = Field(examples=["Hanoi"])
    short_name_vi: str = Field(examples=["Hà Nội"])
    parent_id: UUID | None = Field(
        description="The organisation above; of a closed one, the successor that keeps its records"
    )
    opened_on: date
    closed_on: date | None = Field(description="The first day on which it was no more")
    successor_ids: list[UUID] = Field(description="The organisations that took its place")


class OrganizationQuery(PageQuery):
    sortable: ClassVar = ("code", "name_vi", "opened_on")
    shape: ClassVar = OrganizationOut

    as_of: Day | None = Field(
        None,
        description="Those open on that day; today, unless `code` or `successor_of` is given",
        examples=["2025-06-30"],
    )
    kind: Kind | None = Field(None, description="Of this kind")
    code: Text | None = Field(
        None, max_length=40, description="With this code, open or closed", examples=["VN-01"]
    )
    successor_of: UUID | None = Field(
        None, description="Those that took the place of this one, whenever"
    )
    sort: str = sorting("code", sortable)

    @model_validator(mode="after")
    def _open_today(self) -> Self:
        if self.as_of is None and self.code is None and self.successor_of is None:
            self.as_of = today()
        return self


class UnitIn(Body):
    code: Code = Field(description="No other unit of the organisation has it", examples=["LE-TAN"])
    name_vi: Line = Field(examples=["Phòng Lễ tân"])
    name_en: Line = Field(examples=["Protocol division"])
    parent_id: UUID | None = Field(None, description="The unit above", examples=[None])


class UnitCreate(UnitIn):
    organization_id: UUID | None = Field(
        None, description="Your own organisation when unsaid", examples=[None]
    )


class UnitOut(EntityOut):
    organization_id: UUID = Field(description="Whose unit it is")
    code: str = Field(examples=["LE-TAN"])
    name_vi: str = Field(examples=["Phòng Lễ tân"])
    name_en: str = Field(examples=["Protocol division"])
    parent_id: UUID | None = Field(description="The unit above")


class UnitQuery(PageQuery):
    sortable: ClassVar = ("code", "name_vi")
    shape: ClassVar = UnitOut

    organization: UUID | None = Field(None, description="Of this organisation")
    parent: UUID | None = Field(None, description="Those directly below this unit")
    sort: str = sorting("code", sortable)
