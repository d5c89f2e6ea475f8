"""Whether a learner is of a target group, part by part: what is asked, what was found, and who
corrects that if it is wrong."""

import json
from typing import Any
from uuid import UUID

from app.competencies.attainment_queries import TODAY
from app.core.view_statements import Statement
from app.curricula import target_group_words as words
from app.curricula.target_group_queries import (
    AIMED,
    EMPLOYED,
    FITS,
    HOLDS,
    IS_ASKED,
    PARTS,
    RECORD,
)
from app.curricula.words import Words

_PARTS = ",\n    ".join(
    f"'{name}', case when {IS_ASKED[name]} then json_build_object('holds', {HOLDS[name]},"
    f" 'found', {part.found}) end"
    for name, part in PARTS.items()
)
_POSITIONS = """(
  select coalesce(json_object_agg(p.id, json_build_array(p.name_vi, p.name_en)), '{}')
  from job_positions p where p.id = any (r.job_position_ids))"""
_ELIGIBILITY = f"""
select convert_to(json_build_object(
  'curriculum_version_id', v.id,
  'learner', json_build_object('id', learners.id, 'organization_id', learners.organization_id,
    'external_id', learners.external_id, 'full_name', learners.full_name,
    'unit_id', learners.unit_id, 'position_title', learners.position_title,
    'status', learners.status),
  'as_of', {TODAY},
  'rule', v.rule, 'rule_vi', v.rule_vi, 'rule_en', v.rule_en,
  'academy', (select o.id from organizations o where o.kind = 'academy'),
  'eligible', {FITS},
  'positions', {_POSITIONS},
  'employed', json_build_object('holds', {EMPLOYED},
    'found', json_build_object('status', learners.status)),
  'parts', json_build_object({_PARTS})
)::text, 'UTF8'), null::text, null::text, array[learners.id]::text
from {AIMED} as v cross join lateral jsonb_to_record(v.rule) as r ({RECORD}),
  learners
where v.id = $1::uuid and learners.id = $2::uuid
"""
statement = Statement(_ELIGIBILITY, [("version", None), ("learner", None)])
"""Of one learner: each part, whether it holds, and what was looked at."""

_KEPT_BY = {
    "organization_kinds": "academy",
    "trained": "recorders",
    "not_trained": "recorders",
}
"""Of the other parts, the employer keeps what is looked at."""


def in_words(body: bytes) -> bytes:
    """What the database found, told in both languages."""
    found = json.loads(body)
    named = {UUID(id): tuple(names) for id, names in found.pop("positions").items()}
    parts = {"employed": found.pop("employed")} | found.pop("parts")
    academy, employer = found.pop("academy"), found["learner"]["organization_id"]
    told = []
    for part in ("employed", *words.PARTS):
        if (looked_at := parts[part]) is None:
            continue
        if part == "employed":
            asked = words.EMPLOYED
        else:
            asked = words.of_part(part, found["rule"], named) or words.EVERYBODY
        told.append(_told(part, asked, looked_at, academy, employer))
    found["parts"] = sorted(told, key=lambda each: bool(each["holds"]))
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode()


def _told(
    part: str, asked: Words, looked_at: dict[str, Any], academy: str, employer: str
) -> dict[str, Any]:
    kept_by, found = _KEPT_BY.get(part, "employer"), looked_at["found"]
    keepers = {
        "employer": [employer],
        "academy": [academy],
        "recorders": sorted(
            {each["organization_id"] for each in found.get("trainings", ())} or {employer}
        ),
    }
    said, kept = words.of_found(part, found), words.KEPT[kept_by]
    return {
        "part": part,
        "holds": looked_at["holds"],
        "asked_vi": asked.vi,
        "asked_en": asked.en,
        "found": found,
        "found_vi": said.vi,
        "found_en": said.en,
        "kept_by": kept_by,
        "kept_by_organization_ids": keepers[kept_by],
        "kept_vi": kept.vi,
        "kept_en": kept.en,
    }
