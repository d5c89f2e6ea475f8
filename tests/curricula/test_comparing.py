"""Curricula are cloned for another year, and their versions compared."""

from tests.competencies.steps import made
from tests.curricula.steps import (
    change,
    curriculum,
    held,
    in_force,
    next_module,
    next_version,
    published_module,
    stated,
    version,
)
from tests.world import Somebody, World, problem


async def test_a_curriculum_is_cloned_for_another_year(hanoi: Somebody, world: World):
    kept, renewed = await published_module(hanoi), await published_module(hanoi, code="K.2")
    began = await in_force(hanoi, world, kept, renewed, kind="specialised", field="consular")
    newer = await next_module(hanoi, renewed, theory_hours=6)
    path = f"/curricula/{began['id']}/clone"
    clone = made(await hanoi.post(path, json={"year": 2027}))
    same = ("code", "kind", "field", "organization_id", "title_vi")
    assert {name: clone[name] for name in same} == {name: began[name] for name in same}
    assert (clone["year"], clone["cloned_from_id"]) == (2027, began["id"])
    draft = await version(hanoi, clone["open_version_id"])
    assert (draft["number"], draft["state"], draft["based_on_id"]) == (1, "draft", None)
    ids = [each["module_version_id"] for each in draft["modules"]]
    assert ids == [kept["id"], newer["id"]]
    refused = await hanoi.post(path, json={"year": 2027})
    assert problem(refused) == (409, "curriculum-code-taken")
    never = await curriculum(hanoi)
    refused = await hanoi.post(f"/curricula/{never['id']}/clone", json={"year": 2027})
    assert problem(refused) == (409, "curriculum-not-in-force")
    differences = made(await hanoi.get(f"/curriculum-versions/{draft['id']}/diff"), 200)
    assert differences["since_version_id"] == began["in_force_version_id"]
    of_year, of_module = differences["differences"]
    assert of_year["message_en"] == "The curriculum was changed: the year from 2026 to 2027."
    assert of_year["message_vi"] == "Sửa chương trình: năm từ 2026 thành 2027."
    assert of_module["message_en"].startswith("Module K.2 “Module” was changed: ")
    assert "its hours of theory from 4 to 6" in of_module["message_en"]


async def test_two_versions_are_compared_in_data_and_in_words(hanoi: Somebody, world: World):
    leads = await stated(hanoi)
    stays, goes, moves, comes = [
        await published_module(hanoi, code=f"D.{n}", title_en=f"No {n}") for n in range(1, 5)
    ]
    began = await in_force(hanoi, world, stays, goes, moves)
    first = began["in_force_version_id"]
    second = (await next_version(hanoi, began["id"]))["id"]
    path = f"/curriculum-versions/{second}/diff"
    assert made(await hanoi.get(path), 200)["differences"] == []
    changed = await next_module(hanoi, stays, competencies=[leads], practice_hours=6.5)
    modules = held(moves) + held(changed, elective=True) + held(comes)
    made(await change(hanoi, second, modules=modules, hours=30.5, title_en="Other"), 200)
    compared = made(await hanoi.get(path), 200)
    assert compared["since_version_id"] == first
    told = {(each["code"], each["difference"]): each for each in compared["differences"]}
    assert told.keys() == {
        *((None, "changed"), ("D.1", "moved"), ("D.2", "removed"), ("D.3", "moved")),
        ("D.4", "added"),
    }
    fields = {
        each["field"]: (each["before"], each["after"]) for each in told["D.1", "moved"]["fields"]
    }
    assert fields == {
        "competencies/A": (None, 3),
        "mandatory": (True, False),
        "module_version": (1, 2),
        "practice_hours": (6, 6.5),
    }
    assert told["D.4", "added"]["message_vi"] == "Thêm chuyên đề D.4 “Chuyên đề” (10 giờ)."
    assert told["D.2", "removed"]["message_en"] == "Module D.2 “No 2” was removed (10 hours)."
    words = told["D.1", "moved"]["message_vi"]
    assert "số giờ thực hành từ 6 thành 6,5" in words
    assert "bậc của năng lực A từ không có thành 3" in words
    assert "yêu cầu từ bắt buộc thành tự chọn" in words
    back = made(
        await hanoi.get(f"/curriculum-versions/{first}/diff", params={"since": second}), 200
    )
    assert {(e["code"], e["difference"]) for e in back["differences"]} >= {("D.2", "added")}
    assert made(await hanoi.get(f"/curriculum-versions/{first}/diff"), 200)["differences"]


async def test_of_versions_that_one_does_not_see_nothing_is_compared(
    hanoi: Somebody, hue: Somebody
):
    ours = (await curriculum(hanoi))["open_version_id"]
    theirs = (await curriculum(hue))["open_version_id"]
    path = f"/curriculum-versions/{ours}/diff"
    assert problem(await hanoi.get(path, params={"since": theirs})) == (404, "not-found")
    wrong = await hanoi.get(path, params={"since": "x"})
    assert problem(wrong) == (422, "invalid-request")
