"""Curricula of a year: modules in order, common parts and what organisations add to them."""

from migrations.curricula import (
    NUMBERED,
    OF_CURRICULUM_VERSION,
    drafts_alone_change,
    shown_once_published,
)
from migrations.helpers import (
    ADDED,
    CHANGERS,
    EVERYBODY,
    NARROW,
    OWNED,
    STAMPS,
    run,
)

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

STEPS = """
  ('draft', 'draft'), ('draft', 'in_review'), ('draft', 'discarded'), ('in_review', 'in_review'),
  ('in_review', 'draft'), ('in_review', 'approved'), ('in_review', 'discarded'),
  ('approved', 'approved'), ('approved', 'draft'), ('approved', 'published'),
  ('approved', 'discarded'), ('published', 'retired')
"""
FIELDS = """'border_and_territory', 'consular', 'cultural_diplomacy', 'economic_diplomacy',
  'international_cooperation', 'international_integration', 'overseas_vietnamese',
  'press_and_information', 'protocol_and_events', 'translation_and_interpretation'"""


def upgrade() -> None:
    _curricula()
    _versions()
    drafts_alone_change(
        "curriculum_versions",
        "curriculum",
        # What is carried over to a new common part was approved as it is, in the version before.
        steps=f"{STEPS}, ('draft', case when new.carried_over then 'published' else 'draft' end)",
        said="title_vi title_en description_vi description_en hours target_group target_group_vi"
        " target_group_en extension_hours_min extension_hours_max extension_domains",
    )
    shown_once_published("curricula", "curriculum_versions", "curriculum", ("curriculum_modules",))
    _extensions()
    _findings()


def _curricula() -> None:
    run(
        f"""
        create table curricula ({STAMPS.format("curricula")}
          {OWNED.format("curricula")},
          code text not null,
          year integer not null,
          kind text not null,
          field text,
          extends_curriculum_id uuid
            constraint extended_curriculum_unknown references curricula,
          cloned_from_id uuid,
          constraint curriculum_code_taken unique (organization_id, code, year),
          constraint curricula_organization_id_id_key unique (organization_id, id),
          constraint curricula_id_extends_curriculum_id_key unique (id, extends_curriculum_id),
          constraint curriculum_already_extended unique (organization_id, extends_curriculum_id),
          constraint curricula_cloned_from_id_fkey foreign key (organization_id, cloned_from_id)
            references curricula (organization_id, id),
          constraint curriculum_year_out_of_range check (year between 2000 and 2100),
          constraint curriculum_kind_unknown check (kind in ('basic', 'advanced', 'specialised',
            'senior', 'language', 'interpretation')),
          constraint curriculum_field_unknown check (field in ({FIELDS}))
        )
        """,
        "create index curricula_extends_curriculum_id_idx on curricula (extends_curriculum_id)",
    )


def _versions() -> None:
    run(
        f"""
        create table curriculum_versions ({STAMPS.format("curriculum_versions")}
          {OWNED.format("curriculum_versions")},
          curriculum_id uuid not null,
          {NUMBERED.format("curriculum_versions", "curriculum")},
          extends_curriculum_id uuid,
          extends_version_id uuid,
          carried_over boolean not null default false,
          hours numeric(6, 1) not null,
          target_group jsonb not null default '{{}}',
          target_group_vi text,
          target_group_en text,
          extension_hours_min numeric(6, 1),
          extension_hours_max numeric(6, 1),
          extension_domains text[],
          document_number text,
          issuing_body text,
          issued_on date,
          document_sha256 text,
          document_material_version_id uuid
            constraint approval_document_unknown references material_versions,
          publish_on date,
          constraint curriculum_versions_curriculum_id_fkey
            foreign key (organization_id, curriculum_id)
            references curricula (organization_id, id),
          constraint curriculum_versions_extends_curriculum_id_fkey
            foreign key (curriculum_id, extends_curriculum_id)
            references curricula (id, extends_curriculum_id),
          constraint curriculum_versions_extends_version_id_fkey
            foreign key (extends_curriculum_id, extends_version_id)
            references curriculum_versions (curriculum_id, id),
          constraint extension_of_a_version
            check ((extends_curriculum_id is null) = (extends_version_id is null)),
          constraint carried_over_from_a_version check (not carried_over
            or (extends_version_id is not null and based_on_id is not null)),
          constraint curriculum_version_state_unknown check (state in ('draft', 'in_review',
            'approved', 'published', 'retired', 'discarded')),
          constraint curriculum_without_hours check (hours > 0),
          constraint extension_hours_both
            check ((extension_hours_min is null) = (extension_hours_max is null)),
          constraint extension_hours_out_of_order
            check (extension_hours_min >= 0 and extension_hours_min <= extension_hours_max),
          constraint extension_domain_unknown
            check (extension_domains <@ array['knowledge', 'skill', 'conduct']),
          constraint curriculum_approved_by_document check (
            state not in ('approved', 'published', 'retired')
            or num_nulls(document_number, issuing_body, issued_on, document_sha256) = 0),
          constraint document_sha256_malformed check (document_sha256 ~ '^[0-9a-f]{{64}}$')
        )
        """,
        # What is carried over is a draft for a moment, beside one that somebody works on.
        "create unique index curriculum_version_already_open"
        " on curriculum_versions (organization_id, curriculum_id)"
        " where state in ('draft', 'in_review', 'approved') and not carried_over",
        "create unique index one_curriculum_version_in_force"
        " on curriculum_versions (organization_id, curriculum_id) where state = 'published'",
        "create index curriculum_versions_extends_version_id_idx"
        " on curriculum_versions (extends_version_id)",
        f"""
        create table curriculum_modules ({ADDED.format("curriculum_modules")}
          {OWNED.format("curriculum_modules")},
          {OF_CURRICULUM_VERSION.format("curriculum_modules")},
          module_id uuid not null,
          module_version_id uuid not null,
          position integer not null,
          mandatory boolean not null,
          constraint curriculum_modules_position_key unique (curriculum_version_id, position),
          constraint curriculum_modules_module_id_key unique (curriculum_version_id, module_id),
          constraint module_version_unknown foreign key (module_id, module_version_id)
            references module_versions (module_id, id)
        )
        """,
        "create index curriculum_modules_module_version_id_idx"
        " on curriculum_modules (module_version_id)",
        """
        create function refuse_unseen_module_version() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          if exists (
            select from new_rows n join module_versions v on v.id = n.module_version_id
            where v.organization_id <> n.organization_id and v.published_on is null
          ) then
            raise foreign_key_violation using constraint = 'module_version_unknown',
              message = 'the version is of another organisation, and not published';
          end if;
          return null;
        end $$
        """,
        *(
            f"create trigger seen_{operation} after {operation} on curriculum_modules"
            " referencing new table as new_rows"
            " for each statement execute function refuse_unseen_module_version()"
            for operation in ("insert", "update")
        ),
    )


