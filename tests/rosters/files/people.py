"""Fictional officers whose names go wrong easily, and the files in which provinces send them."""

import csv
import unicodedata
from collections.abc import Callable, Iterator
from io import BytesIO, StringIO
from typing import Any

from xlsxwriter import Workbook

from app.core.files import legacy
from app.rosters.files.templates import template

NAMES = [
    "Nguyễn Thị Hoà",
    "Nguyễn Thị Hòa",
    "Đặng Quốc Ý",
    "Phạm Thị Thuỳ Dương",
    "Trương Vĩnh Ký",
    "Lê Ánh Tuyết",
    "Ỷ Lan Phương",
    "Hoàng Hữu Nghĩa",
    "Võ Thị Mỹ Lệ",
    "Bùi Đức Ẩn",
]
PEOPLE: list[dict[str, Any]] = [
    {
        "external_id": f"CB-{number:04}",
        "full_name": name,
        "birth_date": f"19{60 + number}-04-12",
        "phone": f"024 0000 {number:04}",
        "unit": "LT",
        "position_title": "Chuyên viên Lễ tân",
        "category": "civil_servant",
        "status": "active",
        "fields": ["protocol_and_events", "consular"],
        "languages": [{"language": "en", "level": 4}, {"language": "fr", "level": 2}],
        "national_id": f"0{number:011}",
    }
    for number, name in enumerate(NAMES, 1)
]
NAMES_OF_FIELDS = list(PEOPLE[0])
VIETNAMESE = [
    *("Mã cán bộ", "Họ và tên", "Ngày sinh", "Số điện thoại", "Mã đơn vị", "Chức vụ"),
    *("Đối tượng", "Tình trạng", "Lĩnh vực", "Ngoại ngữ", "Số CCCD"),
]
ENGLISH = [
    *("External ID", "Full name", "Date of birth", "Phone", "Unit", "Job title"),
    *("Category", "Status", "Fields of work", "Languages", "National ID"),
]

Table = list[list[str]]


def in_codes(headings: list[str] = NAMES_OF_FIELDS, *, day: str = "{y}-{m}-{d}") -> Table:
    return [headings, *(_cells(person, day) for person in PEOPLE)]


def in_words(headings: list[str] = VIETNAMESE, *, day: str = "{d}/{m}/{y}") -> Table:
    words = ["Công chức", "đang công tác", "Lễ tân, lãnh sự", "Tiếng Anh: 4; Pháp: A2"]
    return [
        headings,
        *([*cells[:6], *words, cells[10]] for cells in (_cells(p, day) for p in PEOPLE)),
    ]


def _cells(person: dict[str, Any], day: str) -> list[str]:
    year, month, day_of_month = person["birth_date"].split("-")
    said = {
        **person,
        "birth_date": day.format(y=year, m=month, d=day_of_month),
        "fields": "; ".join(person["fields"]),
        "languages": "en:4; fr:2",
    }
    return [said[field] for field in NAMES_OF_FIELDS]


