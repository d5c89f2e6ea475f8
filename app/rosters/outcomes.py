"""What becomes of a sync: how many people of each kind, or why it failed."""

from typing import Any

from pydantic import BaseModel, Field


class SyncCounts(BaseModel):
    """How many rows or people; of `missing` those whom no row names."""

    rows: int = Field(description="Rows of the file", examples=[121])
    unchanged: int = Field(description="As they were", examples=[112])
    created: int = Field(description="New on the roster", examples=[3])
    updated: int = Field(description="Described differently", examples=[4])
    reactivated: int = Field(description="There again after they were missing", examples=[0])
    rekeyed: int = Field(description="The same people under another external id", examples=[0])
    missing: int = Field(description="In the roster, and not in this full file", examples=[1])
    claimed: int = Field(
        description="Released by another organisation, and taken over", examples=[0]
    )
    in_transfer: int = Field(
        description="On the roster of another, which was asked for them", examples=[0]
    )
    undecided: int = Field(description="May be somebody known: see the matches", examples=[1])
    rejected: int = Field(description="With mistakes: see the errors", examples=[1])
    left_out: int = Field(description="Not applied, as whoever approved it said", examples=[0])
    outdated: int = Field(
        description="Not applied, because somebody changed them meanwhile", examples=[0]
    )


class SyncProblem(BaseModel):
    """Why a sync failed. Nothing of it was applied."""

    type: str = Field(examples=["/problems/file-unreadable"])
    title_vi: str = Field(examples=["Tệp bị hỏng"])
    title_en: str = Field(examples=["Damaged file"])
    detail_vi: str = Field(examples=["Tệp bị hỏng hoặc bị cắt cụt."])
    detail_en: str = Field(examples=["The file is damaged or cut off."])
    facts: dict[str, Any] = Field(
        description="What else is known, such as the `candidates` for an encoding", examples=[{}]
    )
