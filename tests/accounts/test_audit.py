"""What administrators do to accounts is written down; proofs and secrets never are."""

from base64 import b64encode, urlsafe_b64encode
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from pyotp import TOTP
from sqlalchemy import text

from app.access.tokens import SigningKey
from tests.accounts.post_office import PostOffice
from tests.accounts.steps import add_program, add_user, at_a_browser, give_role
from tests.oauth.browser import Browser
from tests.oauth.people import PASSWORD, Person, execute
from tests.oauth.programs import GRANT, TOKEN, Portal, signed_in
from tests.world import Somebody, World, everything

PROOFS = {
    "passwords": "hash",
    "second_factors": "sealed_secret",
    "recovery_codes": "hash",
    "invitations": "token_hash",
    "refresh_tokens": "hash",
    "authorization_codes": "hash",
}


async def entries(admin: Somebody, row: object) -> list[dict[str, Any]]:
    """Oldest first."""
    return await everything(admin, "/audit-entries", row=str(row), sort="occurred_at")


async def told(admin: Somebody, row: object) -> list[tuple[str, str, set[str]]]:
    """Of what was done to a row by this administrator: what, where, and which fields changed."""
    actor = f"academy_admin:{admin.subject}"
    found = [entry for entry in await entries(admin, row) if entry["actor"] == actor]
    return [(one["operation"], one["table_name"], set(one["changes"])) for one in found]


async def test_tells_who_added_changed_disabled_and_enabled_a_user(academy: Somebody):
    user = await add_user(academy)
    path = f"/users/{user['id']}"
    body = {"email": user["email"], "name": "Tên mới"}
    await academy.put(path, json=body, headers={"If-Match": '"1"'})
    for action in ("disable", "enable", "reset-second-factor"):
        await academy.post(f"{path}/{action}")
    assert await told(academy, user["id"]) == [
        ("insert", "users", set()),
        ("update", "users", {"name"}),
        ("update", "users", {"disabled_at", "signed_out_at"}),
        ("update", "users", {"disabled_at", "signed_out_at"}),
        ("update", "users", {"second_factor_reset_at", "signed_out_at"}),
    ]


async def test_tells_who_gave_a_role_and_took_it_away(academy: Somebody, hanoi: Somebody):
    user = await add_user(academy)
    given = (await give_role(academy, user["id"], hanoi.organization)).json()
    for action in ("end", "restore"):
        await academy.post(f"/memberships/{given['id']}/{action}")
    assert await told(academy, given["id"]) == [
        ("insert", "memberships", set()),
        ("update", "memberships", {"ended_at"}),
        ("update", "memberships", {"ended_at"}),
    ]
    assert await entries(hanoi, given["id"]) == await entries(academy, given["id"]), (
        "whose organisation it is sees it too"
    )


async def test_tells_who_ended_a_sign_in(world: World, academy: Somebody, hanoi: Somebody):
    viewer = await world.somebody("viewer", hanoi.organization)
    (there,) = await everything(academy, "/sign-ins", user=str(viewer.subject))
    await academy.post(f"/sign-ins/{there['id']}/end")
    ended = ("update", "sign_ins", {"ended_at", "ended_because"})
    assert await told(academy, there["id"]) == [ended]


async def test_tells_who_registered_changed_and_revoked_a_program_and_its_keys(
    academy: Somebody, hanoi: Somebody
):
    client = (await add_program(academy, hanoi.organization, "learners:read")).json()
    path = f"/clients/{client['id']}"
    key = (await academy.post(f"{path}/keys", json={})).json()
    await academy.post(f"/client-keys/{key['id']}/revoke")
    await academy.put(path, json={"scopes": []}, headers={"If-Match": '"1"'})
    await academy.post(f"{path}/revoke")
    assert await told(academy, client["id"]) == [
        ("insert", "clients", set()),
        ("update", "clients", {"scopes"}),
        ("update", "clients", {"revoked_at"}),
    ]
    assert await told(academy, key["id"]) == [
        ("insert", "client_keys", set()),
        ("update", "client_keys", {"revoked_at"}),
    ]


