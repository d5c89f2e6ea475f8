"""The words in a document. Runs where files of others are opened."""

import re
import zipfile
from collections.abc import Callable, Iterator
from time import process_time
from typing import IO
from xml.parsers import expat

from app.core.files.archives import Refused
from app.materials.files.kinds import DOCX, ODP, ODT, PDF, PPTX, TEXT, XLSX

MOST_CHARACTERS = 500_000
"""Of which a material is searched: a book of 250 pages."""
_PIECE = 1 << 16
_PARTS = {
    DOCX: r"word/(document|footnotes|endnotes|comments)\d*\.xml",
    PPTX: r"ppt/(slides/slide|notesSlides/notesSlide)(\d+)\.xml",
    XLSX: r"xl/(sharedStrings|worksheets/sheet\d+)\.xml",
    ODT: r"content\.xml",
    ODP: r"content\.xml",
}
"""Where words are."""
_LINES = frozenset({"p", "h", "si", "is"})
"""Elements after which another line begins."""
_GAPS = frozenset({"tab", "br", "cr", "s", "line-break"})
_NOT_SHOWN = frozenset({"Fallback", "deleted-text", "tracked-changes", "annotation"})

Pages = Iterator[str]


def pages_of(file: IO[bytes], kind: str, unpacked: int, seconds: float) -> tuple[int | None, Pages]:
    """How many pages there are, where that is known, and what they say, piece after piece.

    No more than so many bytes are unpacked for it, and so many seconds of computing spent: what
    was read by then is what there is. Raises Refused.
    """
    if kind == PDF:
        return _of_pdf(file, process_time() + seconds)
    if kind in _PARTS:
        return _of_archive(file, kind, unpacked)
    if kind.startswith("text/"):
        return None, iter([file.read(4 * MOST_CHARACTERS).decode("utf-8-sig", "ignore")])
    return None, iter(())


def has_words(kind: str) -> bool:
    """Whether a file of this kind may say something."""
    return kind in {PDF, TEXT, *_PARTS} or kind.startswith("text/")


def _of_pdf(file: IO[bytes], until: float) -> tuple[int, Pages]:
    from pypdf import PdfReader  # noqa: PLC0415  # within the limits

    reader = PdfReader(file)
    if reader.is_encrypted and not reader.decrypt(""):
        raise Refused("locked")

    def pages() -> Pages:
        for page in reader.pages:
            if process_time() > until:
                return
            yield page.extract_text() + "\n"

    return len(reader.pages), pages()


def _of_archive(file: IO[bytes], kind: str, unpacked: int) -> tuple[int | None, Pages]:
    archive = zipfile.ZipFile(file)
    names = [name for name in archive.namelist() if re.fullmatch(_PARTS[kind], name)]
    names.sort(key=lambda name: (_number(name), name))
    slides = sum(name.startswith("ppt/slides/") for name in names)

    def parts() -> Pages:
        left = unpacked
        for name in names:
            with archive.open(name) as part:
                for said, size in _words(part, kind):
                    left -= size
                    if left < 0:
                        return
                    yield said

    return (slides if kind == PPTX else None), parts()


def _number(name: str) -> int:
    return int((re.findall(r"\d+", name) or [0])[-1])


def _words(part: IO[bytes], kind: str) -> Iterator[tuple[str, int]]:
    """What an XML part says, and how many bytes it took to read that."""
    said: list[str] = []
    parser = _parser(said.append, odf=kind in {ODT, ODP})
    while piece := part.read(_PIECE):
        parser.Parse(piece, False)  # noqa: FBT003 -- it takes no names
        yield "".join(said), len(piece)
        said.clear()
    parser.Parse(b"", True)  # noqa: FBT003
    yield "".join(said) + "\n", 0


def _parser(say: Callable[[str], None], *, odf: bool) -> expat.XMLParserType:
    """Of text within `t` elements, or anywhere in the body of an ODF document. Without a DTD there
    are no entities but those of XML itself, so nothing is fetched, and nothing grows."""
    parser = expat.ParserCreate(namespace_separator=" ")
    shown, hidden = 0, 0

    def begun(name: str, _: object) -> None:
        nonlocal shown, hidden
        local = name.rpartition(" ")[2]
        shown += local == ("body" if odf else "t")
        hidden += local in _NOT_SHOWN

    def ended(name: str) -> None:
        nonlocal shown, hidden
        local = name.rpartition(" ")[2]
        shown -= local == ("body" if odf else "t")
        hidden -= local in _NOT_SHOWN
        if local in _LINES:
            say("\n")
        elif local in _GAPS:
            say(" ")

    def heard(words: str) -> None:
        if shown and not hidden:
            say(words)

    def refused(*_: object) -> None:
        raise Refused("unsafe")

    parser.StartElementHandler, parser.EndElementHandler = begun, ended
    parser.CharacterDataHandler = heard
    parser.StartDoctypeDeclHandler = refused
    parser.EntityDeclHandler = refused
    return parser
