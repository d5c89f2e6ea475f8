from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic_core import PydanticCustomError

from app.access.permissions import ALWAYS, GRANTS, Role
from app.core import examples
from app.core.pages import PageQuery, sorting
from app.core.schemas import Body, Email, EntityOut, Instant, Line, Text

_FOR_PROGRAMS = sorted(map(str, GRANTS[Role.CLIENT] - ALWAYS))
_LOCAL = {"127.0.0.1", "localhost", "::1"}


def _for_programs(permission: str) -> str:
    if permission not in _FOR_PROGRAMS:
        allowed = ", ".join(_FOR_PROGRAMS)
        message = "Programs may have some of: {allowed}."
        raise PydanticCustomError("not_for_programs", message, {"allowed": allowed})
    return permission


def _redirect_uri(address: str) -> str:
    """RFC 9700, 2.1 and 2.6: over TLS, or to the machine itself, or to a program by a scheme of its
    own (RFC 8252, 7.1, which names it after a domain)."""
    if set("#*\\") & set(address) or not _leads_to_a_program(address):
        raise PydanticCustomError(
            "redirect_uri_not_allowed", "Use https://, without fragment, name or wildcard."
        )
    return address


def _leads_to_a_program(address: str) -> bool:
    try:
        parts = urlsplit(address)
        whose = parts.hostname if parts.port != 0 else None
    except ValueError:  # brackets without an address, a port beyond the last one
        return False
    if "@" in parts.netloc:
        return False
    if parts.scheme == "https":
        return bool(whose)
    if parts.scheme == "http":
        return whose in _LOCAL
    return "." in parts.scheme and parts.path.startswith("/")


Scope = Annotated[
    str,
    AfterValidator(_for_programs),
    WithJsonSchema({"type": "string", "enum": _FOR_PROGRAMS}),
]
RedirectUri = Annotated[
    str,
    Field(min_length=1, max_length=500, pattern=r"^[!-~]+$"),
    AfterValidator(_redirect_uri),
]
PersonRole = Literal[
    "academy_admin", "academy_staff", "auditor", "instructor", "coordinator", "viewer", "learner"
]


class MyOrganization(BaseModel):
    id: UUID
    code: str = Field(examples=["VN-01"])
    kind: Literal["academy", "ministry", "province"] = Field(examples=["province"])
    name_vi: str = Field(examples=["Thành phố Hà Nội"])
    name_en: str = Field(examples=["Hanoi"])


class MeOut(BaseModel):
    """Who calls, and what they may do."""

    id: UUID = Field(description="The user's id, or the program's")
    name: str = Field(examples=["Đầu mối Hà Nội"])
    email: str | None = Field(
        description="null for a program", examples=["coordinator@hanoi.example"]
    )
    role: PersonRole | Literal["client"] = Field(examples=["coordinator"])
    organization: MyOrganization
    permissions: list[str] = Field(
        description="What the role may do, as far as this token goes", examples=[["learners:read"]]
    )
    sign_in_id: UUID | None = Field(
        description="The sign-in that the token belongs to; null for a program"
    )


class UserIn(Body):
    email: Email = Field(
        description="What the user signs in with; no other user has it",
        examples=["lan.tran@hanoi.example"],
    )
    name: Line = Field(examples=["Trần Thị Lan"])


class UserOut(EntityOut):
    email: str = Field(examples=["coordinator@hanoi.example"])
    name: str = Field(examples=["Đầu mối Hà Nội"])
    disabled_at: Instant | None = Field(description="Since when the user is kept out")
    second_factor_reset_at: Instant | None = Field(
        description="An authenticator set up before then counts no more"
    )


class UserQuery(PageQuery):
    sortable: ClassVar = ("email", "name", "created_at")
    shape: ClassVar = UserOut

    email: Text | None = Field(None, max_length=254, description="With this address")
    organization: UUID | None = Field(None, description="Members of this organisation")
    role: PersonRole | None = Field(None, description="With this role there, or anywhere")
    disabled: bool | None = Field(None, description="Whether they are kept out")
    sort: str = sorting("email", sortable)


class InvitationOut(BaseModel):
    """A link that was sent."""

    sent_to: str = Field(examples=["lan.tran@hanoi.example"])
    expires_at: Instant


class MembershipCreate(Body):
    user_id: UUID = Field(examples=[examples.USER])
    organization_id: UUID = Field(examples=[examples.ORGANIZATION])
    role: PersonRole = Field(
        description="Only the Academy has members who see every organisation", examples=["viewer"]
    )
    learner_id: UUID | None = Field(
        None,
        validate_default=True,
        description="For the role `learner`: whose record it is, on that organisation's roster",
        examples=[None],
    )

    @field_validator("learner_id")
    @classmethod
    def _of_a_learner(cls, learner_id: UUID | None, rest: ValidationInfo) -> UUID | None:
        if (rest.data.get("role") == "learner") != (learner_id is not None):
            raise PydanticCustomError(
                "learner_without_record", "The role learner, and no other, needs a learner_id."
            )
        return learner_id


