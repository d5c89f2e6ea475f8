"""An empty workbook for a roster, and what each of its columns wants."""

from datetime import date
from io import BytesIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from app.core.files.limits import MOST_ROWS
from app.core.languages import Language
from app.rosters.files.words import CLOSED, DAYS, FIELDS, REQUIRED, said
from app.rosters.files.writing import SAFELY

_SHEETS = {"vi": ("Danh sách", "Hướng dẫn"), "en": ("Roster", "Guide")}
_GUIDE = ("Cột", "Column", "Cách điền", "How to fill it in", "Ví dụ · Example")
_WIDE = {"full_name": 28, "email": 32, "position_title": 32, "fields": 36, "languages": 36}
_NARROWEST = 16


def template(language: Language) -> bytes:
    """An .xlsx file to fill in and send: headings in this language, lists to choose from.

    Cells are text, so that identity numbers and phones keep their zeros, and days are days. The
    second sheet explains the columns in both languages.
    """
    file = BytesIO()
    with Workbook(file, {**SAFELY, "constant_memory": False, "in_memory": True}) as book:
        roster, guide = (book.add_worksheet(name) for name in _SHEETS[language])
        bold = book.add_format({"bold": True, "bg_color": "#DDE6F0", "text_wrap": True})
        _write_roster(book, roster, language, bold)
        _write_guide(book, guide, bold)
    return file.getvalue()


def heading(field: str, language: Language) -> str:
    names: list[str] = said()["headings"][field][language]
    return names[0]


def _write_roster(book: Workbook, sheet: Worksheet, language: Language, bold: Format) -> None:
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    text = book.add_format({"num_format": "@"})
    needed = book.add_format({"bold": True, "bg_color": "#F4D9B0", "text_wrap": True})
    sheet.freeze_panes(1, 0)
    for index, field in enumerate(FIELDS):
        width = _WIDE.get(field, _NARROWEST)
        sheet.set_column(index, index, width, day if field in DAYS else text)
        sheet.write_string(
            0, index, heading(field, language), needed if field in REQUIRED else bold
        )
        if field in CLOSED:
            choice = {"validate": "list", "source": choices(field, language)}
            sheet.data_validation(1, index, MOST_ROWS, index, choice)
        elif field in DAYS:
            since = {"validate": "date", "criteria": ">=", "value": date(1900, 3, 1)}
            sheet.data_validation(1, index, MOST_ROWS, index, since)


def choices(field: str, language: Language) -> list[str]:
    """The first word of each code is Vietnamese, the last English."""
    return [words[0 if language == "vi" else -1] for words in said()[field].values()]


def _write_guide(book: Workbook, sheet: Worksheet, bold: Format) -> None:
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.freeze_panes(1, 0)
    for index, (title, width) in enumerate(zip(_GUIDE, (26, 26, 52, 52, 36), strict=True)):
        sheet.set_column(index, index, width, wrapped)
        sheet.write_string(0, index, title, bold)
    for number, field in enumerate(FIELDS, 1):
        told = said()["guide"][field]
        cells = heading(field, "vi"), heading(field, "en"), told["vi"], told["en"], told["example"]
        for index, cell in enumerate(cells):
            sheet.write_string(number, index, cell, wrapped)
