"""Reviews as tests make them, by the operations that people use."""

from datetime import date
from typing import Any

from httpx import AsyncClient, Response

from app.core.schemas import today
from tests.competencies.steps import address, made
from tests.curricula.steps import curriculum, published_module
from tests.world import Somebody, World

SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
DOCUMENT = {
    "document_number": "125/QĐ-HVNG",
    "issuing_body": "Học viện Ngoại giao",
    "issued_on": "2026-01-15",
    "document_sha256": SHA256,
}
APPROVE = {"decision": "approve"}
OBJECT = {"decision": "request_changes", "note": "Tăng thời lượng thực hành."}
"""What reviewers decide."""


async def draft(client: AsyncClient, **fields: Any) -> str:
    """Of a new curriculum, with nothing against it."""
    began = await curriculum(client, await published_module(client), **fields)
    return str(began["open_version_id"])


async def try_to(client: AsyncClient, version: str, verb: str, **body: Any) -> Response:
    return await client.post(f"/curriculum-versions/{version}/{verb}", json=body)


async def do(client: AsyncClient, version: str, verb: str, **body: Any) -> dict[str, Any]:
    """A step of a version."""
    return made(await try_to(client, version, verb, **body), 200)


async def ask(client: AsyncClient, version: str, **body: Any) -> dict[str, Any]:
    """An invitation."""
    return made(await client.post(f"/curriculum-versions/{version}/invitations", json=body))


async def name(
    world: World, client: AsyncClient, version: str, reviewer: Somebody
) -> dict[str, Any]:
    """The invitation of a reviewer."""
    return await ask(client, version, email=await address(world, reviewer), decides=True)


async def submit(client: AsyncClient, version: str, quorum: int = 1) -> dict[str, Any]:
    return await do(client, version, "submit", quorum=quorum)


async def try_to_decide(client: AsyncClient, version: str, **body: Any) -> Response:
    return await client.post(f"/curriculum-versions/{version}/decisions", json=body)


async def decide(client: AsyncClient, version: str, **body: Any) -> dict[str, Any]:
    return made(await try_to_decide(client, version, **body))


async def say(client: AsyncClient, version: str, **fields: Any) -> dict[str, Any]:
    body = {"text": "Nên tăng thời lượng thực hành."} | fields
    return made(await client.post(f"/curriculum-versions/{version}/comments", json=body))


async def resolve(client: AsyncClient, comment: str, resolution: str = "accepted") -> None:
    path = f"/review-comments/{comment}/resolve"
    made(await client.post(path, json={"resolution": resolution}), 200)


async def stand_in(
    world: World,
    client: AsyncClient,
    invitation: str,
    delegate: Somebody,
    since: date | None = None,
    until: date | None = None,
) -> Response:
    body = {
        "email": await address(world, delegate),
        "since": str(since or today()),
        "until": str(until or today()),
    }
    return await client.post(f"/review-invitations/{invitation}/delegations", json=body)


async def trail(client: AsyncClient, version: str) -> dict[str, Any]:
    return made(await client.get(f"/curriculum-versions/{version}/trail"), 200)


async def approved(world: World, owner: AsyncClient, version: str, reviewer: Somebody) -> None:
    """From a draft, by way of a reviewer's approval."""
    await name(world, owner, version, reviewer)
    await submit(owner, version)
    await decide(reviewer, version, **APPROVE)
    await do(owner, version, "approve", **DOCUMENT)
