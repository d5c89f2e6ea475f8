"""All tables of the service, for Alembic: every module of models is imported first."""

from importlib import import_module
from pathlib import Path

from sqlalchemy import MetaData
from sqlalchemy.dialects.postgresql.base import ischema_names

from app.core.database.models import Base, TransactionId


def metadata() -> MetaData:
    ischema_names["xid8"] = TransactionId  # SQLAlchemy does not know it when it compares
    app = Path(__file__).parents[2]
    import_module("app.core.idempotency")
    for file in sorted(app.rglob("*models.py")):
        import_module(".".join(file.relative_to(app.parent).with_suffix("").parts))
    return Base.metadata
