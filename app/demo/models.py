"""Whether this database holds the demonstration, where made-up people may be signed in as."""

from datetime import datetime

from sqlalchemy import CheckConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database.models import Base


class Installation(Base):
    __tablename__ = "installations"
    __table_args__ = (CheckConstraint("sole", name="one_installation"),)

    sole: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    demo_loaded_at: Mapped[datetime]
