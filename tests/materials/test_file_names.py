"""Names of files: nothing but a name goes in, and any name comes out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.materials.giving import disposition
from tests.materials.steps import add_material
from tests.world import Somebody, problem

NAMES = [
    *("../../etc/passwd.txt", "..\\a.txt", "/etc/a.txt", "C:\\a.txt", "a/b.txt", "a\0.txt"),
    *("a\r\nSet-Cookie: x=1.txt", "a\n.txt", 'a";x=".txt', "a\u202etxt.exe.txt", "a\u200b.txt"),
    *(".htaccess.txt", "-rf.txt", "con.txt", "NUL.txt", "lpt1.x.txt", "a.txt."),
    *("a.exe", "a.txt.exe", "a.html", "a", ".txt", "a?.txt", "a*.txt", "a|b.txt", "a<b>.txt"),
    *("x" * 201 + ".txt", "ễ" * 80 + ".txt", "a\ud800.txt"),
]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
async def test_a_name_that_is_more_than_a_name_is_refused(hanoi: Somebody, name: str):
    material = await add_material(hanoi)
    query = {"file_name": name.encode("utf-8", "surrogatepass")}
    refused = await hanoi.post(
        f"/materials/{material}/files?" + "&".join(f"{k}={_escaped(v)}" for k, v in query.items()),
        content=b"words",
        headers={"Content-Type": "text/plain"},
    )
    assert problem(refused) == (422, "invalid-request"), name
    assert [error["in"] for error in refused.json()["errors"]] == ["query"]


def _escaped(name: bytes) -> str:
    return "".join(f"%{byte:02x}" for byte in name)


async def test_a_form_with_such_a_name_is_refused(hanoi: Somebody):
    material = await add_material(hanoi)
    for name in ("../a.txt", "a.exe", "con.txt"):
        form = {"file": (name, b"words", "text/plain")}
        refused = await hanoi.post(f"/materials/{material}/files", files=form)
        assert problem(refused) == (422, "invalid-request")


async def test_a_file_without_a_name_is_refused(hanoi: Somebody):
    refused = await hanoi.post(
        f"/materials/{await add_material(hanoi)}/files",
        content=b"words",
        headers={"Content-Type": "text/plain"},
    )
    assert problem(refused) == (422, "invalid-request")
    assert refused.json()["errors"][0]["pointer"] == "/file_name"


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1))
def test_a_header_says_any_name_and_nothing_else(name: str):
    said = disposition(name)
    assert said.isascii()
    assert said.isprintable()
    assert said.count('"') == 2
    assert said.count(";") == 2
