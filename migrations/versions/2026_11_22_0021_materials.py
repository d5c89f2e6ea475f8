"""Materials: their versions, which stay as they came, and what is searched in them."""

from migrations.helpers import (
    ACADEMY,
    AUDITOR,
    CHANGERS,
    EVERYBODY,
    INSTRUCTOR,
    ORGANIZATION,
    OWN,
    OWNED,
    OWNER,
    PERSON,
    STAMPS,
    SUBTREE,
    SUBTREE_ROLE,
    audited,
    guard,
    own,
    policy,
    run,
    versioned,
)

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

VISIBLE = "material_id in (select m.id from materials m)"
GIVEN_OUT = "{0}.scan in ('not_scanned', 'clean')"
OF_FILE = "file_name, media_type, bytes, sha256, storage_key"


def upgrade() -> None:
    _tables()
    _ownership()
    _visibility()
    _immutability()
    _searching()


def _tables() -> None:
    of_material = """
      constraint {0}_material_id_fkey foreign key (organization_id, material_id)
        references materials (organization_id, id)
    """
    run(
        f"""
        create table materials ({STAMPS.format("materials")}
          {OWNED.format("materials")},
          title_vi text not null,
          title_en text not null,
          description_vi text,
          description_en text,
          language text not null,
          licence text,
          visibility text not null,
          search_text text not null,
          constraint materials_organization_id_id_key unique (organization_id, id),
          constraint material_language_unknown check (language ~ '^[a-z]{{2}}$'),
          constraint material_visibility_unknown
            check (visibility in ('public', 'enrolled', 'instructors'))
        )
        """,
        "create index materials_created_at_id_idx on materials (created_at, id)",
        f"""
        create table material_versions ({STAMPS.format("material_versions")}
          {OWNED.format("material_versions")},
          material_id uuid not null,
          number integer not null,
          kind text not null,
          url text,
          file_name text,
          media_type text,
          bytes bigint,
          sha256 text,
          storage_key text,
          scan text not null default 'not_scanned',
          scanned_at timestamptz,
          found text,
          extraction text not null default 'none',
          pages integer,
          characters integer,
          {of_material.format("material_versions")},
          constraint material_versions_organization_id_material_id_id_key
            unique (organization_id, material_id, id),
          constraint material_versions_organization_id_material_id_number_key
            unique (organization_id, material_id, number),
          constraint material_version_kind_unknown check (kind in ('file', 'link')),
          constraint material_version_of_its_kind check (case kind
            when 'file' then url is null and num_nulls({OF_FILE}) = 0
            else url is not null and num_nonnulls({OF_FILE}) = 0 end),
          constraint material_scan_unknown
            check (scan in ('not_scanned', 'scanning', 'clean', 'infected')),
          constraint material_extraction_unknown
            check (extraction in ('none', 'waiting', 'done', 'failed'))
        )
        """,
        "create index material_versions_material_id_number_idx"
        " on material_versions (material_id, number)",
        "create index material_versions_storage_key_idx on material_versions (storage_key)",
        "create index material_versions_to_be_examined on material_versions (id)"
        " where scan = 'scanning' or extraction = 'waiting'",
        # `folded` says the same as `text`, a character for each, as it is searched.
        f"""
        create table material_texts (
          material_version_id uuid constraint material_texts_pkey primary key,
          {OWNED.format("material_texts")},
          material_id uuid not null,
          text text not null,
          folded text not null,
          constraint material_texts_material_version_id_fkey
            foreign key (organization_id, material_id, material_version_id)
            references material_versions (organization_id, material_id, id)
        )
        """,
        f"""
        create table material_searches (
          material_id uuid constraint material_searches_pkey primary key,
          {OWNED.format("material_searches")},
          search tsvector not null default '',
          {of_material.format("material_searches")}
        )
        """,
        "create index material_searches_search_idx on material_searches using gin (search)",
    )


def _ownership() -> None:
    own("materials")
    versioned("materials")
    audited("materials")
    guard("material_versions")
    guard("material_texts")
    guard("material_searches")
    run(
        f"grant select, insert on material_versions to {CHANGERS}",
        f"grant select on material_versions, material_texts to {AUDITOR}",
        # What is found out of a version, a worker writes down.
        f"grant update on material_versions to {ACADEMY}",
        f"grant select, insert on material_texts to {ACADEMY}",
        f"grant select on material_texts to {ORGANIZATION}, {SUBTREE_ROLE}",
    )
    versioned("material_versions")
    audited("material_versions")
    for table in ("material_versions", "material_texts"):
        policy("academy_everything", table, ACADEMY, "true")
        policy("auditor_reads", table, AUDITOR, "true", "select")
    for role, theirs in (
        (ORGANIZATION, f"organization_id = {OWN}"),
        (SUBTREE_ROLE, f"organization_id = any ({SUBTREE})"),
    ):
        policy(f"own_{role}", "material_versions", role, theirs, "insert")


def _visibility() -> None:
    """Whoever sees a material sees its versions.

    Learners see what is public. Who is enrolled where a material is used will see it by a further
    policy on `materials` for their role, and nothing else changes.
    """
    for role in (PERSON, INSTRUCTOR):
        run(f"grant select on materials, material_versions, material_texts to {role}")
    for role in (ORGANIZATION, SUBTREE_ROLE, PERSON):
        policy(f"public_{role}", "materials", role, "visibility = 'public'", "select")
        for table in ("material_versions", "material_texts"):
            policy(f"material_visible_{role}", table, role, VISIBLE, "select")
    for table in ("materials", "material_versions", "material_texts"):
        policy("instructors_read", table, INSTRUCTOR, "true", "select")


