"""What somebody attains: their profile beside a job position, and why they attain it.

The rules are `weigh_evidence`'s and `attained`'s, functions of the database; what is kept of them
(`attainments`) is taken while it is true.
"""

from app.core.view_statements import Statement

TODAY = "(select (now() at time zone 'Asia/Ho_Chi_Minh')::date)"
"""Which a statement works out once, and not for each row."""
EFFECTIVE = f"(r.since <= {TODAY} and (r.until is null or r.until > {TODAY}))"
"""Whether a requirement `r` is one today."""
NAMED = """'competency_id', c.competency_id, 'framework_id', c.framework_id,
  'competency_identifier', c.identifier, 'code', c.code, 'name_vi', c.name_vi,
  'name_en', c.name_en, 'domain', c.domain"""
"""What every document says of a competency `c`: see `NamedCompetency`."""
DOMAINS = "array['knowledge', 'skill', 'conduct']"
"""In their order."""


def attained_today(column: str) -> str:
    """The level, or the evidence of it, that a row `a` of attainments tells of today, for its
    competency `c`: as it is kept, if that is still true."""
    return f"""case
      when a.rule = c.attainment_rule and (a.changes_on is null or a.changes_on > {TODAY})
        then a.{column}
      when a.rule is not null then (
        select t.{column} from attained(a.learner_id, a.framework_id, a.competency_identifier,
          a.scale_identifier, c.attainment_rule, {TODAY}) as t)
      end"""


_PROFILE = f"""
with person as materialized (
  select l.*, coalesce($2::uuid, h.job_position_id) as job_position_id,
    coalesce($2::uuid = h.job_position_id, h.job_position_id is not null) as held
  from learners l left join job_positions_held h on h.learner_id = l.id
  where l.id = $1::uuid
    and ($2::uuid is null or exists (select from job_positions p where p.id = $2::uuid))
), found as materialized (
  select c.competency_id, c.framework_id, c.identifier as competency_identifier, c.code, c.name_vi,
    c.name_en, c.domain, a.required_level, a.desired_level, a.weight,
    {attained_today("level")} as attained_level
  from (
    select framework_id, competency_identifier, scale_identifier, r.required_level,
      r.desired_level, r.weight, a.learner_id, a.rule, a.level, a.changes_on
    from (
      select r.* from person join job_position_requirements r using (job_position_id)
      where {EFFECTIVE}
    ) as r full join (select * from attainments where learner_id = $1::uuid) as a
      using (framework_id, competency_identifier, scale_identifier)
  ) as a
  join published_competencies c on c.framework_id = a.framework_id
    and c.identifier = a.competency_identifier
), shown as materialized (
  select *, case when required_level is not null
    then greatest(required_level - coalesce(attained_level, 0), 0) end as gap
  from found
)
select convert_to(json_build_object(
  'learner', json_build_object('id', person.id, 'organization_id', person.organization_id,
    'external_id', person.external_id, 'full_name', person.full_name, 'unit_id', person.unit_id,
    'position_title', person.position_title, 'position_since', person.position_since,
    'leadership_level', person.leadership_level, 'status', person.status),
  'as_of', {TODAY},
  'job_position', (
    select json_build_object('id', p.id, 'organization_id', p.organization_id, 'code', p.code,
      'name_vi', p.name_vi, 'name_en', p.name_en, 'held', person.held)
    from job_positions p where p.id = person.job_position_id),
  'domains', (
    select coalesce(json_agg(d order by array_position({DOMAINS}, d.domain)), '[]')
    from (
      select domain, count(*) as requirements,
        count(*) filter (where gap = 0) as met,
        count(*) filter (where gap > 0) as below,
        count(*) filter (where attained_level is null) as unknown,
        round(sum(weight * gap)::numeric / sum(weight), 2)::float as mean_gap
      from shown where required_level is not null group by domain
    ) as d),
  'competencies', (
    select coalesce(json_agg(f order by f.gap desc nulls last, f.code, f.competency_id), '[]')
    from shown as f)
)::text, 'UTF8'), null::text, null::text, array[person.id]::text
from person
"""
profile = Statement(_PROFILE, [("id", None), ("job_position", None)])
"""Of a learner, beside the position that they hold or the one that is given. Nothing where the
reader does not see either."""

