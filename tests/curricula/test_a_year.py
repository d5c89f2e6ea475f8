"""A year of a curriculum, from its first draft to the next year's, as those who make it live it."""

from typing import Any

import pytest

from app.core.schemas import today
from tests.competencies.steps import made
from tests.curricula.review_steps import (
    APPROVE,
    DOCUMENT,
    OBJECT,
    ask,
    decide,
    do,
    name,
    resolve,
    say,
    submit,
    trail,
    try_to,
)
from tests.curricula.steps import (
    change,
    curriculum,
    extend,
    held,
    next_module,
    next_version,
    published_module,
    rules,
    version,
    whole,
)
from tests.world import Somebody, World, everything, problem

BOUNDS = {"extension_hours_min": 4, "extension_hours_max": 16}


class Year:
    """Who makes a curriculum, and what they made of it so far."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def gather(self) -> None:
        """The Academy, whose staff write and whose head approves; two provinces; the Ministry of
        Industry and Trade; and two experts, of whom one works elsewhere."""
        world = self.world
        self.staff = await world.somebody("academy_staff")
        self.head = await world.somebody("academy_admin")
        self.hanoi = await world.somebody("coordinator", await world.organization("hanoi"))
        self.hue = await world.somebody("viewer", await world.organization("hue"))
        moit = await world.organization("moit", "ministry")
        self.moit = await world.somebody("coordinator", moit)
        self.expert = await world.somebody("instructor")
        self.official = await world.somebody("viewer", moit)

    async def draft(self) -> str:
        """Three modules, one of which is practised."""
        said = ("Đường lối đối ngoại", "Foreign policy"), ("Lễ tân", "Protocol")
        self.policy, self.protocol = [
            await published_module(self.staff, title_vi=vi, title_en=en, kind="common")
            for vi, en in said
        ]
        self.conduct = await published_module(
            self.staff, title_vi="Tác phong", title_en="Conduct", domain="conduct"
        )
        began = await curriculum(
            self.staff, self.policy, self.protocol, **BOUNDS, title_en="Basic course"
        )
        self.curriculum = began["id"]
        return str(began["open_version_id"])

    async def review(self, id: str) -> None:
        """Two provinces comment, an expert requests changes; it is changed, and then they agree."""
        for place in (self.hanoi, self.hue):
            await ask(self.staff, id, invited_organization_id=str(place.organization))
        for reviewer in (self.expert, self.official):
            await name(self.world, self.staff, id, reviewer)
        await submit(self.staff, id, quorum=2)
        whole = await say(self.hanoi, id, text="Thiếu nội dung về tác phong.")
        about = await say(
            self.hue, id, text="Nên thực hành nhiều hơn.", module_id=self.protocol["module_id"]
        )
        await decide(self.expert, id, **OBJECT)
        assert problem(await try_to(self.head, id, "approve", **DOCUMENT))[0] == 409
        await do(self.staff, id, "return", note="Tiếp thu ý kiến của Hà Nội.")
        modules = [self.policy, self.protocol, self.conduct]
        made(await change(self.staff, id, modules=held(*modules), hours=30), 200)
        await resolve(self.staff, whole["id"], "accepted")
        await resolve(self.staff, about["id"], "noted")
        await submit(self.staff, id, quorum=2)
        for reviewer in (self.expert, self.official):
            await decide(reviewer, id, **APPROVE)

    async def add_of_their_own(self) -> str:
        """What the ministry's own officers learn, beside what everybody does; reviewed by an expert
        of the Academy, and approved by the ministry."""
        markets = await published_module(
            self.moit, title_vi="Xúc tiến thương mại", title_en="Trade promotion"
        )
        began = made(
            await extend(self.moit, self.curriculum, markets, title_en="For trade officers")
        )
        id = str(began["open_version_id"])
        await name(self.world, self.moit, id, self.expert)
        await submit(self.moit, id)
        await decide(self.expert, id, **APPROVE)
        await do(self.moit, id, "approve", **(DOCUMENT | {"issuing_body": "Bộ Công Thương"}))
        await do(self.moit, id, "publish")
        self.extension = began["id"]
        return id


@pytest.fixture
async def year(world: World) -> Year:
    year = Year(world)
    await year.gather()
    return year


async def test_a_year_of_a_curriculum(year: Year):
    first = await year.draft()
    assert await rules(year.staff, first) == []
    await year.review(first)
    await do(year.head, first, "approve", **DOCUMENT)
    published = await do(year.head, first, "publish", on=str(today()))
    assert (published["state"], published["round"]) == ("published", 2)
    told = await trail(year.staff, first)
    kinds = [each["kind"] for each in told["entries"]]
    assert (kinds.count("comment"), kinds.count("decision")) == (2, 3)
    assert told["entries"][-2]["step"]["document_number"] == DOCUMENT["document_number"]

    extension = await year.add_of_their_own()
    taught = await whole(year.hue, extension)
    assert [each["part"] for each in taught["modules"]] == ["common"] * 3 + ["own"]
    assert taught["hours"] == 40

    await _is_renewed(year, first, extension)

    next_year = await _clone(year, year.staff, year.curriculum)
    later = await next_module(year.staff, year.protocol, practice_hours=10)
    second = str(next_year["open_version_id"])
    modules = [year.policy, later, year.conduct]
    made(await change(year.staff, second, modules=held(*modules), hours=34), 200)
    said = await _differences(year, second)
    assert [each["difference"] for each in said] == ["changed", "changed"]
    assert "its hours from 30 to 34" in said[0]["message_en"]
    assert "its hours of practice from 6 to 10" in said[1]["message_en"]
    assert "số giờ thực hành từ 6 thành 10" in said[1]["message_vi"]

    refused = await year.moit.post(f"/curricula/{year.extension}/clone", json={"year": 2027})
    assert problem(refused) == (409, "common-part-not-cloned")
    await name(year.world, year.staff, second, year.expert)
    await submit(year.staff, second)
    await decide(year.expert, second, **APPROVE)
    await do(year.head, second, "approve", **DOCUMENT)
    await do(year.head, second, "publish")
    ours = await _clone(year, year.moit, year.extension)
    assert (ours["year"], ours["cloned_from_id"]) == (2027, year.extension)
    assert (await whole(year.moit, ours["open_version_id"]))["hours"] == 44


async def _is_renewed(year: Year, first: str, extension: str) -> None:
    """Within the year the common part is corrected; what the ministry adds comes along."""
    again = (await next_version(year.staff, year.curriculum))["id"]
    made(await change(year.staff, again, title_en="Basic course, corrected"), 200)
    await name(year.world, year.staff, again, year.expert)
    await submit(year.staff, again)
    await decide(year.expert, again, **APPROVE)
    await do(year.head, again, "approve", **DOCUMENT)
    await do(year.head, again, "publish")
    assert (await version(year.hue, first))["state"] == "retired"
    ours = made(await year.moit.get(f"/curricula/{year.extension}"), 200)
    carried = await version(year.moit, ours["in_force_version_id"])
    assert carried["carried_over"]
    assert (carried["based_on_id"], carried["extends_version_id"]) == (extension, again)
    assert carried["issuing_body"] == "Bộ Công Thương"
    steps = [each["step"] for each in (await trail(year.moit, carried["id"]))["entries"]]
    assert [each["state"] for each in steps] == ["draft", "published"]


async def _clone(year: Year, owner: Somebody, id: str) -> dict[str, Any]:
    cloned = made(await owner.post(f"/curricula/{id}/clone", json={"year": 2027}))
    found = await everything(owner, "/curricula", code=cloned["code"], year=2027)
    assert [each["id"] for each in found] == [cloned["id"]]
    draft = await version(owner, cloned["open_version_id"])
    assert (draft["round"], draft["quorum"], draft["document_number"]) == (0, None, None)
    return cloned


async def _differences(year: Year, id: str) -> list[dict[str, Any]]:
    """From the version of the year before that it was copied from."""
    present = made(await year.staff.get(f"/curricula/{year.curriculum}"), 200)
    since = {"since": present["in_force_version_id"]}
    path = f"/curriculum-versions/{id}/diff"
    told = made(await year.staff.get(path, params=since), 200)
    return list(told["differences"])
