"""All tables of the service, for Alembic: every `models` module is imported first."""

from importlib import import_module
from pathlib import Path

from sqlalchemy import MetaData

from app.core.database.models import Base


def metadata() -> MetaData:
    app = Path(__file__).parents[2]
    for file in sorted(app.glob("*/models.py")):
        import_module(f"app.{file.parent.name}.models")
    return Base.metadata
