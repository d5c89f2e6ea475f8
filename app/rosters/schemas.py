from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core import examples
from app.core.files.encodings import Encoding
from app.core.languages import Language
from app.core.pages import PageQuery, Query, sorting
from app.core.schemas import Body, Code, EntityOut, Instant, Line
from app.rosters.outcomes import SyncCounts, SyncProblem
from app.rosters.vocabulary import (
    ChangeKind,
    ChangeOutcome,
    Decision,
    FileFormat,
    HeldFor,
    SyncFormat,
    SyncMode,
    SyncState,
)

Heading = Annotated[str, Field(max_length=100)]
DataSetCode = Annotated[
    Code,
    Field(description="Which of your lists it is; made with the first file that names it"),
]


class SyncQuery(Query):
    """The query string of a file that is sent."""

    mode: SyncMode = Field(
        "delta",
        description="`full`: the whole list, so that who is absent is missing; `delta`: some people"
        " of it",
    )
    dry_run: bool = Field(default=False, description="Only make the plan, and stop there")
    data_set: DataSetCode = "default"
    organization: UUID | None = Field(
        None, description="Whose roster it is; only the Academy may name another's"
    )
    encoding: Encoding | None = Field(
        None, description="Of a CSV file, where it was asked for", examples=[None]
    )


_SENDER = f"client:{examples.CLIENT}"
_APPROVER = f"coordinator:{examples.USER}"


class RosterSyncOut(EntityOut):
    organization_id: UUID = Field(description="Whose roster")
    data_set: str = Field(examples=["hr"])
    mode: SyncMode
    dry_run: bool
    state: SyncState
    format: SyncFormat
    encoding: str | None = Field(examples=["windows-1258"])
    file_name: str | None = Field(examples=["danh-sach.xlsx"])
    size: int = Field(description="Bytes that were sent", examples=[48123])
    asked_by: str = Field(description="Role and id of who sent it", examples=[_SENDER])
    approved_by: str | None = Field(
        description="Role and id of who approved a held plan", examples=[_APPROVER]
    )
    removals: bool = Field(description="Whether who is absent is marked as missing")
    held_for: list[HeldFor] = Field(description="Why the plan waits for approval")
    problem: SyncProblem | None
    counts: SyncCounts
    rows_read: int = Field(description="Rows looked at so far", examples=[121])
    rows_total: int | None = Field(
        description="Rows to look at; null while that is not known", examples=[121]
    )
    staged_at: Instant | None
    planned_at: Instant | None
    applied_at: Instant | None
    ended_at: Instant | None


class RosterSyncQuery(PageQuery):
    sortable: ClassVar = ("created_at",)
    shape: ClassVar = RosterSyncOut

    organization: UUID | None = Field(None, description="Of the roster of this organisation")
    data_set: Code | None = Field(None, description="Of this data set")
    state: SyncState | None = Field(None, description="In this state")
    sort: str = sorting("-created_at", sortable)


class FieldChange(BaseModel):
    """One field of a person, as it was and as it is to be."""

    field: str = Field(examples=["position_title"])
    before: Any = Field(examples=["Chuyên viên"])
    after: Any = Field(examples=["Chuyên viên chính"])


class RosterChangeOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    row_number: int | None = Field(
        description="In the file; null for who is not in it", examples=[17]
    )
    external_id: str = Field(examples=["CB-000001"])
    learner_id: UUID = Field(description="Who it is, or will be; of a match, who it may be")
    full_name: str | None = Field(examples=["Nguyễn Thị Minh Hoà"])
    kind: ChangeKind
    outcome: ChangeOutcome | None = Field(description="Null when it goes as planned")
    fields: list[FieldChange]


class FileQuery(PageQuery):
    """A list that can be had as a file: whole then, however long it is."""

    format: FileFormat = Field("json", description="`json`: a page; `csv`, `xlsx`: all as a file")


class RosterChangeQuery(FileQuery):
    sortable: ClassVar = ("id",)
    shape: ClassVar = RosterChangeOut

    kind: ChangeKind | None = Field(None, description="Of this kind")
    sort: str = sorting("id", sortable)


class RosterErrorOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    row_number: int = Field(description="In the file, as its program counts", examples=[17])
    external_id: str | None = Field(examples=["CB-000001"])
    field: str = Field(examples=["birth_date"])
    code: str = Field(description="Stable name of the mistake", examples=["date_from_datetime"])
    value: str | None = Field(
        description="As it stands in the file; of a national id the end", examples=["31/02/1990"]
    )
    message_vi: str = Field(examples=["Phải là ngày có thật, dạng YYYY-MM-DD."])
    message_en: str = Field(examples=["Input should be a valid date"])


