"""Pages that people see when they sign in: plain HTML, which works without scripts.

The English texts stand in the templates, `say("Sign in")`; the Vietnamese ones in `[pages]` of
this package's vi.toml, by the English ones.
"""

from functools import cache, partial
from hashlib import blake2s
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from fastapi import Response

from app.core.languages import Language, vietnamese

if TYPE_CHECKING:
    from jinja2 import Environment

STYLES = "pages.css"
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action {targets};"
    " frame-ancestors 'none'; base-uri 'none'"
)


def page(
    template: str,
    language: Language,
    status: int = 200,
    *,
    sent_to: str | None = None,
    **values: Any,
) -> Response:
    """`sent_to` is where the page's form may lead in the end, if not back to us."""
    shown = _templates().get_template(template)
    html = shown.render(language=language, say=partial(say, language), styles=_digest(), **values)
    targets = "'self'" if sent_to is None else f"'self' {_origin(sent_to)}"
    headers = {
        "Content-Security-Policy": _POLICY.format(targets=targets),
        "Content-Language": language,
        "Vary": "Accept-Language, Cookie",
    }
    return Response(html, status, headers, media_type="text/html")


def say(language: Language, text: str, **facts: object) -> str:
    """The text in the language; English where the catalogue lacks it, which a test forbids."""
    said = vietnamese()["pages"].get(text, text) if language == "vi" else text
    return str(said.format(**facts))


@cache
def styles() -> bytes:
    return (files(__package__) / STYLES).read_bytes()


@cache
def _digest() -> str:
    return blake2s(styles(), digest_size=6).hexdigest()


@cache
def _templates() -> "Environment":
    """Takes 2 MB, which a process that nobody signs in to need not have."""
    from jinja2 import (  # noqa: PLC0415
        Environment,
        PackageLoader,
        StrictUndefined,
        select_autoescape,
    )

    return Environment(
        loader=PackageLoader(__package__ or "", "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _origin(address: str) -> str:
    """A scheme of its own, as a program on a telephone has, is named alone."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"
