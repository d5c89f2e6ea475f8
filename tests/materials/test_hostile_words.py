"""Documents whose words cannot be read, never end, or hide."""

import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.files import children
from app.core.problems import Problem
from app.materials.files import reading
from app.materials.files.kinds import DOCX, ODT, PDF, TEXT, XLSX
from tests.materials.content import (
    BODY,
    EVERYTHING,
    LAUGHS,
    XXE,
    O,
    T,
    W,
    archive,
    pdf,
    xlsx,
)
from tests.materials.steps import add_file, add_material, examine, shown
from tests.world import Somebody, World

DEEP = f'<w:document xmlns:w="{W}">{"<w:p>" * 200_000}'


WORDY = {
    "a DTD": (DOCX, archive({"word/document.xml": LAUGHS + BODY.encode()})),
    "an entity that nobody declared": (DOCX, archive({"word/document.xml": BODY})),
    "a DTD in ODF": (ODT, archive({"content.xml": XXE + b"<a/>"})),
    "broken XML": (DOCX, archive({"word/document.xml": f'<w:document xmlns:w="{W}"><w:t>a'})),
    "no archive": (DOCX, b"PK\x03\x04"),
    "a PDF that ends": (PDF, pdf("x")[:120]),
    "a PDF of nothing": (PDF, b"%PDF-1.4\n%%EOF"),
    "a PDF that turns in circles": (
        PDF,
        pdf("x").replace(b"/Kids[4 0 R]", b"/Kids[2 0 R]"),
    ),
}


@pytest.mark.parametrize("content", WORDY)
def test_words_that_cannot_be_read_are_a_refusal(content: str, tmp_path: Path):
    kind, said = WORDY[content]
    file = tmp_path / "file"
    file.write_bytes(said)
    with file.open("rb") as opened, pytest.raises(Problem):
        reading.text_of(opened, kind)


def text_in(tmp_path: Path, content: bytes, kind: str) -> reading.Text:
    file = tmp_path / "file"
    file.write_bytes(content)
    with file.open("rb") as opened:
        return reading.text_of(opened, kind)


def test_text_beyond_what_is_searched_is_left_out(tmp_path: Path):
    said = text_in(tmp_path, xlsx(*(f"{n:07}" for n in range(200_000))), XLSX)
    assert 50_000 < len(said.text) <= 500_000
    assert len(said.text) == len(said.shadow)
    said = text_in(tmp_path, b"word " * 300_000, TEXT)
    assert len(said.text) == 499_999  # without the space at its end


def test_deep_documents_and_huge_words_end(tmp_path: Path):
    closed = DEEP + "</w:p>" * 200_000 + "</w:document>"
    assert text_in(tmp_path, archive({"word/document.xml": closed}), DOCX).text == ""
    assert len(text_in(tmp_path, b"x" * 3_000_000, TEXT).text) == 500_000
    marks = ("a" + "\u0323\u0301" * 100_000).encode()
    assert len(text_in(tmp_path, marks, TEXT).text) == 30


def test_words_hidden_twice_are_said_once(tmp_path: Path):
    fallback = f"""<w:document xmlns:w="{W}" xmlns:mc="urn:mc"><w:body><w:p>
      <mc:AlternateContent><mc:Choice><w:r><w:t>on</w:t></w:r><w:r><w:t>ce</w:t></w:r></mc:Choice>
      <mc:Fallback><w:r><w:t>once</w:t></w:r></mc:Fallback></mc:AlternateContent>
    </w:p></w:body></w:document>"""
    assert text_in(tmp_path, archive({"word/document.xml": fallback}), DOCX).text == "once"
    names = f'xmlns:o="{O}" xmlns:t="{T}"'
    odt = f"<o:c {names}><o:font>no</o:font><o:body><t:p>a<t:tab/>b</t:p></o:body></o:c>"
    assert text_in(tmp_path, archive({"content.xml": odt}), ODT).text == "a b"


async def test_a_document_that_cannot_be_read_is_given_out_all_the_same(
    world: World, hanoi: Somebody
):
    content = b"%PDF-1.4\n" + zlib.compress(b"nothing that a PDF has")
    version = await add_file(hanoi, await add_material(hanoi), content, "a.pdf", PDF)
    await examine(world, version["id"])
    assert (await shown(hanoi, version["id"]))["extraction"] == "failed"
    assert (await hanoi.get(f"/material-versions/{version['id']}/file")).content == content


def test_a_child_that_says_nothing_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "silent_child.py").write_text("def main(*_):\n  import time; time.sleep(600)\n")
    monkeypatch.setattr(children, "_ROOT", tmp_path)
    monkeypatch.setattr(children, "SILENCE", 0.3)
    monkeypatch.setattr(reading, "_CHILD", "silent_child")
    with pytest.raises(Problem):
        text_in(tmp_path, b"words", TEXT)


@given(st.data())
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_document_with_any_bytes_changed_is_taken_or_refused(tmp_path: Path, data: st.DataObject):
    kind = data.draw(st.sampled_from([DOCX, PDF, ODT]))
    content = bytearray(EVERYTHING[kind][0])
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=20)):
        content[place] = data.draw(st.integers(0, 255))
    file = tmp_path / "file"
    file.write_bytes(content)
    with file.open("rb") as opened:
        try:
            reading.kind_of(opened)
            reading.text_of(opened, kind)
        except Problem as refused:
            assert refused.status in {415, 422}  # noqa: PT017
