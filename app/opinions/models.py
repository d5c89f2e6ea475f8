"""Asking others about a version before it is published: who is asked, and what they say."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core.database.models import OwnedEntity


class AboutVersion(OwnedEntity):
    """A row about a version of something, and so of whom that belongs to."""

    __abstract__ = True
    __of__: ClassVar[str]
    """What it is a version of, as columns and tables begin."""

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        version = ForeignKeyConstraint(
            ["organization_id", cls.version_column()],
            [f"{cls.__of__}_versions.organization_id", f"{cls.__of__}_versions.id"],
            name=f"{cls.__tablename__}_{cls.version_column()}_fkey",
        )
        return (version, *cls.rules())

    @classmethod
    def version_column(cls) -> str:
        return f"{cls.__of__}_version_id"

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        return ()

    @classmethod
    def of(cls, version: Any, **said: Any) -> Any:
        """A new row about this version."""
        whose = {"organization_id": version.organization_id, cls.version_column(): version.id}
        return cls(**whose, **said)


class Invited(AboutVersion):
    """An organisation or a user who reads and comments on a version while opinions are asked."""

    __abstract__ = True
    __once__: ClassVar[str] = ""
    """What the names of indexes begin with, which are one table's only."""

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        lasting: dict[str, Any] = {"unique": True, "postgresql_where": text("ended_at is null")}
        of, once = cls.version_column(), cls.__once__
        return (
            CheckConstraint(
                "(invited_organization_id is null) <> (user_id is null)", name="invitation_of_one"
            ),
            Index(f"{once}organization_already_invited", of, "invited_organization_id", **lasting),
            Index(f"{once}user_already_invited", of, "user_id", **lasting),
        )

    invited_organization_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("organizations.id", name="invited_organization_unknown")
    )
    user_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("users.id", name="invited_user_unknown")
    )
    email: Mapped[str | None]
    """Under which the user was invited; a trigger finds whose it is."""
    ended_at: Mapped[datetime | None]


class Said(AboutVersion):
    """What somebody says of a part of a version, or of it as a whole; or an answer to it."""

    __abstract__ = True

    @classmethod
    def rules(cls) -> tuple[Any, ...]:
        table, of = cls.__tablename__, cls.version_column()
        thread = [f"{table}.{of}", f"{table}.id"]
        return (
            Unique(of, "id"),
            ForeignKeyConstraint([of, "thread_id"], thread, name="thread_unknown"),
            CheckConstraint("thread_id is null or resolution is null", name="answer_resolved"),
            Index(None, of, "thread_id"),
        )

    thread_id: Mapped[UUID | None]
    """The comment that this answers."""
    author: Mapped[str] = mapped_column(server_default=text("current_setting('app.actor')"))
    author_name: Mapped[str | None]
    author_organization_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("organizations.id", name="comment_author_unknown"),
        server_default=text("nullif(current_setting('app.organization', true), '')::uuid"),
    )
    text: Mapped[str]
    resolution: Mapped[str | None]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None]
