"""Materials are found by what they say, as somebody types it, and by whom they are shown to."""

import asyncio
import string
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.text import GAP, fold, shadowed
from app.materials.files.kinds import DOCX, PDF, TEXT
from tests.materials.content import docx, pdf
from tests.materials.steps import TITLED, add_file, add_material, examine, shown
from tests.world import Somebody, World, everything, problem


async def found(somebody: Somebody, q: str, **query: Any) -> list[str]:
    listed = await somebody.get("/materials", params={"q": q, **query})
    assert listed.status_code == 200, listed.text
    return [item["id"] for item in listed.json()["items"]]


def word() -> str:
    """One that no other test has."""
    return f"z{uuid4().hex}"


async def said(world: World, somebody: Somebody, *words: str, **more: Any) -> str:
    """A material with a document that says so."""
    material = await add_material(somebody, **more)
    version = await add_file(somebody, material, docx(*words), "a.docx", DOCX)
    await examine(world, version["id"])
    return material


@pytest.mark.parametrize("typed", ["Đặng Lễ", "dang le", "ĐẶNG LỄ", "le, dang!", "lễ", "đang"])
async def test_accents_and_cases_do_not_matter(world: World, hanoi: Somebody, typed: str):
    mark = word()
    material = await said(world, hanoi, f"Đặng Văn Lễ {mark}")
    assert await found(hanoi, f"{typed} {mark}") == [material]


async def test_words_may_stand_in_the_title_and_in_the_text(world: World, hanoi: Somebody):
    mark, other = word(), word()
    material = await said(world, hanoi, f"nghi lễ {mark}", title_vi=f"Cẩm nang {other}")
    assert await found(hanoi, f"{other} {mark}") == [material]
    assert await found(hanoi, f"{other} {mark} vắng") == []


async def test_whole_words_are_found(world: World, hanoi: Somebody):
    mark = word()
    await said(world, hanoi, f"x{mark}")
    assert await found(hanoi, mark) == []


async def test_who_says_it_in_the_title_comes_first(world: World, hanoi: Somebody):
    mark = word()
    text = await said(world, hanoi, f"once {mark}")
    title = await add_material(hanoi, title_en=f"About {mark}")
    assert await found(hanoi, mark) == [title, text]
    assert await found(hanoi, mark, sort="created_at") == [text, title]


async def test_pages_of_a_search_go_on(world: World, hanoi: Somebody):
    mark = word()
    made = {await add_material(hanoi, title_en=f"{mark} {'more ' * n}") for n in range(5)}
    rows = await everything(hanoi, "/materials", q=mark, limit=2)
    assert {row["id"] for row in rows} == made
    assert len(rows) == 5


async def test_a_snippet_shows_where_it_stands_as_it_was_written(world: World, hanoi: Somebody):
    mark = word()
    before, after = "trước đó " * 60, " sau này" * 60
    await said(world, hanoi, f"{before} Lễ tân đối ngoại, {mark} {after}")
    for q in (f"le tan {mark}", mark, f"{mark} doi"):
        listed = await hanoi.get("/materials", params={"q": q})
        (item,) = listed.json()["items"]
        assert f"Lễ tân đối ngoại, {mark} sau này" in item["snippet"]
        assert item["snippet"].startswith("… ")
        assert item["snippet"].endswith(" …")
        assert len(item["snippet"]) < 260
    assert (await hanoi.get(f"/materials/{item['id']}")).json()["snippet"] is None


async def test_the_text_of_the_current_version_is_searched(world: World, hanoi: Somebody):
    old, new = word(), word()
    material = await said(world, hanoi, old)
    version = await add_file(hanoi, material, pdf(new), "b.pdf", PDF)
    assert await found(hanoi, old) == []
    await examine(world, version["id"])
    assert await found(hanoi, new) == [material]
    linked = await hanoi.post(f"/materials/{material}/links", json={"url": "https://example.org/"})
    assert linked.status_code == 201
    assert await found(hanoi, new) == []


async def test_a_text_that_is_read_late_is_not_taken_for_the_current_one(
    world: World, hanoi: Somebody
):
    late, new = word(), word()
    material = await add_material(hanoi)
    first = await add_file(hanoi, material, docx(late), "a.docx", DOCX)
    second = await add_file(hanoi, material, docx(new), "a.docx", DOCX)
    await examine(world, second["id"])
    await examine(world, first["id"])
    assert (await shown(hanoi, first["id"]))["extraction"] == "done"
    assert await found(hanoi, late) == []
    assert await found(hanoi, new) == [material]


