"""Users: who can sign in, and how administrators keep somebody out."""

from datetime import timedelta
from uuid import uuid4

import pytest
from pyotp import random_base32
from sqlalchemy import func

from app.accounts import second_factors
from app.accounts.models import SignIn
from tests.accounts.steps import (
    REFUSED,
    add_user,
    address,
    at_a_browser,
    comes_in,
    coordinator,
    give_role,
)
from tests.oauth.people import books, ends, invitation
from tests.oauth.programs import refused
from tests.world import Somebody, World, everything, problem

NOT_GOOD = (400, "invalid_grant")


async def emails(admin: Somebody, **query: object) -> set[str]:
    return {user["email"] for user in await everything(admin, "/users", **query)}


class TestAdding:
    async def test_gives_a_user_who_can_be_read(self, academy: Somebody):
        email = address()
        added = await academy.post("/users", json={"email": email, "name": "Lê Thị Hoà"})
        assert added.status_code == 201
        read = await academy.get(f"/users/{added.json()['id']}")
        assert read.json() == added.json()
        assert read.headers["ETag"] == added.headers["ETag"] == '"1"'
        assert (read.json()["email"], read.json()["name"]) == (email, "Lê Thị Hoà")
        assert read.json()["disabled_at"] is None

    async def test_refuses_an_address_that_somebody_has_in_whatever_case(self, academy: Somebody):
        user = await add_user(academy)
        for email in (user["email"], user["email"].upper(), f"  {user['email'].title()} "):
            again = await academy.post("/users", json={"email": email, "name": "Người khác"})
            assert problem(again) == (409, "email-taken")
        assert await emails(academy, email=user["email"]) == {user["email"]}

    @pytest.mark.parametrize(
        "email", ["", "lan", "lan@hanoi", "@hanoi.example", "a@b@hanoi.example", "a b@c.example"]
    )
    async def test_refuses_what_is_no_address(self, academy: Somebody, email: str):
        refusal = await academy.post("/users", json={"email": email, "name": "Lan"})
        assert problem(refusal) == (422, "invalid-request")


class TestFinding:
    async def test_by_address_in_any_case(self, academy: Somebody):
        user = await add_user(academy)
        for email in (user["email"], user["email"].upper()):
            assert await emails(academy, email=email) == {user["email"]}
        assert await emails(academy, email=user["email"][1:]) == set(), "only the whole address"

    async def test_by_organization_and_role_where_they_hold_it_now(
        self, academy: Somebody, hanoi: Somebody, hue: Somebody
    ):
        both, former = await add_user(academy), await add_user(academy)
        await give_role(academy, both["id"], hanoi.organization, "viewer")
        await give_role(academy, both["id"], hue.organization, "coordinator")
        gone = await give_role(academy, former["id"], hanoi.organization, "viewer")
        await academy.post(f"/memberships/{gone.json()['id']}/end")

        there = {"organization": str(hanoi.organization)}
        assert await emails(academy, **there, role="viewer") == {both["email"]}
        assert both["email"] in await emails(academy, **there)
        assert former["email"] not in await emails(academy, **there)
        assert both["email"] not in await emails(academy, **there, role="coordinator"), (
            "which they are elsewhere"
        )
        assert both["email"] in await emails(academy, role="coordinator")

    async def test_by_whether_they_are_kept_out(self, academy: Somebody):
        inside, outside = await add_user(academy), await add_user(academy)
        await academy.post(f"/users/{outside['id']}/disable")
        shut_out = await emails(academy, disabled=True)
        assert outside["email"] in shut_out
        assert inside["email"] not in shut_out
        for user, disabled in ((inside, False), (outside, True)):
            assert await emails(academy, email=user["email"], disabled=not disabled) == set()


class TestReplacing:
    async def test_takes_the_version_that_was_read(self, academy: Somebody):
        path = f"/users/{(await add_user(academy))['id']}"
        body = {"email": address(), "name": "Trần Thị Lan Anh"}
        assert problem(await academy.put(path, json=body)) == (428, "version-required")
        changed = await academy.put(path, json=body, headers={"If-Match": '"1"'})
        assert (changed.status_code, changed.json()["version"]) == (200, 2)
        assert changed.json()["name"] == "Trần Thị Lan Anh"
        late = await academy.put(path, json=body, headers={"If-Match": '"1"'})
        assert problem(late) == (412, "outdated")

    async def test_may_change_the_case_of_ones_own_address_but_not_take_anothers(
        self, academy: Somebody
    ):
        user, other = await add_user(academy), await add_user(academy)
        path = f"/users/{user['id']}"
        own = await academy.put(
            path,
            json={"email": user["email"].upper(), "name": "Lan"},
            headers={"If-Match": '"1"'},
        )
        assert own.status_code == 200
        theirs = {"email": other["email"].upper(), "name": "Lan"}
        refusal = await academy.put(path, json=theirs, headers={"If-Match": '"2"'})
        assert problem(refusal) == (409, "email-taken")

    async def test_leaves_a_link_that_went_to_the_former_address_without_effect(
        self, world: World, academy: Somebody
    ):
        """It may have been a stranger's: that is why it is put right."""
        linh = await coordinator(world)
        path = f"/users/{linh.id}"
        link = await invitation(world, linh)
        present = await academy.get(path)
        version = {"If-Match": present.headers["ETag"]}
        renamed = {"email": linh.email, "name": "Tên mới"}
        renamed_answer = await academy.put(path, json=renamed, headers=version)
        assert (await world.anonymous.get(f"http://test{link}")).status_code == 200

        version = {"If-Match": renamed_answer.headers["ETag"]}
        await academy.put(path, json=renamed | {"email": address()}, headers=version)
        assert (await world.anonymous.get(f"http://test{link}")).status_code == 410


