"""How often something may be asked, and what everybody is told of it."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
import time_machine
from fastapi import FastAPI, Request
from httpx import ASGITransport, AsyncClient, Response
from pydantic import SecretStr
from structlog import get_logger

from app.core.config import Settings
from app.core.failures import handle_failures, unavailable
from app.core.http import rates
from app.core.http.edge import Edge
from app.core.http.rates import Policy, Rates, source
from app.core.http.traffic import Traffic
from tests.core.http.store import shared_store, silent_store
from tests.core.http.test_logs import logs_configured, told
from tests.service import free_port
from tests.world import Somebody, World, add_learner, problem

MINUTE = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
"""A window of the process's memory begins here."""
TOKEN = "http://test/oauth/token"
Limit = Callable[..., None]


def counting(**settings) -> FastAPI:
    """An application that only counts, by address, as the policy that its path names."""
    app = FastAPI()
    app.state.rates = Rates(Settings(**settings))

    @app.get("/{policy}")
    async def counted(request: Request, policy: Policy) -> None:
        await request.app.state.rates.take(request, policy, source(request))

    handle_failures(app)
    app.add_middleware(Edge, traffic=Traffic(), unavailable=unavailable)
    return app


@asynccontextmanager
async def calling(app: FastAPI, address: str = "192.0.2.1") -> AsyncIterator[AsyncClient]:
    transport = ASGITransport(app, client=(address, 4711))
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


def limits(response: Response) -> tuple[str, int, int]:
    """Policy, what is left and for how long, once both fields agree."""
    allowed = re.fullmatch(r'"([a-z-]+)";q=\d+;w=\d+', response.headers["ratelimit-policy"])
    left = re.fullmatch(r'"([a-z-]+)";r=(\d+);t=(\d+)', response.headers["ratelimit"])
    assert allowed
    assert left
    assert left[1] == allowed[1]
    return left[1], int(left[2]), int(left[3])


def said_nothing(response: Response) -> bool:
    return {"ratelimit", "ratelimit-policy"}.isdisjoint(response.headers)


def told_of_rates(capsys: pytest.CaptureFixture[str]) -> list[str]:
    events = [line["event"] for line in told(capsys)]
    return [event for event in events if event.startswith("rates_")]


@pytest.fixture
async def limit(app: FastAPI) -> AsyncIterator[Limit]:
    """Other rates for the service, and nothing counted so far."""
    before = app.state.rates

    def limit(**settings: str | SecretStr) -> None:
        app.state.rates = Rates(app.state.settings.model_copy(update=settings))

    yield limit
    if app.state.rates is not before:
        await app.state.rates.close()
    app.state.rates = before


