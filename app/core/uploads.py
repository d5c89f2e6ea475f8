"""A file that comes with a request: read as it comes, kept on disk, before a transaction begins."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePath
from tempfile import SpooledTemporaryFile
from typing import IO

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from app.core.problems import UnsupportedMediaType, invalid

IN_MEMORY = 1024 * 1024
MULTIPART = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Upload:
    """What came. `name` is what the sender calls it, where they say."""

    file: IO[bytes]
    media_type: str
    name: str | None
    size: int
    digest: bytes

    def parts(self, size: int) -> Iterator[bytes]:
        """The content, in parts of so many bytes."""
        self.file.seek(0)
        while part := self.file.read(size):
            yield part


async def receive(request: Request, expected: Mapping[str, str]) -> Upload:
    """The body, or the one file of a form. Raises UnsupportedMediaType, InvalidRequest.

    `expected` are the media types that are taken, each with the ending of such a file's name, which
    counts where a form does not know the media type.
    """
    sent = media_type_of(request.headers.get("content-type", ""))
    if sent == MULTIPART:
        return await _from_form(request, expected)
    if sent not in expected:
        raise UnsupportedMediaType(expected=", ".join(sorted(expected)))
    file: IO[bytes] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 -- as long as the request
    digest, size = sha256(), 0
    try:
        async for part in request.stream():
            file.write(part)
            digest.update(part)
            size += len(part)
    except BaseException:
        file.close()
        raise
    return Upload(file, sent, None, size, digest.digest())


async def _from_form(request: Request, expected: Mapping[str, str]) -> Upload:
    try:
        form = await request.form(max_files=1, max_fields=0)
    except (HTTPException, UnicodeError) as error:  # what it makes of a MultiPartException
        raise invalid("form_invalid", "Send one file, as `file`.", "body") from error
    try:
        return await _the_file_of(form, expected)
    except BaseException:
        await form.close()
        raise


async def _the_file_of(form: FormData, expected: Mapping[str, str]) -> Upload:
    sent = form.get("file")
    if not isinstance(sent, UploadFile):
        raise invalid("form_invalid", "Send one file, as `file`.", "body")
    media_type = _kind_of(sent, expected)
    if media_type is None:
        raise UnsupportedMediaType(expected=", ".join(sorted(expected)))
    return await run_in_threadpool(_uploaded, sent.file, media_type, sent.filename)


def _kind_of(sent: UploadFile, expected: Mapping[str, str]) -> str | None:
    said = media_type_of(sent.content_type or "")
    if said in expected:
        return said
    ends = PurePath(sent.filename or "").suffix.lower()
    return next((kind for kind, ending in expected.items() if ending == ends), None)


def _uploaded(file: IO[bytes], media_type: str, name: str | None) -> Upload:
    digest, size = sha256(), 0
    file.seek(0)
    while part := file.read(IN_MEMORY):
        digest.update(part)
        size += len(part)
    return Upload(file, media_type, name, size, digest.digest())


def media_type_of(header: str) -> str:
    return header.partition(";")[0].strip().lower()