class TestDisabling:
    async def test_refuses_the_very_next_request_of_every_token(
        self, world: World, academy: Somebody
    ):
        linh = await coordinator(world)
        there = [await at_a_browser(world, linh) for _ in range(2)]
        assert [await one.calls() for one in there] == [200, 200]
        disabled = await academy.post(f"/users/{linh.id}/disable")
        assert disabled.json()["disabled_at"] is not None
        for one in there:
            assert await one.calls() == 401
            assert refused(await one.portal.refreshes(one.refresh)) == NOT_GOOD
        assert await ends(world, linh) == ["ended_by_administrator"] * 2

    async def test_ends_what_enabling_does_not_bring_back(self, world: World, academy: Somebody):
        linh = await coordinator(world)
        before, link = await at_a_browser(world, linh), await invitation(world, linh)
        await academy.post(f"/users/{linh.id}/disable")
        enabled = await academy.post(f"/users/{linh.id}/enable")
        assert enabled.json()["disabled_at"] is None
        assert await before.calls() == 401
        assert refused(await before.portal.refreshes(before.refresh)) == NOT_GOOD
        assert (await world.anonymous.get(f"http://test{link}")).status_code == 410
        assert await (await at_a_browser(world, linh)).calls() == 200, "with the same password"

    async def test_ends_a_sign_in_too_that_began_at_the_same_moment(
        self, world: World, academy: Somebody
    ):
        linh = await coordinator(world)
        await academy.post(f"/users/{linh.id}/disable")
        async with books(world) as session:
            late = {"user_id": linh.id, "membership_id": linh.memberships[0], "client": "lms"}
            late |= {
                "scope": "",
                "method": "password",
                "expires_at": func.now() + timedelta(hours=1),
            }
            session.add(SignIn(**late))
        await academy.post(f"/users/{linh.id}/enable")
        assert await ends(world, linh) == ["ended_by_administrator"]

    async def test_says_since_when_and_twice_is_no_other_time(self, academy: Somebody):
        path = f"/users/{(await add_user(academy))['id']}"
        first = (await academy.post(f"{path}/disable")).json()
        assert (await academy.post(f"{path}/disable")).json() == first
        assert (await academy.get(path)).json() == first

    async def test_is_not_done_to_oneself(self, academy: Somebody):
        refusal = await academy.post(f"/users/{academy.subject}/disable")
        assert problem(refusal) == (409, "not-yourself")
        assert (await academy.get("/me")).status_code == 200

    async def test_of_an_unknown_user_is_refused(self, academy: Somebody):
        for action in ("disable", "enable", "sign-out", "reset-second-factor", "invite"):
            refusal = await academy.post(f"/users/{uuid4()}/{action}")
            assert problem(refusal) == (404, "not-found")


class TestSigningOut:
    async def test_ends_every_sign_in_and_lets_them_sign_in_again(
        self, world: World, academy: Somebody
    ):
        linh, other = await coordinator(world), await coordinator(world)
        there = [await at_a_browser(world, linh) for _ in range(2)]
        elsewhere = await at_a_browser(world, other)
        assert (await academy.post(f"/users/{linh.id}/sign-out")).status_code == 200
        for one in there:
            assert await one.calls() == 401
            assert refused(await one.portal.refreshes(one.refresh)) == NOT_GOOD
        assert await elsewhere.calls() == 200
        assert await (await at_a_browser(world, linh)).calls() == 200


class TestSecondFactor:
    async def test_that_is_reset_counts_no_more_and_signs_them_out(
        self, world: World, academy: Somebody
    ):
        linh = await coordinator(world)
        seal = world.app.state.seals.secrets
        async with books(world) as session:
            await second_factors.add(session, seal, linh.id, random_base32(), 0)
        before = await comes_in(world, linh.id)
        reset = await academy.post(f"/users/{linh.id}/reset-second-factor")
        assert reset.json()["second_factor_reset_at"] is not None
        assert problem(await before.get("/learners")) == REFUSED
        async with books(world) as session:
            assert await second_factors.active(session, linh.id) is None

        async with books(world) as session:
            await second_factors.add(session, seal, linh.id, random_base32(), 0)
        async with books(world) as session:
            assert await second_factors.active(session, linh.id) is not None, "a new one counts"


@pytest.mark.parametrize("role", ["academy_staff", "instructor"])
async def test_of_the_academy_only_administrators_see_users(
    world: World, academy: Somebody, role: str
):
    somebody = await world.somebody(role)
    user = await add_user(academy)
    for answer in (
        await somebody.get("/users"),
        await somebody.get(f"/users/{user['id']}"),
        await somebody.post(f"/users/{user['id']}/disable"),
    ):
        assert problem(answer) == (403, "forbidden")
    assert (await academy.get(f"/users/{user['id']}")).json() == user


async def test_an_auditor_reads_users_and_changes_none(world: World, academy: Somebody):
    auditor, user = await world.somebody("auditor"), await add_user(academy)
    assert (await auditor.get(f"/users/{user['id']}")).json() == user
    assert problem(await auditor.post(f"/users/{user['id']}/disable")) == (403, "forbidden")
    body = {"email": user["email"], "name": "Người khác"}
    changed = await auditor.put(f"/users/{user['id']}", json=body, headers={"If-Match": '"1"'})
    assert problem(changed) == (403, "forbidden")
