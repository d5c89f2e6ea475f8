"""Files of frameworks that are sent: tried out first, refused with all that is wrong, or taken."""

import asyncio
import json
from copy import deepcopy
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from app.competencies.exchange.mistakes import MOST
from app.core.config import Settings
from app.main import create_app
from tests.competencies import case_elsewhere
from tests.competencies.case_official import canonical
from tests.competencies.content import new_id
from tests.competencies.sending import send, sent, take_out
from tests.competencies.steps import (
    area,
    change,
    competency,
    do,
    framework,
    names,
    next_version,
    scale,
    tree,
)
from tests.competencies.test_case import large, published
from tests.world import Somebody, World, everything, problem, running

HEAD = "kind;code;parent;domain;name_vi;name_en;level;scale;identifier;level_1_vi;level_1_en\r\n"
OWN = ("id", "version", "created_at", "updated_at", "framework_version_id")


def told(response):
    """The mistakes: where, in which field, and what is wrong."""
    assert problem(response) == (422, "framework-file-refused")
    mistakes = response.json()["mistakes"]
    for each in mistakes:
        assert each["message_vi"] != each["message_en"]
    return {(each["row"] or each["item"], each["field"], each["code"]) for each in mistakes}


def said(whole):
    return [
        [{k: v for k, v in each.items() if k not in OWN} for each in whole[part]]
        for part in ("scales", "competencies")
    ]


@pytest.mark.parametrize("format", ["csv", "xlsx", "case"])
async def test_a_version_taken_out_and_sent_to_its_framework_is_the_same(
    hanoi: Somebody, format: str
):
    version, *_ = await published(hanoi)
    file = await take_out(hanoi, version["id"], format)
    if format == "csv":
        file = file.decode("utf-8-sig")
    elif format == "case":
        file = json.loads(file)
    tried = (await send(hanoi, file, framework=version["framework_id"])).json()
    assert (tried["dry_run"], tried["framework_version_id"]) == (True, None)
    assert tried["counts"] == {"added": 0, "removed": 0, "moved": 0, "changed": 0}
    listed = await everything(hanoi, "/framework-versions", framework=version["framework_id"])
    assert len(listed) == 1
    made = await sent(hanoi, file, framework=version["framework_id"])
    assert made["differences"] == []
    second = made["framework_version_id"]
    assert said(await tree(hanoi, second)) == said(await tree(hanoi, version["id"]))
    again = await send(hanoi, file, framework=version["framework_id"])
    assert problem(again) == (409, "framework-version-already-open")


async def test_a_dry_run_tells_what_would_change_and_writes_nothing(hanoi: Somebody):
    version, _, _, inner, sign = await published(hanoi)
    lines = (await take_out(hanoi, version["id"], "csv")).decode("utf-8-sig").splitlines()
    kept = [line for line in lines if sign["identifier"] not in line]
    changed = [line.replace("Lễ tân", "Khánh tiết") for line in kept]
    changed.append("competency;;A;B.9;skill;Mới;New" + ";" * 6)
    file = "\r\n".join(changed)
    tried = (await send(hanoi, file, framework=version["framework_id"])).json()
    assert tried["counts"] == {"added": 1, "removed": 1, "moved": 0, "changed": 1}
    told = {(each["difference"], each["name_en"]) for each in tried["differences"]}
    assert told == {("added", "New"), ("removed", "Protocol"), ("changed", "Protocol")}
    listed = await everything(hanoi, "/framework-versions", framework=version["framework_id"])
    assert [each["id"] for each in listed] == [version["id"]]
    made = await sent(hanoi, file, framework=version["framework_id"])
    assert made["counts"] == tried["counts"]
    assert await names(hanoi, made["framework_version_id"]) == ["Practice", "Protocol", "New"]
    assert inner["identifier"] in {
        each["identifier"]
        for each in (await tree(hanoi, made["framework_version_id"]))["competencies"]
    }


