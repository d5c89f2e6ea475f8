"""Whether learners are of the target group of a course's curriculum, asked of all at once."""

NOT_ELIGIBLE = """
  select null::uuid as learner_id, null::text as rule, null::jsonb as data, null::text as fixed_by,
    null::uuid as fixed_by_id
  where false
"""
"""Findings of those who are not, as `nomination_findings` has them: of the learners `learners`, for
the course `course_id` of `asked_of`."""