def _extensions() -> None:
    """Extensions follow the common part: who changes the one waits for who changes the other."""
    run(
        # Under the policies of who asks: what they do not see is not there.
        """
        create function refuse_extension_of_no_common_part() returns trigger
        language plpgsql set search_path = public as $$
        begin
          if not exists (
            select from curricula c where c.id = new.extends_curriculum_id and c.year = new.year
              and c.extends_curriculum_id is null
          ) then
            raise foreign_key_violation using constraint = 'extended_curriculum_unknown',
              message = 'there is no such curriculum of that year to be extended';
          end if;
          return null;
        end $$
        """,
        "create trigger of_common_part after insert or update on curricula for each row"
        " when (new.extends_curriculum_id is not null)"
        " execute function refuse_extension_of_no_common_part()",
        # What others extend stays of its kind and field, for theirs are the same. An extension that
        # is begun holds what it extends; one that is replaced need not, for that cannot change.
        """
        create function refuse_another_kind_of_extension() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          if tg_op = 'INSERT' then
            perform from curricula where id = new.extends_curriculum_id for share;
          end if;
          if exists (
            select from curricula c
            where (c.id = new.extends_curriculum_id or c.extends_curriculum_id = new.id)
              and (c.kind, c.field) is distinct from (new.kind, new.field)
          ) then
            raise check_violation using constraint = 'extension_of_another_kind',
              message = 'an extension is of the kind and the field of what it extends';
          end if;
          return null;
        end $$
        """,
        "create trigger same_kind after insert or update of kind, field on curricula"
        " for each row execute function refuse_another_kind_of_extension()",
        # Whoever publishes a common part has locked its curriculum. To be called before any row
        # of the extension is locked, for publishing locks those afterwards.
        """
        create function hold_common_part(extension_id uuid) returns void
        language sql security definer set search_path = public, pg_temp as $$
          select from curricula c
          where c.id = (select e.extends_curriculum_id from curricula e where e.id = extension_id)
          for share
        $$
        """,
        f"grant execute on function hold_common_part to {CHANGERS}",
        """
        create function hold_extended_version() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        begin
          perform from curricula where id = new.extends_curriculum_id for share;
          if tg_op = 'INSERT' and not exists (
            select from curriculum_versions v
            where v.id = new.extends_version_id and v.state = 'published'
          ) then
            raise check_violation using constraint = 'extended_version_not_in_force',
              message = 'only what is in force is extended';
          end if;
          return new;
        end $$
        """,
        "create trigger extended_held before insert or update of state on curriculum_versions"
        " for each row when (new.extends_curriculum_id is not null"
        " and new.state in ('draft', 'in_review', 'published'))"
        " execute function hold_extended_version()",
    )


