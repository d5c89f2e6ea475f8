"""The token endpoint: programs prove themselves, and get no more than they may have."""

from secrets import token_urlsafe
from typing import Any

import pytest
from sqlalchemy import func, update

from app.access.models import Client, ClientKey, Membership, User
from app.access.tokens import SigningKey
from app.core.database.sessions import Database
from tests.oauth.programs import GRANT, TOKEN, Program, hash_of, refused
from tests.world import Somebody, World, problem


@pytest.fixture
async def program(world: World) -> Program:
    program = Program(world)
    organization = await world.organization("hanoi")
    await program.register(organization, "learners:read", "organizations:read")
    return program


async def test_a_program_calls_with_the_token_that_its_secret_gets(program: Program):
    issued = await program.with_secret()
    assert issued.status_code == 200
    assert issued.headers["cache-control"] == "no-store"
    token = issued.json()
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 600)
    assert token["scope"] == "learners:read organizations:read"

    call = program.world.anonymous
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    assert (await call.get("/learners", headers=headers)).status_code == 200
    refusal = await call.post("/learners", headers=headers, json={})
    assert problem(refusal) == (403, "forbidden")


async def test_a_program_may_ask_for_less_than_it_has(program: Program):
    issued = (await program.with_secret(scope="organizations:read")).json()
    assert issued["scope"] == "organizations:read"
    headers = {"Authorization": f"Bearer {issued['access_token']}"}
    refusal = await program.world.anonymous.get("/learners", headers=headers)
    assert problem(refusal) == (403, "forbidden")


@pytest.mark.parametrize("scope", ["learners:write", "everything", "learners:read audit:read"])
async def test_a_program_may_not_ask_for_more(program: Program, scope: str):
    assert refused(await program.with_secret(scope=scope)) == (400, "invalid_scope")


async def test_two_secrets_are_good_while_one_replaces_the_other(program: Program):
    fresh = token_urlsafe(32)
    async with program.world.session() as session:
        session.add(ClientKey(client_id=program.id, secret_hash=hash_of(fresh)))
    for secret in (program.secret, fresh):
        assert (await program.with_secret(secret)).status_code == 200


async def test_a_wrong_secret_and_an_unknown_program_are_refused_alike(program: Program):
    wrong = await program.with_secret("wrong")
    unknown = await program.world.anonymous.post(TOKEN, data=GRANT, auth=("nobody", "wrong"))
    assert refused(wrong) == refused(unknown) == (401, "invalid_client")
    assert wrong.content == unknown.content
    assert wrong.headers["www-authenticate"].startswith("Basic")


async def test_a_program_signs_instead_of_telling_a_secret(program: Program):
    assert (await program.with_assertion(program.assertion())).status_code == 200
    named = await program.with_assertion(program.assertion(), client_id=program.name)
    assert named.status_code == 200


async def test_an_assertion_is_good_once(program: Program):
    assertion = program.assertion()
    assert (await program.with_assertion(assertion)).status_code == 200
    assert refused(await program.with_assertion(assertion)) == (401, "invalid_client")


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://elsewhere.example"},
        {"aud": ["http://127.0.0.1:8000", "https://elsewhere.example"]},
        {"exp": 1_000_000_000},
        {"exp": 4_000_000_000},
        {"iss": "somebody-else"},
        {"sub": "somebody-else"},
        {"jti": ""},
        {"jti": "x" * 1_000},
    ],
    ids=str,
)
async def test_an_assertion_that_is_not_quite_right_is_refused(program: Program, claims: Any):
    refusal = await program.with_assertion(program.assertion(**claims))
    assert refused(refusal) == (401, "invalid_client")


async def test_another_key_proves_nothing(program: Program):
    forged = program.assertion(SigningKey.generate())
    assert refused(await program.with_assertion(forged)) == (401, "invalid_client")


async def test_a_revoked_key_proves_nothing(program: Program):
    async with program.world.session() as session:
        mine = ClientKey.client_id == program.id
        await session.execute(update(ClientKey).where(mine).values(revoked_at=func.now()))
    assert refused(await program.with_secret()) == (401, "invalid_client")
    assert refused(await program.with_assertion(program.assertion())) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password", "username": "a", "password": "b"}, "unsupported_grant_type"),
        ({"grant_type": "implicit"}, "unsupported_grant_type"),
        (GRANT | {"client_assertion": "junk"}, "invalid_request"),
    ],
    ids=str,
)
async def test_what_is_not_asked_as_oauth_has_it_is_refused(world: World, form: Any, error: str):
    assert refused(await world.anonymous.post(TOKEN, data=form)) == (400, error)


@pytest.mark.parametrize("assertion", ["junk", "a.b.c", "x" * 9_000, "\x00"])
async def test_junk_for_an_assertion_is_an_unknown_client(program: Program, assertion: str):
    answer = await program.with_assertion(assertion)
    assert answer.status_code in (401, 422)  # 422: a NUL is refused before anything is read


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic bm90aGluZw==", "Basic AAAA"])
async def test_junk_for_a_secret_is_an_unknown_client(world: World, header: str):
    headers = {"Authorization": header}
    refusal = await world.anonymous.post(TOKEN, data=GRANT, headers=headers)
    assert refused(refusal) == (401, "invalid_client")


class TestWithdrawal:
    """Whoever may come in no more is refused by the very next request."""

    async def test_of_a_client(self, world: World):
        client = await world.program(await world.organization("hanoi"), "learners:read")
        assert (await client.get("/learners")).status_code == 200
        async with world.session() as session:
            (await session.get_one(Client, client.subject)).revoked_at = func.now()
        assert problem(await client.get("/learners")) == (401, "unauthenticated")

    async def test_of_a_clients_scope(self, world: World):
        client = await world.program(await world.organization("hanoi"), "learners:read")
        async with world.session() as session:
            (await session.get_one(Client, client.subject)).scopes = ["organizations:read"]
        assert problem(await client.get("/learners")) == (401, "unauthenticated")

    async def test_of_a_user(self, world: World, hanoi: Somebody):
        assert (await hanoi.get("/learners")).status_code == 200
        async with world.session() as session:
            (await session.get_one(User, hanoi.subject)).disabled_at = func.now()
        assert problem(await hanoi.get("/learners")) == (401, "unauthenticated")
        assert problem(await hanoi.post("/units", json={})) == (401, "unauthenticated")

    async def test_of_a_role(self, world: World, hanoi: Somebody):
        async with world.session() as session:
            held = Membership.user_id == hanoi.subject
            await session.execute(update(Membership).where(held).values(ended_at=func.now()))
        assert problem(await hanoi.get("/learners")) == (401, "unauthenticated")


async def test_a_bad_token_takes_no_connection(world: World, monkeypatch: pytest.MonkeyPatch):
    def taken(*_: object) -> None:
        raise AssertionError("a connection was taken")

    monkeypatch.setattr(Database, "reader", taken)
    monkeypatch.setattr(Database, "session", taken)
    monkeypatch.setattr(Database, "unscoped", taken)
    for header in ("", "Bearer", "Bearer junk", "Basic YTpi", f"Bearer {'x.' * 3_000}"):
        for method, path in (("GET", "/learners"), ("POST", "/learners")):
            headers = {"Authorization": header}
            refusal = await world.anonymous.request(method, path, headers=headers)
            assert problem(refusal) == (401, "unauthenticated")
            assert refusal.headers["www-authenticate"].startswith("Bearer")