async def test_tells_who_invited_whom(mailed: World, office: PostOffice):
    admin = await mailed.somebody("academy_admin")
    user = await add_user(admin)
    assert (await admin.post(f"/users/{user['id']}/invite")).status_code == 200
    assert ("insert", "invitations", set()) in await told(admin, user["id"])


@pytest.fixture
async def everything_done(
    mailed: World, office: PostOffice
) -> tuple[World, Person, list[str | bytes]]:
    """Somebody who went the whole way, a program too; and each secret that was shown."""
    admin = await mailed.somebody("academy_admin")
    place = await mailed.organization("hanoi")
    user = await add_user(admin)
    whom = Person(UUID(user["id"]), user["email"])
    await give_role(admin, user["id"], place, "coordinator")
    await admin.post(f"/users/{user['id']}/invite")
    secrets: list[str | bytes] = [PASSWORD, office.link().rpartition("/")[2]]
    portal = await Portal(mailed, "secret").opened()
    secrets.append(portal.secret)
    async with Browser.somewhere(mailed.app) as browser:
        await browser.opens(office.link())
        await browser.sends(office.link(), password=PASSWORD, again=PASSWORD)
        here = await signed_in(browser, portal, whom)
        secrets += [here.access, here.refresh]
        await browser.opens("/oauth/account")
        await browser.signs_in(whom)
        await browser.sends("/oauth/account/authenticator")
        secrets.append(key := browser.page.key)
        await browser.sends("/oauth/authenticator", code=TOTP(key).now())
        secrets += browser.page.recovery_codes
        assert len(browser.page.recovery_codes) == 10
    program = (await add_program(admin, place, "learners:read")).json()
    keys = f"/clients/{program['id']}/keys"
    secret = (await admin.post(keys, json={})).json()
    await admin.post(keys, json={"public_jwk": SigningKey.generate().public_jwk()})
    secrets.append(secret["secret"])
    proof = (program["name"], secret["secret"])
    issued = await mailed.anonymous.post(TOKEN, data=GRANT, auth=proof)
    secrets.append(issued.json()["access_token"])
    for path in (f"client-keys/{secret['id']}/revoke", f"users/{user['id']}/reset-second-factor"):
        await admin.post(f"/{path}")
    await admin.post(f"/users/{user['id']}/disable")
    for table, column in PROOFS.items():
        rows = await execute(mailed, f"select {column} from {table}")
        assert rows, table
        secrets += [row[0] for row in rows]
    return mailed, whom, secrets


async def test_never_tells_a_proof_or_a_secret_or_a_hash_of_one(
    everything_done: tuple[World, Person, list[str | bytes]],
):
    world, whom, secrets = everything_done
    async with world.session() as session:
        found = await session.execute(text("select to_jsonb(a)::text from audit_entries a"))
        written = "\n".join(found.scalars())
    assert str(whom.id) in written
    for secret in secrets:
        for form in forms_of(secret):
            assert form not in written, form


def forms_of(secret: str | bytes) -> set[str]:
    """As it may have been written down, itself or as a hash."""
    plain = secret.encode() if isinstance(secret, str) else secret
    forms = {secret} if isinstance(secret, str) else set()
    for value in (plain, sha256(plain).digest()):
        forms |= {value.hex(), b64encode(value).decode(), urlsafe_b64encode(value).decode()}
    return {form for form in forms if len(form) > 8}


async def test_of_a_password_only_tells_that_and_when_it_was_set(mailed: World, office: PostOffice):
    admin = await mailed.somebody("academy_admin")
    user = await add_user(admin)
    await give_role(admin, user["id"], await mailed.organization("hanoi"), "viewer")
    await admin.post(f"/users/{user['id']}/invite")
    async with Browser.somewhere(mailed.app) as browser:
        await browser.opens(office.link())
        await browser.sends(office.link(), password=PASSWORD, again=PASSWORD)
    *_, last = await entries(admin, user["id"])
    assert (last["table_name"], last["operation"], last["changes"]) == ("passwords", "update", {})
    assert (await at_a_browser(mailed, Person(UUID(user["id"]), user["email"]))).access
