from datetime import date
from typing import ClassVar, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from app.core.pages import PageQuery
from app.core.schemas import Body, Code, EntityOut, Line, Text, today

Kind = Literal["academy", "ministry", "province"]


class OrganizationIn(Body):
    code: Code = Field(description="As others know it", examples=["VN-99"])
    kind: Kind = Field(examples=["province"])
    name_vi: Line = Field(examples=["Tỉnh Ví Dụ"])
    name_en: Line = Field(examples=["Example province"])
    short_name_vi: Line = Field(examples=["Ví Dụ"])
    parent_id: UUID | None = Field(
        None, description="The organisation above; the Academy's is null", examples=[None]
    )
    opened_on: date = Field(examples=["2026-01-01"])


class OrganizationOut(EntityOut):
    code: str = Field(examples=["VN-01"])
    kind: Kind = Field(examples=["province"])
    name_vi: str = Field(examples=["Thành phố Hà Nội"])
    name_en: str = Field(examples=["Hanoi"])
    short_name_vi: str = Field(examples=["Hà Nội"])
    parent_id: UUID | None
    opened_on: date
    closed_on: date | None = Field(description="The first day on which it was no more")
    successor_ids: list[UUID] = Field(description="The organisations that took its place")


class OrganizationQuery(PageQuery):
    sortable: ClassVar = ("code", "name_vi", "opened_on")
    shape: ClassVar = OrganizationOut

    as_of: date | None = Field(
        None,
        description="Those open on that day; today when neither this nor a code is said",
        examples=["2025-06-30"],
    )
    kind: Kind | None = None
    code: Text | None = Field(None, max_length=40)
    successor_of: UUID | None = Field(
        None, description="Those that took the place of this one, whenever"
    )
    sort: str = Field("code", max_length=100)

    @model_validator(mode="after")
    def _open_today(self) -> Self:
        if self.as_of is None and self.code is None and self.successor_of is None:
            self.as_of = today()
        return self


class UnitIn(Body):
    code: Code = Field(examples=["LE-TAN"])
    name_vi: Line = Field(examples=["Phòng Lễ tân"])
    name_en: Line = Field(examples=["Protocol division"])
    parent_id: UUID | None = Field(None, description="The unit above", examples=[None])


class UnitCreate(UnitIn):
    organization_id: UUID | None = Field(
        None, description="Your own organisation when unsaid", examples=[None]
    )


class UnitOut(EntityOut):
    organization_id: UUID
    code: str = Field(examples=["LE-TAN"])
    name_vi: str = Field(examples=["Phòng Lễ tân"])
    name_en: str = Field(examples=["Protocol division"])
    parent_id: UUID | None


class UnitQuery(PageQuery):
    sortable: ClassVar = ("code", "name_vi")
    shape: ClassVar = UnitOut

    organization: UUID | None = None
    parent: UUID | None = Field(None, description="Those directly below this unit")
    sort: str = Field("code", max_length=100)