async def test_a_new_framework_begins_with_a_file(hanoi: Somebody, hue: Somebody):
    code = f"N-{new_id()[:8]}"
    file = HEAD + "nhóm năng lực;DN;;;Nghiệp vụ;Practice;;;;;\r\n"
    file += "năng lực;DN.1;DN;kỹ năng;Lễ tân;Protocol;;;;;\r\n"
    tried = (await send(hanoi, file, code=code)).json()
    assert (tried["framework_id"], tried["counts"]["added"]) == (None, 3)
    assert await everything(hanoi, "/frameworks", code=code) == []
    made = await sent(hanoi, file, code=code)
    assert await names(hanoi, made["framework_version_id"]) == ["Practice", "Protocol"]
    (shown,) = await everything(hanoi, "/frameworks", code=code)
    assert shown["open_version_id"] == made["framework_version_id"]
    assert problem(await send(hanoi, file, code=code)) == (409, "framework-code-taken")
    theirs = {"framework": made["framework_id"]}
    assert problem(await send(hue, file, **theirs)) == (404, "not-found")


async def test_a_draft_of_others_takes_no_identifier(academy: Somebody, hanoi: Somebody):
    package, query = large(1), {"code": f"KNL-{new_id()[:8]}", "domain": "skill"}
    identifiers = []
    for sender in (hanoi, academy, academy):
        made = await sent(sender, package, **query)
        version = await sender.get(f"/framework-versions/{made['framework_version_id']}")
        identifiers.append(version.json()["identifier"])
        query["code"] += "-2"
    own = package["CFDocument"]["identifier"]
    assert [each == own for each in identifiers] == [True, True, False]


async def test_a_file_fills_the_draft_that_a_framework_began_with(hanoi: Somebody):
    began = await framework(hanoi, title_vi="Đã đặt tên")
    file = HEAD + "area;A;;;Một;One;;;;;\r\n"
    made = await sent(hanoi, file, framework=began["id"])
    assert made["framework_version_id"] == began["open_version_id"]
    shown = (await hanoi.get(f"/framework-versions/{began['open_version_id']}")).json()
    assert shown["title_vi"] == "Đã đặt tên"
    refused = await send(hanoi, file, framework=began["id"])
    assert problem(refused) == (409, "framework-version-already-open")


async def test_everything_that_is_wrong_with_a_table_is_told_at_once(hanoi: Somebody):
    steps = new_id()
    rows = [
        f"scale;;;;Thang;Scale;1;;{steps};;",
        f"level;;;;Bậc 1;Level 1;1;{steps};;;",
        f"level;;;;Bậc 1;Level 1;1;{steps};;;",
        "area;A;B;;Một;One;;;;;",
        "area;B;A;;Hai;Two;;;;;",
        "competency;C;nowhere;skill;Ba;Three;;;;;",
        "competency;D;;weather;Bốn;Four;;;;;",
        "competency;D;;skill;Năm;Five;;;;;",
        f"competency;E;;skill;Sáu;Six;;{new_id()};;;",
        "competency;F;;skill;Bảy;Seven;;;;Biết;Knows",
        "thing;G;;skill;Tám;Eight;;;;;",
        "competency;H H;;skill;Chín;Nine;;;;;",
        "competency;;;;;Ten;;;not-an-id;;",
        f"indicator;;;skill;Mười một;Eleven;;{steps};;;",
    ]
    found = told(await send(hanoi, HEAD + "\r\n".join(rows), code="WRONG"))
    assert found >= {
        (2, "levels", "level_twice"),
        (5, "parent", "below_itself"),
        (6, "parent", "below_itself"),
        (7, "parent", "parent_unknown"),
        (8, "domain", "type_unknown"),
        (9, "code", "code_twice"),
        (10, "scale", "scale_unknown"),
        (11, None, "descriptors_without_scale"),
        (12, "kind", "type_unknown"),
        (13, "code", "string_pattern_mismatch"),
        (14, "identifier", "uuid_parsing"),
        (15, None, "scale_of_no_competency"),
    } - {(2, "levels", "level_twice")}
    assert (2, None, "level_twice") in found
    assert await everything(hanoi, "/frameworks", code="WRONG") == []


async def test_a_level_of_another_scale_is_refused(hanoi: Somebody):
    one, other = new_id(), new_id()
    rows = [
        f"scale;;;;Một bậc;One level;1;;{one};;",
        f"level;;;;Bậc 1;Level 1;1;{one};;;",
        f"scale;;;;Bậc hai;Second;2;;{other};;",
        f"level;;;;Bậc 2;Level 2;2;{other};;;",
        f"competency;A;;skill;Một;One;;{other};;Biết;Knows",
    ]
    found = told(await send(hanoi, HEAD + "\r\n".join(rows), code="W"))
    assert found == {(6, "level_1", "level_of_other_scale")}


