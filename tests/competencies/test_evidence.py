"""Evidence: recorded for good, corrected by other evidence, reviewed; what is attained by it."""

from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from app.core.database.serving import Urls
from app.core.schemas import today
from tests.competencies.people import Catalogue, levels, profile
from tests.competencies.steps import change, do, made, next_version, tree
from tests.world import Somebody, World, add_learner, everything, problem


@pytest.fixture
async def catalogue(academy: Somebody) -> Catalogue:
    return await Catalogue.of(academy, Best="best", Latest="latest", Sources="source_priority")


@pytest.fixture
async def officer(hanoi: Somebody) -> str:
    return str((await add_learner(hanoi))["id"])


async def test_the_best_the_latest_or_the_weightiest_counts(
    catalogue: Catalogue, hanoi: Somebody, officer: str
):
    for name in catalogue.items:
        for kind, level, day in (
            ("supervisor_rating", 4, "2026-01-01"),
            ("assessment", 2, "2026-02-01"),
            ("supervisor_rating", 3, "2026-03-01"),
        ):
            await catalogue.record(hanoi, officer, name, level, type=kind, achieved_on=day)
    assert await levels(hanoi, officer) == {"Best": 4, "Latest": 3, "Sources": 2}


async def test_what_somebody_says_of_themselves_counts_only_while_nothing_else_does(
    catalogue: Catalogue, hanoi: Somebody, officer: str
):
    said = {"type": "self_declared", "achieved_on": "2026-06-01"}
    await catalogue.record(hanoi, officer, "Latest", 5, **said)
    assert (await levels(hanoi, officer))["Latest"] == 5
    await catalogue.record(hanoi, officer, "Latest", 2)
    assert (await levels(hanoi, officer))["Latest"] == 2
    explained = await catalogue.explained(hanoi, officer, "Latest")
    assert [(each["level"], each["reason"]) for each in explained["evidence"]] == [
        (2, "counts"),
        (5, "outranked_self"),
    ]


async def test_a_correction_takes_the_place_of_what_it_corrects(
    catalogue: Catalogue, hanoi: Somebody, officer: str
):
    first = await catalogue.record(hanoi, officer, "Best", 5)
    body = {"level": 3, "achieved_on": "2026-02-01"}
    second = made(await hanoi.post(f"/evidence/{first['id']}/correct", json=body))
    assert (second["supersedes_id"], second["type"]) == (first["id"], "assessment")
    assert await levels(hanoi, officer) == {"Best": 3}
    again = await hanoi.post(f"/evidence/{first['id']}/correct", json=body)
    assert problem(again) == (409, "already-superseded")
    listed = await everything(hanoi, "/evidence", learner=officer)
    assert [(each["id"], each["superseded_by_id"]) for each in listed] == [
        (second["id"], None),
        (first["id"], second["id"]),
    ]


async def test_what_is_taken_back_counts_no_more_and_stays_readable(
    catalogue: Catalogue, hanoi: Somebody, officer: str
):
    first = await catalogue.record(hanoi, officer, "Best", 5)
    body = {"note": "Nhầm người"}
    second = made(await hanoi.post(f"/evidence/{first['id']}/withdraw", json=body))
    assert (second["level"], second["note"]) == (None, "Nhầm người")
    assert await levels(hanoi, officer) == {"Best": None}
    explained = await catalogue.explained(hanoi, officer, "Best")
    assert explained["level"] is None
    assert {each["reason"] for each in explained["evidence"]} == {"superseded", "withdrawn"}
    for verb in ("correct", "withdraw", "review"):
        body = {"level": 1, "achieved_on": "2026-01-01"} if verb == "correct" else {}
        body |= {"decision": "confirmed"} if verb == "review" else {}
        refused = await hanoi.post(f"/evidence/{second['id']}/{verb}", json=body)
        assert problem(refused) == (409, "evidence-withdrawn")


