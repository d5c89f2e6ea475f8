"""How many statements something takes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event

from app.core.database.sessions import Database


@asynccontextmanager
async def statements(database: Database) -> AsyncIterator[list[str]]:
    """What is sent to PostgreSQL meanwhile, whichever of the two ways."""
    sent: list[str] = []

    def through_the_engine(*arguments: Any) -> None:
        sent.append(arguments[2])

    def by_a_reader(record: Any) -> None:
        sent.append(record.query)

    engine = database.engine.sync_engine
    readers = list(database.readers.idle)
    event.listen(engine, "before_cursor_execute", through_the_engine)
    for connection in readers:
        connection.add_query_logger(by_a_reader)
    yield sent
    await asyncio.sleep(0)  # the reader's loggers are called by the event loop
    event.remove(engine, "before_cursor_execute", through_the_engine)
    for connection in readers:
        connection.remove_query_logger(by_a_reader)