async def test_an_identifier_is_the_same_however_it_is_written(hanoi: Somebody):
    one = new_id()
    spellings = one, one.upper(), one.replace("-", ""), f"{{{one}}}", f"urn:uuid:{one}"
    rows = [f"competency;A.{n};;skill;A;A;;;{each}" for n, each in enumerate(spellings)]
    for each in rows:
        made = await sent(hanoi, f"{HEAD}{each}", code=f"KNL-{each[11:14]}")
        assert one in {each["identifier"] for each in made["differences"]}
    refused = told(await send(hanoi, HEAD + "\r\n".join(rows), code="KNL"))
    assert refused == {(row, "identifier", "identifier_twice") for row in range(3, 7)}


async def test_headings_that_nobody_knows_are_told(hanoi: Somebody):
    found = told(await send(hanoi, "kind;tên;tên;colour\r\narea;A;B;red\r\n", code="W"))
    assert {(1, "colour", "heading_unknown"), (1, "name_vi", "heading_twice")} <= found
    assert (1, "name_vi", "heading_missing") in told(await send(hanoi, "kind;code\r\n", code="W"))


async def test_a_file_that_is_none_is_refused(hanoi: Somebody):
    query = {"code": "W"}
    for file, expected in (
        (b"%PDF-1.7", (415, "file-kind-unsupported")),
        (b"PK\x03\x04broken", (422, "file-unreadable")),
    ):
        assert problem(await send(hanoi, file, **query)) == expected
    assert problem(await send(hanoi, "", **query))[0] == 422
    headers = {"Content-Type": "application/json"}
    for content in (b"{", b'{"a":NaN}', b"[" * 5000, b'"\\u0000"', b"\xff"):
        refused = await hanoi.post(
            "/framework-imports", params=query, content=content, headers=headers
        )
        assert problem(refused) == (422, "invalid-request")
    for package in ([], {}, 1, None, {"CFDocument": None}, {"CFDocument": {}, "x": 1}):
        assert told(await send(hanoi, package, **query))


def _wrong(change_it):
    package = large(4)
    change_it(package)
    return package


def _link(package, number):
    item = package["CFItems"][number]
    return {"title": "x", "identifier": item["identifier"], "uri": item["uri"]}


def _cycle(package):
    package["CFAssociations"][0]["destinationNodeURI"] = _link(package, 3)


def _no_parent(package):
    package["CFAssociations"][2]["destinationNodeURI"]["identifier"] = new_id()


def _dangling(package):
    extra = deepcopy(package["CFAssociations"][1])
    extra |= {"identifier": new_id(), "associationType": "isRelatedTo"}
    extra["originNodeURI"]["identifier"] = new_id()
    package["CFAssociations"].append(extra)


def _two_parents(package):
    package["CFAssociations"].append(package["CFAssociations"][3] | {"identifier": new_id()})


def _unknown_type(package):
    package["CFAssociations"][1]["associationType"] = "isFriendOf"


def _twice(package):
    package["CFItems"].append(package["CFItems"][3])


def _null(package):
    package["CFItems"][1]["notes"] = None


def _no_objects(package):
    """Beside good ones, which are known by their places."""
    for part in ("CFItems", "CFAssociations"):
        package[part] = [5, package[part][0], {}]


def _rubric_of_nothing(package):
    some = {k: package["CFItems"][0][k] for k in ("uri", "lastChangeDateTime")}
    criterion = {"identifier": new_id(), **some, "rubricId": new_id()}
    criterion["CFItemURI"] = _link(package, 0) | {"identifier": new_id()}
    package["CFRubrics"] = [{"identifier": new_id(), **some, "CFRubricCriteria": [criterion]}]


def _other_level(package):
    some = {k: package["CFItems"][0][k] for k in ("uri", "lastChangeDateTime")}
    level = {"identifier": new_id(), **some, "score": 7}
    criterion = {"identifier": new_id(), **some, "CFItemURI": _link(package, 3)}
    criterion["CFRubricCriterionLevels"] = [level]
    own = {"proficient_level": 1, "levels": [{"level": 1, "name_vi": "Một", "name_en": "One"}]}
    rubric = {"identifier": new_id(), **some, "title": "Thang", "CFRubricCriteria": [criterion]}
    package["CFRubrics"] = [rubric | {"extensions": {"banggiao": own}}]


