"""Whether learners are of the target group of a course's curriculum, asked of many at once."""

from app.curricula.target_group_queries import AIMED, HOLDS, IS_ASKED, PARTS, RECORD

_HOLDING = " and ".join(f"(not {IS_ASKED[name]} or {HOLDS[name]})" for name in PARTS)
_FAILING = ", ".join(
    f"('{name}', case when {IS_ASKED[name]} and not {HOLDS[name]} then ({part.found})::jsonb end)"
    for name, part in PARTS.items()
)


def not_eligible(among: str, *, course: str) -> str:
    """Findings of those of the query `among` who are not, as `nomination_findings` has them: by
    the rule of the course's curriculum, or of what extends it. That they are employed, is asked
    there. Under the policies of who asks: of whom these do not see, it finds nothing."""
    return f"""
      select learners.id as learner_id, 'not_eligible' as rule,
        jsonb_build_object('curriculum_version_id', v.id, 'target_group_vi', v.rule_vi,
          'target_group_en', v.rule_en, 'parts', (
            select jsonb_object_agg(p.name, p.found)
            from (values {_FAILING}) as p (name, found) where p.found is not null)) as data,
        'employer' as fixed_by, learners.organization_id as fixed_by_id
      from courses c
      join {AIMED} as v on v.id = coalesce(c.extension_version_id, c.curriculum_version_id)
      cross join lateral jsonb_to_record(v.rule) as r ({RECORD})
      join learners on learners.id = any (array({among}))
      where c.id = {course} and v.rule <> '{{}}' and not ({_HOLDING})
    """  # noqa: S608 -- our own words