class RosterErrorQuery(FileQuery):
    sortable: ClassVar = ("row_number",)
    shape: ClassVar = RosterErrorOut

    field: Line | None = Field(None, description="At this field")
    code: Code | None = Field(None, description="With this code")
    sort: str = sorting("row_number", sortable)


class Approval(Body):
    removals: bool = Field(
        default=True,
        strict=True,
        description="False: apply it without marking anybody as missing",
        examples=[False],
    )


class DataSetIn(Body):
    headings: dict[Heading, Heading | None] = Field(
        default_factory=dict,
        max_length=64,
        description="The headings of your files, and which field each is; null for a column that"
        " is of no use here",
        examples=[{"Họ và tên": "full_name", "Ghi chú": None}],
    )
    encoding: Encoding | None = Field(
        None, description="Of its CSV files, where it cannot be told", examples=["windows-1258"]
    )
    removal_threshold: Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)] | None = Field(
        None,
        description="Percent of its people; a full file that lacks more of them waits for approval."
        " The service's own when unsaid",
        examples=[5],
    )
    suspend_after_days: Annotated[int, Field(ge=1, le=3650, strict=True)] | None = Field(
        None,
        description="Days after which who is missing is suspended; never when unsaid",
        examples=[30],
    )


class DataSetCreate(DataSetIn):
    code: Code = Field(examples=["contractors"])
    organization_id: UUID | None = Field(
        None, description="Your own organisation when unsaid", examples=[None]
    )


class DataSetOut(EntityOut):
    organization_id: UUID
    code: str = Field(examples=["hr"])
    headings: dict[str, str | None] = Field(examples=[{"Họ và tên": "full_name"}])
    encoding: str | None = Field(examples=["windows-1258"])
    removal_threshold: float | None = Field(examples=[5])
    suspend_after_days: int | None = Field(examples=[30])


class DataSetQuery(PageQuery):
    sortable: ClassVar = ("code",)
    shape: ClassVar = DataSetOut

    organization: UUID | None = Field(None, description="Of this organisation")
    sort: str = sorting("code", sortable)


class MatchOut(EntityOut):
    organization_id: UUID = Field(description="Whose file named them")
    external_id: str = Field(description="As the file has them", examples=["CB-000001"])
    full_name: str = Field(description="As the file has it", examples=["Nguyễn Thị Minh Hoà"])
    birth_date: date | None
    learner_id: UUID = Field(description="Who they may be")
    on_our_roster: bool = Field(
        description="Whether that is somebody on your own roster; else they are on another's"
    )
    score: int = Field(description="From 60, for name and birth date, to 100", examples=[80])
    decision: Decision | None
    decided_by: str | None = Field(examples=[_APPROVER])


class MatchQuery(PageQuery):
    sortable: ClassVar = ("created_at", "score")
    shape: ClassVar = MatchOut

    organization: UUID | None = Field(None, description="Of the files of this organisation")
    undecided: bool | None = Field(None, description="Those that wait, or those that do not")
    sort: str = sorting("-created_at", sortable)


class DecisionIn(Body):
    decision: Decision = Field(examples=["different"])


class DataSetStatus(BaseModel):
    """How fresh one data set is."""

    data_set: str = Field(examples=["hr"])
    last_applied_at: Instant | None = Field(description="When a file last went in")
    age_days: int | None = Field(description="Days since then", examples=[1])
    rows_rejected: int = Field(description="Of the last file", examples=[1])
    held: int = Field(description="Plans that wait for approval", examples=[1])
    undecided: int = Field(description="Matches that wait for a decision", examples=[1])
    missing: int = Field(description="People whom the full files lack", examples=[2])


class RosterStatusOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="The organisation's")
    code: str = Field(examples=["VN-01"])
    name_vi: str = Field(examples=["Thành phố Hà Nội"])
    name_en: str = Field(examples=["Hà Nội"])
    people: int = Field(description="On the roster, who have not left", examples=[121])
    data_sets: list[DataSetStatus] = Field(description="Empty where nothing was ever sent")


class RosterStatusQuery(PageQuery):
    sortable: ClassVar = ("code",)
    shape: ClassVar = RosterStatusOut

    organization: UUID | None = Field(None, description="Only this organisation")
    sort: str = sorting("code", sortable)


class RosterFileQuery(Query):
    """The query string of a roster as a file."""

    format: Literal["csv", "xlsx"] = Field("xlsx", description="`xlsx`, or `csv`")
    organization: UUID | None = Field(None, description="Whose; your own when unsaid")
    data_set: Code | None = Field(None, description="Only this data set")


class TemplateQuery(Query):
    """The query string of an empty workbook."""

    lang: Language = Field("vi", description="Of its headings: `vi` or `en`")