WRONG = {
    "below_itself": _cycle,
    "parent_unknown": _no_parent,
    "link_dangling": _dangling,
    "two_parents": _two_parents,
    "string_pattern_mismatch": _unknown_type,
    "identifier_twice": _twice,
    "string_type": _null,
    "level_of_other_scale": _other_level,
    "model_type": _no_objects,
}


@pytest.mark.parametrize("code", WRONG)
async def test_a_package_that_is_wrong_is_refused(hanoi: Somebody, code: str):
    framework_code = f"W-{new_id()[:8]}"
    query = {"code": framework_code, "domain": "skill", "dry_run": "false"}
    found = told(await send(hanoi, _wrong(WRONG[code]), **query))
    assert code in {each[2] for each in found}
    assert await everything(hanoi, "/frameworks", code=framework_code) == []


async def test_everything_that_is_wrong_with_a_package_is_told_at_once(hanoi: Somebody):
    package = large(4)
    for each in (_cycle, _no_parent, _dangling, _rubric_of_nothing, _null):
        each(package)
    package["CFItems"][2]["fullStatement"] = "x" * 3000
    found = {code for _, _, code in told(await send(hanoi, package, code="W"))}
    assert found >= {
        *("below_itself", "parent_unknown", "link_dangling", "string_type"),
        "string_too_long",
    }


async def test_what_is_no_object_is_told_with_what_comes_after_it(hanoi: Somebody):
    package = large(2)
    package["CFItems"] = [1, *package["CFItems"], {}]
    found = told(await send(hanoi, package, code="W", domain="skill"))
    assert {field for _, field, _ in found if field.startswith("CFItems/")} == {
        "CFItems/0",
        *(f"CFItems/3/{name}" for name in ("identifier", "uri", "lastChangeDateTime")),
        "CFItems/3/fullStatement",
    }


_ENDLESS = {
    "items": {"CFItems": [{}] * 400_000},
    "values": {"CFItems": [1] * 400_000},
    "properties": {f"p{n}": 1 for n in range(400_000)},
    "subjects": {"CFItems": [{"subject": [1] * 400_000}]},
    "levels": {"CFRubrics": [{"CFRubricCriteria": [{"CFRubricCriterionLevels": [{}] * 400_000}]}]},
}


@pytest.mark.parametrize("what", _ENDLESS)
async def test_a_file_of_nothing_but_mistakes_takes_no_longer_than_others(
    hanoi: Somebody, what: str
):
    """Each would take a kilobyte to be told, of a file of two bytes for each."""
    async with asyncio.timeout(30):
        refused = await send(hanoi, large(1) | _ENDLESS[what], code="W")
    assert len(told(refused)) <= MOST


async def test_large_files_are_read_without_being_in_anybodys_way(settings: Settings):
    """However long it takes, and however many send one at once."""
    small = {"connections": 2, "connection_wait": 1, "statement_timeout": 1}
    app = create_app(settings.model_copy(update=small))
    async with running(app), World(app) as world, asyncio.timeout(100):
        hanoi = await world.somebody("coordinator", await world.organization("hanoi"))
        path = f"/frameworks/{(await framework(hanoi))['id']}"
        sending = [
            asyncio.create_task(send(hanoi, large(3000), code="L", domain="skill"))
            for _ in range(2)
        ]
        while not all(each.done() for each in sending):
            changed = await hanoi.put(path, json={"code": "K"}, headers={"If-Match": "*"})
            assert changed.status_code == 200, changed.text
            await asyncio.sleep(0.05)
        assert [each.result().status_code for each in sending] == [200, 200]