def _immutability() -> None:
    run(
        """
        create function refuse_change_of_material_version() returns trigger
        language plpgsql set search_path = public as $$
        declare
          kept material_versions := old;
        begin
          kept.version := new.version;
          kept.updated_at := new.updated_at;
          kept.scan := new.scan;
          kept.scanned_at := new.scanned_at;
          kept.found := new.found;
          kept.extraction := new.extraction;
          kept.pages := new.pages;
          kept.characters := new.characters;
          if kept is distinct from new then
            raise check_violation using constraint = 'material_version_changed',
              message = 'a version of a material does not change';
          end if;
          return null;
        end $$
        """,
        "create trigger version_kept after update on material_versions"
        " for each row execute function refuse_change_of_material_version()",
    )


def _searching() -> None:
    """What a material says of itself, and what the newest version that is given out says."""
    for table in ("materials", "material_versions", "material_texts"):
        policy("trigger_reads", table, OWNER, "true", "select")
    policy("trigger_writes", "material_searches", OWNER, "true")
    run(
        # PostgreSQL holds less than a mebibyte of words, and knows best what a word is to it. Of a
        # text that was made to have too many, the beginning is searched.
        """
        create function searched_words(title text, said text) returns tsvector
        language plpgsql immutable set search_path = public as $$
        begin
          return setweight(to_tsvector('simple', title), 'A')
            || setweight(to_tsvector('simple', said), 'D');
        exception when program_limit_exceeded then
          return searched_words(title, left(said, length(said) / 2));
        end $$
        """,
        # The row is locked before anything is read, so that of two changes at once the later one
        # reads what the earlier one wrote.
        f"""
        create function index_material() returns trigger
        language plpgsql security definer set search_path = public, pg_temp as $$
        declare
          changed uuid;
        begin
          if tg_table_name = 'materials' then
            changed := new.id;
          else
            changed := new.material_id;
          end if;
          insert into material_searches (material_id, organization_id)
          values (changed, new.organization_id) on conflict do nothing;
          perform from material_searches where material_id = changed for update;
          update material_searches set search = (
            select searched_words(m.search_text, replace(coalesce(t.folded, ''), chr(173), ''))
            from materials m
            left join lateral (
              select v.id from material_versions v
              where v.material_id = m.id and {GIVEN_OUT.format("v")}
              order by v.number desc limit 1
            ) as v on true
            left join material_texts t on t.material_version_id = v.id
            where m.id = changed
          ) where material_id = changed;
          return null;
        end $$
        """,
        "create trigger indexed_insert after insert on materials"
        " for each row execute function index_material()",
        "create trigger indexed_update after update on materials for each row"
        " when (old.search_text <> new.search_text) execute function index_material()",
        "create trigger indexed_insert after insert on material_versions"
        " for each row execute function index_material()",
        "create trigger indexed_update after update on material_versions for each row"
        " when (old.scan <> new.scan) execute function index_material()",
        "create trigger indexed_insert after insert on material_texts"
        " for each row execute function index_material()",
        # Under row policies PostgreSQL would look at each material instead of the index, for it
        # does not trust the operator to keep what it sees to itself. What this finds is shown
        # where its reader sees the material, too.
        """
        create function search_materials(words text)
        returns table (material_id uuid, relevance integer)
        language sql stable security definer set search_path = public, pg_temp as $$
          select s.material_id, round(1000000 * ts_rank(s.search, q))::integer
          from material_searches s, plainto_tsquery('simple', words) as q where s.search @@ q
        $$
        """,
        # Around the words, or the longest of them that is there; null where only the title has any.
        # Of many words only some are looked for: each costs a walk through the text, for each row.
        r"""
        create function material_snippet(version uuid, words text) returns text
        language plpgsql stable strict set search_path = public as $$
        declare
          said text;
          searched text;
          word text;
          place integer;
          since integer;
          cut text;
          more boolean;
        begin
          select t.text, ' ' || t.folded || ' ' into said, searched
          from material_texts t where t.material_version_id = version;
          for word in
            select words
            union all (
              select w from (select distinct string_to_table(words, ' ')) as d (w)
              order by length(w) desc, w limit 5)
          loop
            place := strpos(searched, ' ' || word || ' ');
            exit when place > 0;
          end loop;
          if place > 0 then
            since := greatest(place - 80, 1);
            more := since + 240 < length(said);
            cut := substr(said, since, 240);
            cut := case when more then regexp_replace(cut, ' \S+$', '') else cut end;
            cut := case when since > 1 then '… ' || regexp_replace(cut, '^\S+ ', '') else cut end;
            return cut || case when more then ' …' else '' end;
          end if;
          return null;
        end $$
        """,
        f"grant execute on function search_materials, material_snippet to {EVERYBODY}",
    )


def downgrade() -> None:
    run(
        "drop function material_snippet, search_materials",
        "drop table material_searches, material_texts, material_versions, materials",
        "drop function index_material, searched_words, refuse_change_of_material_version",
    )
