"""Errors a client can act on, as application/problem+json (RFC 9457), in the client's language.

A refusal is a class: its name is the problem type, its `detail` says what to do. Database
constraints are named after the rule they keep ("external_id_taken"), and the class that names one
is what its violation answers, so services never check first and insert after.
"""

from collections.abc import Callable, Mapping
from re import sub
from typing import Any, ClassVar

from pydantic import BaseModel, Field
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import Scope

from app.core.languages import Language, preferred, vietnamese

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """A refusal. A subclass is three words: its status, a title, and a detail that says what to do.

    `detail` is a template; the facts of an occurrence fill it in. `constraint` names the database
    constraint whose violation this is, or several of the same rule, separated by spaces. `members`
    names the facts that the answer has as members of its own (RFC 9457, 3.2), for a program to work
    with.
    """

    status: ClassVar[int]
    title: ClassVar[str]
    detail: ClassVar[str]
    slug: ClassVar[str]
    constraint: ClassVar[str | None] = None
    members: ClassVar[tuple[str, ...]] = ()
    headers: Mapping[str, str] = {}

    def __init__(self, *, errors: list[dict[str, Any]] | None = None, **facts: object) -> None:
        super().__init__(self.slug)
        self.facts = facts
        self.errors = errors

    def __init_subclass__(cls) -> None:
        cls.slug = sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()
        PROBLEMS[cls.slug] = cls
        for name in (cls.constraint or "").split():
            VIOLATIONS[name] = cls

    @classmethod
    def template(cls, language: Language) -> tuple[str, str]:
        """Title and detail in a language; English when the catalogue has no Vietnamese."""
        if language == "vi" and (said := vietnamese()["problems"].get(cls.slug)):
            return said["title"], said["detail"]
        return cls.title, cls.detail


PROBLEMS: dict[str, type[Problem]] = {}
VIOLATIONS: dict[str, type[Problem]] = {}


class Unauthenticated(Problem):
    status, title = 401, "Not signed in"
    detail = "Send a valid access token as `Authorization: Bearer ...`."
    headers: Mapping[str, str] = {"WWW-Authenticate": "Bearer"}


class Forbidden(Problem):
    status, title = 403, "Not permitted"
    detail = (
        "It takes the permission {permission}, which your role, or this token, does not give. Ask"
        " an administrator of the Academy."
    )


class NotFound(Problem):
    status, title = 404, "Not found"
    detail = "There is nothing here, or it is not yours to see. Check the address and the id."


class MethodNotAllowed(Problem):
    status, title = 405, "Method not allowed"
    detail = "This address does not take this method; the Allow header lists those it takes."


class Outdated(Problem):
    status, title = 412, "Changed meanwhile"
    detail = "Somebody changed it since you read it. Read it again and repeat your change."


class ContentTooLarge(Problem):
    status, title = 413, "Content too large"
    detail = "The body may have at most {limit} bytes. Send less at once."


class UriTooLong(Problem):
    status, title = 414, "Address too long"
    detail = "The address may have at most {limit} bytes. Use fewer or shorter parameters."


class UnsupportedMediaType(Problem):
    status, title = 415, "Unsupported media type"
    detail = "Send the body as {expected}, without Content-Encoding."


class InvalidRequest(Problem):
    status, title = 422, "Invalid request"
    detail = "`errors` lists everything that is wrong; correct all of it and send again."


class VersionRequired(Problem):
    status, title = 428, "Version required"
    detail = "Read it first, then send the ETag you got as If-Match."


class TooManyRequests(Problem):
    status, title = 429, "Too many requests"
    detail = "Wait {seconds} seconds, then send again."


class HeadersTooLarge(Problem):
    status, title = 431, "Headers too large"
    detail = "All headers together may have at most {limit} bytes."


class InternalError(Problem):
    status, title = 500, "Our mistake"
    detail = "This should not have happened. Tell the Academy the trace_id of this answer."


class Unavailable(Problem):
    status, title = 503, "Not available now"
    detail = "The service cannot reach its data at this moment. Nothing was changed; try again."
    headers: Mapping[str, str] = {"Retry-After": "2"}


