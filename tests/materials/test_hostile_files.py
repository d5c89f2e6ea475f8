"""Files that were made to harm, or to pass for what they are not."""

import asyncio
import contextlib
import select
import struct
import subprocess
import threading
import time
from pathlib import Path

import psutil
import pytest

from app.core.files import children
from app.core.problems import Problem
from app.materials.files import reading
from app.materials.files.kinds import DOCX, MP4, ODT, PDF, PNG, TEXT, XLSX
from tests.hostile.calling import call
from tests.materials.content import (
    BODY,
    EVERYTHING,
    LAUGHS,
    MAIN,
    WORDS,
    XXE,
    archive,
    docx,
    pdf,
    types,
)
from tests.materials.steps import add_file, add_material, send
from tests.world import Somebody, World, problem

ANOTHER = (415, "file-content-is-another-type")


UNSAFE = (422, "document-unsafe")


def bomb(size: int) -> bytes:
    """A document of so many zeros."""
    return docx("x", **{"word/media/image1.bmp": bytes(size)})


def lying_bomb() -> bytes:
    """The list of its parts says that there is little in it."""
    content = bytearray(bomb(300 << 20))
    place = content.rindex(b"PK\x01\x02")
    content[place + 24 : place + 28] = struct.pack("<I", 10)
    return bytes(content)


def doubled() -> bytes:
    """Two parts of one name: who reads it decides which one counts."""
    another = MAIN[:-1] + "_"
    return archive({MAIN: types(DOCX), another: types(DOCX)}).replace(
        another.encode(), MAIN.encode()
    )


def locked() -> bytes:
    content = bytearray(docx(WORDS))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = -1
        while (place := content.find(mark, place + 1)) >= 0:
            content[place + at] |= 1
    return bytes(content)


HOSTILE = {
    "HTML as text": (b"<!DOCTYPE html><script>alert(1)</script>", TEXT, ANOTHER),
    "HTML behind space": (b"\xef\xbb\xbf \n <HTML><body>", TEXT, ANOTHER),
    "SVG as text": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>', TEXT, ANOTHER),
    "SVG as a picture": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', PNG, ANOTHER),
    "HTML as PDF": (b"<html>", PDF, ANOTHER),
    "PDF behind HTML": (b"<!-- %PDF-1.4 -->" + pdf("x"), PDF, ANOTHER),
    "PDF as text": (pdf("x"), TEXT, ANOTHER),
    "text as PDF": (b"words", PDF, ANOTHER),
    "program": (b"MZ\x90\0" + bytes(100), TEXT, ANOTHER),
    "script": (b"#!/bin/sh\nrm -rf /\n", TEXT, ANOTHER),
    "PHP": (b"<?php system($_GET['c']);", TEXT, ANOTHER),
    "control characters": (b"words \x1b[2J", TEXT, ANOTHER),
    "old encoding": ("Lễ tân".encode("cp1258", "replace") + b"\xf0", TEXT, ANOTHER),
    "UTF-16": ("Lễ tân".encode("utf-16"), TEXT, ANOTHER),
    "DOCX as XLSX": (docx("x"), XLSX, ANOTHER),
    "ZIP as DOCX": (archive({"a.txt": "x"}), DOCX, ANOTHER),
    "JAR as DOCX": (archive({"META-INF/MANIFEST.MF": "x"}), DOCX, ANOTHER),
    "macros": (docx("x", **{"word/vbaProject.bin": b"x"}), DOCX, ANOTHER),
    "macros by type": (
        archive({MAIN: types("application/vnd.ms-word.document.macroEnabled")}),
        DOCX,
        ANOTHER,
    ),
    "two kinds": (archive({MAIN: types(DOCX), "mimetype": ODT}), DOCX, ANOTHER),
    "two parts of one name": (doubled(), DOCX, UNSAFE),
    "DOCX behind HTML": (b"<html></html>" + docx("x"), DOCX, ANOTHER),
    "PDF and ZIP": (pdf("x") + archive({"a.exe": "x"}), PDF, UNSAFE),
    "picture and ZIP": (b"\x89PNG\r\n\x1a\n" + archive({"a.class": "x"}), PNG, UNSAFE),
    "film and ZIP": (b"\0\0\0\x18ftypmp42" + archive({"a": "x"}), MP4, UNSAFE),
    "bomb": (bomb(300 << 20), DOCX, (422, "document-too-large")),
    "lying bomb": (lying_bomb(), DOCX, None),
    "many parts": (
        archive({MAIN: types(DOCX), **{f"word/{n}": "" for n in range(10_001)}}, stored=True),
        DOCX,
        UNSAFE,
    ),
    "locked": (locked(), DOCX, (415, "file-locked")),
    "cut off": (docx("x" * 5000)[:-40], DOCX, (422, "file-unreadable")),
    "only its beginning": (b"PK\x03\x04", DOCX, (422, "file-unreadable")),
    "laughs in a DOCX": (
        archive({MAIN: types(DOCX), "word/document.xml": LAUGHS + BODY.encode()}),
        DOCX,
        UNSAFE,
    ),
    "laughs in an XLSX": (
        archive({MAIN: types(XLSX), "xl/sharedStrings.xml": LAUGHS + b"<sst>&l8;</sst>"}),
        XLSX,
        UNSAFE,
    ),
    "laughs in an ODT": (archive({"mimetype": ODT, "content.xml": LAUGHS + b"<a/>"}), ODT, UNSAFE),
    "XXE in a DOCX": (
        archive({MAIN: types(DOCX), "word/document.xml": XXE + BODY.encode()}),
        DOCX,
        UNSAFE,
    ),
    "XXE in UTF-16": (
        archive({MAIN: types(DOCX), "word/document.xml": (XXE.decode() + BODY).encode("utf-16")}),
        DOCX,
        UNSAFE,
    ),
    "nothing": (b"", TEXT, (422, "file-without-content")),
}