async def test_prior_learning_counts_once_it_is_confirmed_and_not_when_it_is_refused(
    catalogue: Catalogue, hanoi: Somebody, officer: str
):
    claimed = {"type": "prior_learning", "document": "Bằng thạc sĩ 12/2019"}
    piece = await catalogue.record(hanoi, officer, "Best", 4, **claimed)
    assert await levels(hanoi, officer) == {"Best": None}
    waiting = await everything(hanoi, "/evidence", learner=officer, waiting=True)
    assert [each["id"] for each in waiting] == [piece["id"]]
    for decision, level in (("confirmed", 4), ("refused", None), ("confirmed", 4)):
        path = f"/evidence/{piece['id']}/review"
        review = made(await hanoi.post(path, json={"decision": decision}))
        assert review["reviewed_by"] == f"coordinator:{hanoi.subject}"
        assert await levels(hanoi, officer) == {"Best": level}
    assert await everything(hanoi, "/evidence", learner=officer, waiting=True) == []
    (shown,) = await everything(hanoi, "/evidence", learner=officer)
    assert (shown["decision"], shown["reviewed_by"]) == ("confirmed", review["reviewed_by"])


async def test_a_piece_of_evidence_is_read_with_what_became_of_it(
    world: World, catalogue: Catalogue, hanoi: Somebody, hue: Somebody, officer: str
):
    work = {"type": "mentored_work"}
    piece = await catalogue.record(hanoi, officer, "Best", 4, **work)
    path, held = f"/evidence/{piece['id']}", {}

    async def read() -> tuple[str | None, str | None]:
        response = await hanoi.get(path, headers=held)
        held["If-None-Match"] = response.headers["ETag"]
        assert (await hanoi.get(path, headers=held)).status_code == 304
        shown = made(response, 200)
        return shown["decision"], shown["superseded_by_id"]

    assert made(await hanoi.get(path), 200) == piece
    assert await read() == (None, None)
    made(await hanoi.post(f"{path}/review", json={"decision": "confirmed"}))
    assert await read() == ("confirmed", None)
    later = made(await hanoi.post(f"{path}/withdraw", json={}))
    assert await read() == ("confirmed", later["id"])
    for client, missing in ((hue, path), (hanoi, f"/evidence/{uuid4()}")):
        assert problem(await client.get(missing)) == (404, "not-found")
    await world.app.state.read_log.write()
    reads = await everything(hanoi, "/personal-data-reads", learner=officer)
    assert "get_evidence" in {each["operation"] for each in reads}


async def test_who_is_refused_reads_why(
    world: World, catalogue: Catalogue, hanoi: Somebody, hue: Somebody, officer: str
):
    themselves = await world.somebody("learner", hanoi.organization, UUID(officer))
    prior = {"type": "prior_learning", "document": "GCN-1"}
    piece = await catalogue.record(themselves, officer, "Best", 4, **prior)
    other = await catalogue.record(hanoi, officer, "Best", 4, **prior)
    for id, decision, note in (
        (other["id"], "confirmed", None),
        (piece["id"], "confirmed", "Đã xem bản gốc."),
        (piece["id"], "refused", "Giấy chứng nhận của người khác."),
    ):
        said = {"decision": decision, "note": note}
        made(await hanoi.post(f"/evidence/{id}/review", json=said))
    listed = await everything(themselves, "/evidence-reviews", evidence=piece["id"])
    assert [(each["decision"], each["note"]) for each in listed] == [
        ("refused", "Giấy chứng nhận của người khác."),
        ("confirmed", "Đã xem bản gốc."),
    ]
    assert len(await everything(themselves, "/evidence-reviews", learner=officer)) == 3
    assert await everything(hue, "/evidence-reviews", evidence=piece["id"]) == []


