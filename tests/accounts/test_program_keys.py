"""Keys of programs: shown once, exchanged without a gap, and good until they are revoked."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import Response
from sqlalchemy import text

from app.access.tokens import SigningKey
from tests.accounts.steps import add_program
from tests.oauth.people import execute
from tests.oauth.programs import GRANT, TOKEN, Program, refused
from tests.world import Somebody, World, problem

UNKNOWN = (401, "invalid_client")


class Keeper:
    """An administrator, and a program of Hà Nội whose keys they keep."""

    def __init__(self, world: World, admin: Somebody, client: Mapping[str, Any]) -> None:
        self.world, self.admin, self.id = world, admin, client["id"]
        self.program = Program(world, client["name"])

    async def asks(self, jwk: Any = None, **headers: str) -> Response:
        body = {} if jwk is None else {"public_jwk": jwk}
        return await self.admin.post(f"/clients/{self.id}/keys", json=body, headers=headers)

    async def adds(self, jwk: Any = None) -> dict[str, Any]:
        added = await self.asks(jwk)
        assert added.status_code == 201, added.text
        return dict(added.json())

    async def revokes(self, key: Mapping[str, Any]) -> dict[str, Any]:
        revoked = await self.admin.post(f"/client-keys/{key['id']}/revoke")
        assert revoked.status_code == 200, revoked.text
        return dict(revoked.json())

    async def keys(self, **query: Any) -> list[dict[str, Any]]:
        listed = await self.admin.get("/client-keys", params={"client": self.id, **query})
        assert listed.json()["next"] is None
        return list(listed.json()["items"])

    async def proves(self, secret: str) -> Response:
        return await self.program.with_secret(secret)

    async def signs(self, key: SigningKey) -> Response:
        return await self.program.with_assertion(self.program.assertion(key))


@pytest.fixture
async def keeper(world: World, academy: Somebody, hanoi: Somebody) -> Keeper:
    made = await add_program(academy, hanoi.organization, "learners:read")
    return Keeper(world, academy, made.json())


async def rows(world: World, table: str, id: UUID) -> str:
    """All that a table holds of a key, as text."""
    column = "row_id" if table == "audit_entries" else "id"
    found = text(f"select to_jsonb(r)::text from {table} r where {column} = :id")
    async with world.session() as session:
        written = (await session.execute(found, {"id": id})).scalars().all()
    assert written, "there is something to look at"
    return "\n".join(written)


class TestASecret:
    async def test_is_shown_once_and_proves_the_program(self, keeper: Keeper):
        added = await keeper.adds()
        assert (added["kind"], added["public_jwk"]) == ("secret", None)
        assert len(added["secret"]) >= 43
        issued = await keeper.proves(added["secret"])
        assert issued.status_code == 200
        program = await keeper.world.holding(issued.json()["access_token"])
        assert (await program.get("/learners")).status_code == 200
        (listed,) = await keeper.keys()
        assert "secret" not in listed
        assert listed["id"] == added["id"]

    async def test_is_another_each_time(self, keeper: Keeper):
        first, second = await keeper.adds(), await keeper.adds()
        assert first["secret"] != second["secret"]

    async def test_is_told_again_to_the_same_request_though_nobody_could_read_it_meanwhile(
        self, keeper: Keeper
    ):
        key = {"Idempotency-Key": uuid4().hex}
        first, again = await keeper.asks(**key), await keeper.asks(**key)
        assert (first.status_code, first.content) == (201, again.content)
        assert again.headers["Idempotency-Replayed"] == "true"
        assert len(await keeper.keys()) == 1

        secret = first.json()["secret"]
        here = await kept(keeper.world, keeper.admin, key["Idempotency-Key"])
        assert key["Idempotency-Key"] in here
        assert secret not in here
        for table in ("client_keys", "audit_entries"):
            assert secret not in await rows(keeper.world, table, UUID(first.json()["id"]))


async def kept(world: World, admin: Somebody, key: str) -> str:
    """What is kept of a request with this Idempotency-Key."""
    async with world.session() as session:
        actor = text("select set_config('app.actor', :actor, true)")
        await session.execute(actor, {"actor": f"academy_admin:{admin.subject}"})
        found = await session.execute(
            text("select key, headers::text, body from idempotency_keys where key = :key"),
            {"key": key},
        )
        row = found.one()
        return f"{row.key} {row.headers} {row.body.decode('latin-1')}"


class TestAPublicKey:
    async def test_proves_the_program_that_has_its_private_part(self, keeper: Keeper):
        key = SigningKey.generate()
        added = await keeper.adds(key.public_jwk())
        assert (added["kind"], added["secret"]) == ("public_key", None)
        assert added["public_jwk"] == key.public_jwk()
        assert (await keeper.signs(key)).status_code == 200
        assert refused(await keeper.signs(SigningKey.generate())) == UNKNOWN

    async def test_is_a_point_of_the_curve(self, keeper: Keeper):
        right = SigningKey.generate().public_jwk()
        for x, y in ((right["y"], right["x"]), ("A" * 43, "A" * 43), (right["x"], "_" * 43)):
            refusal = await keeper.asks(right | {"x": x, "y": y})
            assert problem(refusal) == (422, "invalid-request")
            (error,) = refusal.json()["errors"]
            assert (error["code"], error["pointer"]) == ("not_a_public_key", "/public_jwk")
        assert await keeper.keys() == []

    @pytest.mark.parametrize(
        "changed",
        [
            {"d": "A" * 43},
            {"kty": "RSA"},
            {"kty": "oct", "k": "c2VjcmV0"},
            {"crv": "P-384"},
            {"alg": "none"},
            {"alg": "HS256"},
            {"use": "enc"},
            {"x": ""},
            {"kid": "ký"},
        ],
        ids=str,
    )
    async def test_is_public_and_of_no_other_kind(self, keeper: Keeper, changed: dict[str, str]):
        """Above all, nobody sends us the private part."""
        refusal = await keeper.asks(SigningKey.generate().public_jwk() | changed)
        assert problem(refusal) == (422, "invalid-request")
        assert "A" * 43 not in refusal.text
        assert await keeper.keys() == []


class TestTwoKeys:
    async def test_of_a_kind_are_good_at_once_and_a_third_is_refused(self, keeper: Keeper):
        secrets = [await keeper.adds() for _ in range(2)]
        signers = [SigningKey.generate() for _ in range(2)]
        for signer in signers:
            await keeper.adds(signer.public_jwk())
        for jwk in (None, SigningKey.generate().public_jwk()):
            assert problem(await keeper.asks(jwk)) == (409, "two-keys-at-most")
        for added in secrets:
            assert (await keeper.proves(added["secret"])).status_code == 200
        for signer in signers:
            assert (await keeper.signs(signer)).status_code == 200

    async def test_are_exchanged_without_a_moment_in_which_none_is_good(self, keeper: Keeper):
        former = await keeper.adds()
        assert (await keeper.proves(former["secret"])).status_code == 200
        for _ in range(3):
            fresh = await keeper.adds()
            assert (await keeper.proves(former["secret"])).status_code == 200
            assert (await keeper.proves(fresh["secret"])).status_code == 200
            revoked = await keeper.revokes(former)
            assert revoked["revoked_at"] is not None
            assert refused(await keeper.proves(former["secret"])) == UNKNOWN
            assert (await keeper.proves(fresh["secret"])).status_code == 200
            former = fresh
        assert [key["id"] for key in await keeper.keys(revoked=False)] == [former["id"]]
        assert len(await keeper.keys(revoked=True)) == 3

    async def test_are_two_however_many_are_asked_for_at_once(self, keeper: Keeper):
        await keeper.adds()
        answers = await asyncio.gather(*(keeper.asks() for _ in range(6)))
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
        assert len(await keeper.keys(revoked=False)) == 2

    async def test_are_both_made_when_they_are_asked_for_at_once(self, keeper: Keeper):
        answers = await asyncio.gather(*(keeper.asks() for _ in range(2)))
        assert [answer.status_code for answer in answers] == [201, 201]

    async def test_of_one_program_are_no_business_of_another(self, keeper: Keeper, hue: Somebody):
        made = await add_program(keeper.admin, hue.organization, "learners:read")
        other = Keeper(keeper.world, keeper.admin, made.json())
        for _ in range(2):
            await keeper.adds()
            await other.adds()
        theirs = (await keeper.adds(SigningKey.generate().public_jwk()))["id"]
        assert theirs not in {key["id"] for key in await other.keys()}


class TestUse:
    async def test_is_told_of_each_key_and_of_the_program(self, keeper: Keeper):
        used, unused = await keeper.adds(), await keeper.adds()
        assert {key["last_used_at"] for key in await keeper.keys()} == {None}
        held = (await keeper.admin.get("/client-keys", params={"client": keeper.id})).headers
        await keeper.proves(used["secret"])
        await keeper.proves("wrong")
        answer = await keeper.admin.get(
            "/client-keys",
            params={"client": keeper.id},
            headers={"If-None-Match": held["ETag"]},
        )
        at = {key["id"]: key["last_used_at"] for key in answer.json()["items"]}
        assert at[unused["id"]] is None
        assert at[used["id"]] is not None
        client = (await keeper.admin.get(f"/clients/{keeper.id}")).json()
        assert client["last_used_at"] == at[used["id"]]
        assert client["version"] == 1, "which is no change of the program"

    async def test_moves_on_with_the_next_one(self, keeper: Keeper):
        signer = SigningKey.generate()
        await keeper.adds(signer.public_jwk())
        await keeper.signs(signer)
        (first,) = await keeper.keys()
        earlier = "update last_uses set used_at = used_at - interval '1 h' where id = :id"
        await execute(keeper.world, earlier, id=UUID(first["id"]))
        (before,) = await keeper.keys()
        await keeper.signs(signer)
        (after,) = await keeper.keys()
        assert before["last_used_at"] < first["last_used_at"] <= after["last_used_at"]


async def test_a_revoked_key_is_revoked_once(keeper: Keeper):
    key = await keeper.adds()
    first = await keeper.revokes(key)
    assert await keeper.revokes(key) == first
    anonymous = await keeper.world.anonymous.post(
        TOKEN, data=GRANT, auth=(keeper.program.name, key["secret"])
    )
    assert refused(anonymous) == UNKNOWN


async def test_a_program_without_any_key_gets_no_token_for_itself(keeper: Keeper):
    named = await keeper.world.anonymous.post(
        TOKEN, data=GRANT | {"client_id": keeper.program.name}
    )
    assert refused(named) == UNKNOWN
