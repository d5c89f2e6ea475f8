"""Files as versions of materials: what is taken, how it comes back, what is read in it."""

from hashlib import sha256

import pytest

from app.materials.files.kinds import PDF
from tests.materials.content import EVERYTHING, MEDIA, TEXTS, pdf
from tests.materials.steps import add_file, add_material, examine, send, shown
from tests.world import Somebody, World, problem


@pytest.mark.parametrize("kind", EVERYTHING)
async def test_every_kind_of_file_comes_back_as_it_was_sent(
    world: World, hanoi: Somebody, kind: str
):
    content, name = EVERYTHING[kind]
    material = await add_material(hanoi)
    version = await add_file(hanoi, material, content, name, kind)
    assert (version["number"], version["kind"], version["file_name"]) == (1, "file", name)
    assert (version["media_type"], version["bytes"]) == (kind, len(content))
    assert version["sha256"] == sha256(content).hexdigest()
    taken = await hanoi.get(f"/material-versions/{version['id']}/file")
    assert taken.status_code == 200
    assert taken.content == content
    assert taken.headers["content-type"].partition(";")[0] == kind
    assert taken.headers["etag"] == f'"{version["sha256"]}"'
    assert taken.headers["content-disposition"].startswith("attachment; ")
    assert taken.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in taken.headers["content-security-policy"]
    assert (await hanoi.get(f"/materials/{material}")).json()["current_version_id"] == version["id"]


@pytest.mark.parametrize("kind", TEXTS)
async def test_what_a_document_says_is_read(world: World, hanoi: Somebody, kind: str):
    version = await add_file(hanoi, await add_material(hanoi), *TEXTS[kind], kind)
    assert version["extraction"] == "waiting"
    await examine(world, version["id"])
    done = await shown(hanoi, version["id"])
    assert done["extraction"] == "done"
    assert done["characters"] > 15
    assert done["pages"] == (2 if kind in (PDF, [*TEXTS][2]) else None)


@pytest.mark.parametrize("kind", MEDIA)
async def test_pictures_and_films_say_nothing(hanoi: Somebody, kind: str):
    version = await add_file(hanoi, await add_material(hanoi), *MEDIA[kind], kind)
    assert version["extraction"] == "none"


async def test_a_form_brings_a_file_and_its_name(hanoi: Somebody):
    material = await add_material(hanoi)
    form = {"file": ("Bài giảng số 1.pdf", pdf("One"), PDF)}
    sent = await hanoi.post(f"/materials/{material}/files", files=form)
    assert sent.status_code == 201, sent.text
    assert sent.json()["file_name"] == "Bài giảng số 1.pdf"
    taken = await hanoi.get(f"/material-versions/{sent.json()['id']}/file")
    assert taken.content == pdf("One")
    assert taken.headers["content-disposition"] == (
        'attachment; filename="Bai giang so 1.pdf";'
        " filename*=UTF-8''B%C3%A0i%20gi%E1%BA%A3ng%20s%E1%BB%91%201.pdf"
    )


async def test_versions_follow_each_other_and_stay(hanoi: Somebody):
    material = await add_material(hanoi)
    first = await add_file(hanoi, material, b"first")
    linked = await hanoi.post(
        f"/materials/{material}/links", json={"url": "https://www.example.org/a"}
    )
    assert linked.status_code == 201, linked.text
    third = await add_file(hanoi, material, b"third")
    assert [first["number"], linked.json()["number"], third["number"]] == [1, 2, 3]
    listed = await hanoi.get("/material-versions", params={"material": material})
    assert [item["number"] for item in listed.json()["items"]] == [3, 2, 1]
    taken = await hanoi.get(f"/material-versions/{first['id']}/file")
    assert taken.content == b"first"


async def test_a_link_has_no_file(hanoi: Somebody):
    material = await add_material(hanoi)
    linked = await hanoi.post(
        f"/materials/{material}/links", json={"url": "https://www.example.org/a?b=c"}
    )
    taken = await hanoi.get(f"/material-versions/{linked.json()['id']}/file")
    assert problem(taken) == (409, "material-is-a-link")


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.org/a", "javascript:alert(1)", "https://", "https://user@example.org/"),
        *(
            "https://example.org/a b",
            "//example.org",
            "https:\\\\example.org",
            "file:///etc/passwd",
        ),
        "https://example.org\\@evil.example",
    ],
)
async def test_a_link_leads_to_an_address_by_https(hanoi: Somebody, url: str):
    material = await add_material(hanoi)
    linked = await hanoi.post(f"/materials/{material}/links", json={"url": url})
    assert problem(linked) == (422, "invalid-request")


async def test_the_same_upload_sent_again_adds_nothing(hanoi: Somebody):
    material = await add_material(hanoi)
    sent = [
        await hanoi.post(
            f"/materials/{material}/files",
            params={"file_name": "a.txt"},
            content=b"once",
            headers={"Content-Type": "text/plain", "Idempotency-Key": material},
        )
        for _ in range(2)
    ]
    assert sent[0].status_code == sent[1].status_code == 201, sent[1].text
    assert sent[0].json() == sent[1].json()
    assert sent[1].headers["idempotency-replayed"] == "true"
    listed = await hanoi.get("/material-versions", params={"material": material})
    assert len(listed.json()["items"]) == 1


async def test_a_file_that_is_too_large_is_refused(hanoi: Somebody, world: World):
    most = world.app.state.settings.largest_material
    sent = await hanoi.post(
        f"/materials/{await add_material(hanoi)}/files",
        params={"file_name": "a.txt"},
        content=b"a",
        headers={"Content-Type": "text/plain", "Content-Length": str(most + 1)},
    )
    assert problem(sent) == (413, "content-too-large")


async def test_where_a_material_is_nobody_elses_nobody_else_adds_to_it(
    hanoi: Somebody, hue: Somebody
):
    material = await add_material(hanoi)
    assert problem(await send(hue, material, b"not theirs")) == (404, "not-found")
    linked = await hue.post(f"/materials/{material}/links", json={"url": "https://example.org/"})
    assert problem(linked) == (404, "not-found")