async def test_evidence_counts_from_its_day_on_until_it_expires(
    catalogue: Catalogue, hanoi: Somebody, officer: str
):
    day = today()
    later = str(day + timedelta(30))
    await catalogue.record(hanoi, officer, "Latest", 5, achieved_on=later)
    old = {"achieved_on": "2020-01-01", "valid_until": str(day)}
    await catalogue.record(hanoi, officer, "Latest", 4, **old)
    await catalogue.record(hanoi, officer, "Latest", 2, achieved_on="2019-01-01")
    explained = await catalogue.explained(hanoi, officer, "Latest")
    assert (explained["level"], explained["changes_on"]) == (2, later)
    assert [(each["level"], each["used"], each["reason"]) for each in explained["evidence"]] == [
        (2, True, "counts"),
        (4, False, "expired"),
        (5, False, "not_yet"),
    ]
    assert all(each["reason_vi"] and each["reason_en"] for each in explained["evidence"])


async def test_what_was_kept_is_reckoned_anew_once_its_day_has_come(
    urls: Urls, catalogue: Catalogue, hanoi: Somebody, officer: str
):
    """As if some days had gone by since it was recorded."""
    await catalogue.record(hanoi, officer, "Latest", 2, achieved_on="2019-01-01")
    expired = {"achieved_on": "2020-01-01", "valid_until": str(today())}
    await catalogue.record(hanoi, officer, "Latest", 4, **expired)
    owner = await asyncpg.connect(urls.owner)
    stale = "update attainments set level = 4, changes_on = $2 where learner_id = $1"
    await owner.execute(stale, UUID(officer), today())
    assert await levels(hanoi, officer) == {"Latest": 2}
    await owner.execute(stale, UUID(officer), today() + timedelta(1))
    assert await levels(hanoi, officer) == {"Latest": 4}, "what is kept is taken until then"
    await owner.close()


async def test_another_rule_holds_from_the_moment_it_is_published(
    academy: Somebody, catalogue: Catalogue, hanoi: Somebody, officer: str
):
    await catalogue.record(hanoi, officer, "Best", 4, achieved_on="2026-01-01")
    await catalogue.record(hanoi, officer, "Best", 1, achieved_on="2026-02-01")
    assert await levels(hanoi, officer) == {"Best": 4}
    version = (await next_version(academy, catalogue.framework_id))["id"]
    items = (await tree(academy, version))["competencies"]
    item = next(each for each in items if each["name_en"] == "Best")
    changed = await change(academy, "competencies", item["id"], attainment_rule="latest")
    assert changed.status_code == 200
    assert await levels(hanoi, officer) == {"Best": 4}
    await do(academy, version, "publish")
    assert await levels(hanoi, officer) == {"Best": 1}
    explained = await catalogue.explained(hanoi, officer, "Best")
    assert (explained["rule"], explained["level"]) == ("latest", 1)
    assert explained["competency_id"] == item["id"]


@pytest.mark.parametrize("kind", ["course_completion", "prior_learning"])
async def test_some_evidence_needs_a_document(
    catalogue: Catalogue, hanoi: Somebody, officer: str, kind: str
):
    refused = await catalogue.try_record(hanoi, officer, "Best", 3, type=kind)
    assert [error["code"] for error in refused.json()["errors"]] == ["document_missing"]
    piece = await catalogue.record(hanoi, officer, "Best", 3, type=kind, document="GCN-1")
    body = {"level": 2, "achieved_on": "2026-02-01"}
    refused = await hanoi.post(f"/evidence/{piece['id']}/correct", json=body)
    assert problem(refused) == (422, "evidence-without-document")


async def test_everything_that_is_wrong_with_evidence_is_said_at_once(
    catalogue: Catalogue, hanoi: Somebody, officer: str
):
    wrong = {"type": "prior_learning", "valid_until": "2025-01-01", "issuer": "", "x": 1}
    refused = await catalogue.try_record(hanoi, officer, "Best", 0, **wrong)
    assert {error["pointer"] for error in refused.json()["errors"]} == {
        *("/level", "/valid_until", "/issuer", "/type", "/x"),
    }