async def test_what_was_imported_and_then_changed_is_exported_as_it_is_now(hanoi: Somebody):
    package = large(3)
    package["CFItems"][2] |= {"notes": "giữ", "extensions": {"theirs": {"a": 1}}}
    made = await sent(hanoi, package, domain="skill", code=f"E-{new_id()[:8]}")
    version = made["framework_version_id"]
    items = {each["name_vi"]: each for each in (await tree(hanoi, version))["competencies"]}
    changed = await change(hanoi, "competencies", items["Mục 2"]["id"], name_vi="Đổi tên")
    assert changed.status_code == 200, changed.text
    exported = json.loads(await take_out(hanoi, version, "case"))
    said = {item["identifier"]: item for item in exported["CFItems"]}
    now = said[items["Mục 2"]["identifier"]]
    assert now["fullStatement"] == "Đổi tên"
    assert (now["notes"], now["extensions"]["theirs"]) == ("giữ", {"a": 1})
    assert now["lastChangeDateTime"] > "2026-01-02"
    assert said[items["Mục 1"]["identifier"]]["lastChangeDateTime"] == "2026-01-01T00:00:00Z"
    await do(hanoi, version, "publish")
    exported = json.loads(await take_out(hanoi, version, "case"))
    assert exported["CFDocument"]["adoptionStatus"] == "Adopted"
    assert exported["CFDocument"]["uri"] == package["CFDocument"]["uri"]


@pytest.mark.parametrize("format", ["csv", "xlsx"])
async def test_what_another_system_says_outlives_a_table(hanoi: Somebody, format: str):
    """The package of the next version, made of a table, says the same of all but the document."""
    package = case_elsewhere.package()
    made = await sent(hanoi, package, domain="skill", code=f"E-{new_id()[:8]}")
    await do(hanoi, made["framework_version_id"], "publish")
    before = json.loads(await take_out(hanoi, made["framework_version_id"], "case"))
    table = await take_out(hanoi, made["framework_version_id"], format)
    if format == "csv":
        table = table.decode("utf-8-sig")
    second = await sent(hanoi, table, framework=made["framework_id"])
    assert second["differences"] == []
    after = json.loads(await take_out(hanoi, second["framework_version_id"], "case"))
    for said in (before, after):
        document = said.pop("CFDocument")["identifier"]
        for association in said["CFAssociations"]:
            if association["destinationNodeURI"]["identifier"] == document:
                del association["destinationNodeURI"], association["lastChangeDateTime"]
    assert canonical(after) == canonical(before)


async def test_what_another_system_says_stays_with_the_next_version(hanoi: Somebody):
    package = large(3)
    related = deepcopy(package["CFAssociations"][1])
    related |= {"identifier": new_id(), "associationType": "isRelatedTo"}
    package["CFAssociations"].append(related)
    made = await sent(hanoi, package, domain="skill", code=f"E-{new_id()[:8]}")
    await do(hanoi, made["framework_version_id"], "publish")
    second = await next_version(hanoi, made["framework_id"])
    exported = json.loads(await take_out(hanoi, second["id"], "case"))
    assert related["identifier"] in {a["identifier"] for a in exported["CFAssociations"]}
    (last,) = [
        each
        for each in (await tree(hanoi, second["id"]))["competencies"]
        if each["identifier"] == related["originNodeURI"]["identifier"]
    ]
    removed = await hanoi.delete(f"/competencies/{last['id']}", headers={"If-Match": "*"})
    assert removed.status_code == 204
    exported = json.loads(await take_out(hanoi, second["id"], "case"))
    assert related["identifier"] not in {a["identifier"] for a in exported["CFAssociations"]}


async def test_a_workbook_holds_text_and_no_formulas(hanoi: Somebody):
    began = await framework(hanoi)
    version = began["open_version_id"]
    await scale(hanoi, version)
    await area(hanoi, version, name_vi="=1+1", name_en="@x", code="007")
    await competency(hanoi, version)
    book = CalamineWorkbook.from_filelike(BytesIO(await take_out(hanoi, version, "xlsx")))
    rows = book.get_sheet_by_index(0).to_python()
    row = dict(zip(rows[0], rows[7], strict=True))
    assert (row["name_vi"], row["name_en"], row["code"]) == ("'=1+1", "'@x", "007")


async def test_a_draft_that_was_discarded_is_in_nobodys_way(hanoi: Somebody):
    version, *_ = await published(hanoi)
    second = await next_version(hanoi, version["framework_id"])
    await do(hanoi, second["id"], "discard")
    file = json.loads(await take_out(hanoi, version["id"], "case"))
    made = await sent(hanoi, file, framework=version["framework_id"])
    assert made["differences"] == []
    began = await framework(hanoi)
    await do(hanoi, began["open_version_id"], "discard")
    assert (await sent(hanoi, file, framework=began["id"]))["counts"]["added"] > 3
