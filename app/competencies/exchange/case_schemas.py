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
CaseInteger = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
AssociationType = Annotated[
    str, Field(pattern=rf"^({_NAMES}|hasSkillLevel|isTranslationOf|ext:[a-zA-Z0-9._-]+)$")
]
ABSENT: Any = None
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
    targetType: Annotated[str, Field(pattern=r"^(CASE|ext:[a-zA-Z0-9._-]+)$")] = ABSENT


class Identified(Part):
    identifier: CaseId
    uri: CaseUri
    lastChangeDateTime: CaseMoment
    extensions: dict[str, Any] = ABSENT


class CaseDocument(Identified):
    creator: str
    title: str
    frameworkType: str = ABSENT
    caseVersion: Literal["1.1"] = ABSENT
    officialSourceURL: CaseUri = ABSENT
    publisher: str = ABSENT
    description: str = ABSENT
    subject: Listed[str] = ABSENT
    subjectURI: Listed[Link] = ABSENT
    language: str = ABSENT
    version: str = ABSENT
    adoptionStatus: str = ABSENT
    statusStartDate: CaseDay = ABSENT
    statusEndDate: CaseDay = ABSENT
    licenseURI: Link = ABSENT
    notes: str = ABSENT


class CaseItem(Identified):
    fullStatement: Annotated[str, Field(min_length=1)]
    alternativeLabel: str = ABSENT
    CFItemType: str = ABSENT
    humanCodingScheme: str = ABSENT
    listEnumeration: str = ABSENT
    abbreviatedStatement: str = ABSENT
    conceptKeywords: Listed[str] = ABSENT
    conceptKeywordsURI: Link = ABSENT
    notes: str = ABSENT
    subject: Listed[str] = ABSENT
    subjectURI: Listed[Link] = ABSENT
    language: str = ABSENT
    educationLevel: Listed[str] = ABSENT
    CFItemTypeURI: Link = ABSENT
    licenseURI: Link = ABSENT
    statusStartDate: CaseDay = ABSENT
    statusEndDate: CaseDay = ABSENT


class CaseAssociation(Identified):
    associationType: AssociationType
    sequenceNumber: CaseInteger = ABSENT
    originNodeURI: LooseLink
    destinationNodeURI: LooseLink
    CFAssociationGroupingURI: Link = ABSENT
    notes: str = ABSENT


class CaseRubricCriterionLevel(Part):
    """Here alone extensions are a list."""

    identifier: CaseId
    uri: CaseUri
    lastChangeDateTime: CaseMoment
    description: str = ABSENT
    quality: str = ABSENT
    score: float = ABSENT
    feedback: str = ABSENT
    position: CaseInteger = ABSENT
    rubricCriterionId: CaseId = ABSENT
    extensions: Listed[dict[str, Any]] = ABSENT


class CaseRubricCriterion(Identified):
    category: str = ABSENT
    description: str = ABSENT
    CFItemURI: Link = ABSENT
    weight: float = ABSENT
    position: CaseInteger = ABSENT
    rubricId: CaseId = ABSENT
    CFRubricCriterionLevels: Listed[CaseRubricCriterionLevel] = ABSENT


class CaseRubric(Identified):
    title: str = ABSENT
    description: str = ABSENT
    CFRubricCriteria: Listed[CaseRubricCriterion] = ABSENT


class _Defined(Identified):
    title: str


class CaseConcept(_Defined):
    keywords: str = ABSENT
    hierarchyCode: str
    description: str = ABSENT


class CaseSubject(_Defined):
    hierarchyCode: str
    description: str = ABSENT


class CaseLicense(_Defined):
    description: str = ABSENT
    licenseText: str


class CaseItemType(_Defined):
    description: str
    hierarchyCode: str
    typeCode: str = ABSENT


class CaseAssociationGrouping(_Defined):
    description: str = ABSENT


class CaseDefinitions(Part):
    CFConcepts: Listed[CaseConcept] = ABSENT
    CFSubjects: Listed[CaseSubject] = ABSENT
    CFLicenses: Listed[CaseLicense] = ABSENT
    CFItemTypes: Listed[CaseItemType] = ABSENT
    CFAssociationGroupings: Listed[CaseAssociationGrouping] = ABSENT
    extensions: dict[str, Any] = ABSENT


class CasePackage(Part):
    CFDocument: CaseDocument
    CFItems: Listed[CaseItem] = ABSENT
    CFAssociations: Listed[CaseAssociation] = ABSENT
    CFDefinitions: CaseDefinitions = ABSENT
    CFRubrics: Listed[CaseRubric] = ABSENT
    extensions: dict[str, Any] = ABSENT


class OwnLevel(Part):
    """A level of a scale, in `extensions` of its rubric."""

    level: int
    name_vi: str
    name_en: str
    description_vi: str = ABSENT
    description_en: str = ABSENT


class OwnRubric(Part):
    name_vi: str = ABSENT
    name_en: str = ABSENT
    proficient_level: int
    levels: Listed[OwnLevel]


class OwnItem(Part):
    rule: str = ABSENT
    name_vi: str = ABSENT
    name_en: str = ABSENT
    description_vi: str = ABSENT
    description_en: str = ABSENT


class OwnDocument(Part):
    code: str = ABSENT
    title_vi: str = ABSENT
    title_en: str = ABSENT
    description_vi: str = ABSENT
    description_en: str = ABSENT