async def test_evidence_is_for_a_published_competency_at_a_level_of_its_scale(
    academy: Somebody, catalogue: Catalogue, hanoi: Somebody, officer: str
):
    refused = await catalogue.try_record(hanoi, officer, "Best", 6)
    assert problem(refused) == (422, "evidence-level-unknown")
    unknown = {"competency_identifier": str(uuid4())}
    refused = await catalogue.try_record(hanoi, officer, "Best", 1, **unknown)
    assert problem(refused) == (422, "competency-not-published")
    elsewhere = {"framework_id": (await Catalogue.of(academy, Other="best")).framework_id}
    refused = await catalogue.try_record(hanoi, officer, "Best", 1, **elsewhere)
    assert problem(refused) == (422, "competency-not-published")


async def test_evidence_follows_a_learner_and_who_recorded_it_reads_it_still(
    catalogue: Catalogue, hanoi: Somebody, hue: Somebody, officer: str
):
    piece = await catalogue.record(hanoi, officer, "Best", 4)
    assert await everything(hue, "/evidence") == []
    body = {"released_on": "2026-03-01"}
    released = made(await hanoi.post(f"/learners/{officer}/release", json=body))
    claim = {
        "claim_code": released["claim_code"],
        "claimed_on": "2026-03-01",
        "external_id": "CB-1",
        "position_title": "Chuyên viên",
    }
    made(await hue.post("/transfers/claim", json=claim), 200)
    assert await levels(hue, officer) == {"Best": 4}
    assert problem(await hanoi.get(f"/learners/{officer}/competency-profile"))[0] == 404
    for reader in (hanoi, hue):
        (shown,) = await everything(reader, "/evidence", learner=officer)
        assert shown["id"] == piece["id"]
    refused = await hanoi.post(f"/evidence/{piece['id']}/withdraw", json={})
    assert problem(refused)[0] == 404
    made(await hue.post(f"/evidence/{piece['id']}/withdraw", json={}))
    assert await levels(hue, officer) == {"Best": None}


async def test_learners_say_of_themselves_what_is_theirs_to_say(
    world: World, catalogue: Catalogue, hanoi: Somebody, officer: str
):
    themselves = await world.somebody("learner", hanoi.organization, UUID(officer))
    colleague = str((await add_learner(hanoi))["id"])
    refused = await catalogue.try_record(themselves, officer, "Best", 5)
    assert problem(refused) == (422, "evidence-for-others-to-give")
    declared = {"type": "self_declared"}
    refused = await catalogue.try_record(themselves, colleague, "Best", 5, **declared)
    assert problem(refused) == (404, "not-found")
    own = await catalogue.record(themselves, officer, "Best", 5, **declared)
    assert await levels(themselves, officer) == {"Best": 5}
    others = await catalogue.record(hanoi, officer, "Best", 2)
    refused = await themselves.post(f"/evidence/{others['id']}/withdraw", json={})
    assert problem(refused) == (409, "evidence-of-others")
    assert await levels(themselves, officer) == {"Best": 2}
    made(await themselves.post(f"/evidence/{own['id']}/withdraw", json={}))
    assert (await everything(themselves, "/evidence"))[0]["supersedes_id"] == own["id"]
    path = f"/evidence/{others['id']}/review"
    refused = await themselves.post(path, json={"decision": "refused"})
    assert problem(refused) == (403, "forbidden")


async def test_who_reads_a_profile_and_an_explanation_is_written_down(
    world: World, catalogue: Catalogue, hanoi: Somebody, officer: str
):
    await catalogue.record(hanoi, officer, "Best", 4)
    await profile(hanoi, officer)
    await catalogue.explained(hanoi, officer, "Best")
    await world.app.state.read_log.write()
    reads = await everything(hanoi, "/personal-data-reads", learner=officer)
    operations = {each["operation"] for each in reads}
    assert {"get_competency_profile", "get_attainment_explanation"} <= operations
