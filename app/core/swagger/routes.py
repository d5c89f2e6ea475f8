"""Swagger UI, served by the service itself: an intranet needs nothing from outside.

The page runs under a policy without `unsafe-*`, so its script and styles are files of their own.
"""

from functools import cache
from hashlib import blake2s
from importlib.resources import files

from fastapi import APIRouter, Response

from app.core.languages import DEFAULT, Language
from app.core.problems import NotFound

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
ASSETS = {
    "page.css": ("page.css", "text/css"),
    "page.js": ("page.js", "text/javascript"),
    "oauth2-redirect.js": ("vendor/oauth2-redirect.js", "text/javascript"),
    "swagger-ui.css": ("vendor/swagger-ui.css", "text/css"),
    "swagger-ui-bundle.js": ("vendor/swagger-ui-bundle.js", "text/javascript"),
}
"""Everything that the page asks for, by the name it asks for."""

TEXTS = {
    "vi": ("Bang Giao: tài liệu API", "Trang này cần JavaScript; tài liệu ở /openapi.json."),
    "en": ("Bang Giao: the API", "This page needs JavaScript; the document is /openapi.json."),
}

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def read_docs(lang: Language = DEFAULT) -> Response:
    title, noscript = TEXTS[lang]
    current = {language: ' aria-current="page"' * (language == lang) for language in TEXTS}
    page = _file("page.html").decode()
    page = page.format(lang=lang, title=title, noscript=noscript, version=_digest(), **current)
    headers = {"Content-Security-Policy": POLICY, "Content-Language": lang}
    return Response(page, headers=headers, media_type="text/html")


@router.get("/docs/signed-in")
async def read_signed_in() -> Response:
    """Where the window for signing in ends: hands what it was given to the page that opened it."""
    page = _file("signed_in.html").decode().format(lang=DEFAULT, version=_digest())
    return Response(page, headers={"Content-Security-Policy": POLICY}, media_type="text/html")


@router.get("/docs/assets/{name}")
async def read_docs_asset(name: str) -> Response:
    if name not in ASSETS:
        raise NotFound
    path, media_type = ASSETS[name]
    # The page names a digest in the address, so what is kept never grows stale.
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(_file(path), headers=headers, media_type=media_type)


@cache
def _digest() -> str:
    return blake2s(b"".join(_file(path) for path, _ in ASSETS.values()), digest_size=6).hexdigest()


@cache
def _file(path: str) -> bytes:
    return (files(__package__) / path).read_bytes()
