"""People whom an outside issuer vouches for: whom its tokens let in, and as what."""

import asyncio
from time import time
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text, update

from app.access.models import Identity, Membership, User
from tests.access.elsewhere import REFUSED, Elsewhere, Serving, assert_refused
from tests.access.outside_issuer import AUDIENCE, EC, RSA, OutsideIssuer, sealed
from tests.world import problem


@pytest.mark.parametrize("key", [RSA, EC], ids=["RS256", "ES256"])
async def test_somebody_new_comes_in_with_the_role_that_their_token_is_mapped_to(
    elsewhere: Elsewhere, codes: dict[str, str], key: Any
):
    token = elsewhere.issuer.token(key, sub="b-1", email="binh@ministry.example")
    assert (await elsewhere.get(token)).status_code == 200
    assert await elsewhere.standing("b-1") == [("coordinator", codes["ha-noi"])]
    user = await elsewhere.user("b-1")
    assert user is not None
    assert user.name == "Trần Thị Bình"
    assert user.email.endswith("@outside.invalid")


async def test_they_see_and_change_what_is_their_organisations(elsewhere: Elsewhere):
    headers = {"Authorization": f"Bearer {elsewhere.issuer.token()}"}
    body = {"code": "P-1", "name_vi": "Phòng", "name_en": "Division"}
    made = await elsewhere.world.anonymous.post("/units", json=body, headers=headers)
    assert made.status_code == 201, made.text
    other = elsewhere.issuer.token(organization="hue")
    assert problem(await elsewhere.get(other, f"/units/{made.json()['id']}")) == (404, "not-found")


async def test_what_their_role_does_not_grant_is_forbidden(elsewhere: Elsewhere):
    viewer = elsewhere.issuer.token(realm_access={"roles": ["bg-viewer"]})
    assert (await elsewhere.get(viewer)).status_code == 200
    assert problem(await elsewhere.get(viewer, "/audit-entries")) == (403, "forbidden")


async def test_of_50_first_requests_at_once_one_user_comes(elsewhere: Elsewhere, serving: Serving):
    """To two processes, with tokens of their own."""
    async with serving(elsewhere.issuer) as world:
        processes = [elsewhere, Elsewhere(elsewhere.issuer, world)]
        tokens = [elsewhere.issuer.token(sub="at-once", jti=str(n)) for n in range(25)]
        asked = [process.get(token) for token in tokens for process in processes]
        answers = await asyncio.gather(*asked)
    assert {answer.status_code for answer in answers} == {200}
    async with elsewhere.world.session() as session:
        named = select(func.count()).where(Identity.subject == "at-once")
        assert await session.scalar(named) == 1
        user = await elsewhere.user("at-once")
        assert user is not None
        held = select(func.count()).where(Membership.user_id == user.id)
        assert await session.scalar(held) == 1


async def test_a_token_of_another_role_takes_the_former_one_away(
    elsewhere: Elsewhere, codes: dict[str, str], serving: Serving
):
    now = int(time())
    before = elsewhere.issuer.token(sub="moved", iat=now - 2)
    after = elsewhere.issuer.token(
        sub="moved", iat=now - 1, realm_access={"roles": ["bg-viewer"]}, organization="hue"
    )
    assert (await elsewhere.get(before)).status_code == 200
    assert (await elsewhere.get(after)).status_code == 200
    assert await elsewhere.standing("moved") == [("viewer", codes["hue"])]
    assert problem(await elsewhere.get(before)) == REFUSED

    # Nor does it come back where that token was never seen.
    async with serving(elsewhere.issuer) as world:
        assert problem(await Elsewhere(elsewhere.issuer, world).get(before)) == REFUSED
    assert await elsewhere.standing("moved") == [("viewer", codes["hue"])]
    assert (await elsewhere.get(after)).status_code == 200

    again = elsewhere.issuer.token(sub="moved", iat=now)
    assert (await elsewhere.get(again)).status_code == 200
    assert await elsewhere.standing("moved") == [("coordinator", codes["ha-noi"])]


