"""Who one is, and what one may do: enough for a program to greet a person by."""

from uuid import uuid4

import pytest

from app.access.permissions import GRANTS, Role
from tests.access.elsewhere import Serving
from tests.access.outside_issuer import OutsideIssuer
from tests.accounts.steps import REFUSED, at_a_browser, coordinator
from tests.oauth.browser import Browser
from tests.oauth.programs import Portal, signed_in
from tests.world import Somebody, World, add_learner, problem


async def test_tells_a_person_who_they_are_and_where(world: World, academy: Somebody):
    linh = await coordinator(world)
    here = await world.holding((await at_a_browser(world, linh)).access)
    me = (await here.get("/me")).json()
    organization = await academy.get(f"/organizations/{await world.organization('hanoi')}")
    names = ("id", "code", "kind", "name_vi", "name_en")
    assert me["organization"] == {name: organization.json()[name] for name in names}
    sign_ins = await academy.get("/sign-ins", params={"user": str(linh.id)})
    assert me | {"organization": None} == {
        "id": str(linh.id),
        "name": "Trần Thị Bích",
        "email": linh.email,
        "role": "coordinator",
        "organization": None,
        "permissions": sorted(GRANTS[Role.COORDINATOR]),
        "sign_in_id": sign_ins.json()["items"][0]["id"],
    }


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.CLIENT}))
async def test_is_told_in_every_role(world: World, hanoi: Somebody, role: Role):
    theirs = role in (Role.COORDINATOR, Role.VIEWER, Role.LEARNER)
    learner = (await add_learner(hanoi))["id"] if role is Role.LEARNER else None
    place = hanoi.organization if theirs else await world.academy()
    somebody = await world.somebody(role, place, learner)
    me = (await somebody.get("/me")).json()
    assert (me["id"], me["role"]) == (str(somebody.subject), role)
    assert me["organization"]["id"] == str(place)
    assert me["permissions"] == sorted(GRANTS[role])


async def test_is_told_whatever_little_the_person_let_the_program_do(world: World):
    linh = await coordinator(world)
    portal = await Portal(world).opened()
    async with Browser.somewhere(world.app) as browser:
        narrow = await signed_in(browser, portal, linh, scope="units:write")
    here = await world.holding(narrow.access)
    me = (await here.get("/me")).json()
    assert (me["email"], me["permissions"]) == (linh.email, ["me:read", "units:write"])
    assert problem(await here.get("/learners")) == (403, "forbidden")


async def test_tells_a_program_whose_it_is(world: World, hanoi: Somebody):
    for scopes in ((), ("learners:read",)):
        program = await world.program(hanoi.organization, *scopes)
        me = (await program.get("/me")).json()
        assert (me["id"], me["role"]) == (str(program.subject), "client")
        assert me["name"].startswith("client-")
        assert (me["email"], me["sign_in_id"]) == (None, None)
        assert me["organization"]["id"] == str(hanoi.organization)
        assert me["permissions"] == sorted(["me:read", *scopes])


async def test_tells_a_person_whom_somebody_else_vouches_for(
    serving: Serving, codes: dict[str, str]
):
    async with OutsideIssuer() as issuer, serving(issuer) as world:
        token = issuer.token(sub=uuid4().hex, name="Lê Văn Bình")
        me = (await (await world.holding(token)).get("/me")).json()
    assert (me["name"], me["role"], me["sign_in_id"]) == ("Lê Văn Bình", "coordinator", None)
    assert me["organization"]["code"] == codes["ha-noi"]


async def test_is_read_anew_only_when_something_changed(world: World, academy: Somebody):
    linh = await coordinator(world)
    here = await world.holding((await at_a_browser(world, linh)).access)
    tag = (await here.get("/me")).headers["ETag"]
    for held in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await here.get("/me", headers={"If-None-Match": held})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == tag
    held = {"If-None-Match": tag}
    elsewhere = await world.holding((await at_a_browser(world, linh)).access)
    assert (await elsewhere.get("/me", headers=held)).status_code == 200, "another sign-in"

    version = {"If-Match": (await academy.get(f"/users/{linh.id}")).headers["ETag"]}
    body = {"email": linh.email, "name": "Trần Thị Bích Ngọc"}
    await academy.put(f"/users/{linh.id}", json=body, headers=version)
    changed = await here.get("/me", headers=held)
    assert (changed.status_code, changed.json()["name"]) == (200, "Trần Thị Bích Ngọc")


async def test_is_told_to_nobody_without_a_token(world: World):
    assert problem(await world.anonymous.get("/me")) == REFUSED
