"""The closed lists of modules and curricula, as domain terms."""

from typing import Annotated, Literal

import pydantic

ModuleKind = Annotated[
    Literal["common", "specific"],
    pydantic.Field(
        description="`common`: for officers of the whole country, which only the Academy adds;"
        " `specific`: for a ministry, a sector or a province"
    ),
]

ModuleVersionState = Annotated[
    Literal["draft", "published", "retired", "discarded"],
    pydantic.Field(
        description="`draft`: its owner works on it; `published`: in force; `retired`: was in"
        " force; `discarded`: was never published, nor will be"
    ),
]

ModuleMode = Annotated[
    Literal["in_person", "online", "either"],
    pydantic.Field(description="How it is taught: `in_person`, `online`, or `either` way"),
]

CurriculumKind = Annotated[
    Literal["basic", "advanced", "specialised", "senior", "language", "interpretation"],
    pydantic.Field(
        description="`basic`: what every officer needs; `advanced`: for those who completed that;"
        " `specialised`: of one field; `senior`: for heads of departments and above; `language`:"
        " foreign languages; `interpretation`: interpretation and translation"
    ),
]

CurriculumVersionState = Annotated[
    Literal["draft", "in_review", "approved", "published", "retired", "discarded"],
    pydantic.Field(
        description="`draft`: its owner works on it; `in_review`: reviewers comment and decide on"
        " it; `approved`: waits to be published; `published`: in force; `retired`: was in force;"
        " `discarded`: was never published, nor will be"
    ),
]

OPEN_STATES = ("draft", "in_review", "approved")
"""Of a version that is worked on still; a curriculum has at most one."""

ExtendedDomain = Literal["knowledge", "skill", "conduct"]

CurriculumPart = Annotated[
    Literal["common", "own"],
    pydantic.Field(
        description="`common`: of the curriculum that this one extends, which only its owner"
        " changes; `own`: of this one"
    ),
]

ReviewDecisionKind = Annotated[
    Literal["approve", "request_changes"],
    pydantic.Field(
        description="`approve`: agrees; `request_changes`: stands in the way of an approval until"
        " the reviewer, or who stands in for them, agrees, or the version is submitted anew"
    ),
]

TrailKind = Annotated[
    Literal["step", "decision", "comment"],
    pydantic.Field(description="`step`: a new state of the version, or another day to publish it"),
]

FindingRule = Literal[
    "curriculum_without_modules",
    "extended_version_not_in_force",
    "extension_not_allowed",
    "extension_out_of_domains",
    "extension_out_of_hours",
    "hours_do_not_add_up",
    "module_in_common_part",
    "module_not_in_force",
    "module_not_published",
    "prerequisite_missing",
]

CurriculumDiffPart = Literal["version", "module"]
