"""Files of frameworks, as they go over the wire."""

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.competencies.schemas import DifferenceOut
from app.competencies.vocabulary import Domain
from app.core.files.encodings import Encoding
from app.core.pages import Query
from app.core.schemas import Code

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA_TYPES = {"application/json": ".json", "text/csv": ".csv", XLSX: ".xlsx"}
"""In which frameworks are sent, with the ending of such a file's name."""


class FrameworkFileQuery(Query):
    format: Literal["case", "csv", "xlsx"] = Field(
        "case", description="`case`: a package of CASE 1.1, for other systems"
    )


class FrameworkImportQuery(Query):
    framework: UUID | None = Field(
        None, description="Of which framework it becomes the draft; unsaid, of a new one"
    )
    code: Code | None = Field(
        None, description="Of a new framework, where the file does not say it", examples=[None]
    )
    organization: UUID | None = Field(
        None, description="Whose a new framework is; unsaid, your own organisation's"
    )
    domain: Domain | None = Field(None, description="Of what does not say its own")
    encoding: Encoding | None = Field(
        None, description="Of a CSV file, where it was asked for", examples=[None]
    )
    dry_run: bool = Field(default=True, description="Only tell what would change, write nothing")


class FrameworkImportCounts(BaseModel):
    added: int = Field(examples=[62])
    removed: int = Field(examples=[0])
    moved: int = Field(examples=[0])
    changed: int = Field(examples=[0])


class FrameworkImportOut(BaseModel):
    """What a file makes otherwise than the version before."""

    model_config = ConfigDict(from_attributes=True)

    dry_run: bool
    framework_id: UUID | None = Field(description="Null for a new one that was not written")
    framework_version_id: UUID | None = Field(description="The draft; null after a dry run")
    counts: FrameworkImportCounts
    differences: list[DifferenceOut] = Field(description="In the order of the tree")


_UUID = "6f1c2a8e-3b52-4d0c-9a77-2f4f6f0b1{:03}"
_AT = "2026-06-30T00:00:00.000Z"


def _example(kind: str, number: int, **more: Any) -> dict[str, Any]:
    identifier = _UUID.format(number)
    uri = f"https://khung.example/{kind}/{identifier}"
    return {"identifier": identifier, "uri": uri, "lastChangeDateTime": _AT, **more}


def _linked(kind: str, number: int, title: str) -> dict[str, Any]:
    said = _example(kind, number, title=title)
    return {name: said[name] for name in ("title", "identifier", "uri")}


_TITLE, _NAME = "Khung năng lực mẫu", "Lễ tân đối ngoại"
PACKAGE = {
    "CFDocument": _example(
        "CFDocuments",
        1,
        creator="Học viện Ngoại giao",
        title=_TITLE,
        language="vi",
        extensions={"banggiao": {"code": "KNL-MAU"}},
    ),
    "CFItems": [
        _example("CFItems", 2, fullStatement=_NAME, humanCodingScheme="LT", subject=["Kỹ năng"])
    ],
    "CFAssociations": [
        _example(
            "CFAssociations",
            3,
            associationType="isChildOf",
            sequenceNumber=1,
            originNodeURI=_linked("CFItems", 2, _NAME),
            destinationNodeURI=_linked("CFDocuments", 1, _TITLE),
        )
    ],
}
"""The smallest CASE package that may be sent."""
PARTS = ("CFDocument", "CFItems", "CFAssociations", "CFDefinitions", "CFRubrics", "extensions")
_LISTED = {"type": "array", "items": {"type": "object"}}
_OBJECT = {"type": "object"}
PACKAGE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "CasePackage",
    "properties": {
        "CFDocument": _OBJECT,
        "CFItems": _LISTED,
        "CFAssociations": _LISTED,
        "CFDefinitions": _OBJECT,
        "CFRubrics": _LISTED,
        "extensions": _OBJECT,
    },
    "required": ["CFDocument"],
    "additionalProperties": False,
    "examples": [{"CFDocument": {"identifier": _UUID.format(1), "language": "vi"}}],
}
"""CASE 1.1 itself describes what is inside."""
TABLE = (
    "kind;code;parent;domain;name_vi;name_en\r\n"
    "area;DN;;;Nghiệp vụ đối ngoại;Diplomatic practice\r\n"
    "competency;DN.01;DN;skill;Lễ tân đối ngoại;Diplomatic protocol\r\n"
)