@pytest.mark.parametrize("attack", HOSTILE)
async def test_it_is_refused_and_the_service_does_not_notice(hanoi: Somebody, attack: str):
    content, media_type, expected = HOSTILE[attack]
    material = await add_material(hanoi)
    ending = EVERYTHING[media_type][1].rpartition(".")[2]
    refused = await send(hanoi, material, content, f"a.{ending}", media_type)
    assert 400 <= refused.status_code < 500
    if expected is not None:
        assert problem(refused) == expected
    assert "passwd" not in refused.text
    assert (await hanoi.get("/material-versions", params={"material": material})).json()[
        "items"
    ] == []
    assert [c for c in psutil.Process().children() if "app.materials" in str(c.cmdline())] == []


@pytest.mark.parametrize(
    ("media_type", "name"),
    [
        *(("text/html", "a.html"), ("image/svg+xml", "a.svg"), ("application/zip", "a.zip")),
        *(("application/octet-stream", "a.txt"), ("", "a.txt"), ("application/json", "a.json")),
        ("application/msword", "a.doc"),
    ],
)
async def test_other_kinds_of_files_are_not_taken(hanoi: Somebody, media_type: str, name: str):
    refused = await send(hanoi, await add_material(hanoi), b"words", name, media_type)
    assert problem(refused) == (415, "unsupported-media-type")


async def test_text_is_shown_as_text_and_in_no_place(world: World, hanoi: Somebody):
    """Markdown may hold markup; whatever takes it out gets text, to be saved."""
    content = b"# Title\n\n<script>alert(1)</script>"
    material = await add_material(hanoi)
    version = await add_file(hanoi, material, content, "a.md", "text/markdown")
    taken = await hanoi.get(f"/material-versions/{version['id']}/file")
    assert taken.headers["content-type"] == "text/markdown; charset=utf-8"
    assert taken.headers["content-disposition"].startswith("attachment;")
    assert taken.headers["x-content-type-options"] == "nosniff"
    assert taken.headers["content-security-policy"].startswith("default-src 'none'; sandbox")
    assert taken.headers["cache-control"] == "no-store"


