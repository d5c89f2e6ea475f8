"""Files of frameworks, sent and taken out."""

import json
from typing import Any

from httpx import AsyncClient, Response

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def send(client: AsyncClient, file: Any, **query: str) -> Response:
    """A package as JSON, a table as text or as a workbook."""
    if isinstance(file, str):
        content, kind = file.encode("utf-8-sig"), "text/csv"
    elif isinstance(file, bytes):
        content, kind = file, XLSX
    else:
        content, kind = json.dumps(file).encode(), "application/json"
    headers = {"Content-Type": kind}
    return await client.post(
        "/framework-imports", params=query, content=content, headers=headers, timeout=60
    )


async def sent(client: AsyncClient, file: Any, **query: str) -> dict[str, Any]:
    response = await send(client, file, **{"dry_run": "false"} | query)
    assert response.status_code == 200, response.text
    return dict(response.json())


async def take_out(client: AsyncClient, version: str, format: str) -> bytes:
    response = await client.get(f"/framework-versions/{version}/file", params={"format": format})
    assert response.status_code == 200, response.text
    return response.content
