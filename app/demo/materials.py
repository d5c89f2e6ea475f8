"""Materials of the demonstration: small files, each with a few sentences to search."""

import tomllib
from collections.abc import Iterator, Mapping
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import examples
from app.core.text import shadowed
from app.demo.documents import docx, pdf
from app.materials import service
from app.materials.files.kinds import DOCX, PDF, TEXT
from app.materials.models import Material, MaterialText
from app.materials.schemas import MaterialCreate
from app.materials.storing import Store

_DATA = Path(__file__).with_suffix(".toml")
_KINDS = {".docx": DOCX, ".pdf": PDF, ".txt": TEXT, ".md": "text/markdown"}
_EXAMPLE = examples.MATERIAL_FILE


class Described(NamedTuple):
    """A material as the file has it. `code` is its file's name, by which others find it."""

    code: str
    organization: str
    title_vi: str
    title_en: str
    description_vi: str | None = None
    description_en: str | None = None
    language: str = "vi"
    visibility: str = "public"
    licence: str | None = None
    url: str | None = None
    text: str = ""

    @property
    def paragraphs(self) -> list[str]:
        title = self.title_en if self.language == "en" else self.title_vi
        return [title, *self.text.strip().splitlines()]

    @property
    def content(self) -> bytes:
        match Path(self.code).suffix:
            case ".docx":
                return docx(self.paragraphs)
            case ".pdf":
                return pdf(self.paragraphs)
        return "\n\n".join(self.paragraphs).encode()


def described() -> Iterator[Described]:
    for each in tomllib.loads(_DATA.read_text("utf-8"))["materials"]:
        yield Described(**each)


async def add(
    session: AsyncSession, store: Store, organizations: Mapping[str, UUID]
) -> dict[str, UUID]:
    """The version of each material, by its code."""
    return {
        each.code: await _add(session, store, organizations[each.organization], each)
        for each in described()
    }


async def _add(session: AsyncSession, store: Store, organization_id: UUID, each: Described) -> UUID:
    known = each._asdict()
    said = {name: known[name] for name in MaterialCreate.model_fields if name in known}
    data = MaterialCreate(organization_id=organization_id, **said)
    fixed = {"id": examples.MATERIAL} if each.code == _EXAMPLE else {}
    material = Material(**fixed, **data.model_dump(), search_text=service.searched(data))
    session.add(material)
    await session.flush()
    version = await service.add_version(session, material, **await _content(store, each))
    if version.kind == "file":
        line, shadow = shadowed("\n".join(each.paragraphs))
        session.add(
            MaterialText(
                material_version_id=version.id,
                organization_id=organization_id,
                material_id=material.id,
                text=line,
                folded=shadow,
            )
        )
        version.characters = len(line)
        await session.flush()
    return version.id


async def _content(store: Store, each: Described) -> dict[str, Any]:
    """What its version says; the file is in the store before."""
    if each.url is not None:
        return {"kind": "link", "url": each.url}
    content = each.content
    digest = sha256(content).hexdigest()
    key = f"demo/{digest}"  # the same for each time that it is loaded
    await store.put(key, BytesIO(content))
    fixed = {"id": examples.MATERIAL_VERSION} if each.code == _EXAMPLE else {}
    return fixed | {
        "kind": "file",
        "file_name": each.code,
        "media_type": _KINDS[Path(each.code).suffix],
        "bytes": len(content),
        "sha256": digest,
        "storage_key": key,
        "extraction": "done",
    }
