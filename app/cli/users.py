"""Users, by whoever operates the service: the first administrator comes in by this way."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.markup import escape
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.models import User
from app.access.permissions import Role
from app.accounts import invitations, service
from app.accounts.problems import UserDisabled
from app.accounts.schemas import MembershipCreate, UserIn
from app.cli.installation import installation, opened, say
from app.core.config import Settings
from app.core.database.scopes import Reach, system
from app.core.failures import problem_of
from app.core.problems import Problem
from app.organizations.models import Organization

users = typer.Typer(no_args_is_help=True, help="Who may sign in.")

Making = Callable[[AsyncSession, Settings], Awaitable[str]]


@users.command()
def add(
    email: Annotated[str, typer.Argument(help="What the user signs in with.")],
    name: Annotated[str, typer.Argument(help="What the user is called.")],
    role: Annotated[Role, typer.Option(help="Their role.")] = Role.ACADEMY_ADMIN,
    organization: Annotated[str, typer.Option(help="The code of their organisation.")] = "DAV",
) -> None:
    """Add a user with a role, and print the link with which they choose a password."""

    async def making(session: AsyncSession, settings: Settings) -> str:
        place = select(Organization.id).where(Organization.code == organization)
        organization_id = await session.scalar(place)
        if organization_id is None:
            raise LookupError(f"No organisation has the code {organization}.")
        user = await service.create_user(session, UserIn(email=email, name=name))
        member = {"user_id": user.id, "organization_id": organization_id, "role": role}
        await service.create_membership(session, MembershipCreate.model_validate(member))
        return await invitations.invite(session, settings, user)

    _print_link(making)


@users.command()
def invite(email: Annotated[str, typer.Argument(help="The user's address.")]) -> None:
    """Print a link with which a user chooses a password: their first one, or a new one."""

    async def making(session: AsyncSession, settings: Settings) -> str:
        known = select(User).where(func.lower(User.email) == func.lower(email.strip()))
        user = await session.scalar(known)
        if user is None:
            raise LookupError(f"No user has the address {email}.")
        if user.disabled_at is not None:
            raise UserDisabled
        return await invitations.invite(session, settings, user)

    _print_link(making)


def _print_link(making: Making) -> None:
    with installation() as (settings, _):
        try:
            print(asyncio.run(_made(settings, making)))  # noqa: T201 -- the result
        except (LookupError, ValidationError, IntegrityError, Problem) as error:
            say.print(f"[red]{escape(_told(error))}")
            raise typer.Exit(1) from error


async def _made(settings: Settings, making: Making) -> str:
    everything = system(Reach.EVERYTHING, "command-line")
    async with opened(settings) as (database, _), database.session(everything) as session:
        return await making(session, settings)


def _told(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(": ".join(map(str, (*one["loc"], one["msg"]))) for one in error.errors())
    problem = problem_of(error)
    return str(error) if problem is None else problem.template("en")[1]
