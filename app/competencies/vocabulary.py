"""The closed lists of competencies, as domain terms."""

from typing import Annotated, Literal

import pydantic

VersionState = Annotated[
    Literal["draft", "consultation", "published", "retired", "discarded"],
    pydantic.Field(
        description="`draft`: its owner works on it; `consultation`: who is invited comments on it;"
        " `published`: in force; `retired`: was in force; `discarded`: was never published, nor"
        " will be"
    ),
]

ItemKind = Annotated[
    Literal["area", "competency", "indicator"],
    pydantic.Field(
        description="`area`: holds others; `competency`: what people are at a level of;"
        " `indicator`: a sign of one"
    ),
]

Domain = Annotated[
    Literal["knowledge", "skill", "conduct"],
    pydantic.Field(description="`conduct`: diplomatic conduct (tác phong đối ngoại)"),
]

AttainmentRule = Annotated[
    Literal["best", "latest", "source_priority"],
    pydantic.Field(
        description="Which evidence counts of several: of the `best` level; the `latest`; by"
        " source, an assessment before a supervisor, a mentor, a course and prior learning"
    ),
]

ChangedPart = Literal[
    "competencies",
    "competency_replacements",
    "level_descriptors",
    "proficiency_levels",
    "proficiency_scales",
]
ChangeOperation = Literal["insert", "update", "delete"]

DiffPart = Literal["version", "scale", "competency"]
Difference = Annotated[
    Literal["added", "removed", "moved", "changed"],
    pydantic.Field(description="`moved`: elsewhere in the tree; what it says may have changed too"),
]

EvidenceType = Annotated[
    Literal[
        "assessment",
        "course_completion",
        "supervisor_rating",
        "mentored_work",
        "prior_learning",
        "self_declared",
    ],
    pydantic.Field(
        description="`mentored_work` and `prior_learning` count once they are confirmed;"
        " `self_declared` counts only while nothing else does"
    ),
]
ReviewDecision = Annotated[
    Literal["confirmed", "refused"],
    pydantic.Field(description="`refused`: does not count"),
]
