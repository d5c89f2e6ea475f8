"""A refusal is read by a person: in Vietnamese, unless they prefer English."""

import pytest

from app.core.languages import preferred
from app.core.problems import PROBLEMS
from tests.world import add_learner, problem

NOT_FOUND = {"vi": "Không tìm thấy", "en": "Not found"}


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "vi"),
        ("", "vi"),
        ("vi", "vi"),
        ("vi-VN,vi;q=0.9,en-US;q=0.8,en;q=0.7", "vi"),
        ("en", "en"),
        ("EN-gb", "en"),
        ("en-US,en;q=0.9", "en"),
        ("en;q=0.8, vi;q=0.9", "vi"),
        ("en;q=0.9, vi;q=0.8", "en"),
        ("fr, en;q=0.1", "en"),
        ("fr-FR, de", "vi"),
        ("en;q=0", "vi"),
        ("en;q=0, vi;q=0", "vi"),
        ("*", "vi"),
        ("en ; q = 0.5 , vi ; q=0.4", "en"),
        ("en;q=much", "vi"),
        (";;,,=,", "vi"),
        ("x" * 5000, "vi"),
    ],
)
async def test_the_language_is_the_one_that_the_client_ranks_higher(anonymous, header, language):
    headers = {} if header is None else {"Accept-Language": header}
    refusal = await anonymous.get("/nowhere", headers=headers)
    assert problem(refusal) == (404, "not-found")
    assert refusal.json()["title"] == NOT_FOUND[language]
    assert refusal.headers["Content-Language"] == language
    assert "Accept-Language" in refusal.headers["Vary"]
    assert preferred(header) == language


async def test_everything_that_a_person_reads_is_in_it_and_what_a_program_reads_is_not(hanoi):
    body = {"external_id": "", "full_name": "x" * 201, "position_since": "2020-13-01", "pay": 1}
    said = {}
    for language in ("vi", "en"):
        refusal = await hanoi.post("/learners", json=body, headers={"Accept-Language": language})
        said[language] = refusal.json()
        del said[language]["trace_id"]

    def stripped(body):
        errors = [{**error, "message": ""} for error in body["errors"]]
        return {**body, "title": "", "detail": "", "errors": errors}

    assert stripped(said["vi"]) == stripped(said["en"])
    assert said["vi"]["title"] != said["en"]["title"]
    assert said["vi"]["detail"] != said["en"]["detail"]
    for ours, theirs in zip(said["vi"]["errors"], said["en"]["errors"], strict=True):
        assert ours["message"] != theirs["message"]
    (long,) = [error for error in said["vi"]["errors"] if error["pointer"] == "/full_name"]
    assert "200" in long["message"], "the limit is told in Vietnamese too"


async def test_a_fact_of_the_case_is_told_in_both(world, hanoi):
    viewer = await world.somebody("viewer", hanoi.organization)
    for language in ("vi", "en"):
        refusal = await viewer.post("/units", json={}, headers={"Accept-Language": language})
        assert problem(refusal) == (403, "forbidden")
        assert "units:write" in refusal.json()["detail"]
    taken = (await add_learner(hanoi))["external_id"]
    body = {"external_id": taken, "full_name": "Lê An", "position_title": "Chuyên viên"}
    refusal = await hanoi.post("/learners", json=body | {"position_since": "2020-01-01"})
    assert problem(refusal) == (409, "external-id-taken")
    assert refusal.json()["title"] == PROBLEMS["external-id-taken"].template("vi")[0]


async def test_data_is_the_same_in_every_language(hanoi):
    await add_learner(hanoi, full_name="Đặng Thị Hoà")
    answers = [
        await hanoi.get("/learners", headers={"Accept-Language": language})
        for language in ("vi", "en")
    ]
    assert answers[0].content == answers[1].content
    assert "Content-Language" not in answers[0].headers