def as_csv(table: Table, delimiter: str = ";", end: str = "\r\n", *, quoting: int = 0) -> str:
    said = StringIO()
    csv.writer(said, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(table)
    return said.getvalue()


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def tcvn3(text: str) -> bytes:
    """As people typed it: a capital with a tone has no letter of its own, and is typed small."""
    letters = {letter: code for code, letter in legacy.TCVN3.items() if letter != legacy.LOST}
    return bytes(
        ord(letter) if letter.isascii() else letters.get(letter) or letters[letter.lower()]
        for letter in unicodedata.normalize("NFC", text)
    )


def vni(text: str) -> bytes:
    """Each letter, then its marks; a capital has capital marks."""
    codes = {letters: code for code, letters in legacy.VNI.items() if letters != legacy.LOST}
    said = b""
    for letter in unicodedata.normalize("NFC", text):
        if letter.isascii():
            said += letter.encode()
        elif letter in codes:
            said += bytes([codes[letter]])
        else:
            said += _vni_letter(letter, codes)
    return said


def _vni_letter(letter: str, codes: dict[str, int]) -> bytes:
    base, *marks = unicodedata.normalize("NFD", letter)
    horn = {"\u031b": {"o": "ơ", "u": "ư", "O": "Ơ", "U": "Ư"}}
    if "\u031b" in marks:
        marks.remove("\u031b")
        base = horn["\u031b"][base]
    marks.sort(key=lambda mark: mark not in "\u0302\u0306")
    small = {mark: code for mark, code in codes.items() if code >= 0xE0}
    mark = small["".join(marks)] - (0x20 if letter.isupper() else 0)
    first = base.encode() if base.isascii() else bytes([codes[base]])
    return first + bytes([mark])


def windows_1258(text: str) -> bytes:
    """The letters that it has, and tones after them."""
    said = b""
    for letter in unicodedata.normalize("NFC", text):
        try:
            said += letter.encode("cp1258")
        except UnicodeEncodeError:
            tone = [mark for mark in nfd(letter) if mark in "\u0300\u0301\u0303\u0309\u0323"]
            rest = "".join(mark for mark in nfd(letter) if mark not in tone)
            said += (unicodedata.normalize("NFC", rest) + "".join(tone)).encode("cp1258")
    return said


def workbook(
    table: Table, arrange: Callable[[Any, Any], None] | None = None, **options: Any
) -> bytes:
    """A workbook of text; `arrange` writes what is to be different."""
    file = BytesIO()
    with Workbook(file, {"in_memory": True, **options}) as book:
        sheet = book.add_worksheet("Danh sách")
        for number, row in enumerate(table):
            for index, cell in enumerate(row):
                sheet.write_string(number, index, cell)
        if arrange:
            arrange(book, sheet)
    return file.getvalue()


def _days(book: Any, sheet: Any) -> None:
    from datetime import date  # noqa: PLC0415

    shown = book.add_format({"num_format": "dd/mm/yyyy"})
    for number, person in enumerate(PEOPLE, 1):
        sheet.write_datetime(number, 2, date.fromisoformat(person["birth_date"]), shown)


def _others_first(book: Any, sheet: Any) -> None:
    hidden, cover = book.add_worksheet("lists"), book.add_worksheet("Bìa")
    hidden.write_row(0, 0, VIETNAMESE)
    hidden.hide()
    cover.write_string(0, 0, "DANH SÁCH CÁN BỘ")
    book.worksheets_objs.sort(key=lambda found: found is sheet)
    for index, found in enumerate(book.worksheets_objs):
        found.index = index
    cover.activate()
    cover.set_first_sheet()


def _formulas(_: Any, sheet: Any) -> None:
    for number, person in enumerate(PEOPLE, 1):
        sheet.write_formula(number, 1, f'="{person["full_name"]}"', None, person["full_name"])


def _filled_template() -> bytes:
    """As a person fills it in, by the side of what the template has."""
    from python_calamine import load_workbook  # noqa: PLC0415

    headings = load_workbook(BytesIO(template("vi"))).get_sheet_by_index(0).to_python()[0]
    table = in_words(day="{d}/{m}/{y}")
    place = {"Điện thoại": "Số điện thoại", "Số định danh cá nhân": "Số CCCD"}
    wanted = [place.get(str(heading), str(heading)) for heading in headings]
    rows = [dict(zip(table[0], row, strict=True)) for row in table[1:]]
    return workbook(
        [list(map(str, headings)), *([row.get(name, "") for name in wanted] for row in rows)]
    )


def files() -> Iterator[tuple[str, bytes]]:
    """Names of what is special about them, and what is in them."""
    words, codes = as_csv(in_words()), as_csv(in_codes())
    yield "names of fields.csv", codes.encode()
    yield "Excel, CSV UTF-8.csv", words.encode("utf-8-sig")
    yield "Excel, Unicode text.txt", as_csv(in_words(), "\t").encode("utf-16")
    yield "UTF-16 big endian.csv", b"\xfe\xff" + words.encode("utf-16-be")
    yield "windows-1258.csv", windows_1258(words)
    yield "TCVN3.csv", tcvn3(words)
    yield "VNI.csv", vni(words)
    yield "from a Mac, letters and marks apart.csv", nfd(words).encode()
    yield "lines end as on old Macs.csv", as_csv(in_words(), end="\r").encode()
    yield "lines end as on Linux.csv", as_csv(in_words(), end="\n").encode()
    yield "commas.csv", as_csv(in_words(), ",").encode()
    yield "tabs.csv", as_csv(in_words(), "\t").encode()
    yield "bars.csv", as_csv(in_codes(), "|").encode()
    yield "sep=.csv", f"sep=,\r\n{as_csv(in_words(), ',')}".encode()
    yield "everything in quotation marks.csv", as_csv(in_words(), quoting=csv.QUOTE_ALL).encode()
    yield "English headings.csv", as_csv(in_words(ENGLISH, day="{d}-{m}-{y}")).encode()
    yield (
        "capital headings without accents.csv",
        as_csv(in_words(["MA CAN BO", "HO_VA_TEN", "ngay  sinh", *VIETNAMESE[3:]])).encode(),
    )
    yield "days with dots.csv", as_csv(in_words(day="{d}.{m}.{y}")).encode()
    yield "blank rows and columns.csv", words.replace("\r\n", ";;;\r\n;;;\r\n").encode()
    yield (
        "numbered.csv",
        as_csv(
            [["STT", *VIETNAMESE], *([str(n), *row] for n, row in enumerate(in_words()[1:], 1))]
        ).encode(),
    )
    yield (
        "a heading in two lines.csv",
        as_csv(in_words(["Mã cán bộ", "Họ\nvà tên", *VIETNAMESE[2:]])).encode(),
    )
    yield "text.xlsx", workbook(in_words())
    yield "names of fields.xlsx", workbook(in_codes())
    yield "days.xlsx", workbook(in_words(), _days)
    yield "days counted from 1904.xlsx", workbook(in_words(), _days, date_1904=True)
    yield "formulas.xlsx", workbook(in_words(), _formulas)
    yield "after a cover and a hidden list.xlsx", workbook(in_words(), _others_first)
    yield "below and beside nothing.xlsx", workbook([[], [], *(["", *row] for row in in_words())])
    yield "a workbook called.csv", workbook(in_words())
    yield (
        "letters and marks apart.xlsx",
        workbook([[nfd(cell) for cell in row] for row in in_words()]),
    )
    yield "a filled template.xlsx", _filled_template()