async def test_whoever_is_disabled_here_is_refused_at_once_and_stays_so(elsewhere: Elsewhere):
    token = elsewhere.issuer.token(sub="disabled")
    assert (await elsewhere.get(token)).status_code == 200
    user = await elsewhere.user("disabled")
    assert user is not None
    async with elsewhere.world.session() as session:
        await session.execute(update(User).where(User.id == user.id).values(disabled_at=func.now()))
    assert problem(await elsewhere.get(token)) == REFUSED
    assert_refused(await elsewhere.get(elsewhere.issuer.token(sub="disabled", jti="2")))
    still = await elsewhere.user("disabled")
    assert still is not None
    assert still.disabled_at is not None


async def test_an_e_mail_address_is_nobodys_proof(elsewhere: Elsewhere):
    email = f"{uuid4().hex}@ministry.example"
    async with elsewhere.world.session() as session:
        session.add(admin := User(email=email, name="Quản trị"))
        await session.flush()
        academy = await elsewhere.world.academy()
        role = Membership(user_id=admin.id, organization_id=academy, role="academy_admin")
        session.add(role)
    token = elsewhere.issuer.token(sub=email, email=email, email_verified=True)
    assert (await elsewhere.get(token)).status_code == 200
    user = await elsewhere.user(email)
    assert user is not None
    assert user.id != admin.id
    async with elsewhere.world.session() as session:
        assert await session.scalar(select(User.name).where(User.id == admin.id)) == "Quản trị"
        held = select(Membership.ended_at).where(Membership.user_id == admin.id)
        assert (await session.scalars(held)).all() == [None]


async def test_two_issuers_mean_different_people_by_one_subject(serving: Serving):
    async with OutsideIssuer(RSA) as one, OutsideIssuer(EC) as two, serving(one, two) as world:
        users = []
        for issuer, key in ((one, RSA), (two, EC)):
            place = Elsewhere(issuer, world)
            assert (await place.get(issuer.token(key, sub="1"))).status_code == 200
            users.append(await place.user("1"))
        assert users[0] is not None
        assert users[1] is not None
        assert users[0].id != users[1].id
        assert_refused(await place.get(sealed(RSA, one.header(), one.claims(iss=two.url))))


async def test_a_second_token_that_says_the_same_changes_nothing(elsewhere: Elsewhere):
    for n in range(3):
        token = elsewhere.issuer.token(sub="same", jti=str(n))
        assert (await elsewhere.get(token)).status_code == 200
    user = await elsewhere.user("same")
    assert user is not None
    async with elsewhere.world.session() as session:
        told = await session.execute(
            text("select table_name, actor from audit_entries where row_id = :id"), {"id": user.id}
        )
        assert [tuple(row) for row in told] == [("users", f"issuer:{elsewhere.issuer.url}")]
        held = select(Membership.version).where(Membership.user_id == user.id)
        assert (await session.scalars(held)).all() == [1]


@pytest.mark.parametrize(
    ("claims", "others"),
    [
        ({"role": "bg-coordinator"}, {"role_claim": "role"}),
        ({"https://x.example/role": "bg-coordinator"}, {"role_claim": "https://x.example/role"}),
        ({"organization": ["ha-noi", "elsewhere"]}, {}),
        ({"realm_access": {"roles": ["bg-viewer", "bg-viewer"]}}, {}),
        ({"aud": AUDIENCE}, {}),
        ({"typ": None}, {}),
        ({"name": 5}, {}),
        ({"name": "a\0b\ud800"}, {}),
    ],
)
async def test_claims_may_be_a_text_or_a_list_and_stand_anywhere(
    serving: Serving, claims: dict[str, Any], others: dict[str, Any]
):
    async with OutsideIssuer() as issuer, serving(issuer, **others) as world:
        assert (await Elsewhere(issuer, world).get(issuer.token(**claims))).status_code == 200
