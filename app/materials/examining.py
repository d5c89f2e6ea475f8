"""What a worker finds out of a file that was added: whether it is clean, and what it says."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

from structlog import get_logger

from app.core import scratch
from app.core.config import Settings
from app.core.database.scopes import Reach, system
from app.core.database.sessions import Database, driver_of
from app.core.problems import Problem, Unavailable
from app.events.outbox import publish
from app.materials.files.reading import Text, text_of
from app.materials.scanning import ScannerUnavailable, scan
from app.materials.storing import Store

log = get_logger()

_VERSION = """
select id, organization_id, material_id, media_type, bytes, storage_key, scan, extraction
from material_versions where id = $1
"""
_SCANNED = """
update material_versions set scan = $2, found = $3,
  scanned_at = case when $2 = 'not_scanned' then null else now() end,
  extraction = case when $2 = 'infected' then 'none' else extraction end
where id = $1 and scan = 'scanning' returning id
"""
_EXTRACTED = """
update material_versions set extraction = $2, pages = $3, characters = $4
where id = $1 and extraction = 'waiting' returning id
"""
_KEPT = """
insert into material_texts (material_version_id, organization_id, material_id, text, folded)
values ($1, $2, $3, $4, $5) on conflict do nothing
"""


class Examining:
    """To do it twice is to do it once; what cannot be done now, is asked for again (keeping)."""

    def __init__(self, settings: Settings, database: Database, store: Store) -> None:
        self._scanner = settings.clamd_url
        self._database, self._store = database, store

    async def examine(self, version_id: UUID) -> None:
        async with self._database.session(system(Reach.EVERYTHING, "system")) as session:
            found = await (await driver_of(session)).fetchrow(_VERSION, version_id)
        if found is None:
            return
        version = dict(found)
        try:
            if version["scan"] == "scanning":
                version["scan"] = await self._scanned(version)
            if version["scan"] != "infected" and version["extraction"] == "waiting":
                await self._extract(version)
        except (ScannerUnavailable, Unavailable) as error:
            log.warning("material_waits", version=str(version_id), reason=str(error))

    async def _scanned(self, version: dict[str, Any]) -> str:
        """Says so in the row, too; others may have been faster, and found the same."""
        if self._scanner is None:  # there was one when the file came
            verdict, what = "not_scanned", None
        else:
            parts = self._store.parts(version["storage_key"], 0, version["bytes"])
            what = await scan(self._scanner, parts)
            verdict = "clean" if what is None else "infected"
        async with self._database.session(system(Reach.EVERYTHING, "system")) as session:
            driver = await driver_of(session)
            changed = await driver.fetchrow(_SCANNED, version["id"], verdict, what)
            if changed is not None and verdict == "infected":
                whose = version["material_id"], version["organization_id"]
                news = "material.version_infected"
                publish(session, news, *whose, version_id=str(version["id"]))
        return verdict

    async def _extract(self, version: dict[str, Any]) -> None:
        text = await self._text_of(version)
        async with self._database.session(system(Reach.EVERYTHING, "system")) as session:
            driver = await driver_of(session)
            done = ("done", text.pages, len(text.text)) if text else ("failed", None, None)
            if await driver.fetchrow(_EXTRACTED, version["id"], *done) is not None and text:
                place = (version["id"], version["organization_id"], version["material_id"])
                await driver.execute(_KEPT, *place, text.text, text.shadow)

    async def _text_of(self, version: dict[str, Any]) -> Text | None:
        with scratch.folder() as folder:
            path = Path(folder) / "file"
            with path.open("wb") as file:
                async for part in self._store.parts(version["storage_key"], 0, version["bytes"]):
                    file.write(part)
            with path.open("rb") as content:
                try:
                    return await asyncio.to_thread(text_of, content, version["media_type"])
                except Problem as problem:
                    log.info("no_text", version=str(version["id"]), problem=problem.slug)
                    return None