REASONS = {
    "counts": ("Được dùng.", "It counts."),
    "outranked": (
        "Một minh chứng khác được dùng trước theo quy tắc của năng lực.",
        "Other evidence comes before it by the rule of the competency.",
    ),
    "outranked_self": (
        "Nội dung tự khai chỉ được dùng khi không có minh chứng nào khác.",
        "What somebody says of themselves counts only while nothing else does.",
    ),
    "superseded": (
        "Đã được đính chính hoặc rút lại.",
        "It was corrected or taken back.",
    ),
    "withdrawn": (
        "Chỉ rút lại một minh chứng khác.",
        "It only takes back other evidence.",
    ),
    "other_scale": (
        "Theo thang bậc khác với thang hiện nay của năng lực.",
        "It is on another scale than the competency is now.",
    ),
    "refused": ("Người xem xét không công nhận.", "Who reviewed it refused it."),
    "not_reviewed": (
        "Chưa có ai xác nhận; loại minh chứng này cần được xác nhận.",
        "Nobody has confirmed it yet, which this type needs.",
    ),
    "not_yet": ("Chưa đến ngày được tính.", "It counts from a later day on."),
    "expired": ("Đã hết giá trị.", "It is valid no more."),
}
"""Why a piece of evidence is used or left out, in both languages."""
_WORDS = ", ".join(f"('{code}', '{vi}', '{en}')" for code, (vi, en) in REASONS.items())

_EXPLANATION = f"""
with c as (
  select l.id as learner_id, c.*, s.proficient_level
  from learners l, competencies named
  join framework_versions v on v.id = named.framework_version_id
  join published_competencies c on c.framework_id = v.framework_id
    and c.identifier = named.identifier
  join proficiency_scales s on s.framework_version_id = c.framework_version_id
    and s.identifier = c.scale_identifier
  where l.id = $1::uuid and named.id = $2::uuid
), weighed as (
  select w.*, e.type, e.issuer, e.document, coalesce(w.left_out, case
    when w.place = 1 then 'counts' when e.type = 'self_declared' then 'outranked_self'
    else 'outranked' end) as reason
  from c cross join lateral weigh_evidence(c.learner_id, c.framework_id, c.identifier,
    c.scale_identifier, c.attainment_rule, {TODAY}) as w
  join evidence e on e.id = w.evidence_id
)
select convert_to(json_build_object(
  {NAMED},
  'learner_id', c.learner_id,
  'as_of', {TODAY},
  'rule', c.attainment_rule,
  'level', t.level,
  'proficient', coalesce(t.level >= c.proficient_level, false),
  'changes_on', t.changes_on,
  'evidence', (
    select coalesce(json_agg(json_build_object('id', w.evidence_id, 'type', w.type,
      'level', w.level, 'achieved_on', w.achieved_on, 'valid_until', w.valid_until,
      'issuer', w.issuer, 'document', w.document, 'used', coalesce(w.place = 1, false),
      'reason', w.reason, 'reason_vi', r.vi, 'reason_en', r.en)
      order by w.place nulls last, w.evidence_id desc), '[]')
    from weighed w join (values {_WORDS}) as r (code, vi, en) on r.code = w.reason)
)::text, 'UTF8'), null::text, null::text, array[c.learner_id]::text
from c cross join lateral attained(c.learner_id, c.framework_id, c.identifier, c.scale_identifier,
  c.attainment_rule, {TODAY}) as t
"""
explanation = Statement(_EXPLANATION, [("learner", None), ("competency", None)])
"""Why a learner attains what they attain of a competency, whichever version names it."""
