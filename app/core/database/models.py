"""The declarative base: what every table has in common."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import TIMESTAMP, FetchedValue, ForeignKey, MetaData, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import UserDefinedType


class TransactionId(UserDefinedType[int]):
    """PostgreSQL's xid8: in which transaction a row was written."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
            "ck": "%(constraint_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        str: Text,
        datetime: TIMESTAMP(timezone=True),
        list[str]: ARRAY(Text),
        dict[str, Any]: JSONB,
        list[dict[str, Any]]: JSONB,
    }


class Entity(Base):
    """A row with an identity: a time-ordered id, a version for ETags, and timestamps."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    version: Mapped[int] = mapped_column(server_default=text("1"), server_onupdate=FetchedValue())
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), server_onupdate=FetchedValue()
    )

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        """The database counts versions (trigger `touch`), so that bulk SQL counts too."""
        return {
            "version_id_col": cls.version,
            "version_id_generator": False,
            "eager_defaults": True,
        }


class OwnedEntity(Entity):
    """An entity that belongs to one organisation, which row policies read (see scopes.py).

    A new row belongs to the organisation of the transaction's scope unless it says otherwise.
    """

    __abstract__ = True

    organization_id: Mapped[UUID] = mapped_column(
        ForeignKey("organizations.id"),
        server_default=text("nullif(current_setting('app.organization', true), '')::uuid"),
    )
