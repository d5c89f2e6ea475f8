"""Files that were made to harm are refused, and the process that reads them does not notice."""

import random
import re
import tracemalloc
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.files import children as processes
from app.core.files import problems, workbooks
from app.core.problems import Problem
from app.rosters.files.reading import open_table
from tests.rosters.files.people import in_codes, workbook
from tests.rosters.files.test_reading import of, rows

BOUND = 24 << 20
"""Bytes that reading anything may take at once."""

SHEET, BOOK, KINDS = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml"
ORDINARY = workbook(in_codes())
LAUGHS = b"".join(
    [
        b'<!DOCTYPE lolz [<!ENTITY lol "lol">',
        *(b'<!ENTITY lol%d "%s">' % (n, b"&lol;" * 10) for n in range(9)),
        b"]>",
    ]
)


def refusal(path: Path, content: str | bytes) -> Problem:
    file = of(path, content)
    tracemalloc.start()
    try:
        with pytest.raises(Problem) as refused, open_table(file) as table:
            for _ in table.rows:
                pass
        assert tracemalloc.get_traced_memory()[1] < BOUND
    finally:
        tracemalloc.stop()
    assert children() == []
    return refused.value


def children() -> list[psutil.Process]:
    """Of reading workbooks; other tests' may be there too."""
    return [one for one in psutil.Process().children() if "workbook_child" in str(one.cmdline())]


def changed(change: Callable[[str, bytes], bytes | None], **more: bytes) -> bytes:
    """The ordinary workbook, with each part as `change` makes it."""
    file = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(ORDINARY)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if (part := change(name, old.read(name))) is not None:
                new.writestr(name, part)
        for name, part in more.items():
            new.writestr(name, part)
    return file.getvalue()


def _same(_: str, part: bytes) -> bytes:
    return part


def with_data(data: bytes) -> bytes:
    """The ordinary workbook with these rows after its own."""
    return changed(
        lambda name, part: (
            part.replace(b"</sheetData>", data + b"</sheetData>") if name == SHEET else part
        )
    )


def with_declaration(name: str, declaration: bytes, codec: str = "utf-8") -> bytes:
    def change(part_name: str, part: bytes) -> bytes:
        if part_name != name:
            return part
        said = part.replace(b"?>", b"?>" + declaration, 1).decode()
        return said.replace("UTF-8", codec).encode(codec)

    return changed(change)


def cell(reference: str) -> bytes:
    row = re.sub(r"\D", "", reference)
    return f'<row r="{row}"><c r="{reference}"><v>1</v></c></row>'.encode()


