"""Programs: what they may do, and where they send people back to."""

from uuid import uuid4

import pytest

from app.access.permissions import ALWAYS, GRANTS, Permission, Role
from tests.accounts.steps import REFUSED, add_program, at_a_browser, coordinator
from tests.oauth.programs import GRANT, TOKEN, refused
from tests.world import Somebody, World, everything, problem

ALLOWED = sorted(map(str, GRANTS[Role.CLIENT] - ALWAYS))
UNKNOWN = (401, "invalid_client")


async def with_secret(admin: Somebody, client: dict[str, str]) -> tuple[str, str]:
    key = await admin.post(f"/clients/{client['id']}/keys", json={})
    assert key.status_code == 201, key.text
    return client["name"], key.json()["secret"]


class TestRegistering:
    async def test_gives_a_program_of_one_organization(self, academy: Somebody, hanoi: Somebody):
        made = await add_program(academy, hanoi.organization, "learners:read", "units:write")
        assert made.status_code == 201
        client = made.json()
        assert client["scopes"] == ["learners:read", "units:write"]
        assert (client["redirect_uris"], client["revoked_at"]) == ([], None)
        read = await academy.get(f"/clients/{client['id']}")
        assert (read.json(), read.headers["ETag"]) == (client, made.headers["ETag"])
        theirs = {"organization": str(hanoi.organization)}
        assert await everything(academy, "/clients", **theirs) == [client]

    async def test_under_a_name_that_was_given_is_refused_for_good(
        self, academy: Somebody, hanoi: Somebody, hue: Somebody
    ):
        client = (await add_program(academy, hanoi.organization)).json()
        for _ in range(2):
            again = await add_program(academy, hue.organization, name=client["name"])
            assert problem(again) == (409, "client-name-taken")
            await academy.post(f"/clients/{client['id']}/revoke")

    @pytest.mark.parametrize("name", ["swagger-ui", "command-line"])
    async def test_under_a_name_of_the_services_own_is_refused(
        self, academy: Somebody, hanoi: Somebody, name: str
    ):
        refusal = await add_program(academy, hanoi.organization, name=name)
        assert problem(refusal) == (409, "client-name-taken")

    async def test_for_an_organization_that_is_not_there_is_refused(self, academy: Somebody):
        assert problem(await add_program(academy, uuid4())) == (404, "not-found")

    @pytest.mark.parametrize("scope", sorted({*Permission, "root", ""} - {*ALLOWED}))
    async def test_with_a_scope_that_no_program_has_names_those_that_it_may_have(
        self, academy: Somebody, hanoi: Somebody, scope: str
    ):
        refusal = await add_program(academy, hanoi.organization, "learners:read", scope)
        assert problem(refusal) == (422, "invalid-request")
        (error,) = refusal.json()["errors"]
        assert (error["code"], error["pointer"]) == ("not_for_programs", "/scopes/1")
        assert ", ".join(ALLOWED) in error["message"]


class TestRedirection:
    @pytest.mark.parametrize(
        "address",
        [
            "https://lms.example/signed-in",
            "https://lms.example:8443/signed-in?from=banggiao",
            "http://127.0.0.1:5173/signed-in",
            "http://localhost/signed-in",
            "http://[::1]:8000/",
            "com.example.app:/signed-in",
            "com.example.app:/x",
        ],
    )
    async def test_goes_over_tls_or_to_the_machine_itself_or_to_an_application(
        self, academy: Somebody, hanoi: Somebody, address: str
    ):
        made = await add_program(academy, hanoi.organization, redirect_uris=[address])
        assert made.status_code == 201, made.text
        assert made.json()["redirect_uris"] == [address]

    @pytest.mark.parametrize(
        "address",
        [
            "http://lms.example/signed-in",
            "http://localhost.example/",
            "http://127.0.0.1.example/",
            "http://localhost@lms.example/",
            "https://lms.example/#",
            "https://lms.example/#fragment",
            "https://lms.example/*",
            "https://*.lms.example/",
            "https://name@lms.example/",
            "https://name:password@lms.example/",
            "https://:password@lms.example/",
            "https://@lms.example/",
            "https://lms.example\\@elsewhere.example/",
            "https://lms.example\\.elsewhere.example/",
            "https:///signed-in",
            "https:/lms.example/",
            "https:lms.example",
            "https://[::1/",
            "https://lms.example:no/",
            "https://lms.example:70000/",
            "javascript:alert(1)",
            "JavaScript:alert(document.domain)//.example",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "app:/x",
            "lms.example:443/signed-in",
            "//lms.example/",
            "/signed-in",
            "signed-in",
            "lms.example",
            "",
            "https://lms.example/signed in",
            "https://học.example/",
            f"https://lms.example/{'x' * 500}",
        ],
    )
    async def test_goes_nowhere_else(self, academy: Somebody, hanoi: Somebody, address: str):
        refusal = await add_program(academy, hanoi.organization, redirect_uris=[address])
        assert problem(refusal) == (422, "invalid-request")
        (error,) = refusal.json()["errors"]
        assert error["pointer"] == "/redirect_uris/0"
        assert address not in error["message"] or not address