class FieldError(BaseModel):
    """One thing that is wrong with a request."""

    source: str = Field(
        serialization_alias="in", description="body, query, path or header", examples=["body"]
    )
    pointer: str = Field(description="JSON pointer to the value", examples=["/full_name"])
    code: str = Field(description="Stable name of the mistake", examples=["string_too_short"])
    message: str = Field(description="What is wrong, in the client's language")


class ProblemOut(BaseModel):
    """A refusal, as RFC 9457 has it."""

    type: str = Field(description="Stable name of the refusal; it leads to what it means")
    title: str
    status: int
    detail: str = Field(description="What to do, in the client's language")
    instance: str = Field(description="The path that was called")
    trace_id: str = Field(description="Tell it when you ask for help")
    errors: list[FieldError] | None = Field(
        None, description="Everything that is wrong with the request"
    )


def problems(*kinds: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route that may refuse so; its types are listed in the document."""
    grouped: dict[int | str, list[type[Problem]]] = {}
    for kind in kinds:
        grouped.setdefault(kind.status, []).append(kind)
    return {
        status: {"model": ProblemOut, "x-problems": [kind.slug for kind in group]}
        for status, group in grouped.items()
    }


ENVELOPES: dict[str, Callable[[Problem, Language], JSONResponse]] = {}
"""Below these paths a standard of others says what a refusal looks like."""


def answer(problem: Problem, scope: Scope) -> JSONResponse:
    """The problem as a response to the request, in the language that it prefers."""
    language = preferred(Headers(scope=scope).get("accept-language"))
    for path, enveloped in ENVELOPES.items():
        if scope["path"].startswith(path):
            return enveloped(problem, language)
    trace_id = scope.get("state", {}).get("request_id", "")
    body = written(problem, language, scope["path"], trace_id)
    headers = {"Content-Language": language, "Vary": "Accept-Language", **problem.headers}
    return JSONResponse(body, problem.status, headers, media_type=MEDIA_TYPE)


def written(problem: Problem, language: Language, path: str, trace_id: str) -> dict[str, Any]:
    """The problem as a ProblemOut."""
    title, detail = problem.template(language)
    body: dict[str, Any] = {
        "type": f"/problems/{problem.slug}",
        "title": title,
        "status": problem.status,
        "detail": detail.format(**problem.facts),
        "instance": path,
        "trace_id": trace_id,
        **{name: problem.facts[name] for name in problem.members},
    }
    if problem.errors is not None:
        body["errors"] = [_said(error, language) for error in problem.errors]
    return body


def _said(error: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """A Pydantic error as a client reads it. The value itself is never repeated: it may be private.

    https://docs.pydantic.dev/latest/errors/validation_errors/ lists the codes.
    """
    source, *path = error["loc"] or ("body",)
    return {
        "in": source,
        # What is wrong with a key itself, Pydantic places at `[key]` below it.
        "pointer": "".join(f"/{_escaped(part)}" for part in path if part != "[key]"),
        "code": error["type"],
        "message": in_words(error, language),
    }


def in_words(error: Mapping[str, Any], language: Language) -> str:
    """What a Pydantic error says, in a language."""
    if language == "vi" and (template := vietnamese()["validation"].get(error["type"])):
        return _filled(template, error.get("ctx") or {})
    return str(error["msg"])


def _escaped(part: object) -> str:
    """RFC 6901: `~` and `/` in a name are written ~0 and ~1."""
    return str(part).encode("utf-8", "replace").decode().replace("~", "~0").replace("/", "~1")


def _filled(template: str, facts: Mapping[str, Any]) -> str:
    """Pydantic lists what it expects as `'a', 'b' or 'c'`."""
    for name, fact in facts.items():
        template = template.replace("{" + name + "}", str(fact).replace("' or '", "' hoặc '"))
    return template


def invalid(code: str, message: str, *loc: str | int, **facts: object) -> InvalidRequest:
    """A refusal of one value, for rules that no schema can state."""
    return InvalidRequest(errors=[{"loc": loc, "type": code, "msg": message, "ctx": facts}])


def not_to_be_named(*path: str | int) -> dict[str, Any]:
    """One of the `errors` of an InvalidRequest: at that place of the body is the id of what is not
    there, or not to be seen. Services collect them, for all of them are told at once."""
    message = "There is none with this id that you may name here."
    refusal = invalid("not_to_be_named", message, "body", *path)
    return (refusal.errors or [])[0]