BOMB = changed(_same, **{"xl/media/image1.png": b"\0" * (80 << 20)})
CHANCE = random.Random(1)
SPARSE = b"".join(CHANCE.randbytes(2_000) + b"\0" * 38_000 for _ in range(1000))
LARGE = changed(_same, **{f"xl/{n}.bin": SPARSE for n in range(7)})
LYING = ORDINARY.replace(
    len(zipfile.ZipFile(BytesIO(ORDINARY)).read(SHEET)).to_bytes(4, "little"), b"\x01\0\0\0"
)
HOSTILE: dict[str, tuple[bytes, type[Problem]]] = {
    "a cell at the end of the sheet": (with_data(cell("XFD1048576")), problems.WorkbookTooLarge),
    "a cell far below": (with_data(cell("A1048577")), problems.TableTooLarge),
    "a cell far to the right": (with_data(cell("XFD40")), problems.TableTooLarge),
    "a cell of a million letters": (
        with_data(
            b'<row r="40"><c r="A40" t="inlineStr"><is><t>%s</t></is></c></row>' % (b"xy" * 50_000)
        ),
        problems.WorkbookTooLarge,
    ),
    "a bomb": (BOMB, problems.WorkbookTooLarge),
    "parts that are large together": (LARGE, problems.WorkbookTooLarge),
    "sizes that lie": (LYING, problems.FileUnreadable),
    "laughs in the sheet": (with_declaration(SHEET, LAUGHS), problems.WorkbookUnsafe),
    "laughs in the book": (with_declaration(BOOK, LAUGHS), problems.WorkbookUnsafe),
    "laughs in UTF-16": (with_declaration(SHEET, LAUGHS, "utf-16"), problems.WorkbookUnsafe),
    "a file from outside": (
        with_declaration(KINDS, b'<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>'),
        problems.WorkbookUnsafe,
    ),
    "hundreds of parts": (
        changed(_same, **{f"xl/{n}.xml": b"" for n in range(200)}),
        problems.WorkbookUnsafe,
    ),
    "an archive in the archive": (
        changed(_same, **{"xl/embeddings/a.xlsx": ORDINARY}),
        problems.WorkbookUnsafe,
    ),
    "no sheet": (
        changed(lambda name, part: None if name == SHEET else part),
        problems.FileUnreadable,
    ),
    "no XML": (
        changed(lambda name, part: b"\xff" * 99 if name == SHEET else part),
        problems.FileUnreadable,
    ),
    "cut off": (ORDINARY[: len(ORDINARY) // 2], problems.FileUnreadable),
    "only the beginning": (ORDINARY[:30], problems.FileUnreadable),
    "an error of a formula": (
        with_data(b'<row r="40"><c r="B40" s="1" t="e"><v>#N/A</v></c></row>'),
        problems.CellInError,
    ),
    "an empty workbook": (workbook([]), problems.FileEmpty),
    "a quotation mark that is never closed": (
        b'external_id;full_name\n1;"' + b"x\n" * (1 << 20),
        problems.QuotesBroken,
    ),
    "one line without an end": (
        b"external_id;full_name\n" + b"x" * (20 << 20),
        problems.LineUnreadable,
    ),
    "headings without an end": (b"external_id;" * (5 << 20), problems.LineUnreadable),
    "words without an end, with a letter that needs an encoding": (
        b"external_id;full_name\n1;" + (b"x" * 900_000 + b"\n\xe9;") * 9,
        problems.EncodingUnsure,
    ),
    "a NUL": (b"external_id;full_name\n1;A\0B\n", problems.LineUnreadable),
    "UTF-16 that does not say so": (
        "external_id;full_name\n1;Nguyễn\n".encode("utf-16-le"),
        problems.EncodingUnsure,
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_for_what_it_is(name: str, tmp_path: Path):
    content, kind = HOSTILE[name]
    assert type(refusal(tmp_path, content)) is kind


KINDS_OF_FILES: dict[str, tuple[bytes, str]] = {
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "XLS"),
    "a page of a web site": (b"\xef\xbb\xbf\n<html><table><tr><td>1</td></tr></table>", "HTML"),
    "XML of a spreadsheet": (b'<?xml version="1.0"?><Workbook/>', "XML"),
    "PDF": (b"%PDF-1.7\n" + b"\xff" * 99, "PDF"),
    "a Word document": (
        changed(
            lambda name, part: None if "xl" in name else part, **{"word/document.xml": b"<a/>"}
        ),
        "DOCX",
    ),
    "a binary workbook": (
        changed(lambda name, part: None if name == BOOK else part, **{"xl/workbook.bin": b""}),
        "XLSB",
    ),
    "an archive": (
        changed(lambda name, part: None if "xl" in name else part, **{"a.csv": b""}),
        "ZIP",
    ),
}


@pytest.mark.parametrize("name", KINDS_OF_FILES)
def test_another_kind_of_file_is_named(name: str, tmp_path: Path):
    content, found = KINDS_OF_FILES[name]
    refused = refusal(tmp_path, content)
    assert type(refused) is problems.FileKindUnsupported
    assert refused.facts == {"found": found}


def test_a_workbook_with_a_password_is_told_apart(tmp_path: Path):
    locked = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000 + "EncryptedPackage".encode("utf-16-le")
    )
    assert type(refusal(tmp_path, locked)) is problems.FileLocked


@pytest.mark.parametrize(
    "cell",
    [
        "en:4 " + " " * 30000,
        "a" * 30000,
        ": " * 15000,
        "en:4 (" + ")" * 30000 + "x",
        "a" + "̣́" * 15000,
        'en:4 ("\\x")',
        'en: 4 ("' + "\\a" * 15000,
        "1" * 30000,
        "'" * 30000,
        "1/" * 15000,
    ],
    ids=range(10),
)
def test_a_cell_costs_no_more_than_its_length(cell: str, tmp_path: Path):
    """Each is in the file often enough for anything worse to be a hang."""
    head = "external_id;full_name;languages;attributes.a;birth_date;status;fields\n"
    said = '"' + cell.replace('"', '""') + '"'
    file = of(tmp_path, head + f"1;{';'.join([said] * 6)}\n" * 50)
    assert len(rows(file)) == 50


@pytest.fixture
def instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts something else in the place of the child: what its `main` does."""

    def put(body: str) -> None:
        (tmp_path / "another_child.py").write_text(f"def main(*_):\n  {body}\n")
        monkeypatch.setattr(processes, "_ROOT", tmp_path)
        monkeypatch.setattr(workbooks, "_CHILD", "another_child")

    return put


Instead = Callable[[str], None]


def test_a_child_that_says_nothing_is_ended(
    instead: Instead, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    instead("import time; time.sleep(600)")
    monkeypatch.setattr(processes, "SILENCE", 0.2)
    assert type(refusal(tmp_path, ORDINARY)) is problems.WorkbookTooLarge


def test_a_child_that_computes_without_end_is_ended(instead: Instead, tmp_path: Path):
    instead("import resource as r; r.setrlimit(r.RLIMIT_CPU, (1, 2))\n  while True: pass")
    assert type(refusal(tmp_path, ORDINARY)) is problems.WorkbookTooLarge


def test_a_child_that_cannot_begin_is_our_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(workbooks, "_CHILD", "nowhere")
    with pytest.raises(RuntimeError):
        rows(of(tmp_path, ORDINARY))


def test_the_child_knows_nothing_of_the_services_environment(
    instead: Instead, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("BANGGIAO_SECRET_KEY", "secret")
    instead("import os, sys; sys.exit('BANGGIAO_SECRET_KEY' in os.environ)")
    assert type(refusal(tmp_path, ORDINARY)) is problems.FileUnreadable


def test_reading_that_stops_early_leaves_no_process(tmp_path: Path):
    headings, *people = in_codes()
    with open_table(of(tmp_path, workbook([headings, *people * 1000]))) as table:
        assert next(table.rows)
        assert len(children()) == 1
    assert children() == []


def test_a_workbook_with_any_bytes_changed_is_read_or_refused(tmp_path: Path):
    chance = random.Random(20)
    for _ in range(40):
        content = bytearray(ORDINARY)
        for _ in range(chance.randint(1, 30)):
            content[chance.randrange(4, len(content))] = chance.randrange(256)
        try:
            rows(of(tmp_path, bytes(content)))
        except Problem as problem:
            assert problem.status in {415, 422}  # noqa: PT017


READ = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@READ
@given(st.binary(max_size=300) | st.text(st.sampled_from('a;,"\n\r\t|=é\0\ufeff '), max_size=60))
def test_any_text_is_read_or_refused(tmp_path: Path, content: Any):
    head = b"external_id;full_name\n"
    for said in (content, head + (content if isinstance(content, bytes) else content.encode())):
        try:
            rows(of(tmp_path, said))
        except Problem as problem:
            assert problem.status in {415, 422}  # noqa: PT017
