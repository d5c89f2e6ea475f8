"""Frameworks that the Academy works on: asked about, ready to be published, and not wanted."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.competencies.consultation_models import Comment, Invitation
from app.competencies.models import Competency, Framework, FrameworkVersion
from app.competencies.scale_models import Level, Scale
from app.core import examples

LEVELS = (
    ("Nhận biết", "Aware"),
    ("Hiểu", "Understanding"),
    ("Vận dụng", "Able"),
    ("Thành thạo", "Proficient"),
    ("Chuyên gia", "Expert"),
)


async def add(session: AsyncSession, academy: UUID, asked: UUID) -> None:
    await _asked_about(session, academy, asked)
    await _ready(session, academy)
    await _unwanted(session, academy)


async def _asked_about(session: AsyncSession, academy: UUID, asked: UUID) -> None:
    version = await _version(
        session,
        academy,
        ("KNL-LS", "Khung năng lực công tác lãnh sự", "Competency framework for consular work"),
        version=examples.CONSULTED_VERSION,
    )
    scale = await _scale(session, version, id=examples.SCALE)
    await _scale(session, version, id=examples.UNUSED_SCALE, position=2)
    for place, (id, code, name_vi, name_en) in enumerate(
        (
            (examples.COMPETENCY, "LS.01", "Bảo hộ công dân", "Citizen protection"),
            (examples.UNWANTED_COMPETENCY, "LS.03", "Lưu trữ hồ sơ", "Records keeping"),
            (
                examples.MISPLACED_COMPETENCY,
                "LS.02",
                "Cấp giấy tờ lãnh sự",
                "Issuing consular documents",
            ),
        ),
        1,
    ):
        names = (code, name_vi, name_en)
        await _item(session, version, place, "competency", *names, id=id, scale=scale)
    version.state = "consultation"
    session.add(
        Invitation(
            **_of(version),
            id=examples.CONSULTATION_INVITATION,
            user_id=examples.USER,
        )
    )
    await session.flush()
    session.add(
        Comment(
            **_of(version),
            id=examples.CONSULTATION_COMMENT,
            author_organization_id=asked,
            author_name="Sở Ngoại vụ thành phố Huế",
            text="Nên thêm biểu hiện về xử lý khủng hoảng ngoài giờ làm việc.",
        )
    )
    await session.flush()


async def _ready(session: AsyncSession, academy: UUID) -> None:
    version = await _version(
        session,
        academy,
        (
            "KNL-BC",
            "Khung năng lực công tác báo chí đối ngoại",
            "Competency framework for press work",
        ),
        version=examples.VERSION_TO_PUBLISH,
    )
    scale = await _scale(session, version)
    names = ("BC.01", "Trả lời báo chí nước ngoài", "Answering the foreign press")
    await _item(session, version, 1, "competency", *names, scale=scale)


async def _unwanted(session: AsyncSession, academy: UUID) -> None:
    await _version(
        session,
        academy,
        (
            "KNL-NN",
            "Khung năng lực ngoại ngữ (dự thảo)",
            "Competency framework for languages (draft)",
        ),
        version=examples.VERSION_TO_DISCARD,
    )


async def _version(
    session: AsyncSession,
    academy: UUID,
    named: tuple[str, str, str],
    *,
    version: UUID,
) -> FrameworkVersion:
    code, title_vi, title_en = named
    added = Framework(organization_id=academy, code=code)
    session.add(added)
    await session.flush()
    first = FrameworkVersion(
        id=version,
        organization_id=academy,
        framework_id=added.id,
        number=1,
        title_vi=title_vi,
        title_en=title_en,
    )
    session.add(first)
    await session.flush()
    return first


def _of(version: FrameworkVersion) -> dict[str, Any]:
    return {"organization_id": version.organization_id, "framework_version_id": version.id}


async def _scale(
    session: AsyncSession, version: FrameworkVersion, *, position: int = 1, **known: Any
) -> Scale:
    scale = Scale(
        **_of(version),
        name_vi="Năm bậc thành thạo",
        name_en="Five levels of proficiency",
        proficient_level=4,
        position=position,
        **known,
    )
    session.add(scale)
    await session.flush()
    for level, (name_vi, name_en) in enumerate(LEVELS, 1):
        named = {"name_vi": name_vi, "name_en": name_en}
        of_scale = {"scale_identifier": scale.identifier, "level": level}
        session.add(Level(**_of(version), **of_scale, **named))
    await session.flush()
    return scale


async def _item(
    session: AsyncSession,
    version: FrameworkVersion,
    position: int,
    kind: str,
    *named: str,
    scale: Scale | None = None,
    **more: Any,
) -> Competency:
    code, name_vi, name_en = named
    said: dict[str, Any] = {"domain": "skill"} | more if kind != "area" else more
    item = Competency(
        **_of(version),
        position=position,
        kind=kind,
        code=code,
        name_vi=name_vi,
        name_en=name_en,
        scale_identifier=scale.identifier if scale else None,
        **said,
    )
    session.add(item)
    await session.flush()
    return item
