"""A part of a file, as RFC 9110 has it."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from app.materials.giving import _part
from app.materials.problems import RangeNotSatisfiable
from tests.materials.steps import add_file, add_material
from tests.world import Somebody, World, problem

CONTENT = bytes(range(97, 123)) * 4
SIZE = len(CONTENT)


@pytest.fixture
async def file(hanoi: Somebody) -> str:
    version = await add_file(hanoi, await add_material(hanoi), CONTENT)
    return f"/material-versions/{version['id']}/file"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-9", 0, 10),
        ("bytes=10-", 10, SIZE),
        ("bytes=-10", SIZE - 10, SIZE),
        ("bytes=90-100000", 90, SIZE),
        ("bytes=-100000", 0, SIZE),
        ("BYTES=3-4", 3, 5),
        (f"bytes={SIZE - 1}-{10**17}", SIZE - 1, SIZE),
    ],
)
async def test_a_range_is_given_as_it_is(
    hanoi: Somebody, file: str, asked: str, start: int, end: int
):
    part = await hanoi.get(file, headers={"Range": asked})
    assert part.status_code == 206
    assert part.content == CONTENT[start:end]
    assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{SIZE}"
    assert part.headers["content-length"] == str(end - start)


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", f"bytes={10**17}-{10**17 + 1}", "bytes=-0"])
async def test_what_is_beyond_the_end_is_refused(hanoi: Somebody, file: str, asked: str):
    refused = await hanoi.get(file, headers={"Range": asked})
    assert problem(refused) == (416, "range-not-satisfiable")
    assert refused.headers["content-range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=0-1,2-3",
        "bytes=" + ",".join("0-" for _ in range(1000)),
        "bytes=" + ",".join(f"{n}-{n + 5}" for n in range(500)),
        "bytes=5-1",
        "bytes=-",
        "bytes=a-b",
        "bytes=1-2-3",
        "bytes=١-٢",
        "bytes=" + "9" * 200 + "-",
        "lines=0-1",
        "bytes 0-1",
        "",
    ],
    ids=range(12),
)
async def test_what_is_not_one_range_gives_the_whole_file_once(
    hanoi: Somebody, file: str, asked: str
):
    whole = await hanoi.get(file, headers={"Range": asked.encode()})
    assert whole.status_code == 200
    assert whole.content == CONTENT


async def test_a_download_goes_on_only_with_the_same_file(hanoi: Somebody, file: str):
    tag = (await hanoi.get(file)).headers["etag"]
    same = await hanoi.get(file, headers={"Range": "bytes=5-", "If-Range": tag})
    assert (same.status_code, same.content) == (206, CONTENT[5:])
    for other in ('"another"', f"W/{tag}", "Sun, 22 Nov 2026 10:00:00 GMT"):
        whole = await hanoi.get(file, headers={"Range": "bytes=5-", "If-Range": other})
        assert (whole.status_code, whole.content) == (200, CONTENT)
        beyond = await hanoi.get(file, headers={"Range": f"bytes={SIZE}-", "If-Range": other})
        assert beyond.status_code == 200


async def test_who_has_the_file_gets_it_no_second_time(hanoi: Somebody, file: str):
    tag = (await hanoi.get(file)).headers["etag"]
    for held in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        assert (await hanoi.get(file, headers={"If-None-Match": held})).status_code == 304
    assert (await hanoi.get(file, headers={"If-None-Match": '"x"'})).status_code == 200


async def test_any_range_of_a_large_file_is_its_bytes(world: World, hanoi: Somebody):
    """Beyond what is read from the store at once."""
    content = bytes(range(256)) * 40_000  # 10 MB
    pdf = b"%PDF-1.4\n" + content
    material = await add_material(hanoi)
    version = await add_file(hanoi, material, pdf, "a.pdf", "application/pdf")
    path = f"/material-versions/{version['id']}/file"
    assert (await hanoi.get(path)).content == pdf
    for first, last in ((0, 1 << 22), ((1 << 22) - 1, 1 << 22), (5, len(pdf) - 2)):
        part = await hanoi.get(path, headers={"Range": f"bytes={first}-{last}"})
        assert part.content == pdf[first : last + 1]


@given(header=st.from_regex(r"bytes ?=[0-9]{0,4}-[0-9]{0,4}(,[0-9]{0,4}-[0-9]{0,4})?"))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_part_lies_within_the_file_whatever_is_asked(header: str):
    request = Request({"type": "http", "headers": [(b"range", header.encode())]})
    try:
        part = _part(request, '"x"', SIZE)
    except RangeNotSatisfiable:
        return
    assert part is None or 0 <= part[0] < part[1] <= SIZE
