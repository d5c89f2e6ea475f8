"""Reads versions for an exchange: each in one statement, and so as it was at one moment."""

from app.core.view_statements import Statement

_AT = """'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'"""

# `wanted` is the version, and which items of it: all, or one with what it stands beside.
_WHOLE = """
with wanted as materialized (
  {wanted}
)
select convert_to(json_build_object(
  'version', json_build_object('identifier', v.identifier, 'code', f.code, 'number', v.number,
    'state', v.state, 'title_vi', v.title_vi, 'title_en', v.title_en,
    'description_vi', v.description_vi, 'description_en', v.description_en,
    'published_on', v.published_on, 'retired_on', v.retired_on, 'organization', o.name_vi,
    'updated_at', to_char(v.updated_at at time zone 'UTC', {at}), 'exchanged', v.exchanged),
  'scales', (select coalesce(json_agg(json_build_object('identifier', s.identifier,
      'name_vi', s.name_vi, 'name_en', s.name_en, 'proficient_level', s.proficient_level,
      'updated_at', to_char(s.updated_at at time zone 'UTC', {at}), 'exchanged', s.exchanged,
      'levels', (select coalesce(json_agg(json_build_object('level', l.level,
          'name_vi', l.name_vi, 'name_en', l.name_en, 'description_vi', l.description_vi,
          'description_en', l.description_en) order by l.level), '[]')
        from proficiency_levels l where l.framework_version_id = v.id
          and l.scale_identifier = s.identifier)) order by s.position, s.id), '[]')
    from proficiency_scales s where s.framework_version_id = v.id),
  'items', (select coalesce(json_agg(json_build_object('identifier', c.identifier,
      'parent', c.parent_identifier, 'position', c.position, 'kind', c.kind, 'domain', c.domain,
      'code', c.code, 'name_vi', c.name_vi, 'name_en', c.name_en,
      'description_vi', c.description_vi, 'description_en', c.description_en,
      'scale', c.scale_identifier, 'rule', c.attainment_rule,
      'association', c.association_identifier, 'exchanged', c.exchanged,
      'updated_at', to_char(c.updated_at at time zone 'UTC', {at})) order by c.sort_key), '[]')
    from competencies c where c.framework_version_id = v.id {among}),
  'there', (select coalesce(json_agg(c.identifier), '[]') from competencies c
    where c.framework_version_id = v.id and v.exchanged -> 'associations' <> '{{}}'),
  'descriptors', (select coalesce(json_agg(json_build_array(d.competency_identifier, d.level,
      d.text_vi, d.text_en)), '[]')
    from level_descriptors d where d.framework_version_id = v.id {described}),
  'replacements', (select coalesce(json_agg(json_build_array(r.identifier, r.former_identifier,
      r.association_identifier, case when v.exchanged ->> 'language' = 'en' then c.name_en
      else c.name_vi end) order by r.id), '[]')
    from competency_replacements r join competencies c
      on c.framework_version_id = r.former_version_id and c.identifier = r.former_identifier
    where r.framework_version_id = v.id {replacing})
)::text, 'UTF8'), null::text, null::text, null::text
from wanted join framework_versions v on v.id = wanted.version_id
join competency_frameworks f on f.id = v.framework_id
join organizations o on o.id = v.organization_id
"""
_BESIDE = """and (c.identifier = wanted.item or c.parent_identifier = wanted.item
      or c.identifier = (select p.parent_identifier from competencies p
        where p.framework_version_id = v.id and p.identifier = wanted.item))"""
# What several versions have is read in the one in force; else in the latest. Others may publish
# under the same identifiers: the national framework comes before theirs, and then the older one.
_FIRST = """order by v.published_on is null,
  v.organization_id = (select o.id from organizations o where o.kind = 'academy') desc,
  v.state = 'published' desc, v.state = 'discarded', v.framework_id,
  v.published_on desc, v.id desc limit 1"""


def _statement(wanted: str, *, beside: bool = False, on_scale: bool = False) -> Statement:
    among = _BESIDE if beside else "and c.scale_identifier = wanted.item" if on_scale else ""
    described = "and d.scale_identifier = wanted.item" if on_scale else ""
    sql = _WHOLE.format(
        wanted=wanted,
        at=_AT,
        among=among,
        described="and false" if beside else described,
        replacing="and wanted.item in (r.identifier, r.former_identifier)" if beside else "",
    )
    return Statement(sql, [("id", None)])


by_id = _statement(
    "select id as version_id, null::uuid as item from framework_versions where id = $1::uuid"
)
document = _statement(
    "select v.id as version_id, v.id as item from framework_versions v"
    f" where v.identifier = $1::uuid {_FIRST}",
    beside=True,
)
"""Without any item."""
package = _statement(
    "select v.id as version_id, null::uuid as item from framework_versions v"
    f" where v.identifier = $1::uuid {_FIRST}"
)
item = _statement(
    """select v.id as version_id, c.identifier as item from competencies c
  join framework_versions v on v.id = c.framework_version_id
  where c.identifier = $1::uuid """
    + _FIRST,
    beside=True,
)
association = _statement(
    """select v.id as version_id, found.item from (
    select framework_version_id, identifier as item from competencies
    where association_identifier = $1::uuid
    union all
    select framework_version_id, identifier from competency_replacements
    where association_identifier = $1::uuid
    union all
    select id, null from framework_versions where exchanged -> 'associations' ? ($1::uuid)::text
  ) as found join framework_versions v on v.id = found.framework_version_id """
    + _FIRST,
    beside=True,
)
rubric = _statement(
    """select v.id as version_id, $1::uuid as item from (
    select framework_version_id from proficiency_scales where identifier = $1::uuid
    union all
    select id from framework_versions where exchanged -> 'rubrics' ? ($1::uuid)::text
  ) as found join framework_versions v on v.id = found.framework_version_id """
    + _FIRST,
    on_scale=True,
)
definition = Statement(
    f"""
    select convert_to((v.exchanged -> 'definitions' -> 'said' -> $2::text)::text, 'UTF8'),
      null::text, null::text, null::text
    from framework_versions v
    where v.exchanged -> 'definitions' -> 'said' -> $2::text ? ($1::uuid)::text {_FIRST}
    """,
    [("id", None), ("list", None)],
)
MOST_DOCUMENTS = 2000
documents = Statement(
    f"""
    select convert_to(coalesce(json_agg(json_build_object('identifier', v.identifier,
      'code', f.code, 'number', v.number, 'state', v.state, 'title_vi', v.title_vi,
      'title_en', v.title_en, 'description_vi', v.description_vi,
      'description_en', v.description_en, 'published_on', v.published_on,
      'retired_on', v.retired_on, 'organization', o.name_vi,
      'updated_at', to_char(v.updated_at at time zone 'UTC', {_AT}),
      'exchanged', json_build_object('language', coalesce(v.exchanged ->> 'language', 'vi'),
        'document', v.exchanged -> 'document'))), '[]')::text, 'UTF8'),
      null::text, null::text, null::text
    from (select * from framework_versions where state <> 'discarded'
      order by id limit {MOST_DOCUMENTS}) v
    join competency_frameworks f on f.id = v.framework_id
    join organizations o on o.id = v.organization_id
    """,
    [],
)
