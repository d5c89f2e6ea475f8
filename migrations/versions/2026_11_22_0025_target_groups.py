"""Trainings that learners have completed, and how much of what curricula should have."""

from migrations.helpers import (
    ACADEMY,
    AUDITOR,
    CHANGERS,
    EVERYBODY,
    ORGANIZATION,
    OWN,
    OWNED,
    STAMPS,
    SUBTREE,
    SUBTREE_ROLE,
    audited,
    guard,
    own_person,
    policy,
    run,
    versioned,
)

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

FIELDS = """'border_and_territory', 'consular', 'cultural_diplomacy', 'economic_diplomacy',
  'international_cooperation', 'international_integration', 'overseas_vietnamese',
  'press_and_information', 'protocol_and_events', 'translation_and_interpretation'"""


def upgrade() -> None:
    _trainings()
    _balance()


def _trainings() -> None:
    run(
        f"""
        create table trainings ({STAMPS.format("trainings")}
          {OWNED.format("trainings")},
          learner_id uuid not null constraint learner_has_trainings references learners,
          kind text not null,
          field text,
          title text not null,
          curriculum_id uuid constraint training_of_unknown_curriculum references curricula,
          completed_on date not null,
          document text,
          constraint training_already_recorded unique nulls not distinct
            (organization_id, learner_id, kind, field, title, completed_on),
          constraint training_kind_unknown check (kind in ('basic', 'advanced', 'specialised',
            'senior', 'language', 'interpretation')),
          constraint training_field_unknown check (field in ({FIELDS})),
          constraint training_not_completed_yet check
            (completed_on <= (updated_at at time zone 'Asia/Ho_Chi_Minh')::date)
        )
        """,
        # All that target groups ask of trainings, for each of very many learners.
        "create index trainings_learner_id_kind_completed_on_field_idx"
        " on trainings (learner_id, kind, completed_on, field)",
        "create index trainings_curriculum_id_idx on trainings (curriculum_id)",
        # Under the policies of who asks: what they do not see is not there.
        """
        create function refuse_unseen_curriculum() returns trigger
        language plpgsql set search_path = public as $$
        begin
          if not exists (select from curricula c where c.id = new.curriculum_id) then
            raise foreign_key_violation using constraint = 'training_of_unknown_curriculum',
              message = 'there is no such curriculum';
          end if;
          return new;
        end $$
        """,
        "create trigger seen before insert or update of curriculum_id on trainings for each row"
        " when (new.curriculum_id is not null) execute function refuse_unseen_curriculum()",
    )
    guard("trainings")
    run(
        f"grant select, insert, update, delete on trainings to {CHANGERS}",
        f"grant select on trainings to {AUDITOR}",
    )
    policy("academy_everything", "trainings", ACADEMY, "true")
    policy("auditor_reads", "trainings", AUDITOR, "true", "select")
    own_person("trainings", "learner_id")
    # As evidence does, a training belongs to the organisation where it was recorded, which
    # corrects it; whoever has the learner now sees all of them, and adds to them.
    on_roster = (
        "exists (select from learners l where l.id = learner_id"
        " and l.organization_id = trainings.organization_id)"
    )
    for role, theirs in (
        (ORGANIZATION, f"organization_id = {OWN}"),
        (SUBTREE_ROLE, f"organization_id = any ({SUBTREE})"),
    ):
        policy(f"own_{role}", "trainings", role, theirs, "select")
        policy(
            f"follows_the_learner_{role}",
            "trainings",
            role,
            "exists (select from learners l where l.id = learner_id)",
            "select",
        )
        policy(f"on_our_roster_{role}", "trainings", role, f"{theirs} and {on_roster}", "insert")
        policy(f"corrected_{role}", "trainings", role, theirs, "update")
        policy(f"removed_{role}", "trainings", role, theirs, "delete")
    versioned("trainings")
    audited("trainings")


def _balance() -> None:
    """What the Academy watches in curricula: everybody knows it, so that all keep to it."""
    run(
        f"""
        create table balance_thresholds ({STAMPS.format("balance_thresholds")}
          domain text not null constraint balance_threshold_taken unique,
          minimum_percent integer,
          must_grow boolean not null,
          constraint balance_domain_unknown check (domain in ('knowledge', 'skill', 'conduct')),
          constraint minimum_percent_out_of_range check (minimum_percent between 1 and 100)
        )
        """,
    )
    guard("balance_thresholds")
    run(
        f"grant select on balance_thresholds to {EVERYBODY}",
        f"grant insert, update, delete on balance_thresholds to {ACADEMY}",
    )
    policy("everybody_reads", "balance_thresholds", EVERYBODY, "true", "select")
    for verb, command in (("adds", "insert"), ("changes", "update"), ("removes", "delete")):
        policy(f"academy_{verb}", "balance_thresholds", ACADEMY, "true", command)
    versioned("balance_thresholds")
    audited("balance_thresholds")


def downgrade() -> None:
    run(
        "drop table balance_thresholds, trainings",
        "drop function refuse_unseen_curriculum",
    )
