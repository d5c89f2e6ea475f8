"""Seats of a course, what is released and who is promoted, as they go over the wire."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, Field

from app.enrolment.schemas import NomineeFoundOut

_PLACES = "As the quota says, or for what the quotas leave over, the course; null without limit"


class SeatPoolOut(BaseModel):
    """A quota, or what the quotas leave over, and how much of it is taken."""

    id: UUID
    quota_id: UUID | None = Field(description="null for what the quotas leave over")
    code: str | None = Field(description="The quota's", examples=["TAY-BAC"])
    places: int | None = Field(description=_PLACES, examples=[4])
    moved: int = Field(
        description="What it was given of other quotas, less what was given of it", examples=[0]
    )
    taken: int = Field(examples=[3])
    waiting: int = Field(description="How many wait for a place, of those you see", examples=[1])


class SeatsOut(BaseModel):
    """How many places a course has, for whom, and how many are taken."""

    course_id: UUID
    max_places: int | None = Field(examples=[40])
    taken: int = Field(description="Of the pools that you see", examples=[31])
    released_on: date | None = Field(
        description="When places of quotas that nobody takes are given to others"
    )
    pools: list[SeatPoolOut]


class PromotionsOut(BaseModel):
    """Who of the wait list gets a seat, and who does not, and why."""

    course_id: UUID
    applied: bool = Field(description="Whether anything was changed")
    promoted: list[NomineeFoundOut]
    skipped: list[NomineeFoundOut] = Field(
        description="For whom it would be their turn, and why not"
    )
    waiting: int = Field(description="How many go on waiting for a place", examples=[2])


class PlaceMoveOut(BaseModel):
    """Places that one pool gives to another."""

    from_pool_id: UUID
    to_pool_id: UUID
    places: int = Field(examples=[2])


class ReleaseOut(PromotionsOut):
    """Which places are given to whom, and who gets a seat by that."""

    moves: list[PlaceMoveOut]
