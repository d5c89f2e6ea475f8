"""Materials and their versions, as they go over the wire."""

from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from app.core import examples
from app.core.pages import PageQuery, Query, sorting
from app.core.schemas import Body, EntityOut, Instant, Line, Paragraph, Writable
from app.core.text import fold
from app.materials.vocabulary import (
    Extraction,
    FileName,
    Language,
    Scan,
    VersionKind,
    Visibility,
)

Address = Annotated[
    str, Field(max_length=2000, pattern=r"^https://[^\s/?#@\\]+([/?#][^\s\\]*)?$"), Writable
]


class MaterialIn(Body):
    title_vi: Line = Field(examples=["Cẩm nang lễ tân đối ngoại"])
    title_en: Line = Field(examples=["Handbook of diplomatic protocol"])
    description_vi: Paragraph | None = Field(None, examples=["Dùng trong các lớp cơ bản."])
    description_en: Paragraph | None = Field(None, examples=["For basic courses."])
    language: Language = Field(description="Code of ISO 639-1", examples=["vi"])
    licence: Line | None = Field(
        None, description="On what terms others may use it", examples=["CC BY-SA 4.0"]
    )
    visibility: Visibility = Field(examples=["public"])


class MaterialCreate(MaterialIn):
    organization_id: UUID | None = Field(
        None, description="Your own organisation when unsaid", examples=[None]
    )


class MaterialOut(EntityOut):
    organization_id: UUID = Field(description="Whose it is")
    title_vi: str = Field(examples=["Cẩm nang lễ tân đối ngoại"])
    title_en: str = Field(examples=["Handbook of diplomatic protocol"])
    description_vi: str | None = Field(examples=["Dùng trong các lớp cơ bản."])
    description_en: str | None = Field(examples=["For basic courses."])
    language: str = Field(description="Code of ISO 639-1", examples=["vi"])
    licence: str | None = Field(examples=["CC BY-SA 4.0"])
    visibility: Visibility
    current_version_id: UUID | None = Field(description="The newest version that is given out")
    snippet: str | None = Field(
        description="Where its text has the words of a search", examples=[None]
    )


class MaterialQuery(PageQuery):
    sortable: ClassVar = ("title", "created_at")
    shape: ClassVar = MaterialOut

    q: Annotated[str, Field(min_length=1, max_length=200), Writable] | None = Field(
        None,
        description="With all these words in titles, descriptions or the text of the current"
        " version, with or without accents; sorted by relevance unless `sort` is given",
        examples=["le tan"],
    )
    organization: UUID | None = Field(None, description="Of this organisation")
    language: Language | None = Field(None, description="In this language", examples=["vi"])
    visibility: Visibility | None = Field(None, description="With this visibility")
    sort: str = sorting("-created_at", sortable)

    @field_validator("q")
    @classmethod
    def _searchable(cls, words: str | None) -> str | None:
        """From here on `q` is folded, as what it is looked for in."""
        if words is None or (folded := fold(words)):
            return words and folded
        raise PydanticCustomError("nothing_to_search", "Give at least one letter or digit.")

    @model_validator(mode="after")
    def _by_relevance(self) -> Self:
        """Which only a search has, so nobody else may name it."""
        if self.q is not None and "sort" not in self.model_fields_set:
            self.sort = "-relevance"
        return self


class FileQuery(Query):
    """Of a file that is sent; a form tells its name by itself."""

    file_name: FileName | None = Field(
        None,
        description="The name under which the file is downloaded. A form names its file itself",
        examples=[examples.MATERIAL_FILE],
    )


class LinkIn(Body):
    url: Address = Field(
        description="Where it is, by HTTPS; it is not looked at",
        examples=["https://www.example.org/vienna-convention-1961"],
    )


class MaterialVersionOut(EntityOut):
    organization_id: UUID = Field(description="Whose the material is")
    material_id: UUID
    number: int = Field(description="Counts the versions of the material", examples=[1])
    kind: VersionKind
    url: str | None = Field(description="Of a link", examples=[None])
    file_name: str | None = Field(examples=["cam-nang-le-tan.pdf"])
    media_type: str | None = Field(
        description="What the content of the file is", examples=["application/pdf"]
    )
    bytes: int | None = Field(examples=[482113])
    sha256: str | None = Field(
        description="Of the content, in hexadecimal digits; its ETag, too",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )
    scan: Scan
    scanned_at: Instant | None
    found: str | None = Field(description="What the antivirus found", examples=[None])
    extraction: Extraction
    pages: int | None = Field(
        description="Of a document or a presentation, where that is known", examples=[24]
    )
    characters: int | None = Field(
        description="How many characters of it are searched", examples=[48211]
    )


class MaterialVersionQuery(PageQuery):
    sortable: ClassVar = ("created_at", "number")
    shape: ClassVar = MaterialVersionOut

    material: UUID | None = Field(None, description="Of this material")
    sort: str = sorting("-created_at", sortable)
