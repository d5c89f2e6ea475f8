from typing import Any

from sqlalchemy import Integer, Select, Text, Uuid, bindparam, column, func, select

from app.core.view_statements import Statement
from app.core.views import View
from app.materials.models import Material, MaterialVersion
from app.materials.schemas import (
    MaterialOut,
    MaterialQuery,
    MaterialVersionOut,
    MaterialVersionQuery,
)

_WORDS: Any = bindparam("q", type_=Text)
_FOUND = func.search_materials(_WORDS).table_valued(
    column("material_id", Uuid), column("relevance", Integer), name="found"
)
"""What has the words, whoever sees it; the policies of materials bind who reads."""


def materials_matching(query: MaterialQuery) -> Select[Any]:
    statement = select(Material)
    if query.q is not None:
        statement = statement.join(_FOUND, _FOUND.c.material_id == Material.id)
    if query.organization is not None:
        statement = statement.where(Material.organization_id == query.organization)
    if query.language is not None:
        statement = statement.where(Material.language == query.language)
    if query.visibility is not None:
        statement = statement.where(Material.visibility == query.visibility)
    return statement


def versions_matching(query: MaterialVersionQuery) -> Select[Any]:
    statement = select(MaterialVersion)
    if query.material is not None:
        statement = statement.where(MaterialVersion.material_id == query.material)
    return statement


materials = View(
    Material,
    MaterialOut,
    materials_matching,
    columns={"snippet": func.material_snippet(Material.current_version_id, _WORDS)},
    places={"title": Material.search_text, "relevance": _FOUND.c.relevance},
    stamp=func.concat(Material.version, ".", Material.current_version_id),
)
versions = View(MaterialVersion, MaterialVersionOut, versions_matching)

stored = Statement(
    """
    select convert_to(json_build_object('storage_key', storage_key, 'file_name', file_name,
        'media_type', media_type, 'bytes', bytes, 'sha256', sha256, 'scan', scan)::text, 'UTF8')
        as body, null::text as place, null::text as tag, null::text as whose
    from material_versions where id = $1
    """,
    [("id", None)],
)
"""What there is to know of a version whose file somebody takes out."""
