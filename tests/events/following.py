"""How a follower reads the feed."""

from typing import Any

from httpx import AsyncClient

Change = dict[str, Any]


class Follower:
    """Keeps a cursor, and everything that came, by id."""

    def __init__(self, client: AsyncClient, **query: Any) -> None:
        self._client, self._query = client, query
        self.cursor: str | None = None
        self.seen: dict[str, Change] = {}
        self.told = 0
        """How many changes came, repeats among them."""

    async def begin(self) -> None:
        """Here and now."""
        self.cursor = (await self.answer(since="now"))["next"]

    async def answer(self, **query: Any) -> Any:
        response = await self._client.get("/changes", params=self._query | query)
        assert response.status_code == 200, response.text
        return response.json()

    async def catch_up(self) -> list[Change]:
        """Everything that is new."""
        fresh: list[Change] = []
        more = True
        while more:
            since = {} if self.cursor is None else {"since": self.cursor}
            page = await self.answer(**since)
            self.cursor, more = page["next"], page["more"]
            self.told += len(page["items"])
            fresh += [change for change in page["items"] if change["id"] not in self.seen]
            self.seen |= {change["id"]: change for change in page["items"]}
        return fresh


def told(changes: list[Change]) -> list[tuple[Any, ...]]:
    """Type, organisation and data of each."""
    return [(each["type"], each["organization_id"], each["data"]) for each in changes]
