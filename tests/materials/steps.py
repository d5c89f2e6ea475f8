"""What tests of materials do again and again."""

from typing import Any
from uuid import UUID

from httpx import Response

from app.core.config import Settings
from app.materials.examining import Examining
from tests.world import Somebody, World

TITLED = {"title_vi": "Cẩm nang lễ tân", "title_en": "Protocol handbook", "language": "vi"}


async def add_material(somebody: Somebody, **said: Any) -> str:
    body = TITLED | {"visibility": "public"} | said
    made = await somebody.post("/materials", json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def send(
    somebody: Somebody,
    material: str,
    content: bytes,
    name: str = "ghi-chep.txt",
    media_type: str = "text/plain",
) -> Response:
    return await somebody.post(
        f"/materials/{material}/files",
        params={"file_name": name},
        content=content,
        headers={"Content-Type": media_type},
    )


async def add_file(
    somebody: Somebody,
    material: str,
    content: bytes = b"A word.",
    name: str = "ghi-chep.txt",
    media_type: str = "text/plain",
) -> dict[str, Any]:
    sent = await send(somebody, material, content, name, media_type)
    assert sent.status_code == 201, sent.text
    return dict(sent.json())


async def examine(world: World, version: str, **settings: Any) -> None:
    """As a worker does."""
    given: Settings = world.app.state.settings.model_copy(update=settings)
    await Examining(given, world.database, world.app.state.materials).examine(UUID(version))


async def shown(somebody: Somebody, version: str) -> dict[str, Any]:
    response = await somebody.get(f"/material-versions/{version}")
    assert response.status_code == 200, response.text
    return dict(response.json())