class TestCounting:
    async def test_of_200_at_once_as_many_are_answered_as_the_rate_allows(self):
        with time_machine.travel(MINUTE, tick=False):
            async with calling(counting(sign_in_rate="30/minute")) as client:
                answers = await asyncio.gather(*(client.get("/sign-in") for _ in range(200)))
        assert Counter(answer.status_code for answer in answers) == {200: 30, 429: 170}

    async def test_every_answer_says_what_is_left_and_a_refusal_when_to_come_back(self):
        app = counting(sign_in_rate="3/minute")
        with time_machine.travel(MINUTE, tick=False) as clock:
            clock.shift(17.5)
            async with calling(app) as client:
                answers = [await client.get("/sign-in") for _ in range(5)]
        assert [limits(answer) for answer in answers] == [
            ("sign-in", 2, 43),
            ("sign-in", 1, 43),
            ("sign-in", 0, 43),
            ("sign-in", 0, 43),
            ("sign-in", 0, 43),
        ]
        assert {answer.headers["ratelimit-policy"] for answer in answers} == {'"sign-in";q=3;w=60'}
        assert [answer.headers.get("retry-after") for answer in answers] == [
            *[None] * 3,
            "43",
            "43",
        ]
        assert problem(answers[3]) == (429, "too-many-requests")
        assert "43" in answers[3].json()["detail"]

    async def test_whoever_comes_back_when_told_is_answered_and_at_an_even_pace(self):
        async with calling(counting(sign_in_rate="7/minute")) as client:
            with time_machine.travel(MINUTE, tick=False) as clock:
                clock.shift(0.5)
                waits = []
                for _ in range(100):
                    answer = await client.get("/sign-in")
                    if answer.status_code == 429:
                        waits.append(int(answer.headers["retry-after"]))
                        clock.shift(waits[-1])
                        answer = await client.get("/sign-in")
                        assert answer.status_code == 200
        assert len(waits) > 50
        assert waits[0] == 60  # seven at once
        assert {8, 9} <= set(waits[1:]) <= set(range(1, 10))  # then one every 60 / 7 seconds

    async def test_the_end_of_a_window_lets_no_second_burst_through(self):
        async with calling(counting(sign_in_rate="30/minute")) as client:
            with time_machine.travel(MINUTE, tick=False) as clock:
                answered = []
                for seconds in (59, 2, 29):
                    clock.shift(seconds)
                    answers = [await client.get("/sign-in") for _ in range(40)]
                    answered.append(sum(answer.status_code == 200 for answer in answers))
        assert answered == [
            30,
            1,
            14,
        ]  # all, then as the minute of the burst leaves the last minute

    async def test_what_is_counted_for_one_policy_is_not_for_another(self):
        async with calling(counting(sign_in_rate="1/minute", token_rate="1/minute")) as client:
            with time_machine.travel(MINUTE, tick=False):
                for path in ("/sign-in", "/token"):
                    statuses = [(await client.get(path)).status_code for _ in range(2)]
                    assert statuses == [200, 429]

    @pytest.mark.parametrize(
        ("address", "status"),
        [
            ("192.0.2.1", 429),
            ("::ffff:192.0.2.1", 429),
            ("192.0.2.2", 200),
            ("2001:db8:0:1::1", 200),
        ],
    )
    async def test_another_address_is_counted_apart(self, address: str, status: int):
        app = counting(sign_in_rate="1/minute")
        with time_machine.travel(MINUTE, tick=False):
            async with calling(app) as first, calling(app, address) as second:
                await first.get("/sign-in")
                assert (await second.get("/sign-in")).status_code == status

    @pytest.mark.parametrize(
        ("address", "status"),
        [("2001:db8:0:1:ffff::9", 429), ("2001:db8:0:2::1", 200)],
    )
    async def test_the_addresses_of_one_ipv6_network_are_counted_together(
        self, address: str, status: int
    ):
        app = counting(sign_in_rate="1/minute")
        with time_machine.travel(MINUTE, tick=False):
            async with calling(app, "2001:db8:0:1::1") as first, calling(app, address) as second:
                await first.get("/sign-in")
                assert (await second.get("/sign-in")).status_code == status