async def test_another_title_is_found_at_once(world: World, hanoi: Somebody):
    old, new = word(), word()
    material = await add_material(hanoi, title_en=old)
    body = {"title_en": new, "current_version_id": None}
    body.pop("current_version_id")
    present = await hanoi.get(f"/materials/{material}")
    changed = await hanoi.put(
        f"/materials/{material}",
        json=TITLED | {"visibility": "public"} | body,
        headers={"If-Match": present.headers["etag"]},
    )
    assert changed.status_code == 200, changed.text
    assert await found(hanoi, new) == [material]
    assert await found(hanoi, old) == []


async def test_nobody_finds_what_is_not_shown_to_them(
    world: World, hanoi: Somebody, hue: Somebody, academy: Somebody
):
    mark = word()
    hidden = await said(world, hanoi, f"ý kiến nội bộ {mark}", visibility="instructors")
    shown_to_all = await said(world, hanoi, f"công khai {mark}", visibility="public")
    both = {hidden, shown_to_all}
    instructor = await world.somebody("instructor")
    for somebody, seen in (
        *((hanoi, both), (academy, both), (instructor, both)),
        *((await world.somebody("auditor"), both), (hue, {shown_to_all})),
        (await world.somebody("viewer", await world.organization("hue")), {shown_to_all}),
    ):
        assert set(await found(somebody, mark)) == seen
        listed = await somebody.get("/materials", params={"q": mark})
        assert ("nội bộ" in listed.text) == (hidden in seen)


async def test_something_is_searched_for(hanoi: Somebody):
    refused = await hanoi.get("/materials", params={"q": "?!"})
    assert problem(refused) == (422, "invalid-request")
    assert refused.json()["errors"][0]["code"] == "nothing_to_search"


@given(st.text(max_size=60))
def test_the_shadow_of_a_text_has_its_words(text: str):
    line, shadow = shadowed(text)
    assert len(line) == len(shadow)
    assert shadow.replace(GAP, "").split() == fold(line).split() == fold(text).split()


def crowded() -> str:
    """More words than PostgreSQL can hold in one row, parted by what is no letter to it alone."""
    latin, digits = string.ascii_lowercase, string.digits
    whole, small = (
        [chr(code) for start, end in ranges for code in range(start, end)]
        for ranges in (LETTERS, SMALL_LETTERS)
    )
    three = map("".join, product(latin, latin + digits, latin + digits))
    pairs = map("".join, [*product(small, latin), *product(latin, small)])
    four = map("".join, product(latin, repeat=4))
    return "፩".join([*whole, *three, *pairs, *four])


LETTERS = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA000, 0xA48C), (0xAC00, 0xD7A3))
SMALL_LETTERS = ((0x3B1, 0x3C9), (0x430, 0x450), (0x561, 0x587), (0x5D0, 0x5EA), (0x627, 0x63A))
"""Of three bytes, and of two."""


async def test_a_text_of_more_words_than_can_be_held_is_searched_all_the_same(
    world: World, hanoi: Somebody
):
    mark = word()
    text = f"{mark} {crowded()}".encode()[:890_000].decode("utf-8", "ignore")
    material = await add_material(hanoi)
    version = await add_file(hanoi, material, text.encode(), "a.txt", TEXT)
    await examine(world, version["id"])
    assert (await shown(hanoi, version["id"]))["extraction"] == "done"
    assert await found(hanoi, mark) == [material]
    changed = TITLED | {"visibility": "public", "title_en": f"About {mark}"}
    response = await hanoi.put(f"/materials/{material}", json=changed, headers={"If-Match": '"1"'})
    assert response.status_code == 200


async def test_a_search_for_many_words_in_long_texts_is_answered_at_once(
    world: World, hanoi: Somebody
):
    """As many as can be asked for, at the end of texts as long as they may be."""
    mark = word()
    words = [mark, *string.ascii_lowercase, *map(chr, range(0x430, 0x450))]
    text = f"{'zzzz yyyy ' * 49_000} {' '.join(reversed(words))}".encode()
    for _ in range(3):
        version = await add_file(hanoi, await add_material(hanoi), text, "a.txt", TEXT)
        await examine(world, version["id"])
    async with asyncio.timeout(3):
        assert len(await found(hanoi, " ".join(words))) == 3
