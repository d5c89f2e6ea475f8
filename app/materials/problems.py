"""What materials and their files may be refused for."""

from app.core.problems import Problem


class FileContentIsAnotherType(Problem):
    status, title = 415, "The content is of another type"
    detail = (
        "The content of the file is not what its media type says, or of no type that is taken:"
        " {found}. Save it as what it is to be, and send it as that."
    )


class FileWithoutContent(Problem):
    status, title = 422, "Nothing in the file"
    detail = "The file is empty. Send one with something in it."


class DocumentUnsafe(Problem):
    status, title = 422, "A file with strange parts"
    detail = (
        "The file holds parts that no such document needs, and that have been used for attacks."
        " Copy the content into a new document, and send that."
    )


class DocumentTooLarge(Problem):
    status, title = 422, "Too large once it is open"
    detail = (
        "Opened, the document takes more memory or time than a file may. Divide it, or make its"
        " pictures smaller."
    )


class MaterialIsALink(Problem):
    status, title = 409, "A link, and no file"
    detail = "This version is an address elsewhere: see its `url`."


class FileNotScannedYet(Problem):
    status, title = 409, "Not looked at yet"
    detail = "The antivirus has not looked at the file yet. Try again in a minute."


class FileInfected(Problem):
    status, title = 409, "The file is infected"
    detail = "The antivirus found something in the file, so nobody gets it. Add a clean version."


class RangeNotSatisfiable(Problem):
    status, title = 416, "Beyond the end of the file"
    detail = "The file has {size} bytes, and none of them in the range. Ask for another one."
