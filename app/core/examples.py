"""What the document's examples name; the demonstration holds it, so they work as they stand."""

from typing import Any
from uuid import UUID


def _id(number: int) -> UUID:
    return UUID(f"0198c0de-0000-7000-8000-{number:012}")


ORGANIZATION, OTHER_ORGANIZATION = _id(1), _id(2)
UNIT = _id(101)
LEARNER, RELEASED, TO_BE_CLAIMED, PROTECTED = _id(201), _id(202), _id(203), _id(204)
TRANSFER, CLAIM_CODE = _id(301), "K7QX-29FD-M3TR-8WZA"
USER, MEMBERSHIP, SIGN_IN = _id(401), _id(402), _id(403)
CLIENT, CLIENT_KEY = _id(501), _id(502)
WEBHOOK_ENDPOINT, WEBHOOK_DELIVERY = _id(601), _id(602)
DATA_SET, MATCH = _id(701), _id(702)
APPLIED_SYNC, ROSTER_SYNC, PLANNED_SYNC, UNWANTED_SYNC = _id(711), _id(712), _id(713), _id(714)
"""In the order in which they came."""
FRAMEWORK = _id(801)
VERSION_IN_FORCE, CONSULTED_VERSION, VERSION_TO_PUBLISH = _id(811), _id(812), _id(813)
VERSION_TO_DISCARD = _id(814)
SCALE, UNUSED_SCALE = _id(821), _id(822)
COMPETENCY, MISPLACED_COMPETENCY, UNWANTED_COMPETENCY = _id(831), _id(832), _id(833)
CONSULTATION_INVITATION, CONSULTATION_COMMENT = _id(841), _id(851)
REQUIRED_COMPETENCY, REQUIRED_IDENTIFIER = _id(834), UUID("7d2b6f0e-5a34-4c1e-9b8f-3f6a51c0d835")
ANOTHER_IDENTIFIER = UUID("2f9c1e57-8d40-4b6a-a1c3-90be47d2f836")
"""Competencies of the framework in force have identifiers that can be exchanged."""
JOB_POSITION, REQUIREMENT, UNWANTED_REQUIREMENT = _id(901), _id(911), _id(912)
JOB_POSITION_TITLE, JOB_POSITION_ASSIGNMENT = _id(921), _id(931)
EVIDENCE, MISTAKEN_EVIDENCE, UNWANTED_EVIDENCE = _id(941), _id(942), _id(943)
MATERIAL, MATERIAL_VERSION, MATERIAL_FILE = _id(951), _id(952), "cam-nang-le-tan.txt"

MODULE, MODULE_VERSION = _id(1101), _id(1111)
DRAFT_MODULE_VERSION, UNWANTED_MODULE_VERSION = _id(1112), _id(1113)
CURRICULUM, CURRICULUM_VERSION = _id(1201), _id(1211)
DRAFT_CURRICULUM_VERSION, UNWANTED_CURRICULUM_VERSION = _id(1212), _id(1213)
ENDING_CURRICULUM_VERSION = _id(1214)
"""Of curricula and modules: in force, worked on, and not wanted."""

ROOM, INSTRUCTOR, DESCRIBED_INSTRUCTOR = _id(1001), _id(1101), _id(1102)
ROOM_BOOKING, UNWANTED_ROOM_BOOKING = _id(1011), _id(1012)
INSTRUCTOR_BOOKING, UNWANTED_INSTRUCTOR_BOOKING = _id(1111), _id(1112)
INSTRUCTOR_UNAVAILABILITY, ENDED_UNAVAILABILITY = _id(1121), _id(1122)

COURSE, PLANNED_COURSE, READY_COURSE = _id(1301), _id(1302), _id(1303)
OPEN_COURSE, CLOSED_COURSE, RUNNING_COURSE = _id(1304), _id(1305), _id(1306)
UNWANTED_COURSE = _id(1307)
COURSE_SESSION, PLANNED_SESSION = _id(1311), _id(1312)
ENDED_SESSION, UNWANTED_SESSION = _id(1313), _id(1314)
CALENDAR, UNWANTED_CALENDAR = _id(1321), _id(1322)

NOMINATION, CHECKED_NOMINATION, UNWANTED_NOMINATION = _id(1401), _id(1402), _id(1403)
REPLACED_NOMINATION, SUBSTITUTE, NOMINEE, BY_HAND = _id(1404), _id(205), _id(206), _id(207)
"""Nominations, and learners that are not nominated yet."""


def body(**fields: object) -> dict[str, Any]:
    """The `openapi_extra` of a route whose example differs from its schema's in these fields."""
    return {"requestBody": {"content": {"application/json": {"example": fields}}}}
