"""A CASE 1.1 package as it may come: each part as the official schema has it.

It only judges: what is read is what came. And it stops early, for a file may hold millions of
mistakes: at the first element of a list within a part, and at what has too many properties.
"""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, FailFast, Field, model_validator
from pydantic_core import PydanticKnownError

_NAMES = "isChildOf|isPeerOf|isPartOf|exactMatchOf|precedes|isRelatedTo|replacedBy|exemplar"

CaseId = Annotated[
    str,
    Field(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"),
]
CaseUri = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9+.-]*:[!-~]+$", max_length=2000)]
CaseDay = Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
CaseMoment = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt]"
        r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?"
        r"([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
    ),
]
CaseInteger = Annotated[int, Field(ge=-(2**31), lt=2**31)]
AssociationType = Annotated[
    str, Field(pattern=rf"^({_NAMES}|hasSkillLevel|isTranslationOf|ext:[a-zA-Z0-9._-]+)$")
]
_ABSENT: Any = None
"""What a part leaves out, which is no null: CASE has none."""
_MOST_PROPERTIES = 100

T = TypeVar("T")
Listed = Annotated[list[T], FailFast()]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _not_too_large(cls, said: Any) -> Any:
        if isinstance(said, dict) and len(said) > _MOST_PROPERTIES:
            sizes = {"max_length": _MOST_PROPERTIES, "actual_length": len(said)}
            raise PydanticKnownError("too_long", {"field_type": "Dictionary", **sizes})
        return said


class Link(Part):
    title: str
    identifier: CaseId
    uri: CaseUri


class LooseLink(Part):
    """To whatever there is, here or elsewhere."""

    title: str
    identifier: str
    uri: CaseUri
    targetType: Annotated[str, Field(pattern=r"^(CASE|ext:[a-zA-Z0-9._-]+)$")] = _ABSENT


class Identified(Part):
    identifier: CaseId
    uri: CaseUri
    lastChangeDateTime: CaseMoment
    extensions: dict[str, Any] = _ABSENT


class CaseDocument(Identified):
    creator: str
    title: str
    frameworkType: str = _ABSENT
    caseVersion: Literal["1.1"] = _ABSENT
    officialSourceURL: CaseUri = _ABSENT
    publisher: str = _ABSENT
    description: str = _ABSENT
    subject: Listed[str] = _ABSENT
    subjectURI: Listed[Link] = _ABSENT
    language: str = _ABSENT
    version: str = _ABSENT
    adoptionStatus: str = _ABSENT
    statusStartDate: CaseDay = _ABSENT
    statusEndDate: CaseDay = _ABSENT
    licenseURI: Link = _ABSENT
    notes: str = _ABSENT


class CaseItem(Identified):
    fullStatement: Annotated[str, Field(min_length=1)]
    alternativeLabel: str = _ABSENT
    CFItemType: str = _ABSENT
    humanCodingScheme: str = _ABSENT
    listEnumeration: str = _ABSENT
    abbreviatedStatement: str = _ABSENT
    conceptKeywords: Listed[str] = _ABSENT
    conceptKeywordsURI: Link = _ABSENT
    notes: str = _ABSENT
    subject: Listed[str] = _ABSENT
    subjectURI: Listed[Link] = _ABSENT
    language: str = _ABSENT
    educationLevel: Listed[str] = _ABSENT
    CFItemTypeURI: Link = _ABSENT
    licenseURI: Link = _ABSENT
    statusStartDate: CaseDay = _ABSENT
    statusEndDate: CaseDay = _ABSENT


class CaseAssociation(Identified):
    associationType: AssociationType
    sequenceNumber: CaseInteger = _ABSENT
    originNodeURI: LooseLink
    destinationNodeURI: LooseLink
    CFAssociationGroupingURI: Link = _ABSENT
    notes: str = _ABSENT


class CaseRubricCriterionLevel(Part):
    """Here alone extensions are a list."""

    identifier: CaseId
    uri: CaseUri
    lastChangeDateTime: CaseMoment
    description: str = _ABSENT
    quality: str = _ABSENT
    score: float = _ABSENT
    feedback: str = _ABSENT
    position: CaseInteger = _ABSENT
    rubricCriterionId: CaseId = _ABSENT
    extensions: Listed[dict[str, Any]] = _ABSENT


class CaseRubricCriterion(Identified):
    category: str = _ABSENT
    description: str = _ABSENT
    CFItemURI: Link = _ABSENT
    weight: float = _ABSENT
    position: CaseInteger = _ABSENT
    rubricId: CaseId = _ABSENT
    CFRubricCriterionLevels: Listed[CaseRubricCriterionLevel] = _ABSENT


class CaseRubric(Identified):
    title: str = _ABSENT
    description: str = _ABSENT
    CFRubricCriteria: Listed[CaseRubricCriterion] = _ABSENT


class _Defined(Identified):
    title: str


class CaseConcept(_Defined):
    keywords: str = _ABSENT
    hierarchyCode: str
    description: str = _ABSENT


class CaseSubject(_Defined):
    hierarchyCode: str
    description: str = _ABSENT


class CaseLicense(_Defined):
    description: str = _ABSENT
    licenseText: str


class CaseItemType(_Defined):
    description: str
    hierarchyCode: str
    typeCode: str = _ABSENT


class CaseAssociationGrouping(_Defined):
    description: str = _ABSENT


class CaseDefinitions(Part):
    CFConcepts: Listed[CaseConcept] = _ABSENT
    CFSubjects: Listed[CaseSubject] = _ABSENT
    CFLicenses: Listed[CaseLicense] = _ABSENT
    CFItemTypes: Listed[CaseItemType] = _ABSENT
    CFAssociationGroupings: Listed[CaseAssociationGrouping] = _ABSENT
    extensions: dict[str, Any] = _ABSENT


class CasePackage(Part):
    CFDocument: CaseDocument
    CFItems: Listed[CaseItem] = _ABSENT
    CFAssociations: Listed[CaseAssociation] = _ABSENT
    CFDefinitions: CaseDefinitions = _ABSENT
    CFRubrics: Listed[CaseRubric] = _ABSENT
    extensions: dict[str, Any] = _ABSENT


class OwnLevel(Part):
    """A level of a scale, in `extensions` of its rubric."""

    level: int
    name_vi: str
    name_en: str
    description_vi: str = _ABSENT
    description_en: str = _ABSENT


class OwnRubric(Part):
    name_vi: str = _ABSENT
    name_en: str = _ABSENT
    proficient_level: int
    levels: Listed[OwnLevel]


class OwnItem(Part):
    rule: str = _ABSENT
    name_vi: str = _ABSENT
    name_en: str = _ABSENT
    description_vi: str = _ABSENT
    description_en: str = _ABSENT


class OwnDocument(Part):
    code: str = _ABSENT
    title_vi: str = _ABSENT
    title_en: str = _ABSENT
    description_vi: str = _ABSENT
    description_en: str = _ABSENT
