"""Small documents, the same each time: DOCX in any language, PDF in letters of ASCII."""

import zipfile
from collections.abc import Sequence
from io import BytesIO
from textwrap import wrap
from xml.sax.saxutils import escape

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_DOCUMENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_WIDE, _LINES = 85, 45
"""Letters of a line, and lines of a page, at 11 points."""


def docx(paragraphs: Sequence[str]) -> bytes:
    said = "".join(
        f'<w:p><w:r><w:t xml:space="preserve">{escape(each)}</w:t></w:r></w:p>'
        for each in paragraphs
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{_DOCUMENT}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_RELATED}" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{_WORD}"><w:body>{said}</w:body></w:document>',
    }
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), _XML + content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def pdf(paragraphs: Sequence[str]) -> bytes:
    """Raises UnicodeEncodeError for other letters, which would need a font of their own."""
    lines = [line for each in paragraphs for line in (*wrap(each, _WIDE), "")]
    pages = [lines[n : n + _LINES] for n in range(0, len(lines), _LINES)]
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for n, page in enumerate(pages):
        shown = "".join(f"({_literal(line)}) Tj T* " for line in page)
        stream = f"BT /F 11 Tf 16 TL 60 780 Td {shown}ET".encode("ascii")
        objects += [
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>"
            b"/Contents %d 0 R>>" % (5 + 2 * n),
            b"<</Length %d>>stream\n%b\nendstream" % (len(stream), stream),
        ]
    return _assembled(objects)


def _assembled(objects: Sequence[bytes]) -> bytes:
    file, places = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = len(file)
    file += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    file += b"".join(b"%010d 00000 n \n" % place for place in places)
    file += b"trailer\n<</Size %d/Root 1 0 R>>\n" % (len(objects) + 1)
    return bytes(file + b"startxref\n%d\n%%%%EOF\n" % table)


def _literal(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