def _findings() -> None:
    run(
        # All that stands against submitting and publishing a version, under the policies of who
        # asks. What an extension's modules require may be in the common part, which comes first;
        # or in what participants completed before, if they are of a group that did; an extension
        # that asks nothing is for the common part's. `instead` is what the version would extend in
        # place of what it extends.
        """
        create function curriculum_findings(version_id uuid, instead uuid default null)
        returns table (rule text, module_id uuid, figures jsonb)
        language sql stable set search_path = public as $$
          with present as (
            select * from curriculum_versions where id = version_id
          ), extended as (
            select v.* from curriculum_versions v
            join present on v.id = coalesce(instead, present.extends_version_id)
          ), aimed as (
            select coalesce(nullif(present.target_group, '{}'), extended.target_group,
              present.target_group) as target_group
            from present left join extended on true
          ), own as (
            select m.module_id, m.mandatory, m.position, v.id as module_version_id, v.state,
              v.domain, v.theory_hours + v.practice_hours + v.self_study_hours
                + v.on_the_job_hours as hours
            from curriculum_modules m join module_versions v on v.id = m.module_version_id
            where m.curriculum_version_id = version_id
          ), whole as (
            select own.module_id, own.mandatory, own.position, false as common from own
            union all
            select m.module_id, m.mandatory, m.position, true
            from curriculum_modules m join extended on extended.id = m.curriculum_version_id
          ), sums as (
            select coalesce(sum(hours) filter (where mandatory), 0) as mandatory,
              coalesce(sum(hours), 0) as all_modules, count(*) as modules
            from own
          ), found (place, rule, module_id, figures) as (
            select 0, 'curriculum_without_modules', null::uuid, '{}'::jsonb
            from sums, present where sums.modules = 0
            union all
            select 0, 'hours_do_not_add_up', null, jsonb_build_object('hours', present.hours,
              'mandatory_hours', sums.mandatory, 'all_hours', sums.all_modules)
            from sums, present
            where sums.modules > 0 and present.hours not between sums.mandatory and sums.all_modules
            union all
            select own.position, case when own.state in ('draft', 'discarded')
              then 'module_not_published' else 'module_not_in_force' end, own.module_id, '{}'
            from own
            where own.state in ('draft', 'discarded') or (own.state = 'retired' and not exists (
              select from module_versions v
              where v.module_id = own.module_id and v.state = 'published'))
            union all
            select own.position, 'module_in_common_part', own.module_id, '{}'
            from own join whole on whole.module_id = own.module_id and whole.common
            union all
            select own.position, 'prerequisite_missing', own.module_id,
              jsonb_build_object('required_module_id', p.required_module_id)
            from own join module_prerequisites p on p.module_version_id = own.module_version_id
            where not exists (
              select from whole where whole.module_id = p.required_module_id
                and (whole.common or whole.position < own.position)
                and (whole.mandatory or not own.mandatory)
            ) and not exists (
              select from aimed cross join curricula c
              join curriculum_versions v on v.curriculum_id = c.id and v.published_on is not null
              join curriculum_modules m on m.curriculum_version_id = v.id and m.mandatory
              where m.module_id = p.required_module_id
                and aimed.target_group -> 'trained' -> 'kinds' ? c.kind
            )
            union all
            select 0, 'extension_not_allowed', null, '{}'
            from extended where extended.extension_hours_max is null
            union all
            select 0, 'extended_version_not_in_force', null, '{}'
            from extended where extended.state <> 'published' and instead is null
            union all
            select 0, 'extension_out_of_hours', null, jsonb_build_object('hours', present.hours,
              'min_hours', extended.extension_hours_min, 'max_hours', extended.extension_hours_max)
            from extended, present
            where present.hours
              not between extended.extension_hours_min and extended.extension_hours_max
            union all
            select own.position, 'extension_out_of_domains', own.module_id,
              jsonb_build_object('domain', own.domain)
            from own, extended where own.domain <> all (extended.extension_domains)
          )
          select rule, module_id, figures from found order by place, rule, figures::text
        $$
        """,
        f"grant execute on function curriculum_findings to {EVERYBODY}",
        """
        create function refuse_what_is_not_ready() returns trigger
        language plpgsql set search_path = public as $$
        begin
          if exists (select from curriculum_findings(new.id)) then
            raise check_violation using constraint = 'curriculum_not_ready',
              message = 'there are findings against the version';
          end if;
          return null;
        end $$
        """,
        "create trigger ready after update of state on curriculum_versions for each row"
        " when (new.state in ('in_review', 'published') and old.state <> new.state)"
        " execute function refuse_what_is_not_ready()",
    )


def downgrade() -> None:
    for role in NARROW:
        run(f"drop policy some_version_{role} on curricula")
    run(
        "drop function curriculum_findings",
        "drop table curriculum_modules",
        "drop table curriculum_versions, curricula",
        "drop function refuse_another_kind_of_extension, refuse_what_is_not_ready,"
        " hold_extended_version, hold_common_part,"
        " refuse_extension_of_no_common_part, refuse_unseen_module_version,"
        " refuse_change_of_curriculum_version, refuse_change_of_curriculum_content",
    )
