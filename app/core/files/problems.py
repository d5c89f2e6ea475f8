"""What a file may be refused for, as a whole. A row has errors of its own, in `rows`."""

from app.core.problems import Problem


class FileKindUnsupported(Problem):
    status, title = 415, "Not a kind of file that is read"
    detail = (
        "This is {found}. Save it as an Excel workbook (.xlsx) or as CSV UTF-8, whatever its name"
        " is now."
    )


class FileLocked(Problem):
    status, title = 415, "Locked with a password"
    detail = "The file is locked with a password. Take the password off and send it again."


class FileUnreadable(Problem):
    status, title = 422, "Damaged file"
    detail = "The file is damaged or cut off. Open it, save it anew and send it again."


class WorkbookTooLarge(Problem):
    status, title = 422, "Workbook too large"
    detail = (
        "Unpacked, the workbook takes more memory or time than a file may. Copy the table alone"
        " into a new workbook, or send it as CSV."
    )


class WorkbookUnsafe(Problem):
    status, title = 422, "Workbook with strange parts"
    detail = (
        "The workbook holds parts that no table needs, and that have been used for attacks. Copy"
        " the table alone into a new workbook."
    )


class CellInError(Problem):
    status, title = 422, "Formula in error"
    detail = (
        "Cell {cell} shows an error of a formula, such as #N/A. Correct it, or copy the values of"
        " the table into a new workbook."
    )


class TableTooLarge(Problem):
    status, title = 422, "Table too large"
    detail = (
        "A table has at most {rows} rows and {columns} columns. Send the rest as another file, or"
        " clear what stands below and beside the table."
    )


class FileEmpty(Problem):
    status, title = 422, "Nothing in it"
    detail = "The file has no row of headings. Its first row names the columns."


class LineUnreadable(Problem):
    status, title = 422, "Line not readable"
    detail = (
        "Line {line} holds a NUL character, or has more than {limit} characters. Correct it, or"
        " save the file anew as CSV UTF-8."
    )


class QuotesBroken(Problem):
    status, title = 422, "Quotes do not match"
    detail = (
        "In the record that begins on line {line}, a quotation mark is not closed, or something"
        " follows it. Within quotation marks, write each one twice."
    )


class EncodingUnsure(Problem):
    status, title = 422, "Encoding not clear"
    members = ("candidates",)
    detail = (
        "It is not clear how Vietnamese letters are written in this file. `candidates` has one of"
        " its lines as each encoding reads it: say `encoding` (one of {encodings}), or save the"
        " file as CSV UTF-8."
    )


class EncodingWrong(Problem):
    status, title = 422, "Not in this encoding"
    detail = (
        "Line {line} is not text in {encoding}. Say another `encoding`, or save the file as CSV"
        " UTF-8."
    )


class LettersLost(Problem):
    status, title = 422, "Letters lost"
    detail = (
        "Question marks stand in place of Vietnamese letters: they were lost when the file was"
        " saved. Save the workbook as CSV UTF-8, or send it as .xlsx."
    )


class OldFont(Problem):
    status, title = 422, "Letters of an old font"
    detail = (
        "The names are written for an old font ({encoding}), without which they cannot be read."
        " Convert the file to Unicode and send it again."
    )
