"""Finer points of the token endpoint: several keys, several clients, and what OAuth's words are."""

from collections.abc import Mapping
from typing import Any

import pytest
from jose import jwt
from sqlalchemy import func, update

from app.access.models import Client, ClientKey
from app.access.tokens import SigningKey
from tests.oauth.programs import GRANT, TOKEN, Program, refused
from tests.world import Somebody, World, add_learner, problem

UNKNOWN = (401, "invalid_client")


@pytest.fixture
async def program(world: World, hanoi: Somebody) -> Program:
    program = Program(world)
    await program.register(hanoi.organization, "learners:read", "learners:write")
    return program


@pytest.fixture
async def other(world: World, hue: Somebody) -> Program:
    other = Program(world)
    await other.register(hue.organization, "learners:read")
    return other


class TestKeys:
    async def test_either_of_two_proves_the_client_until_one_is_revoked(self, program: Program):
        """So a key is exchanged without an hour in which neither works."""
        second = SigningKey.generate()
        async with program.world.session() as session:
            session.add(ClientKey(client_id=program.id, public_jwk=second.public_jwk()))
        for key in (program.key, second):
            assert (await program.with_assertion(program.assertion(key))).status_code == 200

        async with program.world.session() as session:
            kid = ClientKey.public_jwk["kid"].astext == program.key.kid
            await session.execute(update(ClientKey).where(kid).values(revoked_at=func.now()))
        former = await program.with_assertion(program.assertion())
        assert refused(former) == UNKNOWN
        assert (await program.with_assertion(program.assertion(second))).status_code == 200

    async def test_of_another_client_proves_nothing(self, program: Program, other: Program):
        theirs = program.assertion(other.key)
        assert refused(await program.with_assertion(theirs)) == UNKNOWN
        mine = program.assertion()
        assert refused(await program.with_assertion(mine, client_id=other.name)) == UNKNOWN
        assert (await program.with_assertion(mine)).status_code == 200, "it was not used up"

    async def test_prove_nothing_for_a_client_that_is_revoked(self, program: Program):
        async with program.world.session() as session:
            (await session.get_one(Client, program.id)).revoked_at = func.now()
        assert refused(await program.with_assertion(program.assertion())) == UNKNOWN
        assert refused(await program.with_secret()) == UNKNOWN


class TestTokens:
    async def test_open_the_organization_of_the_client(
        self, world: World, hanoi: Somebody, program: Program
    ):
        token = (await program.with_secret()).json()["access_token"]
        client = await world.holding(token)
        made = await add_learner(client)
        assert made["organization_id"] == str(hanoi.organization)
        path, body = f"/learners/{made['id']}/release", {"released_on": "2026-01-01"}
        assert problem(await client.post(path, json=body)) == (403, "forbidden")

    async def test_never_carry_what_no_program_may(self, world: World, program: Program):
        async with world.session() as session:
            client = await session.get_one(Client, program.id)
            client.scopes = ["learners:read", "organizations:write", "audit:read"]
        issued = (await program.with_secret()).json()
        holder = await world.holding(issued["access_token"])
        assert (await holder.get("/learners")).status_code == 200
        assert problem(await holder.post("/organizations", json={})) == (403, "forbidden")
        assert problem(await holder.get("/audit-entries")) == (403, "forbidden")

    async def test_are_verified_by_the_published_keys(self, world: World, program: Program):
        published = await world.anonymous.get("http://test/.well-known/jwks.json")
        assert published.headers["cache-control"] == "public, max-age=300"
        keys = {key["kid"]: key for key in published.json()["keys"]}
        token = (await program.with_secret()).json()["access_token"]
        header = jwt.get_unverified_header(token)
        assert (header["alg"], header["typ"]) == ("ES256", "at+jwt")
        audience = world.app.state.settings.public_url
        claims = jwt.decode(token, keys[header["kid"]], "ES256", audience=audience)
        assert (claims["client_id"], claims["role"]) == (program.name, "client")
        for key in keys.values():
            assert set(key) == {"kty", "crv", "x", "y", "kid", "alg", "use"}, "no private part"


class TestRequests:
    @pytest.mark.parametrize(
        ("form", "error"),
        [
            ({}, (400, "invalid_request")),
            (GRANT, UNKNOWN),
            (GRANT | {"client_id": "a", "client_secret": "b"}, UNKNOWN),
        ],
        ids=str,
    )
    async def test_without_a_grant_or_a_proof_are_refused_as_rfc_6749_says(
        self, world: World, form: Mapping[str, Any], error: tuple[int, str]
    ):
        assert refused(await world.anonymous.post(TOKEN, data=dict(form))) == error

    async def test_with_two_proofs_are_refused(self, program: Program):
        twice = await program.with_secret(client_assertion=program.assertion())
        assert refused(twice) == (400, "invalid_request")

    async def test_with_unknown_fields_are_not(self, program: Program):
        issued = await program.with_secret(resource="https://api.example", audience="x")
        assert issued.status_code == 200
