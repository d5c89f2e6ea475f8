"""What stands against a version of a curriculum: found by the database, told in words."""

import json
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.view_statements import Statement
from app.curricula.problems import CurriculumNotReady
from app.curricula.words import of_finding

_FOUND = """
select coalesce(json_agg(json_build_object('rule', f.rule, 'module_id', f.module_id,
    'code', m.code, 'title_vi', m.title_vi, 'title_en', m.title_en, 'figures', f.figures,
    'required', case when r.id is not null then json_build_object('code', r.code,
      'title_vi', r.title_vi, 'title_en', r.title_en) end)
  order by f.place), '[]')
from curriculum_findings({version}, {instead}) with ordinality
  as f (rule, module_id, figures, place)
left join lateral {named} as m on true
left join lateral {required} as r on true
"""
_NAMED = """(
  select n.id, n.code, v.title_vi, v.title_en
  from modules n join module_versions v on v.module_id = n.id
  where n.id = {id} order by v.state = 'discarded', v.number desc limit 1
)"""


def _sql(version: str, instead: str) -> str:
    return _FOUND.format(
        version=version,
        instead=instead,
        named=_NAMED.format(id="f.module_id"),
        required=_NAMED.format(id="(f.figures ->> 'required_module_id')::uuid"),
    )


_SQL = f"""
select convert_to(json_build_object('curriculum_version_id', v.id,
  'findings', ({_sql("v.id", "null")}))::text, 'UTF8'), null::text, null::text, null::text
from curriculum_versions v where v.id = $1::uuid
"""  # noqa: S608 -- our own words
against_version = Statement(_SQL, [("id", None)])
_OF_SESSION = text(_sql("cast(:id as uuid)", "cast(:instead as uuid)").replace("::", "\\:\\:"))


def in_words(body: bytes) -> bytes:
    """What the database found, told in both languages."""
    found = json.loads(body)
    found["findings"] = [_told(finding) for finding in found["findings"]]
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()


def _told(finding: dict[str, Any]) -> dict[str, Any]:
    words = of_finding(finding)
    kept = {name: finding[name] for name in ("rule", "module_id", "code", "figures")}
    return kept | {"message_vi": words.vi, "message_en": words.en}


async def findings(
    session: AsyncSession, version_id: UUID, instead: UUID | None = None
) -> list[dict[str, Any]]:
    """All that stands against the version, as `FindingOut` has it; of an extension, if it extended
    the version `instead` of the one that it does."""
    given = {"id": version_id, "instead": instead}
    found = await session.scalar(_OF_SESSION, given)
    return [_told(finding) for finding in found]


async def refuse_unless_ready(session: AsyncSession, version_id: UUID) -> None:
    """To be called before a version is submitted, and before it is published.

    Raises CurriculumNotReady, with everything that stands against it.
    """
    if found := await findings(session, version_id):
        raise CurriculumNotReady(findings=found)