class TestReplacing:
    async def test_takes_the_version_that_was_read(self, academy: Somebody, hanoi: Somebody):
        client = (await add_program(academy, hanoi.organization, "learners:read")).json()
        path = f"/clients/{client['id']}"
        body = {"scopes": ["units:write"], "redirect_uris": ["https://lms.example/"]}
        assert problem(await academy.put(path, json=body)) == (428, "version-required")
        changed = await academy.put(path, json=body, headers={"If-Match": '"1"'})
        assert {name: changed.json()[name] for name in body} == body
        assert changed.json()["name"] == client["name"]
        late = await academy.put(path, json=body, headers={"If-Match": '"1"'})
        assert problem(late) == (412, "outdated")

    async def test_refuses_the_next_request_of_a_token_with_a_scope_taken_away(
        self, world: World, academy: Somebody, hanoi: Somebody
    ):
        client = (
            await add_program(academy, hanoi.organization, "learners:read", "units:write")
        ).json()
        proof = await with_secret(academy, client)
        issued = [
            await world.anonymous.post(TOKEN, data=GRANT | asked, auth=proof)
            for asked in ({}, {"scope": "learners:read"})
        ]
        both, narrow = [await world.holding(one.json()["access_token"]) for one in issued]
        await academy.put(
            f"/clients/{client['id']}",
            json={"scopes": ["learners:read"]},
            headers={"If-Match": '"1"'},
        )
        assert problem(await both.get("/learners")) == REFUSED
        assert (await narrow.get("/learners")).status_code == 200
        too_much = GRANT | {"scope": "units:write"}
        refusal = await world.anonymous.post(TOKEN, data=too_much, auth=proof)
        assert refused(refusal) == (400, "invalid_scope")


class TestRevoking:
    async def test_refuses_the_next_request_and_the_next_token(
        self, world: World, academy: Somebody, hanoi: Somebody
    ):
        client = (await add_program(academy, hanoi.organization, "learners:read")).json()
        proof = await with_secret(academy, client)
        issued = await world.anonymous.post(TOKEN, data=GRANT, auth=proof)
        program = await world.holding(issued.json()["access_token"])
        assert (await program.get("/learners")).status_code == 200
        revoked = await academy.post(f"/clients/{client['id']}/revoke")
        assert revoked.json()["revoked_at"] is not None
        assert problem(await program.get("/learners")) == REFUSED
        assert refused(await world.anonymous.post(TOKEN, data=GRANT, auth=proof)) == UNKNOWN

    async def test_refuses_the_next_request_of_the_people_who_use_it(
        self, world: World, academy: Somebody
    ):
        linh = await coordinator(world)
        there, elsewhere = await at_a_browser(world, linh), await at_a_browser(world, linh)
        await academy.post(f"/clients/{there.portal.id}/revoke")
        assert (await there.calls(), await elsewhere.calls()) == (401, 200)

    async def test_is_for_good(self, academy: Somebody, hanoi: Somebody):
        client = (await add_program(academy, hanoi.organization, "learners:read")).json()
        path = f"/clients/{client['id']}"
        first = (await academy.post(f"{path}/revoke")).json()
        assert (await academy.post(f"{path}/revoke")).json() == first
        refusal = await academy.post(f"{path}/keys", json={})
        assert problem(refusal) == (409, "client-revoked")
        theirs = {"organization": str(hanoi.organization)}
        assert await everything(academy, "/clients", **theirs, revoked=True) == [first]
        assert await everything(academy, "/clients", **theirs, revoked=False) == []
