"""The same page as tutorials write it: ORM objects, a session for each request, response_model.

Once as FastAPI's tutorial on security has it (the token decoded and its user loaded for each
request, a middleware that times it), and once for anybody. Without tenancy both times.
"""

import json
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.security import OAuth2PasswordBearer
from jose import JWTError, jwt
from sqlalchemy import make_url, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from app.access.models import User
from app.core.pages import Page
from app.learners.models import Learner
from app.learners.schemas import LearnerOut

open_to_all = FastAPI()
guarded = FastAPI()
key = json.loads(os.environ.get("PUBLIC_JWK", "{}"))
engine = create_async_engine(
    make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+asyncpg"), pool_size=8
)
sessions = async_sessionmaker(engine, expire_on_commit=False)


async def get_session() -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session


Session = Annotated[AsyncSession, Depends(get_session)]


async def current_user(
    session: Session, token: Annotated[str, Depends(OAuth2PasswordBearer("token"))]
) -> User:
    try:
        claims = jwt.decode(token, key, "ES256", options={"verify_aud": False})
    except JWTError as error:
        raise HTTPException(401) from error
    user = await session.scalar(select(User).where(User.id == claims["sub"]))
    if user is None or user.disabled_at is not None:
        raise HTTPException(401)
    return user


@guarded.middleware("http")
async def timed(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    began = time.perf_counter()
    response = await call_next(request)
    response.headers["X-Process-Time"] = str(time.perf_counter() - began)
    return response


async def page(session: AsyncSession, organization: UUID) -> Any:
    statement = select(Learner).where(Learner.organization_id == organization)
    statement = statement.order_by(Learner.sort_key, Learner.id).limit(50)
    return {"items": (await session.scalars(statement)).all(), "next": None}


@guarded.get("/page/{organization}", response_model=Page[LearnerOut])
async def list_learners(
    organization: UUID, session: Session, _user: Annotated[User, Depends(current_user)]
) -> Any:
    return await page(session, organization)


@open_to_all.get("/page/{organization}", response_model=Page[LearnerOut])
async def list_learners_for_anybody(organization: UUID, session: Session) -> Any:
    return await page(session, organization)
