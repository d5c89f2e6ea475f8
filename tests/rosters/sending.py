"""Sending rosters, and reading what became of them."""

import json
from typing import Any

from httpx import Response

from tests.world import Somebody, everything


class Sender:
    """Sends files as somebody, and waits for their end."""

    def __init__(self, client: Somebody) -> None:
        self.client = client
        self.family = "".join(
            chr(ord("a") + int(digit, 16)) for digit in client.organization.hex[-12:]
        )

    def person(self, number: int, **fields: Any) -> dict[str, Any]:
        """A row of a file: the same person for the same number, and somebody else elsewhere."""
        row = {
            "external_id": f"CB-{number:05}",
            "full_name": f"Nguyễn Thị {self.family.title()} {number}",
            "birth_date": f"19{60 + number % 35}-{1 + number % 12:02}-{1 + number % 28:02}",
            "position_title": "Chuyên viên",
            "position_since": "2020-01-01",
        }
        return {name: value for name, value in (row | fields).items() if value is not ...}

    def national_id(self, number: int) -> str:
        """Of that person, and of nobody in another test."""
        return f"{self.client.organization.int % 10**9:09}{number:03}"

    def people(self, *numbers: int) -> list[dict[str, Any]]:
        return [self.person(number) for number in numbers]

    async def post(
        self, rows: Any, wait: int = 30, media: str = "application/json", **query: Any
    ) -> Response:
        content = rows if isinstance(rows, bytes) else json.dumps(rows).encode()
        headers = {"Content-Type": media, "Prefer": f"wait={wait}"}
        params = {"data_set": "hr", "mode": "full"} | query
        return await self.client.post(
            "/roster-syncs", content=content, headers=headers, params=params
        )

    async def sends(self, rows: Any, **query: Any) -> dict[str, Any]:
        """The sync as it ended."""
        response = await self.post(rows, **query)
        assert response.status_code in (200, 202), response.text
        return dict(response.json())

    async def does(self, sync: dict[str, Any], verb: str, **body: Any) -> Response:
        path = f"/roster-syncs/{sync['id']}/{verb}"
        headers = {"Prefer": "wait=30"}
        return await self.client.post(path, json=body or None, headers=headers)

    async def sees(self, sync: dict[str, Any]) -> dict[str, Any]:
        return dict((await self.client.get(f"/roster-syncs/{sync['id']}")).json())

    async def changes(self, sync: dict[str, Any], **query: Any) -> list[dict[str, Any]]:
        return await everything(self.client, f"/roster-syncs/{sync['id']}/changes", **query)

    async def errors(self, sync: dict[str, Any]) -> list[dict[str, Any]]:
        return await everything(self.client, f"/roster-syncs/{sync['id']}/errors")

    async def learners(self, **query: Any) -> dict[str, dict[str, Any]]:
        """By external id."""
        rows = await everything(self.client, "/learners", **query)
        return {row["external_id"]: row for row in rows}


def counted(sync: dict[str, Any]) -> dict[str, int]:
    """What a sync counts, without what it counts none of."""
    return {name: number for name, number in sync["counts"].items() if number}
