"""Where there is an antivirus, nobody gets a file that it has not looked at."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from app.materials import keeping
from tests.materials.clamd import EICAR, clamd
from tests.materials.steps import add_file, add_material, examine, shown
from tests.world import Somebody, World, problem

ASKED = "select count(*) from jobs.pgqueuer where payload = $1"
AWAY = "tcp://127.0.0.1:9"

pytestmark = pytest.mark.usefixtures("scanned")


async def file(somebody: Somebody, content: bytes = b"clean words") -> tuple[str, str]:
    material = await add_material(somebody)
    return material, (await add_file(somebody, material, content))["id"]


async def test_a_file_waits_until_it_is_clean(world: World, hanoi: Somebody):
    material, version = await file(hanoi)
    assert (await shown(hanoi, version))["scan"] == "scanning"
    assert problem(await hanoi.get(f"/material-versions/{version}/file")) == (
        409,
        "file-not-scanned-yet",
    )
    assert (await hanoi.get(f"/materials/{material}")).json()["current_version_id"] is None
    async with clamd() as scanner:
        await examine(world, version, clamd_url=scanner.url)
    assert scanner.asked == [b"clean words"]
    done = await shown(hanoi, version)
    assert (done["scan"], done["extraction"], done["found"]) == ("clean", "done", None)
    assert done["scanned_at"] is not None
    assert (await hanoi.get(f"/material-versions/{version}/file")).content == b"clean words"
    assert (await hanoi.get(f"/materials/{material}")).json()["current_version_id"] == version


async def test_an_infected_file_is_never_given_out_nor_read(
    world: World, hanoi: Somebody, academy: Somebody
):
    material, version = await file(hanoi, b"words " + EICAR)
    async with clamd() as scanner:
        await examine(world, version, clamd_url=scanner.url)
    done = await shown(hanoi, version)
    assert (done["scan"], done["extraction"]) == ("infected", "none")
    assert done["found"] == "Win.Test.EICAR_HDB-1"
    for somebody in (hanoi, academy):
        taken = await somebody.get(f"/material-versions/{version}/file")
        assert problem(taken) == (409, "file-infected")
    news = await hanoi.get("/changes", params={"types": "material.*"})
    told = [(item["type"], item["subject_id"]) for item in news.json()["items"]]
    assert told[-1] == ("material.version_infected", material)


async def test_the_clean_version_before_stays_current(world: World, hanoi: Somebody):
    material, clean = await file(hanoi)
    infected = (await add_file(hanoi, material, EICAR))["id"]
    async with clamd() as scanner:
        await examine(world, clean, clamd_url=scanner.url)
        await examine(world, infected, clamd_url=scanner.url)
    assert (await hanoi.get(f"/materials/{material}")).json()["current_version_id"] == clean


async def test_an_antivirus_is_found_by_its_socket(world: World, hanoi: Somebody, tmp_path: Path):
    _, version = await file(hanoi)
    async with clamd(tmp_path / "c.sock") as scanner:
        await examine(world, version, clamd_url=scanner.url)
    assert (await shown(hanoi, version))["scan"] == "clean"


async def test_while_the_antivirus_is_away_files_go_on_waiting(world: World, hanoi: Somebody):
    _, version = await file(hanoi)
    await examine(world, version, clamd_url=AWAY)
    assert (await shown(hanoi, version))["scan"] == "scanning"


@pytest.mark.parametrize("given", [{"limit": 4}, {"mute": True}], ids=["too large", "no verdict"])
async def test_no_verdict_is_no_clean_one(world: World, hanoi: Somebody, given: dict[str, int]):
    _, version = await file(hanoi)
    async with clamd(**given) as scanner:
        await examine(world, version, clamd_url=scanner.url)
    assert (await shown(hanoi, version))["scan"] == "scanning"


async def test_a_large_file_reaches_the_antivirus_whole(world: World, hanoi: Somebody):
    content = b"0123456789abcdef" * (700 * 1024)  # 11 MiB, in several parts
    _, version = await file(hanoi, content)
    async with clamd() as scanner:
        await examine(world, version, clamd_url=scanner.url)
    assert scanner.asked == [content]


async def test_looking_twice_changes_nothing(world: World, hanoi: Somebody):
    _, version = await file(hanoi)
    async with clamd() as scanner:
        await examine(world, version, clamd_url=scanner.url)
        before = await shown(hanoi, version)
        await examine(world, version, clamd_url=scanner.url)
    assert len(scanner.asked) == 1
    assert await shown(hanoi, version) == before


async def test_what_waits_is_asked_for_again(world: World, hanoi: Somebody):
    """Once for the request that brought it, and again when it has waited for a while."""
    _, version = await file(hanoi)
    for waited, times in ((timedelta(minutes=1), 1), (timedelta(0), 2)):
        await keeping.resume(world.database, waited)
        asked = await world.database.unscoped(ASKED, UUID(version).bytes)
        assert asked[0][0] == times