class TestSearching:
    @pytest.fixture(autouse=True)
    def _clock(self):
        with time_machine.travel(datetime.now(UTC), tick=False):
            yield

    @pytest.fixture(autouse=True)
    async def _roster(self, hanoi: Somebody):
        await add_learner(hanoi)

    async def test_counts_for_whoever_searches_and_for_nobody_else(
        self, world: World, hanoi: Somebody, limit: Limit
    ):
        limit(search_rate="2/minute")
        colleague = await world.somebody("coordinator", hanoi.organization)
        answers = [await hanoi.get("/learners?q=minh") for _ in range(3)]
        assert [limits(answer)[:2] for answer in answers] == [("search", n) for n in (1, 0, 0)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert problem(answers[2]) == (429, "too-many-requests")
        other = await colleague.get("/learners?q=minh")
        assert (other.status_code, limits(other)[1]) == (200, 1)

    async def test_counts_on_any_roster_and_when_nothing_has_changed(
        self, hanoi: Somebody, limit: Limit
    ):
        limit(search_rate="3/minute")
        first = await hanoi.get("/learners?q=minh")
        known = {"If-None-Match": first.headers["etag"]}
        again = await hanoi.get("/learners?q=minh", headers=known)
        assert (again.status_code, limits(again)[1]) == (304, 1)
        then = await hanoi.get("/learners?q=minh&as_of=2024-01-01")
        assert (then.status_code, limits(then)[1]) == (200, 0)

    async def test_alone_counts_and_no_other_reading(self, hanoi: Somebody, limit: Limit):
        limit(search_rate="1/minute")
        for _ in range(2):
            for path in ("/learners", "/learners?status=active", "/organizations", "/units"):
                answer = await hanoi.get(path)
                assert (answer.status_code, said_nothing(answer)) == (200, True)
        assert (await hanoi.get("/learners?q=minh")).status_code == 200

    @pytest.mark.parametrize(("language", "said"), [("vi", "Hãy đợi"), ("en", "Wait")])
    async def test_too_often_is_refused_in_the_readers_language(
        self, hanoi: Somebody, limit: Limit, language: str, said: str
    ):
        limit(search_rate="1/hour")
        asked = {"Accept-Language": language}
        refused = [await hanoi.get("/learners?q=minh", headers=asked) for _ in range(2)][1]
        assert refused.json()["detail"].startswith(said)
        assert refused.headers["retry-after"] in refused.json()["detail"]


class TestTokens:
    async def test_are_asked_for_so_often_from_one_address(self, app: FastAPI, limit: Limit):
        limit(token_rate="2/minute")
        asked = {"data": {"grant_type": "none"}}
        with time_machine.travel(MINUTE, tick=False):
            async with calling(app) as here, calling(app, "192.0.2.2") as elsewhere:
                answers = [await here.post(TOKEN, **asked) for _ in range(3)]
                other = await elsewhere.post(TOKEN, **asked)
        assert [answer.status_code for answer in (*answers, other)] == [400, 400, 429, 400]
        assert [limits(answer)[:2] for answer in answers] == [("token", n) for n in (1, 0, 0)]
        assert problem(answers[2]) == (429, "too-many-requests")
        assert answers[2].headers["cache-control"] == "no-store"


class TestSharedStore:
    async def test_is_counted_in_by_several_processes_together(
        self, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(rates, "PATIENCE", 30)  # for a busy machine, not for a busy store
        async with shared_store() as store:
            one, other = (
                counting(rate_limit_storage=store.url, sign_in_rate="30/minute") for _ in range(2)
            )
            async with calling(one) as here, calling(other) as there:
                asked = [client.get("/sign-in") for client in (here, there) for _ in range(40)]
                answers = await asyncio.gather(*asked)
            for app in (one, other):
                await app.state.rates.close()
        assert Counter(answer.status_code for answer in answers) == {200: 30, 429: 50}

    async def test_that_is_away_closes_what_guards_secrets_and_leaves_searches_open(
        self, hanoi: Somebody, limit: Limit
    ):
        limit(rate_limit_storage=SecretStr(f"redis://127.0.0.1:{free_port()}"))
        await self._is_missed(hanoi)

    @pytest.mark.parametrize("scheme", ["redis", "valkey"])
    async def test_that_says_nothing_is_waited_for_and_given_up(
        self, hanoi: Somebody, limit: Limit, monkeypatch: pytest.MonkeyPatch, scheme: str
    ):
        monkeypatch.setattr(rates, "PATIENCE", 0.05)
        async with silent_store() as url:
            limit(rate_limit_storage=SecretStr(url.replace("redis", scheme)))
            await asyncio.wait_for(self._is_missed(hanoi), 30)

    async def _is_missed(self, hanoi: Somebody) -> None:
        found = await hanoi.get("/learners?q=minh")
        assert (found.status_code, said_nothing(found)) == (200, True)
        refused = await hanoi.post(TOKEN, data={"grant_type": "none"})
        assert problem(refused) == (503, "unavailable")
        assert refused.headers["retry-after"] == "2"

    async def test_that_is_away_lets_nobody_sign_in_and_is_told_once(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ):
        port = free_port()
        app = counting(rate_limit_storage=f"redis://127.0.0.1:{port}")
        with logs_configured():
            monkeypatch.setattr(rates, "log", get_logger())
            async with calling(app) as client:
                for _ in range(3):
                    assert problem(await client.get("/sign-in")) == (503, "unavailable")
                lost = told_of_rates(capsys)
                async with shared_store(port):
                    for _ in range(2):
                        assert (await client.get("/sign-in")).status_code == 200
                    await app.state.rates.close()
                found = told_of_rates(capsys)
        assert (lost, found) == (["rates_unreachable"], ["rates_reachable"])
