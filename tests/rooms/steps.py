"""What tests of rooms and instructors begin with."""

from typing import Any
from uuid import uuid4

from httpx import AsyncClient, Response

ROOM = {
    "name_vi": "Phòng học",
    "name_en": "Classroom",
    "address": "69 phố Chùa Láng, Hà Nội",
    "capacity": 40,
    "equipment": ["projector"],
}
INSTRUCTOR = {
    "kind": "visiting",
    "full_name": "Trần Quốc Ví Dụ",
    "affiliation": "Học viện Ngoại giao",
    "expertise": ["negotiation"],
    "languages": [{"language": "en", "level": 5}],
}


def made(response: Response, status: int = 201) -> dict[str, Any]:
    assert response.status_code == status, response.text
    return dict(response.json())


async def add_room(client: AsyncClient, **fields: Any) -> dict[str, Any]:
    body = ROOM | {"code": f"P-{uuid4().hex[:8]}"}
    return made(await client.post("/rooms", json=body | fields))


async def add_instructor(client: AsyncClient, **fields: Any) -> dict[str, Any]:
    return made(await client.post("/instructors", json=INSTRUCTOR | fields))


def at(hours: str, day: str = "2027-03-01") -> dict[str, str]:
    """`at("08-11")` is from 8:00 to 11:00 in Viet Nam."""
    begins, ends = hours.split("-")
    return {
        "starts_at": f"{day}T{begins}:00:00+07:00",
        "ends_at": f"{day}T{ends}:00:00+07:00",
    }


def free(hours: str, day: str = "2027-03-01") -> dict[str, str]:
    time = at(hours, day)
    return {"free_from": time["starts_at"], "free_to": time["ends_at"]}


async def book(client: AsyncClient, what: dict[str, Any], hours: str, **fields: Any) -> Response:
    """A room or an instructor, for something that is no session."""
    whats = "rooms" if "capacity" in what else "instructors"
    body = at(hours) | {"reason": "Kiểm tra"} | fields
    return await client.post(f"/{whats}/{what['id']}/bookings", json=body)


async def booked(client: AsyncClient, what: dict[str, Any], hours: str, **fields: Any) -> Any:
    return made(await book(client, what, hours, **fields))


def told(row: dict[str, Any]) -> list[tuple[str, str]]:
    """What a row warns of: codes and ids."""
    return [(warning["code"], warning["id"]) for warning in row["warnings"]]