class MembershipOut(EntityOut):
    user_id: UUID
    organization_id: UUID
    role: PersonRole = Field(examples=["viewer"])
    learner_id: UUID | None = Field(description="Whose record a learner sees")
    ended_at: Instant | None = Field(description="Since when it is over")


class MembershipQuery(PageQuery):
    sortable: ClassVar = ("created_at",)
    shape: ClassVar = MembershipOut

    user: UUID | None = Field(None, description="Of this user")
    organization: UUID | None = Field(None, description="In this organisation")
    ended: bool | None = Field(None, description="Whether they are over")
    sort: str = sorting("-created_at", sortable)


class SignInOut(EntityOut):
    user_id: UUID
    membership_id: UUID = Field(description="The role and organisation that they act in")
    client: str = Field(description="The program that they use", examples=["swagger-ui"])
    scope: str = Field(
        description="What it may do for them; empty for all of the role", examples=[""]
    )
    method: Literal["password", "password_and_code", "command_line"] = Field(
        examples=["password_and_code"]
    )
    source: str | None = Field(description="The address they came from", examples=["10.1.2.3"])
    user_agent: str | None = Field(examples=["Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0"])
    last_used_at: Instant | None = Field(description="When it got its last access token")
    expires_at: Instant
    ended_at: Instant | None
    ended_because: (
        Literal[
            "signed_out",
            "ended_by_administrator",
            "password_changed",
            "code_reused",
            "refresh_token_reused",
        ]
        | None
    ) = Field(description="A code or token that was used again had been stolen")


class SignInQuery(PageQuery):
    sortable: ClassVar = ("created_at",)
    shape: ClassVar = SignInOut

    user: UUID | None = Field(None, description="Of this user")
    live: bool | None = Field(None, description="Whether it lasts")
    sort: str = sorting("-created_at", sortable)


class ClientIn(Body):
    scopes: list[Scope] = Field(
        max_length=50,
        description="What the program may do, by itself and at most for people; when empty,"
        " nothing by itself, and for people all that they may",
        examples=[["learners:read", "learners:write"]],
    )
    redirect_uris: list[RedirectUri] = Field(
        default_factory=list,
        max_length=20,
        description="Where people who signed in are sent back to, letter by letter",
        examples=[[]],
    )


class ClientCreate(ClientIn):
    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9._-]{1,63}$",
        description="Its `client_id`; no other program has it",
        examples=["hue-hr"],
    )
    organization_id: UUID = Field(
        description="Whose program it is, and whose rows it reaches",
        examples=[examples.OTHER_ORGANIZATION],
    )


class ClientOut(EntityOut):
    name: str = Field(examples=["hanoi-hr"])
    organization_id: UUID
    scopes: list[str] = Field(examples=[["learners:read", "learners:write"]])
    redirect_uris: list[str] = Field(examples=[["https://lms.example/signed-in"]])
    last_used_at: Instant | None = Field(description="When it proved itself last")
    revoked_at: Instant | None = Field(description="Since when it is kept out")


class ClientQuery(PageQuery):
    sortable: ClassVar = ("name", "created_at")
    shape: ClassVar = ClientOut

    organization: UUID | None = Field(None, description="Of this organisation")
    revoked: bool | None = Field(None, description="Whether they are kept out")
    sort: str = sorting("name", sortable)


class PublicJwk(Body):
    """A public key of the curve P-256 (RFC 7517)."""

    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: str = Field(pattern=r"^[A-Za-z0-9_-]{43}$")
    y: str = Field(pattern=r"^[A-Za-z0-9_-]{43}$")
    kid: str | None = Field(None, pattern=r"^[!-~]{1,200}$")
    alg: Literal["ES256"] = "ES256"
    use: Literal["sig"] = "sig"


class ClientKeyCreate(Body):
    public_jwk: PublicJwk | None = Field(
        None,
        description="The program signs with its private part; without it, a secret is made",
        examples=[None],
    )


class ClientKeyOut(EntityOut):
    client_id: UUID
    kind: Literal["secret", "public_key"] = Field(examples=["secret"])
    public_jwk: dict[str, Any] | None = Field(examples=[None])
    last_used_at: Instant | None = Field(description="When the program proved itself with it last")
    revoked_at: Instant | None = Field(description="Since when it proves nothing")


class ClientKeyCreated(ClientKeyOut):
    secret: str | None = Field(
        description="Shown only now: keep it where the program reads it",
        examples=["k3Jx8Qw2vN5yT7bR1mZ4cL6pD9sF0gHaUeIoWqYtRs8"],
    )


class ClientKeyQuery(PageQuery):
    sortable: ClassVar = ("created_at",)
    shape: ClassVar = ClientKeyOut

    client: UUID | None = Field(None, description="Of this program")
    revoked: bool | None = Field(None, description="Whether they are kept out")
    sort: str = sorting("-created_at", sortable)