async def test_an_upload_that_is_cut_off_adds_nothing(world: World, hanoi: Somebody):
    material = await add_material(hanoi)
    sent = [
        {"type": "http.request", "body": b"half of", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> dict[str, object]:
        return sent.pop(0) if sent else await asyncio.Event().wait()

    answers = []

    async def answer(message: dict[str, object]) -> None:
        answers.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": f"/v1/materials/{material}/files",
        "raw_path": f"/v1/materials/{material}/files".encode(),
        "query_string": b"file_name=a.txt",
        "root_path": "",
        "headers": [
            (b"content-type", b"text/plain"),
            (b"content-length", b"100"),
            (b"authorization", hanoi.headers["Authorization"].encode()),
        ],
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
        "state": {},
    }
    async with asyncio.timeout(10):
        await world.app(scope, receive, answer)
    assert not any(message.get("status") == 201 for message in answers)
    listed = await hanoi.get("/material-versions", params={"material": material})
    assert listed.json()["items"] == []


async def test_a_stream_that_is_larger_than_it_may_be_is_refused(
    world: World, hanoi: Somebody, monkeypatch: pytest.MonkeyPatch
):
    """Without saying beforehand how large it is."""
    material = await add_material(hanoi)
    layer = world.app.middleware_stack
    while not hasattr(layer, "uploads"):
        layer = layer.app
    small = dict.fromkeys(layer.uploads, 1000)
    monkeypatch.setattr(layer, "uploads", small)
    headers = [
        (b"content-type", b"text/plain"),
        (b"transfer-encoding", b"chunked"),
        (b"authorization", hanoi.headers["Authorization"].encode()),
    ]
    target = f"/v1/materials/{material}/files?file_name=a.txt".encode()
    answer = await call(world.app, "POST", target, headers, [b"x" * 600] * 3)
    assert answer.status == 413


def crowded(parts: int) -> bytes:
    """A document whose list of parts names very many, which there are not."""
    start = docx("x")
    entry = struct.pack("<4s4B4H3I5H2I", b"PK\1\2", *[0] * 11, *[1, 0, 0, 0, 0, 0, 0]) + b"a"
    listed = entry * parts
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 65535, 65535, len(listed), len(start), 0)
    return start + listed + end


def test_a_list_of_very_many_parts_takes_little_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file, most = tmp_path / "file", []
    file.write_bytes(crowded(1_500_000))

    def read(child: subprocess.Popen[bytes]) -> bytes:
        most.append(_peak(child))
        return children.read(child)

    monkeypatch.setattr(reading, "read", read)
    with file.open("rb") as opened, pytest.raises(Problem):
        reading.kind_of(opened)
    assert 0 < max(most) < 300 << 20


def _peak(child: subprocess.Popen[bytes]) -> int:
    """Bytes of memory that it had at once, until it speaks."""
    peak = 0
    while not select.select([child.stdout], [], [], 0.02)[0]:
        with contextlib.suppress(psutil.Error):
            peak = max(peak, psutil.Process(child.pid).memory_info().rss)
    return peak


async def test_few_files_are_looked_into_at_once(hanoi: Somebody, monkeypatch: pytest.MonkeyPatch):
    material = await add_material(hanoi)
    under_way, most, turn = 0, 0, threading.Lock()

    def kind_of(_: object) -> str:
        nonlocal under_way, most
        with turn:
            under_way += 1
            most = max(most, under_way)
        time.sleep(0.05)
        with turn:
            under_way -= 1
        return TEXT

    monkeypatch.setattr(reading, "kind_of", kind_of)
    sent = await asyncio.gather(*(send(hanoi, material, b"words") for _ in range(12)))
    assert [each.status_code for each in sent] == [201] * 12
    assert 1 < most <= 4
