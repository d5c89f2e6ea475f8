"""What kind of file it is, by what it begins with: names and media types are often wrong."""

from pathlib import Path
from typing import Literal

from app.core.files.problems import FileKindUnsupported, FileLocked

Kind = Literal["csv", "xlsx"]

_ZIP = b"PK\x03\x04"
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_OTHERS = {
    b"%PDF": "PDF",
    b"{\\rtf": "RTF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"\x1f\x8b": "GZIP",
    b"7z\xbc\xaf": "7Z",
    b"Rar!": "RAR",
    b"PK\x05\x06": "ZIP",
}
_MARKUP = {b"<?xml": "XML", b"<html": "HTML", b"<table": "HTML", b"<!doctype": "HTML"}
_BEGINNING = 1024
_PIECE = 1 << 20


def kind_of(path: Path) -> Kind:
    """Whatever is not known to be something else is text, and is read as CSV."""
    with path.open("rb") as file:
        start = file.read(_BEGINNING)
    if start.startswith(_ZIP):
        return "xlsx"
    if start.startswith(_COMPOUND):
        if _is_locked(path):
            raise FileLocked
        raise FileKindUnsupported(found="XLS")
    markup = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for known, beginning in ((_OTHERS, start), (_MARKUP, markup)):
        for magic, found in known.items():
            if beginning.startswith(magic):
                raise FileKindUnsupported(found=found)
    return "csv"


def _is_locked(path: Path) -> bool:
    """Excel wraps a workbook that is locked into the format of old ones."""
    before = b""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            if _LOCKED in before + piece:
                return True
            before = piece[-len(_LOCKED) :]
    return False
