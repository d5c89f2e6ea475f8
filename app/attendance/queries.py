"""Sheets, entries, standings, reports and learning records, as they are read."""

from typing import Any

from sqlalchemy import Select, func, select

from app.attendance.learning_schemas import LearningRecordOut, LearningRecordQuery
from app.attendance.log_schemas import MeetingLogOut, MeetingLogQuery
from app.attendance.models import AttendanceEntry, LearningRecord, MeetingLog, Standing
from app.attendance.schemas import EntryOut, EntryQuery, StandingOut, StandingQuery
from app.core.view_statements import Statement
from app.core.views import View

_SHEET = """
select convert_to(json_build_object('id', h.id, 'version', h.changes,
  'organization_id', h.organization_id, 'course_id', h.course_id, 'taken', h.taken,
  'planned_minutes', s.planned_minutes, 'learners', coalesce(p.rows, '[]'))::text, 'UTF8'),
  null::text, h.changes::text, p.subjects
from attendance_sheets h join course_sessions s on s.id = h.id
left join lateral (
  select json_agg(json_build_object('learner_id', n.learner_id, 'nomination_id', n.id,
      'full_name', n.full_name, 'position_title', n.position_title,
      'organization_id', n.organization_id, 'state', n.state,
      'in_person_minutes', a.in_person, 'online_minutes', a.online, 'late_minutes', a.late,
      'checked_in', coalesce(a.checked_in, false), 'excused', coalesce(a.excused, false),
      'document', a.document, 'participation', a.participation,
      'sources', coalesce(a.sources, '{}'), 'recorded_at',
      to_char(a.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
    order by n.sort_key, n.id) as rows,
    array_agg(n.learner_id)::text as subjects
  from nominations n
  left join (
    select e.nomination_id, max(e.minutes) filter (where e.aspect = 'in_person') as in_person,
      max(e.minutes) filter (where e.aspect = 'online') as online, max(e.late_minutes) as late,
      bool_or(e.present_from is not null) as checked_in, bool_or(e.excused) as excused,
      max(e.document) as document, max(e.participation) as participation,
      array_agg(distinct e.source) as sources, max(e.created_at) as recorded_at
    from (
      select distinct on (e.nomination_id, e.aspect) e.* from attendance_entries e
      where e.session_id = h.id order by e.nomination_id, e.aspect, e.id desc
    ) as e group by e.nomination_id
  ) as a on a.nomination_id = n.id
  where n.course_id = h.course_id and n.state in ('enrolled', 'completed', 'failed', 'no_show')
) as p on true
where h.id = $1::uuid
"""
sheet = Statement(_SHEET, [("id", None)])


def _filtered(rows: Any, query: Any, **columns: str) -> Select[Any]:
    statement = select(rows)
    for name, column in columns.items():
        if (value := getattr(query, name)) is not None:
            statement = statement.where(getattr(rows, column) == value)
    return statement


def entries_matching(query: EntryQuery) -> Select[Any]:
    of = {"course": "course_id", "course_session": "session_id", "learner": "learner_id"}
    return _filtered(AttendanceEntry, query, **of, aspect="aspect", source="source")


def standings_matching(query: StandingQuery) -> Select[Any]:
    of = {"organization": "organization_id", "host": "host_id"}
    of |= {"course": "course_id", "learner": "learner_id"}
    return _filtered(Standing, query, **of, state="state", standing="standing")


def logs_matching(query: MeetingLogQuery) -> Select[Any]:
    of = {"course": "course_id", "course_session": "session_id"}
    return _filtered(MeetingLog, query, **of, state="state")


def learning_matching(query: LearningRecordQuery) -> Select[Any]:
    of = {"organization": "organization_id", "learner": "learner_id"}
    return _filtered(LearningRecord, query, **of, kind="kind", state="state")


_CHANGING = (
    *("state", "planned_minutes", "past_minutes", "attended_minutes", "in_person_minutes"),
    *("online_minutes", "excused_minutes", "late_sessions", "participation", "standing", "result"),
    *("starts_on", "ends_on", "course_title_vi", "course_title_en", "full_name"),
)
entries = View(AttendanceEntry, EntryOut, entries_matching, subjects="learner_id")
standings = View(
    Standing,
    StandingOut,
    standings_matching,
    places={"full_name": Standing.__table__.c.sort_key},
    # It changes with the hour, with sessions and with what is entered, and has no version.
    stamp=func.md5(func.concat_ws(",", *(getattr(Standing, name) for name in _CHANGING))),
    subjects="learner_id",
)
logs = View(MeetingLog, MeetingLogOut, logs_matching)
learning = View(LearningRecord, LearningRecordOut, learning_matching, subjects="learner_id")
