"""Where files are kept: in a folder, or in a bucket of a service of other people's making."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from uuid import uuid4

import httpx
import pytest
from pydantic import ValidationError

from app.core.config import Settings
from app.core.problems import Unavailable
from app.materials import keeping
from app.materials.storing import PART, Store, location
from tests.materials.steps import add_file, add_material
from tests.service import free_port
from tests.world import Somebody, World, problem

S3 = Path(sys.prefix) / "s3"
"""See the Makefile: it needs older packages than the service does."""
NOW = timedelta(seconds=-5)


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """Moto's server, and a bucket in it, by the variables that every S3 client knows."""
    if not S3.exists():
        pytest.skip("`make .venv/s3` installs an S3 service")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    given = {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "ap-southeast-1",
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-p", str(port), "-H", "127.0.0.1"],
        env={"PYTHONPATH": str(S3), "PATH": os.defpath},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with pytest.MonkeyPatch.context() as patch:
        for name, value in given.items():
            patch.setenv(name, value)
        try:
            transport = httpx.HTTPTransport(retries=8)
            with httpx.Client(transport=transport, timeout=20) as client:
                assert client.put(f"{url}/materials").status_code == 200
            yield "s3://materials/of-ours"
        finally:
            server.kill()
            server.wait()


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        return Store((tmp_path / "tài liệu").as_uri())
    return Store(f"{request.getfixturevalue('bucket')}/{uuid4()}")


async def content_of(store: Store, key: str, start: int, end: int) -> bytes:
    return b"".join([part async for part in store.parts(key, start, end)])


async def all_of(store: Store) -> set[str]:
    ages = datetime.now(UTC) + timedelta(seconds=5)
    return {key async for keys in store.older(ages) for key in keys}


async def test_what_is_kept_comes_back(store: Store):
    large = os.urandom(3 * PART + 17)
    for content in (b"a", b"short", large):
        key = f"{uuid4()}/{uuid4()}"
        with TemporaryFile() as file:
            file.write(content)
            await store.put(key, file)
        assert await content_of(store, key, 0, len(content)) == content
        middle = len(content) // 2
        assert await content_of(store, key, middle, len(content)) == content[middle:]


async def test_what_is_not_there_is_not_given_as_nothing(store: Store):
    await store.put("a/b", BytesIO(b"12345"))
    with pytest.raises(Unavailable):
        await content_of(store, "a/c", 0, 5)
    with pytest.raises(Unavailable):  # the row says more than the object has
        await content_of(store, "a/b", 0, 6)


async def test_what_is_listed_and_deleted_is_gone(store: Store):
    keys = {f"{uuid4()}/{uuid4()}" for _ in range(5)}
    for key in keys:
        await store.put(key, BytesIO(b"x"))
    assert await all_of(store) == keys
    gone = set(sorted(keys)[:2])
    await store.delete(sorted(gone))
    assert await all_of(store) == keys - gone


async def test_a_store_that_is_away_is_not_available(tmp_path: Path, monkeypatch):
    """Before long, and without telling where it is."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    async with asyncio.timeout(30):
        with pytest.raises(Unavailable):
            await Store("s3://materials").put("a/b", BytesIO(b"1"))
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(Unavailable):
        await Store((tmp_path / "file").as_uri()).put("a/b", BytesIO(b"1"))


@pytest.fixture
async def elsewhere(world: World, store: Store) -> AsyncIterator[Store]:
    """The service keeps its files there, as long as the test lasts."""
    before, world.app.state.materials = world.app.state.materials, store
    yield store
    world.app.state.materials = before


async def test_files_are_sent_and_taken_out(hanoi: Somebody, elsewhere: Store):
    content = os.urandom(2 * PART + 1)
    material = await add_material(hanoi)
    pdf = b"%PDF-1.4\n" + content
    version = await add_file(hanoi, material, pdf, "a.pdf", "application/pdf")
    path = f"/material-versions/{version['id']}/file"
    assert (await hanoi.get(path)).content == pdf
    part = await hanoi.get(path, headers={"Range": f"bytes={PART - 1}-{PART}"})
    assert part.content == pdf[PART - 1 : PART + 1]


async def test_only_what_no_row_names_is_swept_away(
    world: World, hanoi: Somebody, elsewhere: Store
):
    version = await add_file(hanoi, await add_material(hanoi), b"kept")
    await elsewhere.put("orphan/1", BytesIO(b"x"))
    await elsewhere.put("orphan/2", BytesIO(b"x"))
    assert await keeping.sweep(world.database, elsewhere) == 0  # they are young
    assert await keeping.sweep(world.database, elsewhere, NOW) == 2
    assert len(await all_of(elsewhere)) == 1
    assert (await hanoi.get(f"/material-versions/{version['id']}/file")).content == b"kept"


async def test_a_file_that_is_lost_is_no_empty_file(
    world: World, hanoi: Somebody, elsewhere: Store
):
    version = await add_file(hanoi, await add_material(hanoi), b"lost")
    await elsewhere.delete(sorted(await all_of(elsewhere)))
    taken = await hanoi.get(f"/material-versions/{version['id']}/file")
    assert problem(taken) == (503, "unavailable")


async def test_a_refused_upload_leaves_nothing(hanoi: Somebody, hue: Somebody, elsewhere: Store):
    material = await add_material(hanoi)
    for somebody, content in ((hue, b"not theirs"), (hanoi, b"\0 no text")):
        sent = await somebody.post(
            f"/materials/{material}/files",
            params={"file_name": "a.txt"},
            content=content,
            headers={"Content-Type": "text/plain"},
        )
        assert sent.status_code in (404, 415)
    assert await all_of(elsewhere) == set()


async def test_what_was_begun_by_the_killed_is_swept_away(tmp_path: Path):
    store = Store(tmp_path.as_uri())
    await store.put("a/b", BytesIO(b"1"))
    (tmp_path / "a" / "c#1").write_bytes(b"half")
    await store.sweep_unfinished(timedelta(days=1))
    assert (tmp_path / "a" / "c#1").exists()
    await store.sweep_unfinished(NOW)
    assert sorted(file.name for file in (tmp_path / "a").iterdir()) == ["b"]


def test_files_are_below_the_data_directory_unless_said_otherwise(tmp_path: Path):
    folder = tmp_path / "dữ liệu"
    assert location(Settings(data_directory=folder)) == (folder / "materials").as_uri()
    assert location(Settings(materials_url="s3://bucket/a")) == "s3://bucket/a"


@pytest.mark.parametrize(
    "url",
    ["materials", "file://host/a", "file:///", "s3:///a", "s3://b?x=1", "ftp://b", "s3://u@b"],
)
def test_a_bad_place_is_refused_at_the_start(url: str):
    with pytest.raises(ValidationError, match="file:///folder or s3://bucket/prefix"):
        Settings(materials_url=url)


@pytest.mark.parametrize("url", ["clamd:3310", "tcp://", "tcp://h:0", "tcp://h:x", "unix://h/a"])
def test_a_bad_antivirus_is_refused_at_the_start(url: str):
    with pytest.raises(ValidationError, match="tcp://host:3310"):
        Settings(clamd_url=url)
