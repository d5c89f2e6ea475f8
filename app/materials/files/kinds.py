"""What a content is, judged by nothing but itself; only a few kinds are taken.

Runs where files of others are opened. Each kind has to begin as it must, and none may be an archive
besides: what is two kinds at once is taken for neither.
"""

import zipfile
from codecs import getincrementaldecoder
from collections.abc import Iterator
from typing import IO

from app.core.files.archives import ZIP, Limits, Refused, examine, refuse_locked

_OFFICE = "application/vnd.openxmlformats-officedocument"
DOCX = f"{_OFFICE}.wordprocessingml.document"
PPTX = f"{_OFFICE}.presentationml.presentation"
XLSX = f"{_OFFICE}.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"
ODP = "application/vnd.oasis.opendocument.presentation"
PDF, TEXT, MP3, MP4 = "application/pdf", "text/plain", "audio/mpeg", "video/mp4"
PNG, JPEG, WEBP = "image/png", "image/jpeg", "image/webp"
ENDINGS: dict[str, tuple[str, ...]] = {
    PDF: (".pdf",),
    DOCX: (".docx",),
    PPTX: (".pptx",),
    XLSX: (".xlsx",),
    ODT: (".odt",),
    ODP: (".odp",),
    TEXT: (".txt",),
    "text/markdown": (".md", ".markdown"),
    "text/csv": (".csv",),
    PNG: (".png",),
    JPEG: (".jpg", ".jpeg"),
    WEBP: (".webp",),
    MP3: (".mp3",),
    MP4: (".mp4",),
}
"""The kinds that are taken, and how names of such files end."""

_MAIN_PARTS = {
    f"{kind}.main+xml".encode(): kind for kind in (DOCX, PPTX, XLSX)
}  # as they call their main part
_MACROS = (b"macroEnabled", b"vbaProject")
_OTHERS = {
    b"\xd0\xcf\x11\xe0": "DOC, XLS or PPT",
    b"{\\rtf": "RTF",
    b"GIF8": "GIF",
    b"\x1f\x8b": "GZIP",
    b"7z\xbc\xaf": "7Z",
    b"Rar!": "RAR",
    b"MZ": "EXE",
    b"\x7fELF": "ELF",
    b"PK\x05\x06": "ZIP",
}
"""Told by name when they are refused."""
_MARKUP = {
    **dict.fromkeys(("<!doctype", "<html", "<head", "<body", "<script", "<iframe"), "HTML"),
    "<svg": "SVG",
    "<?xml": "XML",
    "<?php": "PHP",
    "#!": "SCRIPT",
}
"""What text may not begin with, for then it is meant for programs."""
_MP4_BRANDS = {
    *(b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"dash", b"M4V "),
    b"MSNV",
}
_FRAMES = (b"\xff\xfa", b"\xff\xfb", b"\xff\xf2", b"\xff\xf3", b"\xff\xe2", b"\xff\xe3")
"""How a frame of MPEG audio begins, of layer III."""
_CONTROLS = frozenset(map(chr, range(32))) - set("\t\n\r\f\x1a")
_LONGEST_LIST = 4 << 20
"""Bytes of the list of an archive's parts; there are thousands of parts in it."""
_PIECE = 1 << 18


def kind_of(file: IO[bytes], limits: Limits) -> str:
    """The media type. Raises Refused."""
    start = file.read(64)
    if not start:
        raise Refused("empty")
    if start.startswith(ZIP):
        return _kind_of_archive(file, limits)
    kind = _beginning(start) or _text(file)
    if zipfile.is_zipfile(file):
        raise Refused("unsafe")
    return kind


def _beginning(start: bytes) -> str | None:
    for magic, kind in ((b"%PDF-", PDF), (b"\x89PNG\r\n\x1a\n", PNG), (b"\xff\xd8\xff", JPEG)):
        if start.startswith(magic):
            return kind
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return WEBP
    if start[4:8] == b"ftyp" and start[8:12] in _MP4_BRANDS:
        return MP4
    return MP3 if start.startswith((b"ID3", *_FRAMES)) else None


def _text(file: IO[bytes]) -> str:
    """All of it is UTF-8 that can be shown, and none of it meant for programs."""
    file.seek(0)
    first = ""
    try:
        for piece in _decoded(file):
            if not _CONTROLS.isdisjoint(piece):
                raise Refused("another", found=_named(file))
            first = first or piece.lstrip("\ufeff \t\r\n").lower()[:16]
    except UnicodeDecodeError:
        raise Refused("another", found=_named(file)) from None
    for beginning, found in _MARKUP.items():
        if first.startswith(beginning):
            raise Refused("another", found=found)
    return TEXT


def _decoded(file: IO[bytes]) -> Iterator[str]:
    decoder = getincrementaldecoder("utf-8")()
    while piece := file.read(_PIECE):
        yield decoder.decode(piece)
    yield decoder.decode(b"", final=True)


def _named(file: IO[bytes]) -> str:
    file.seek(0)
    start = file.read(16)
    return next((name for magic, name in _OTHERS.items() if start.startswith(magic)), "?")


def _kind_of_archive(file: IO[bytes], limits: Limits) -> str:
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        if archive.comment or min((member.header_offset for member in members), default=1) > 0:
            raise Refused("unsafe")
        refuse_locked(members)
        kind = _kind_of_parts(archive)
        examine(archive, limits)
    return kind


def _kind_of_parts(archive: zipfile.ZipFile) -> str:
    """As the archive says of itself, which must be in one way only."""
    names = set(archive.namelist())
    if len(names) < len(archive.infolist()):  # which of two would be read is not said
        raise Refused("unsafe")
    said = _part(archive, "[Content_Types].xml") if "[Content_Types].xml" in names else b""
    kinds = {kind for part, kind in _MAIN_PARTS.items() if part in said}
    if "mimetype" in names:
        told = _part(archive, "mimetype").decode("ascii", "replace").strip()
        kinds |= {told} & {ODT, ODP}
    if any(mark in said for mark in _MACROS) or any(n.endswith("vbaProject.bin") for n in names):
        raise Refused("another", found="DOCM, PPTM or XLSM")
    if len(kinds) != 1:
        raise Refused("another", found="ZIP")
    return kinds.pop()


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        return part.read(_LONGEST_LIST)
