"""What must always hold of courses."""

from fastapi import Request, Response

from app.attendance import invariants
from app.attendance.invariant_schemas import InvariantsOut
from app.attendance.permitted import Inspecting
from app.core import routing
from app.core.views import whole

router = routing.router("audit")


@router.get("/admin/invariants", response_model=InvariantsOut)
async def get_invariants(reader: Inspecting, request: Request) -> Response:
    """Check what must always hold of courses.

    Of all courses, as the tables have it now: places, quotas, seats, clashes, attendance and
    results. It is read, and nothing is put right. `banggiao audit` says the same, and ends with 2
    when anything does not hold.
    """
    return await whole(reader, request, invariants.everything, {})
