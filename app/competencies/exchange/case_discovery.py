"""What CASE 1.1 has each provider tell of itself: an OpenAPI document with its own address.

Names of operations and schemas are CASE's, so that programs generated from it are the same as from
1EdTech's file; which is not for us to change, so the rest is in our words.
"""

import re
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from app.access.permissions import Permission
from app.competencies.exchange import case_schemas as case
from app.competencies.exchange.case_words import PATH

Said = dict[str, Any]
FILE = "discovery/imscasev1p1_openapi3_v1p0.json"


class Document(case.CaseDocument):
    CFPackageURI: case.Link


class Item(case.CaseItem):
    CFDocumentURI: case.Link


class Association(case.CaseAssociation):
    CFDocumentURI: case.Link = case.ABSENT


class DocumentSet(case.Part):
    CFDocuments: Annotated[list[Document], Field(min_length=1)]


class AssociationSet(case.Part):
    CFItem: Item
    CFAssociations: Annotated[list[case.CaseAssociation], Field(min_length=1)]


class ConceptSet(case.Part):
    CFConcepts: Annotated[list[case.CaseConcept], Field(min_length=1)]


class SubjectSet(case.Part):
    CFSubjects: Annotated[list[case.CaseSubject], Field(min_length=1)]


class ItemTypeSet(case.Part):
    CFItemTypes: Annotated[list[case.CaseItemType], Field(min_length=1)]


class CodeMinorField(case.Part):
    imsx_codeMinorFieldName: str
    imsx_codeMinorFieldValue: str


class CodeMinor(case.Part):
    imsx_codeMinorField: Annotated[list[CodeMinorField], Field(min_length=1)]


class StatusInfo(case.Part):
    """A refusal."""

    imsx_codeMajor: Literal["failure"]
    imsx_severity: Literal["error"]
    imsx_description: str = case.ABSENT
    imsx_codeMinor: CodeMinor = case.ABSENT


ANSWERS: dict[str, tuple[str, type[BaseModel]]] = {
    "/CFDocuments": ("getAllCFDocuments", DocumentSet),
    "/CFDocuments/{sourcedId}": ("getCFDocument", Document),
    "/CFPackages/{sourcedId}": ("getCFPackage", case.CasePackage),
    "/CFItems/{sourcedId}": ("getCFItem", Item),
    "/CFItemAssociations/{sourcedId}": ("getCFItemAssociations", AssociationSet),
    "/CFAssociations/{sourcedId}": ("getCFAssociation", Association),
    "/CFRubrics/{sourcedId}": ("getCFRubric", case.CaseRubric),
    "/CFConcepts/{sourcedId}": ("getCFConcept", ConceptSet),
    "/CFSubjects/{sourcedId}": ("getCFSubject", SubjectSet),
    "/CFItemTypes/{sourcedId}": ("getCFItemType", ItemTypeSet),
    "/CFLicenses/{sourcedId}": ("getCFLicense", case.CaseLicense),
    "/CFAssociationGroupings/{sourcedId}": (
        "getCFAssociationGrouping",
        case.CaseAssociationGrouping,
    ),
}
"""What is read where: CASE's name of the operation, and what it answers."""
_NAMES = {
    "Link": "LinkURIDType",
    "LooseLink": "LinkGenURIDType",
    **{f"Case{part}": f"CFPckg{part}DType" for part in ("Document", "Item", "Association")},
    "CaseDefinitions": "CFDefinitionDType",
    **{name: f"imsx_{name}DType" for name in ("StatusInfo", "CodeMinor", "CodeMinorField")},
}
"""Of schemas, where CASE's is not CF…DType."""
_REFUSALS = {
    "400": "The selection or the address is not as CASE has it",
    "401": "Without a token, or with one that is good no more",
    "403": "With a token that may not read frameworks",
    "404": "No identifier, or of nothing that the caller sees",
    "429": "Too often; `Retry-After` says when again",
    "500": "A fault of the service",
    "default": "Any other refusal",
}
_ID: Said = {
    "name": "sourcedId",
    "in": "path",
    "required": True,
    "description": "A UUID, in small letters",
    "schema": {"type": "string"},
}
_COUNT = {"type": "integer", "format": "int32"}
_SELECTION: dict[str, tuple[str, Said]] = {
    "limit": ("How many: 100 unless told, 1000 at most", _COUNT | {"minimum": 1}),
    "offset": ("How many to pass over", _COUNT | {"minimum": 0, "default": 0}),
    "sort": ("By which property", {"type": "string"}),
    "orderBy": ("In which order", {"type": "string", "enum": ["asc", "desc"]}),
    "filter": ("Such as title~'ngoại' AND language='vi'", {"type": "string"}),
    "fields": ("Only these properties", {"type": "array", "items": {"type": "string"}}),
}


@lru_cache(maxsize=8)
def discovery(root: str) -> Said:
    """The document of the service at this address."""
    scopes = {Permission.FRAMEWORKS_READ: "Read frameworks"}
    flow = {"tokenUrl": f"{root}/oauth/token", "scopes": scopes}
    token = {"type": "oauth2", "flows": {"clientCredentials": flow}}
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Bang Giao: competency frameworks, as CASE 1.1 has them",
            "version": "1.1",
            "description": "What the service provides of 1EdTech's Competencies and Academic"
            " Standards Exchange 1.1.",
        },
        "servers": [{"url": f"{root}{PATH}"}],
        "security": [{"oauth2": [Permission.FRAMEWORKS_READ]}],
        "paths": {path: {"get": _operation(path)} for path in ANSWERS},
        "components": {"securitySchemes": {"oauth2": token}, "schemas": _schemas()},
    }


def _operation(path: str) -> Said:
    name, answer = ANSWERS[path]
    found: Said = {"description": "Found"} | _content(answer)
    parameters = [_ID]
    if path == "/CFDocuments":
        found["headers"] = {"X-Total-Count": {"schema": _COUNT, "description": "How many match"}}
        parameters = [
            {"name": given, "in": "query", "description": told, "schema": schema}
            for given, (told, schema) in _SELECTION.items()
        ]
    refused = {
        status: {"description": told} | _content(StatusInfo) for status, told in _REFUSALS.items()
    }
    return {"operationId": name, "parameters": parameters, "responses": {"200": found} | refused}


def _content(answer: type[BaseModel]) -> Said:
    schema = {"$ref": f"#/components/schemas/{_named(answer.__name__)}"}
    return {"content": {"application/json": {"schema": schema}}}


def _named(model: str) -> str:
    return _NAMES.get(model) or f"CF{model.removeprefix('Case')}DType"


def _schemas() -> Said:
    kinds: list[type[BaseModel]] = [StatusInfo, *(answer for _, answer in ANSWERS.values())]
    template = "#/components/schemas/{model}"
    _, made = models_json_schema([(kind, "validation") for kind in kinds], ref_template=template)
    schemas = {_named(name): _as_of_3_0(schema) for name, schema in made["$defs"].items()}
    return dict(sorted(schemas.items()))


def _as_of_3_0(schema: Any) -> Any:
    """As OpenAPI 3.0 has it, without titles that only say the name again, and without nulls."""
    if isinstance(schema, list):
        return [_as_of_3_0(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    said: Said = {}
    for key, value in schema.items():
        if key == "properties":
            said[key] = {name: _as_of_3_0(of) for name, of in value.items()}
        elif key == "$ref":
            said[key] = re.sub(r"\w+$", lambda found: _named(found[0]), value)
        elif key == "const":
            said["enum"] = [value]
        elif key not in ("title", "default"):
            said[key] = _as_of_3_0(value)
    return said
