"""Courses, the modules that each has of its curriculum, and whose places are whose."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    func,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, column_property, declared_attr, mapped_column

from app.core.database.models import Base, OwnedEntity


class Course(OwnedEntity):
    """One run of a version of a curriculum, by the organisation that hosts it."""

    __tablename__ = "courses"
    __table_args__ = (
        UniqueConstraint("organization_id", "code", name="course_code_taken"),
        UniqueConstraint("organization_id", "id"),
        CheckConstraint("ends_on >= starts_on", name="course_ends_before_it_begins"),
        CheckConstraint("nominations_until <= starts_on", name="nominations_after_beginning"),
        Index(None, "starts_on", "id"),
    )

    code: Mapped[str]
    title_vi: Mapped[str]
    title_en: Mapped[str]
    year: Mapped[int]
    """Of whose plan it is; it may end in the next one."""
    curriculum_version_id: Mapped[UUID] = mapped_column(
        ForeignKey("curriculum_versions.id", name="course_curriculum_not_in_force"), index=True
    )
    extension_version_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("curriculum_versions.id", name="course_extension_of_another"), index=True
    )
    """What an organisation adds to that curriculum, if it is taught too."""
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    """Its last day. Sessions lie within its days, each by the clock of its own zone."""
    mode: Mapped[str]
    senior: Mapped[bool] = mapped_column(server_default=text("false"))
    foreign_experts: Mapped[bool] = mapped_column(server_default=text("false"))
    min_places: Mapped[int] = mapped_column(server_default=text("0"))
    max_places: Mapped[int | None]
    """None for as many as come, 0 for nobody."""
    nominations_until: Mapped[date | None]
    release_days: Mapped[int] = mapped_column(server_default=text("0"))
    completion_rule: Mapped[dict[str, Any]]
    """As `CompletionRule` has it. From the opening on it does not change: who comes knows what
    they have to do, and what was decided by it stays."""
    state: Mapped[str] = mapped_column(server_default="planned")
    opened_at: Mapped[datetime | None]
    """From then on, others see it."""
    cancelled_because: Mapped[str | None]


class OfCourse(Base):
    """A part of a course, changed with its whole, so without a version of its own."""

    __abstract__ = True

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        course = ForeignKeyConstraint(
            ["organization_id", "course_id"],
            ["courses.organization_id", "courses.id"],
            name=f"{cls.__tablename__}_course_id_fkey",
        )
        return (course, *cls.rules())

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        return ()

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    course_id: Mapped[UUID]


class CourseModule(OfCourse):
    """A module that is taught: every mandatory one of the curriculum, and some others."""

    __tablename__ = "course_modules"

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        return (
            UniqueConstraint(
                "organization_id", "course_id", "module_id", name="course_module_twice"
            ),
            ForeignKeyConstraint(
                ["curriculum_version_id", "module_id"],
                ["curriculum_modules.curriculum_version_id", "curriculum_modules.module_id"],
                name="module_not_of_curriculum",
            ),
            Index(None, "curriculum_version_id", "module_id"),
        )

    curriculum_version_id: Mapped[UUID]
    """The course's curriculum, or its extension."""
    module_id: Mapped[UUID]


class CourseQuota(OwnedEntity):
    """Places that are kept for an organisation, or for several together. What the quotas leave
    over is for everybody else."""

    __tablename__ = "course_quotas"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "course_id"],
            ["courses.organization_id", "courses.id"],
            name="course_quotas_course_id_fkey",
        ),
        UniqueConstraint("organization_id", "course_id", "code", name="quota_code_taken"),
        UniqueConstraint("organization_id", "course_id", "id"),
        CheckConstraint("places >= 0", name="quota_places_out_of_range"),
    )

    course_id: Mapped[UUID]
    code: Mapped[str]
    places: Mapped[int]


class CourseQuotaMember(Base):
    """An organisation that a quota is for. It has no other one in the course, so it is clear which
    quota each of its people takes a place of."""

    __tablename__ = "course_quota_members"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "course_id", "quota_id"],
            ["course_quotas.organization_id", "course_quotas.course_id", "course_quotas.id"],
            name="course_quota_members_quota_id_fkey",
        ),
        UniqueConstraint("organization_id", "course_id", "member_id", name="quota_member_taken"),
        Index(None, "member_id"),
        Index(None, "quota_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    course_id: Mapped[UUID]
    quota_id: Mapped[UUID]
    member_id: Mapped[UUID] = mapped_column(
        ForeignKey("organizations.id", name="quota_member_unknown")
    )


_MODULES = """(
  select coalesce(json_agg(json_build_object('module_id', c.module_id,
    'module_version_id', m.module_version_id, 'mandatory', m.mandatory,
    'title_vi', v.title_vi, 'title_en', v.title_en)
    order by c.curriculum_version_id <> courses.curriculum_version_id, m.position), '[]')
  from course_modules c join curriculum_modules m
    on m.curriculum_version_id = c.curriculum_version_id and m.module_id = c.module_id
  join module_versions v on v.id = m.module_version_id
  where c.course_id = courses.id)"""
Course.modules = column_property(literal_column(_MODULES, type_=JSON))
