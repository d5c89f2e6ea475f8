"""A service is killed while files are sent to it: a row has its object, whole, or there is none."""

import asyncio
import os
import random
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx

from app.core.config import Settings
from app.core.database.sessions import Database
from app.materials.keeping import sweep
from app.materials.storing import Store
from tests.faults.conftest import Scratch, Serving
from tests.faults.load import Roster

MOMENTS = 4
SENDERS = 4
TITLED = {"title_vi": "Cẩm nang", "title_en": "Handbook", "language": "vi", "visibility": "public"}
ROWS = "select storage_key, sha256, bytes from material_versions where organization_id = $1"


async def keep_sending(client: httpx.AsyncClient, material: str, done: list[str]) -> None:
    with suppress(httpx.TransportError):
        while True:
            content = b"%PDF-1.4\n" + os.urandom(random.randrange(1, 8 << 20))
            sent = await client.post(
                f"/materials/{material}/files",
                params={"file_name": "a.pdf"},
                content=content,
                headers={"Content-Type": "application/pdf"},
            )
            assert sent.status_code == 201, sent.text
            done.append(sha256(content).hexdigest())


async def test_no_row_is_without_its_object_whenever_the_service_is_killed(
    scratch: Scratch, serving: Serving, roster: Roster, tmp_path: Path
):
    folder, done = tmp_path / "files", list[str]()
    settings = {"BANGGIAO_MATERIALS_URL": folder.as_uri(), "BANGGIAO_WORKER": "false"}
    for _ in range(MOMENTS):
        async with serving(**settings) as service, roster.client(service.url) as client:
            material = (await client.post("/materials", json=TITLED)).json()["id"]
            sending = [
                asyncio.create_task(keep_sending(client, material, done)) for _ in range(SENDERS)
            ]
            before = len(done)
            async with asyncio.timeout(60):
                while len(done) == before:  # noqa: ASYNC110 -- nobody tells of it
                    await asyncio.sleep(0.02)
            await asyncio.sleep(random.uniform(0, 0.7))
            service.kill()
            await asyncio.gather(*sending)
    rows = await scratch.rows(ROWS, roster.organization)
    assert len(done) >= MOMENTS
    assert set(done) <= {row["sha256"] for row in rows}
    for row in rows:
        content = (folder / row["storage_key"]).read_bytes()
        assert (len(content), sha256(content).hexdigest()) == (row["bytes"], row["sha256"])
    await only_rows_stay(scratch, folder, {row["storage_key"] for row in rows})
    # The folder goes away; workers of other tests have nothing to look for in it.
    await scratch.rows("update material_versions set extraction = 'failed'")


async def only_rows_stay(scratch: Scratch, folder: Path, keys: Any) -> None:
    database = Database(Settings(), scratch.service_url)
    try:
        await sweep(database, Store(folder.as_uri()), timedelta(seconds=-5))
    finally:
        await database.close()
    assert files_in(folder) == keys


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
