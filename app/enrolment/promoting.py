"""Who waits gets the places that become free; unused places of quotas go where people wait."""

import json
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.enrolment.service import take_turn, written
from app.enrolment.statements import MOVE, POOLS, PROMOTE, TAKE_TURNS


class Pool(NamedTuple):
    id: UUID
    free: int | None
    """None without limit."""
    undecided: int
    """Of its people, nominated and not yet decided on: their places are not given to others."""
    waiting: int
    """Fit for the course, and without a place."""
    rank: int | None
    """Of the first who waits."""


class Move(NamedTuple):
    from_pool_id: UUID
    to_pool_id: UUID
    places: int


async def promote(session: AsyncSession, course_id: UUID, *, dry_run: bool = False) -> bytes:
    """Whoever waits, in the order of ranks, as far as there are places. Whose turn it would be and
    who is not fit any more is skipped, and told why."""
    driver = await take_turn(session, course_id)
    trial = driver.transaction()
    await trial.start()
    answer = await _promoted(driver, course_id)
    await _end(trial, dry_run=dry_run)
    return written(answer | {"applied": not dry_run and bool(answer["promoted"])})


async def release(session: AsyncSession, course_id: UUID, *, dry_run: bool = False) -> bytes:
    """Places that nobody of their quota takes go to the pools in which people wait, in proportion
    to how many; whoever waits there is promoted."""
    driver = await take_turn(session, course_id)
    trial = driver.transaction()
    await trial.start()
    await driver.execute(TAKE_TURNS, course_id)
    before = await _promoted(driver, course_id)
    pools = [Pool(*row) for row in await driver.fetch(POOLS, course_id)]
    moves = planned(pools)
    said = [{name: _text(value) for name, value in move._asdict().items()} for move in moves]
    await driver.execute(MOVE, json.dumps(said))
    after = await _promoted(driver, course_id)
    await _end(trial, dry_run=dry_run)
    promoted = before["promoted"] + after["promoted"]
    applied = not dry_run and bool(promoted or moves)
    told = {"moves": said, "promoted": promoted, "applied": applied}
    return written(after | told)


def planned(pools: list[Pool]) -> list[Move]:
    """From whom to whom. Each that lacks places gets a share in proportion to how many wait; of
    equal claims to what is left over, the one whose first has the better rank."""
    lacking = {p.id: p.waiting - max(p.free, 0) for p in pools if p.free is not None}
    wanted = {p: lacking[p.id] for p in pools if lacking.get(p.id, 0) > 0}
    spare = {p.id: _spare(p, sum(wanted.values())) for p in pools if p not in wanted}
    given = _shares(wanted, min(sum(spare.values()), sum(wanted.values())))
    moves = []
    givers = sorted((left, id) for id, left in spare.items() if left)
    for to, places in given.items():
        left_to_give = places
        while left_to_give:
            left, giver = givers.pop()
            taken = min(left, left_to_give)
            moves.append(Move(giver, to, taken))
            left_to_give -= taken
            if left > taken:
                givers.append((left - taken, giver))
    return moves


def _spare(pool: Pool, wanted: int) -> int:
    if pool.free is None:
        return wanted
    return max(pool.free - pool.undecided - pool.waiting, 0)


def _shares(wanted: dict[Pool, int], places: int) -> dict[UUID, int]:
    """By the largest remainder."""
    total = sum(wanted.values())
    shares = {pool: places * lacks // total for pool, lacks in wanted.items()}
    left = places - sum(shares.values())
    claims = sorted(wanted, key=lambda p: (-(places * wanted[p] % total), p.rank or 0, p.id))
    for pool in claims[:left]:
        shares[pool] += 1
    return {pool.id: share for pool, share in shares.items() if share}


async def _promoted(driver: Any, course_id: UUID) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(await driver.fetchval(PROMOTE, course_id, None))
    return told


async def _end(trial: Any, *, dry_run: bool) -> None:
    await (trial.rollback() if dry_run else trial.commit())


def _text(value: UUID | int) -> str | int:
    return value if isinstance(value, int) else str(value)
