from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.access.caller import changing, reading
from app.access.models import Client, ClientKey
from app.access.permissions import Permission
from app.accounts import queries, service
from app.accounts.problems import ClientNameTaken, ClientRevoked, TwoKeysAtMost
from app.accounts.schemas import (
    ClientCreate,
    ClientIn,
    ClientKeyCreate,
    ClientKeyCreated,
    ClientKeyOut,
    ClientKeyQuery,
    ClientOut,
    ClientQuery,
)
from app.core import examples, routing
from app.core.database.readers import Reader
from app.core.database.writes import get_or_404
from app.core.etags import IfMatch, tagged
from app.core.idempotency import IdempotencyKeyReused
from app.core.pages import page_of
from app.core.problems import NotFound, Outdated, VersionRequired, problems

router = routing.router("accounts")

Reading = Annotated[Reader, reading(Permission.CLIENTS_READ)]
Changing = Annotated[AsyncSession, changing(Permission.CLIENTS_WRITE)]

ClientId = Annotated[UUID, Path(description="The program's id", examples=[examples.CLIENT])]
ClientKeyId = Annotated[UUID, Path(description="The key's id", examples=[examples.CLIENT_KEY])]


@router.get("/clients", **page_of(ClientOut, ClientQuery))
async def list_clients(reader: Reading, request: Request) -> Response:
    """List programs.

    Which call by themselves, such as an HR system, or for people, such as a front end.
    """
    return await queries.clients.page(reader, request, ClientQuery.of(request))


@router.post(
    "/clients",
    status_code=201,
    response_model=ClientOut,
    responses=problems(NotFound, ClientNameTaken, IdempotencyKeyReused),
)
async def create_client(session: Changing, data: ClientCreate, response: Response) -> Any:
    """Register a program.

    For one organisation, whose rows are all that it ever reaches. Then add a key with which it
    proves itself; one that runs in a browser or on a telephone keeps no secret and gets none.
    """
    return tagged(response, await service.create_client(session, data))


@router.get("/clients/{client_id}", response_model=ClientOut, responses=problems(NotFound))
async def get_client(reader: Reading, request: Request, client_id: ClientId) -> Response:
    """Read a program."""
    return await queries.clients.row(reader, request, client_id)


@router.put(
    "/clients/{client_id}",
    response_model=ClientOut,
    responses=problems(NotFound, Outdated, VersionRequired),
)
async def replace_client(
    session: Changing, client_id: ClientId, expected: IfMatch, data: ClientIn, response: Response
) -> Any:
    """Replace what a program may do.

    A token with a scope that was taken away is refused from the next request on.
    """
    client = await get_or_404(session, Client, client_id)
    expected.check(client)
    return tagged(response, await service.replace_client(session, client, data))


@router.post(
    "/clients/{client_id}/revoke",
    response_model=ClientOut,
    responses=problems(NotFound, IdempotencyKeyReused),
)
async def revoke_client(session: Changing, client_id: ClientId, response: Response) -> Any:
    """Keep a program out for good.

    From the next request on. Its name is not given again.
    """
    client = await get_or_404(session, Client, client_id)
    return tagged(response, await service.revoke_client(session, client))


@router.get("/client-keys", **page_of(ClientKeyOut, ClientKeyQuery))
async def list_client_keys(reader: Reading, request: Request) -> Response:
    """List programs' keys.

    Secrets are never shown again; when each key was used last, is.
    """
    return await queries.client_keys.page(reader, request, ClientKeyQuery.of(request))


@router.post(
    "/clients/{client_id}/keys",
    status_code=201,
    response_model=ClientKeyCreated,
    responses=problems(NotFound, TwoKeysAtMost, ClientRevoked, IdempotencyKeyReused),
)
async def create_client_key(
    session: Changing, client_id: ClientId, data: ClientKeyCreate
) -> ClientKeyCreated:
    """Add a key to a program.

    Two of a kind are good at once: add the next one, let the program change over, see in
    `last_used_at` that the former is no longer used, and revoke that.
    """
    client = await get_or_404(session, Client, client_id)
    return await service.add_client_key(session, client, data)


@router.post(
    "/client-keys/{client_key_id}/revoke",
    response_model=ClientKeyOut,
    responses=problems(NotFound, IdempotencyKeyReused),
)
async def revoke_client_key(
    session: Changing, client_key_id: ClientKeyId, response: Response
) -> Any:
    """Revoke a program's key.

    It proves nothing any more. Tokens that it got last for some minutes yet; to stop them too,
    revoke the program.
    """
    key = await get_or_404(session, ClientKey, client_key_id)
    return tagged(response, await service.revoke_client_key(session, key))
