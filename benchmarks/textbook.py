"""The same page as tutorials write it: ORM objects, a session for each request, response_model."""

import os
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI
from sqlalchemy import make_url, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from app.core.pages import Page
from app.learners.models import Learner
from app.learners.schemas import LearnerOut

app = FastAPI()
engine = create_async_engine(
    make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+asyncpg"), pool_size=8
)
sessions = async_sessionmaker(engine, expire_on_commit=False)


async def get_session() -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session


@app.get("/page/{organization}", response_model=Page[LearnerOut])
async def list_learners(
    organization: UUID, session: Annotated[AsyncSession, Depends(get_session)]
) -> Any:
    statement = select(Learner).where(Learner.organization_id == organization)
    statement = statement.order_by(Learner.sort_key, Learner.id).limit(50)
    return {"items": (await session.scalars(statement)).all(), "next": None}
