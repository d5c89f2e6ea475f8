"""Frameworks of the Academy: in force, asked about, ready to be published, and not wanted."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.competencies import service
from app.competencies.consultation_models import Comment, Invitation
from app.competencies.models import Competency, Framework, FrameworkVersion
from app.competencies.scale_models import Descriptor, Level, Scale
from app.core import examples

LEVELS = (
    ("Nhận biết", "Aware"),
    ("Hiểu", "Understanding"),
    ("Vận dụng", "Able"),
    ("Thành thạo", "Proficient"),
    ("Chuyên gia", "Expert"),
)
PROTOCOL = (
    ("Biết các bước đón tiếp một đoàn khách.", "Knows the steps of receiving a delegation."),
    ("Giải thích được quy định về nghi lễ.", "Explains the rules of ceremony."),
    ("Cùng đồng nghiệp đón tiếp một đoàn cấp sở.", "Receives a delegation with colleagues."),
    ("Tự chủ trì đón tiếp một đoàn cấp tỉnh.", "Receives a provincial delegation alone."),
    ("Chủ trì nghi lễ của một hội nghị quốc tế.", "Leads the ceremonies of a conference."),
)


async def add(session: AsyncSession, academy: UUID, asked: UUID) -> None:
    await _in_force(session, academy)
    await _asked_about(session, academy, asked)
    await _ready(session, academy)
    await _unwanted(session, academy)


async def _in_force(session: AsyncSession, academy: UUID) -> None:
    version = await _version(
        session,
        academy,
        ("KNL-DN", "Khung năng lực cán bộ đối ngoại", "Competencies of foreign-affairs officers"),
        framework=examples.FRAMEWORK,
        version=examples.VERSION_IN_FORCE,
    )
    scale = await _scale(session, version)
    area = await _item(session, version, 1, "area", "LT", "Lễ tân", "Protocol")
    names = ("LT.01", "Nghi lễ đối ngoại", "Diplomatic ceremonial")
    below: dict[str, Any] = {"parent_identifier": area.identifier, "scale": scale}
    known: dict[str, Any] = {
        "id": examples.REQUIRED_COMPETENCY,
        "identifier": examples.REQUIRED_IDENTIFIER,
    }
    item = await _item(session, version, 1, "competency", *names, **below, **known)
    for level, (text_vi, text_en) in enumerate(PROTOCOL, 1):
        session.add(
            Descriptor(
                **_of(version),
                competency_identifier=item.identifier,
                scale_identifier=scale.identifier,
                level=level,
                text_vi=text_vi,
                text_en=text_en,
            )
        )
    names = ("LT.02", "Tác phong khi tiếp khách", "Conduct before guests")
    known = {"identifier": examples.ANOTHER_IDENTIFIER}
    await _item(session, version, 2, "competency", *names, domain="conduct", **below, **known)
    await session.flush()
    await service.publish_version(session, version)


async def _asked_about(session: AsyncSession, academy: UUID, asked: UUID) -> None:
    version = await _version(
        session,
        academy,
        ("KNL-LS", "Khung năng lực công tác lãnh sự", "Competencies of consular work"),
        version=examples.CONSULTED_VERSION,
    )
    scale = await _scale(session, version, id=examples.SCALE)
    await _scale(session, version, id=examples.UNUSED_SCALE, position=2)
    for place, (id, code, name_vi, name_en) in enumerate(
        (
            (examples.COMPETENCY, "LS.01", "Bảo hộ công dân", "Protection of citizens"),
            (examples.UNWANTED_COMPETENCY, "LS.03", "Lưu trữ", "Keeping files"),
            (examples.MISPLACED_COMPETENCY, "LS.02", "Cấp giấy tờ", "Issuing papers"),
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
        ("KNL-BC", "Khung năng lực báo chí đối ngoại", "Competencies of press work"),
        version=examples.VERSION_TO_PUBLISH,
    )
    scale = await _scale(session, version)
    names = ("BC.01", "Trả lời báo chí nước ngoài", "Answering foreign press")
    await _item(session, version, 1, "competency", *names, scale=scale)


async def _unwanted(session: AsyncSession, academy: UUID) -> None:
    await _version(
        session,
        academy,
        ("KNL-NN", "Khung năng lực ngoại ngữ (bản nháp)", "Competencies in languages (sketch)"),
        version=examples.VERSION_TO_DISCARD,
    )


async def _version(
    session: AsyncSession,
    academy: UUID,
    named: tuple[str, str, str],
    *,
    framework: UUID | None = None,
    version: UUID,
) -> FrameworkVersion:
    code, title_vi, title_en = named
    known = {"id": framework} if framework else {}
    added = Framework(organization_id=academy, code=code, **known)
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
