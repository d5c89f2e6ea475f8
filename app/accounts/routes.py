import json
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.caller import Principal, changing, reading
from app.access.models import Membership, User
from app.access.permissions import Permission, Role
from app.accounts import queries, service
from app.accounts.models import SignIn
from app.accounts.problems import (
    EmailTaken,
    LearnerUnknown,
    MailNotConfigured,
    MailNotTaken,
    MembershipTaken,
    NotYourself,
    RoleOfTheAcademy,
    UserDisabled,
    UserUnknown,
)
from app.accounts.schemas import (
    InvitationOut,
    MembershipCreate,
    MembershipOut,
    MembershipQuery,
    MeOut,
    SignInOut,
    SignInQuery,
    UserIn,
    UserOut,
    UserQuery,
)
from app.core import examples, routing
from app.core.database.readers import Reader
from app.core.database.writes import get_or_404
from app.core.etags import IfMatch, tagged
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import page_of
from app.core.problems import NotFound, Outdated, VersionRequired, problems
from app.core.views import unless_held

router = routing.router("accounts")

ReadingMe = Annotated[Reader, reading(Permission.ME_READ)]
Reading = Annotated[Reader, reading(Permission.USERS_READ)]
Changing = Annotated[AsyncSession, changing(Permission.USERS_WRITE)]

UserId = Annotated[UUID, Path(description="The user's id", examples=[examples.USER])]
MembershipId = Annotated[
    UUID, Path(description="The membership's id", examples=[examples.MEMBERSHIP])
]
SignInId = Annotated[UUID, Path(description="The sign-in's id", examples=[examples.SIGN_IN])]


@router.get("/me", response_model=MeOut)
async def get_me(reader: ReadingMe, request: Request) -> Response:
    """Read who you are.

    The user or program that the access token is for, the organisation and role it acts in, and the
    permissions that it carries.
    """
    who: Principal = request.state.principal
    me = queries.ME_AS_PROGRAM if who.role is Role.CLIENT else queries.ME_AS_PERSON
    statement = me.for_role(who.role)
    row = await reader.row(statement.sql, [who.subject, who.organization], plan_anew=False)
    of_token = {"role": who.role, "permissions": who.permissions, "sign_in_id": who.sign_in}
    body = MeOut(**json.loads(row["body"]), **of_token).model_dump_json()
    return unless_held(request, body)


@router.get("/users", **page_of(UserOut, UserQuery))
async def list_users(reader: Reading, request: Request) -> Response:
    """List users.

    Everybody who can sign in, or could; find one by `email`, or the members of an `organization`.
    """
    return await queries.users.page(reader, request, UserQuery.of(request))


@router.post(
    "/users",
    status_code=201,
    response_model=UserOut,
    responses=problems(EmailTaken, IdempotencyKeyReused),
)
async def create_user(session: Changing, data: UserIn, response: Response) -> User:
    """Add a user.

    Then give them a role with a membership, and invite them to choose a password.
    """
    return tagged(response, await service.create_user(session, data))


@router.get("/users/{user_id}", response_model=UserOut, responses=problems(NotFound))
async def get_user(reader: Reading, request: Request, user_id: UserId) -> Response:
    """Read a user."""
    return await queries.users.row(reader, request, user_id)


@router.put(
    "/users/{user_id}",
    response_model=UserOut,
    openapi_extra=examples.body(email="instructor@academy.example", name="Giảng viên"),
    responses=problems(NotFound, EmailTaken, Outdated, VersionRequired),
)
async def replace_user(
    session: Changing, user_id: UserId, expected: IfMatch, data: UserIn, response: Response
) -> User:
    """Replace a user's name and address.

    They sign in with the new address from now on.
    """
    user = await get_or_404(session, User, user_id)
    expected.check(user)
    return tagged(response, await service.replace_user(session, user, data))


@router.post(
    "/users/{user_id}/invite",
    response_model=InvitationOut,
    responses=problems(
        NotFound, MailNotConfigured, MailNotTaken, UserDisabled, IdempotencyKeyReused
    ),
)
async def invite_user(session: Changing, request: Request, user_id: UserId) -> InvitationOut:
    """Invite a user to choose a password.

    Mails them a link that is good once, for three days; also when they forgot theirs. A former
    link is good no more.
    """
    user = await get_or_404(session, User, user_id)
    return await service.invite_user(session, request.app.state.settings, user)


