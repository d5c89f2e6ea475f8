"""Not asking twice, and not overwriting what somebody else has changed."""

import asyncio

import pytest

from tests.world import add_learner, problem, replace

CHANGED = {
    "external_id": "CB-1",
    "full_name": "Lê An",
    "position_title": "Trưởng phòng",
    "position_since": "2020-01-01",
}


@pytest.fixture
async def path(hanoi):
    return f"/learners/{(await add_learner(hanoi))['id']}"


def asking(tag):
    return {"If-None-Match": tag}


class TestReadingAgain:
    async def test_what_has_not_changed_is_not_sent_again(self, hanoi, path):
        for address in (path, f"{path}/positions", "/learners", "/learners?as_of=2024-01-01"):
            first = await hanoi.get(address)
            tag = first.headers["ETag"]
            for known in (tag, f"W/{tag}", f'"other", {tag}', f'"other",W/{tag}', "*"):
                again = await hanoi.get(address, headers=asking(known))
                assert (again.status_code, again.content) == (304, b""), (address, known)
                assert again.headers["ETag"] == tag
            for other in ('"other"', tag.strip('"') + "0", '""', ""):
                again = await hanoi.get(address, headers=asking(other))
                assert again.json() == first.json(), (address, other)

    async def test_a_change_is_sent(self, hanoi, path):
        addresses = (path, f"{path}/positions", "/learners", "/learners?as_of=2024-01-01")
        tags = {address: (await hanoi.get(address)).headers["ETag"] for address in addresses}
        await replace(hanoi, path, full_name="Lê Bình")
        for address, tag in tags.items():
            again = await hanoi.get(address, headers=asking(tag))
            assert (again.status_code, "Lê Bình" in again.text) == (200, True), address

    async def test_a_page_changes_with_its_rows_and_with_whether_more_follow(self, hanoi, path):
        for page in ("/learners?limit=1", "/learners?limit=2&fields=full_name"):
            first = await hanoi.get(page)
            await add_learner(hanoi, full_name="Lê Xuân Yến")
            again = await hanoi.get(page, headers=asking(first.headers["ETag"]))
            assert again.status_code == 200, page

    async def test_an_empty_page_has_a_tag_too(self, hanoi):
        first = await hanoi.get("/transfers")
        assert first.json() == {"items": [], "next": None}
        again = await hanoi.get("/transfers", headers=asking(first.headers["ETag"]))
        assert again.status_code == 304

    async def test_a_tag_opens_nothing_to_somebody_else(self, hanoi, hue, path):
        tag = (await hanoi.get(path)).headers["ETag"]
        assert problem(await hue.get(path, headers=asking(tag))) == (404, "not-found")
        assert problem(await hue.get(path, headers=asking("*"))) == (404, "not-found")

    async def test_personal_data_is_kept_by_no_cache(self, hanoi, path):
        for address in (path, "/learners"):
            answer = await hanoi.get(address)
            assert answer.headers["Cache-Control"] == "no-store"
            assert "Authorization" in answer.headers["Vary"]


class TestChanging:
    async def test_needs_the_version_that_was_read(self, hanoi, path):
        read = await hanoi.get(path)
        assert problem(await hanoi.put(path, json=CHANGED)) == (428, "version-required")
        for stale in ('"0"', '"2"', 'W/"1"', "0", ""):
            refusal = await hanoi.put(path, json=CHANGED, headers={"If-Match": stale})
            assert problem(refusal) == (412, "outdated"), stale
        assert (await hanoi.get(path)).json() == read.json()

        changed = await hanoi.put(path, json=CHANGED, headers={"If-Match": '"7", 1'})
        assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
        stale = await hanoi.put(path, json=CHANGED, headers={"If-Match": '"1"'})
        assert problem(stale) == (412, "outdated")
        at_any = {"If-Match": "*"}
        again = await hanoi.put(path, json=CHANGED | {"rank": "Chuyên viên"}, headers=at_any)
        assert (again.status_code, again.headers["ETag"]) == (200, '"3"')

    async def test_gives_the_tag_that_reading_gives(self, hanoi, path):
        changed = await replace(hanoi, path, full_name="Lê Bình")
        assert (await hanoi.get(path)).headers["ETag"] == changed.headers["ETag"]

    async def test_by_six_at_once_succeeds_for_one_of_them(self, hanoi, path):
        headers = {"If-Match": (await hanoi.get(path)).headers["ETag"]}
        titles = [f"Chuyên viên {n}" for n in range(6)]
        answers = await asyncio.gather(
            *(
                hanoi.put(path, json=CHANGED | {"position_title": title}, headers=headers)
                for title in titles
            )
        )
        assert sorted(answer.status_code for answer in answers) == [200, *[412] * 5]
        (won,) = [answer for answer in answers if answer.status_code == 200]
        assert (await hanoi.get(path)).json() == won.json()

    async def test_what_is_not_ours_is_not_found_whatever_the_version(self, hue, path):
        for headers in ({"If-Match": '"1"'}, {"If-Match": "*"}):
            refusal = await hue.put(path, json=CHANGED, headers=headers)
            assert problem(refusal) == (404, "not-found")
