"""What a version of a module says beside its own row, as PostgreSQL writes it in JSON.

Each stands within a statement that reads `module_versions`.
"""

OUTCOMES = """(
  select coalesce(json_agg(json_build_object('text_vi', o.text_vi, 'text_en', o.text_en)
    order by o.position), '[]')
  from module_outcomes o where o.module_version_id = module_versions.id)"""

COMPETENCIES = """(
  select coalesce(json_agg(json_build_object('framework_id', s.framework_id,
    'framework_version_id', s.framework_version_id,
    'competency_identifier', s.competency_identifier, 'scale_identifier', s.scale_identifier,
    'level', s.level, 'domain', c.domain, 'code', c.code, 'name_vi', c.name_vi,
    'name_en', c.name_en) order by c.code, c.identifier), '[]')
  from module_competencies s
  join competencies c on c.framework_version_id = s.framework_version_id
    and c.identifier = s.competency_identifier
  where s.module_version_id = module_versions.id)"""

PREREQUISITES = """(
  select coalesce(json_agg(p.required_module_id order by p.id), '[]')
  from module_prerequisites p where p.module_version_id = module_versions.id)"""

MATERIALS = """(
  select coalesce(json_agg(u.material_version_id order by u.position), '[]')
  from module_materials u where u.module_version_id = module_versions.id)"""

NAMED_PREREQUISITES = """(
  select coalesce(json_agg(json_build_object('module_id', m.id, 'code', m.code,
    'title_vi', t.title_vi, 'title_en', t.title_en) order by m.code, m.id), '[]')
  from module_prerequisites p join modules m on m.id = p.required_module_id
  cross join lateral (
    select v.title_vi, v.title_en from module_versions v where v.module_id = m.id
    order by v.state = 'discarded', v.number desc limit 1
  ) as t
  where p.module_version_id = module_versions.id)"""

NAMED_MATERIALS = """(
  select coalesce(json_agg(json_build_object('material_version_id', v.id,
    'material_id', m.id, 'title_vi', m.title_vi, 'title_en', m.title_en)
    order by u.position), '[]')
  from module_materials u join material_versions v on v.id = u.material_version_id
  join materials m on m.id = v.material_id
  where u.module_version_id = module_versions.id)"""
"""Without those that its reader may not see."""