@router.post(
    "/users/{user_id}/disable",
    response_model=UserOut,
    responses=problems(NotFound, NotYourself, IdempotencyKeyReused),
)
async def disable_user(
    session: Changing, request: Request, user_id: UserId, response: Response
) -> User:
    """Keep a user out.

    From the next request on, wherever they are signed in. Nothing of theirs is deleted.
    """
    who: Principal = request.state.principal
    user = await get_or_404(session, User, user_id)
    return tagged(response, await service.disable_user(session, user, who.subject))


@router.post(
    "/users/{user_id}/enable",
    response_model=UserOut,
    responses=problems(NotFound, IdempotencyKeyReused),
)
async def enable_user(session: Changing, user_id: UserId, response: Response) -> User:
    """Let a user in again.

    With the password and the roles that they had; they sign in anew.
    """
    user = await get_or_404(session, User, user_id)
    return tagged(response, await service.enable_user(session, user))


@router.post(
    "/users/{user_id}/reset-second-factor",
    response_model=UserOut,
    responses=problems(NotFound, IdempotencyKeyReused),
)
async def reset_second_factor(session: Changing, user_id: UserId, response: Response) -> User:
    """Forget a user's authenticator.

    For somebody who lost it and the recovery codes too: make sure that it is they who ask. Signs
    them out everywhere.
    """
    user = await get_or_404(session, User, user_id)
    return tagged(response, await service.reset_second_factor(session, user))


@router.post(
    "/users/{user_id}/sign-out",
    response_model=UserOut,
    responses=problems(NotFound, IdempotencyKeyReused),
)
async def sign_user_out(session: Changing, user_id: UserId, response: Response) -> User:
    """Sign a user out everywhere.

    They may sign in again.
    """
    user = await get_or_404(session, User, user_id)
    return tagged(response, await service.sign_user_out(session, user))


@router.get("/memberships", **page_of(MembershipOut, MembershipQuery))
async def list_memberships(reader: Reading, request: Request) -> Response:
    """List memberships.

    Who has which role in which organisation, or had it.
    """
    return await queries.memberships.page(reader, request, MembershipQuery.of(request))


@router.post(
    "/memberships",
    status_code=201,
    response_model=MembershipOut,
    responses=problems(
        NotFound,
        MembershipTaken,
        RoleOfTheAcademy,
        UserUnknown,
        LearnerUnknown,
        IdempotencyKeyReused,
    ),
)
async def create_membership(
    session: Changing, data: MembershipCreate, response: Response
) -> Membership:
    """Give a user a role in an organisation.

    A user may have several; signing in, they choose one.
    """
    return tagged(response, await service.create_membership(session, data))


@router.post(
    "/memberships/{membership_id}/end",
    response_model=MembershipOut,
    responses=problems(NotFound, NotYourself, IdempotencyKeyReused),
)
async def end_membership(
    session: Changing, request: Request, membership_id: MembershipId, response: Response
) -> Membership:
    """Take a role away.

    From the next request on. Somebody from an outside identity provider gets it back with their
    next token if the provider still says so; disable the user to keep them out.
    """
    who: Principal = request.state.principal
    membership = await get_or_404(session, Membership, membership_id)
    return tagged(response, await service.end_membership(session, membership, who.subject))


@router.post(
    "/memberships/{membership_id}/restore",
    response_model=MembershipOut,
    responses=problems(NotFound, IdempotencyKeyReused),
)
async def restore_membership(
    session: Changing, membership_id: MembershipId, response: Response
) -> Membership:
    """Give a role back that was taken away."""
    membership = await get_or_404(session, Membership, membership_id)
    return tagged(response, await service.restore_membership(session, membership))


@router.get("/sign-ins", **page_of(SignInOut, SignInQuery))
async def list_sign_ins(reader: Reading, request: Request) -> Response:
    """List sign-ins.

    Where users are signed in and were, since when, from where, and what ended it.
    """
    return await queries.sign_ins.page(reader, request, SignInQuery.of(request))


@router.post(
    "/sign-ins/{sign_in_id}/end",
    response_model=SignInOut,
    responses=problems(NotFound, IdempotencyKeyReused),
)
async def end_sign_in(session: Changing, sign_in_id: SignInId, response: Response) -> Any:
    """End a sign-in.

    Its tokens are refused from the next request on.
    """
    sign_in = await get_or_404(session, SignIn, sign_in_id)
    return tagged(response, await service.end_sign_in(session, sign_in))
