"""How the hours of curricula are shared out, beside the year before, and what is watched there."""

import json
from typing import Any, NamedTuple

from app.core.view_statements import Statement
from app.core.views import View
from app.curricula.balance_schemas import BalanceThresholdOut
from app.curricula.training_models import BalanceThreshold
from app.curricula.words import DOMAINS, Words


class _Key(NamedTuple):
    columns: str
    """What a row is of, besides the year."""
    shown: str
    parts: str
    """Whose modules a curriculum's are."""
    named: str = ""
    """What else there is to know of it."""


_CURRICULUM = """'curriculum_id', present.curriculum_id, 'organization_id',
  present.organization_id, 'code', present.code, 'title_vi', present.title_vi,
  'title_en', present.title_en"""
_NO_CURRICULUM = """'curriculum_id', null, 'organization_id', null, 'code', {0},
  'title_vi', null, 'title_en', null"""
_KEYS = {
    "curriculum": _Key(
        "organization_id, code",
        _CURRICULUM,
        "(version.id, version.extends_version_id)",
        "min(curriculum_id::text)::uuid as curriculum_id, min(title_vi) as title_vi,"
        " min(title_en) as title_en, ",
    ),
    "code": _Key("code", _NO_CURRICULUM.format("present.code"), "(version.id)"),
    "year": _Key("", _NO_CURRICULUM.format("null"), "(version.id)"),
}
_FACETS = {
    "domain": ("knowledge", "skill", "conduct"),
    "mode": ("in_person", "online", "either"),
    "kind": ("common", "specific"),
    "form": ("theory", "practice", "self_study", "on_the_job"),
}
_VALUES = ", ".join(
    f"('{facet}', '{value}', {place})"
    for facet, values in _FACETS.items()
    for place, value in enumerate(values)
)
_SHARES = ",\n    ".join(
    f"'{facet}s', (select json_agg(json_build_object('{facet}', s.value, 'hours', s.hours,"
    " 'percent', s.percent, 'percent_before', s.percent_before,"
    " 'change', round(s.percent - s.percent_before, 1)) order by s.place)"
    f" from share s where s.facet = '{facet}' and s.row = present.row)"
    for facet in _FACETS
)


def _statement(key: _Key) -> Statement:
    columns = f"{key.columns}, " if key.columns else ""
    sql = f"""
    with version as (
      select distinct on (v.curriculum_id) v.id, v.curriculum_id, v.extends_version_id,
        v.title_vi, v.title_en, c.organization_id, c.code, c.year
      from curriculum_versions v join curricula c on c.id = v.curriculum_id
      where v.published_on is not null and ($1::uuid is null or c.organization_id = $1::uuid)
        and ($2::text is null or c.code = $2::text)
        and ($3::integer is null or c.year between $3::integer - 1 and $3::integer)
      order by v.curriculum_id, v.state = 'published' desc, v.number desc
    ), part as materialized (
      select version.*, m.kind, w.domain, w.mode, w.theory_hours, w.practice_hours,
        w.self_study_hours, w.on_the_job_hours,
        w.theory_hours + w.practice_hours + w.self_study_hours + w.on_the_job_hours as hours
      from version join curriculum_modules u on u.curriculum_version_id in {key.parts}
      join module_versions w on w.id = u.module_version_id join modules m on m.id = w.module_id
    ), total as materialized (
      select {columns}year, {key.named}sum(hours) as hours,
        row_number() over (order by {columns}year) as row
      from part group by {columns}year
    ), counted as (
      select {columns}year, f.facet, f.value, sum(f.hours) as hours
      from part cross join lateral (values ('domain', domain, hours), ('mode', mode, hours),
        ('kind', kind, hours), ('form', 'theory', theory_hours),
        ('form', 'practice', practice_hours), ('form', 'self_study', self_study_hours),
        ('form', 'on_the_job', on_the_job_hours)) as f (facet, value, hours)
      group by {columns}year, f.facet, f.value
    ), percentage as (
      select {columns}year, t.row, f.facet, f.value, f.place, coalesce(c.hours, 0) as hours,
        round(100 * coalesce(c.hours, 0) / t.hours, 1) as percent
      from total t cross join (values {_VALUES}) as f (facet, value, place)
      left join counted c using ({columns}year, facet, value)
    ), share as materialized (
      select present.*, former.percent as percent_before
      from percentage present
      left join (select {columns}year + 1 as year, facet, value, percent from percentage) as former
        using ({columns}year, facet, value)
    )
    select convert_to(json_build_object('rows', (
      select coalesce(json_agg(json_build_object({key.shown}, 'year', present.year,
        'hours', present.hours, 'hours_before', former.hours,
        {_SHARES},
        'warnings', (
          select coalesce(json_agg(json_build_object('rule', w.rule, 'domain', s.value,
            'percent', s.percent, 'other', w.other) order by s.place, w.rule), '[]')
          from share s join balance_thresholds t on t.domain = s.value
          cross join lateral (values
            ('below_minimum', t.minimum_percent::numeric, s.percent < t.minimum_percent),
            ('not_growing', s.percent_before, t.must_grow and s.percent <= s.percent_before
              and s.percent < 100)
          ) as w (rule, other, so)
          where s.facet = 'domain' and s.row = present.row and w.so)
        ) order by present.year desc, present.row), '[]')
      from total present
      left join (select {columns}year + 1 as year, hours from total) as former
        using ({columns}year)
      where $3::integer is null or present.year = $3::integer
    ))::text, 'UTF8'), null::text, null::text, null::text
    """
    return Statement(sql, [("organization", None), ("code", None), ("year", None)])


statements = {by: _statement(key) for by, key in _KEYS.items()}
"""By what a row is of."""

thresholds = View(BalanceThreshold, BalanceThresholdOut)

_WARNINGS = {
    "below_minimum": Words(
        "{domain} chỉ chiếm {percent}% số giờ, dưới mức {other}%.",
        "{domain} has {percent}% of the hours, less than {other}%.",
    ),
    "not_growing": Words(
        "{domain} chiếm {percent}% số giờ, không tăng so với {other}% của năm trước.",
        "{domain} has {percent}% of the hours, which is no more than {other}% the year before.",
    ),
}


def in_words(body: bytes) -> bytes:
    """What is watched and not so, told in both languages."""
    found = json.loads(body)
    for row in found["rows"]:
        row["warnings"] = [_told(warning) for warning in row["warnings"]]
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()


def _told(warning: dict[str, Any]) -> dict[str, Any]:
    said = []
    for language, template in enumerate(_WARNINGS[warning["rule"]]):
        domain = DOMAINS[warning["domain"]][language]
        figures = {
            name: f"{warning[name]:g}" if language else f"{warning[name]:g}".replace(".", ",")
            for name in ("percent", "other")
        }
        said.append(template.format(domain=f"{domain[0].upper()}{domain[1:]}", **figures))
    return {
        "rule": warning["rule"],
        "domain": warning["domain"],
        "message_vi": said[0],
        "message_en": said[1],
    }
