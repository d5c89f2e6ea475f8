"""Files of every kind, as small as they can be."""

import zipfile
from io import BytesIO

from app.materials.files.kinds import DOCX, JPEG, MP3, MP4, ODP, ODT, PDF, PNG, PPTX, WEBP, XLSX

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
O = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"  # noqa: E741
T = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
MAIN = "[Content_Types].xml"
WORDS = "Lễ tân đối ngoại và nghi lễ nhà nước"
LAUGHS = b"".join(
    [
        b'<!DOCTYPE l [<!ENTITY l "lol">',
        *(b'<!ENTITY l%d "%s">' % (n, b"&l;" * 10) for n in range(9)),
        b"]>",
    ]
)
XXE = b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
BODY = (
    f'<w:document xmlns:w="{W}"><w:body><w:p><w:r><w:t>&x;</w:t></w:r></w:p></w:body></w:document>'
)
"""Of a document, with an entity that a DTD is to declare."""


def archive(parts: dict[str, str | bytes], *, stored: bool = False) -> bytes:
    file = BytesIO()
    how = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(file, "w", how) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return file.getvalue()


def types(kind: str) -> str:
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Override PartName="/main.xml" ContentType="{kind}.main+xml"/></Types>'
    )


def docx(*paragraphs: str, **more: str | bytes) -> bytes:
    said = "".join(f"<w:p><w:r><w:t>{each}</w:t></w:r></w:p>" for each in paragraphs)
    body = f'<w:document xmlns:w="{W}"><w:body>{said}</w:body></w:document>'
    return archive({MAIN: types(DOCX), "word/document.xml": body, **more})


def pptx(*slides: str) -> bytes:
    parts: dict[str, str | bytes] = {MAIN: types(PPTX)}
    for number, said in enumerate(slides, 1):
        text = f'<a:p xmlns:a="{A}"><a:r><a:t>{said}</a:t></a:r></a:p>'
        parts[f"ppt/slides/slide{number}.xml"] = text
    return archive(parts)


def xlsx(*cells: str) -> bytes:
    said = "".join(f"<si><t>{each}</t></si>" for each in cells)
    return archive({MAIN: types(XLSX), "xl/sharedStrings.xml": f'<sst xmlns="{S}">{said}</sst>'})


def odf(kind: str, *paragraphs: str) -> bytes:
    said = "".join(f"<t:p>{each}</t:p>" for each in paragraphs)
    names = f'xmlns:o="{O}" xmlns:t="{T}"'
    text = f"<o:document-content {names}><o:body>{said}</o:body></o:document-content>"
    return archive({"mimetype": kind, "content.xml": text})


def pdf(*pages: str) -> bytes:
    """With words of ASCII, which need no font of their own."""
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {len(pages)}/Kids[{' '.join(f'{4 + 2 * n} 0 R' for n in range(len(pages)))}]>>",  # noqa: E501
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for n, said in enumerate(pages):
        stream = f"BT /F 12 Tf 50 700 Td ({said}) Tj ET"
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {5 + 2 * n} 0 R"
            "/Resources<</Font<</F 3 0 R>>>>>>"
        )
        objects.append(f"<</Length {len(stream)}>>stream\n{stream}\nendstream")
    out, places = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj{body}endobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    out += f"xref\n0 {size}\n0000000000 65535 f \n{table}"
    out += f"trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{out.index('xref')}\n%%EOF\n"
    return out.encode()


TEXTS = {
    PDF: (pdf("Foreign affairs", "second page of it"), "cam-nang.pdf"),
    DOCX: (docx(WORDS, "second"), "cam-nang.docx"),
    PPTX: (pptx(WORDS, "second"), "bai-giang.pptx"),
    XLSX: (xlsx(WORDS, "second"), "bang.xlsx"),
    ODT: (odf(ODT, WORDS, "second"), "cam-nang.odt"),
    ODP: (odf(ODP, WORDS, "second"), "bai-giang.odp"),
    "text/plain": (f"{WORDS}\nsecond".encode(), "ghi-chep.txt"),
    "text/markdown": (f"# {WORDS}\n\nsecond".encode(), "ghi-chep.md"),
    "text/csv": (f"{WORDS};second\n".encode(), "bang.csv"),
}
"""Each says "second" somewhere."""
MEDIA = {
    PNG: (b"\x89PNG\r\n\x1a\n" + bytes(50), "anh.png"),
    JPEG: (b"\xff\xd8\xff\xe0" + bytes(50), "ảnh đoàn.jpeg"),
    WEBP: (b"RIFF\x24\0\0\0WEBPVP8 " + bytes(20), "anh.webp"),
    MP3: (b"ID3\x04" + bytes(50), "phat-bieu.mp3"),
    MP4: (b"\0\0\0\x18ftypmp42" + bytes(50), "phim.mp4"),
}
EVERYTHING = TEXTS | MEDIA
