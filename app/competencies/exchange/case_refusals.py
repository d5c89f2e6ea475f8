"""Refusals of CASE endpoints, in the form that CASE gives them (imsx_StatusInfo)."""

from starlette.responses import JSONResponse

from app.competencies.exchange.case_words import PATH
from app.core.languages import Language
from app.core.problems import ENVELOPES, InvalidRequest, Problem


class CaseIdentifierInvalid(Problem):
    status, title = 404, "No identifier"
    detail = "An identifier is a UUID of version 1 to 5, in small letters."


class CaseObjectUnknown(Problem):
    status, title = 404, "Unknown object"
    detail = "There is nothing with this identifier, or it is not yours to see."


class CaseSelectionInvalid(Problem):
    status, title = 400, "Unknown selection"
    detail = "`fields`, `filter`, `limit`, `offset` or `orderBy` is not as CASE 1.1 has it."


_MINOR = {
    401: "unauthorised_request",
    403: "forbidden",
    404: "unknownobject",
    429: "server_busy",
    503: "server_busy",
}
_OTHERS = {
    CaseIdentifierInvalid.slug: "invalid_uuid",
    CaseSelectionInvalid.slug: "invalid_selection_field",
}


def enveloped(problem: Problem, language: Language) -> JSONResponse:
    """An address or a header that cannot be is a 400 to CASE, which knows no 422."""
    status = 400 if problem.status == InvalidRequest.status else problem.status
    minor = _OTHERS.get(problem.slug) or _MINOR.get(status)
    minor = minor or ("invalid_selection_field" if status < 500 else "internal_server_error")  # noqa: PLR2004
    title, detail = problem.template(language)
    said = f"{title}. {detail.format(**problem.facts)}"
    body = {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_description": said,
        "imsx_codeMinor": {
            "imsx_codeMinorField": [
                {"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": minor}
            ]
        },
    }
    headers = {"Content-Language": language, "Vary": "Accept-Language", **problem.headers}
    return JSONResponse(body, status, headers)


ENVELOPES[f"{PATH}/"] = enveloped
