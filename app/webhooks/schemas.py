from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator

from app.core.pages import PageQuery, sorting
from app.core.schemas import Body, EntityOut, Instant, Line, Writable

Url = Annotated[str, Field(max_length=2000, pattern=r"^https?://[!-~]+$"), Writable]
EventType = Annotated[
    str, Field(pattern=r"^(\*|[a-z_]{1,40}\.([a-z_]{1,40}|\*))$", max_length=81), Writable
]
DisabledBecause = Literal["gone", "failing"]
DeliveryState = Literal["pending", "delivered", "failed"]
DeliveryError = Literal[
    "address_not_allowed", "connection_failed", "name_unknown", "status", "timed_out"
]

_EXAMPLE = "https://hr.songoaivu.example/bang-giao"


class WebhookEndpointIn(Body):
    url: Url = Field(description="Takes messages by POST", examples=[_EXAMPLE])
    description: Line | None = Field(None, examples=["Hệ thống nhân sự"])
    types: list[EventType] = Field(
        default_factory=lambda: ["*"],
        min_length=1,
        max_length=20,
        description="Which changes are told; `learner.*` is everything of learners, `*` everything",
        examples=[["learner.*"]],
    )
    enabled: bool = Field(
        default=True, strict=True, description="Whether anything is sent", examples=[True]
    )

    @field_validator("types")
    @classmethod
    def _each_once(cls, types: list[str]) -> list[str]:
        return sorted(set(types))


class WebhookEndpointCreate(WebhookEndpointIn):
    organization_id: UUID | None = Field(
        None, description="Your own organisation when unsaid", examples=[None]
    )


class WebhookEndpointOut(EntityOut):
    organization_id: UUID = Field(description="Whose changes are told, and of those below it")
    url: str = Field(examples=[_EXAMPLE])
    description: str | None = Field(examples=["Hệ thống nhân sự"])
    types: list[str] = Field(examples=[["learner.*"]])
    enabled: bool
    disabled_because: DisabledBecause | None = Field(
        description="Why the service disabled it: it answered 410 (`gone`), or took nothing for"
        " days (`failing`)"
    )
    failing_since: Instant | None = Field(description="Since when it has taken nothing")
    ended_at: Instant | None


class WebhookEndpointCreated(WebhookEndpointOut):
    secret: str = Field(
        description="Verifies the signatures of messages; shown only now",
        examples=["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD2tWSnTNtYPY="],
    )


class WebhookEndpointQuery(PageQuery):
    sortable: ClassVar = ("created_at", "url")
    shape: ClassVar = WebhookEndpointOut

    enabled: bool | None = Field(None, description="Whether anything is sent to it")
    sort: str = sorting("-created_at", sortable)


class WebhookDeliveryOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    created_at: Instant
    organization_id: UUID = Field(description="Whose endpoint it is")
    endpoint_id: UUID
    event_id: UUID = Field(description="The change that is told; `webhook-id` of the message")
    type: str = Field(examples=["learner.changed"])
    state: DeliveryState = Field(
        description="`pending`: to be sent, or sent again; `failed`: given up"
    )
    attempts: int = Field(description="How often it was sent", examples=[1])
    next_attempt_at: Instant | None
    last_attempt_at: Instant | None
    last_status: int | None = Field(description="What was answered last", examples=[204])
    last_error: DeliveryError | None = Field(description="What stood in the way last")


class WebhookDeliveryQuery(PageQuery):
    sortable: ClassVar = ("created_at",)
    shape: ClassVar = WebhookDeliveryOut

    endpoint: UUID | None = Field(None, description="To this endpoint")
    state: DeliveryState | None = Field(None, description="In this state")
    sort: str = sorting("-created_at", sortable)
