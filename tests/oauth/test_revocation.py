"""Signing out (RFC 7009), what the service tells of itself (RFC 8414), and how it refuses."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from app.access.permissions import Permission
from tests.oauth.browser import Browser
from tests.oauth.people import Person, ends
from tests.oauth.programs import REVOKE, TOKEN, Portal, Program, SignedIn, refused, signed_in
from tests.world import World

METADATA = "http://test/.well-known/oauth-authorization-server"


class TestRevocation:
    @pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
    @pytest.mark.parametrize("hint", [None, "access_token", "refresh_token", "nonsense"])
    async def test_of_either_token_ends_the_sign_in(
        self, world: World, linh: Person, linh_signed_in: SignedIn, kind: str, hint: str | None
    ):
        portal, token = linh_signed_in.portal, linh_signed_in.tokens[kind]
        answer = await portal.revokes(token, token_type_hint=hint)
        assert (answer.status_code, answer.content) == (200, b"")
        assert await linh_signed_in.calls() == 401
        assert refused(await portal.refreshes(linh_signed_in.refresh)) == (400, "invalid_grant")
        assert await ends(world, linh) == ["signed_out"]
        assert (await portal.revokes(token)).status_code == 200, "as often as one likes"
        assert await ends(world, linh) == ["signed_out"]

    async def test_of_a_token_that_was_replaced_ends_the_sign_in_too(
        self, world: World, linh: Person, linh_signed_in: SignedIn
    ):
        portal = linh_signed_in.portal
        await portal.refreshes(linh_signed_in.refresh)
        assert (await portal.revokes(linh_signed_in.refresh)).status_code == 200
        assert await ends(world, linh) == ["signed_out"]

    async def test_leaves_other_sign_ins_alone(
        self, world: World, browser: Browser, linh: Person, linh_signed_in: SignedIn
    ):
        second = await signed_in(browser, linh_signed_in.portal, linh)
        await second.portal.revokes(second.refresh)
        assert await linh_signed_in.calls() == 200
        assert await ends(world, linh) == [None, "signed_out"]

    @pytest.mark.parametrize("token", ["x", "a.b.c", "x" * 5000, "mã"])
    async def test_of_an_unknown_token_is_as_good_as_done(self, portal: Portal, token: str):
        assert (await portal.revokes(token)).status_code == 200

    async def test_of_another_programs_token_harms_nobody(
        self, world: World, linh: Person, linh_signed_in: SignedIn, other_portal: Portal
    ):
        for token in (linh_signed_in.access, linh_signed_in.refresh):
            assert (await other_portal.revokes(token)).status_code == 200
        assert await linh_signed_in.calls() == 200
        assert await ends(world, linh) == [None]

    async def test_of_a_programs_own_token_is_not_offered(self, world: World):
        program = Program(world)
        await program.register(await world.organization("hanoi"), "learners:read")
        token = (await program.with_secret()).json()["access_token"]
        auth = (program.name, program.secret)
        answer = await world.anonymous.post(REVOKE, data={"token": token}, auth=auth)
        assert refused(answer) == (400, "unsupported_token_type")

    async def test_is_for_programs_that_prove_themselves(
        self, world: World, browser: Browser, linh: Person
    ):
        portal = await Portal(world, "secret").opened()
        linhs = await signed_in(browser, portal, linh)
        portal.proof = "none"
        assert refused(await portal.revokes(linhs.refresh)) == (401, "invalid_client")
        assert await linhs.calls() == 200
        portal.proof = "secret"
        assert (await portal.revokes(linhs.refresh)).status_code == 200
        assert await linhs.calls() == 401

    async def test_needs_a_token(self, portal: Portal):
        assert refused(await portal.posts(REVOKE, {})) == (400, "invalid_request")


class TestMetadata:
    @pytest.fixture
    async def told(self, world: World) -> dict[str, Any]:
        answer = await world.anonymous.get(METADATA)
        assert answer.headers["cache-control"] == "public, max-age=300"
        told: dict[str, Any] = answer.json()
        return told

    async def test_names_only_what_is_there(self, world: World, told: dict[str, Any]):
        issuer = told["issuer"]
        assert METADATA.endswith(f"{urlsplit(issuer).path}/.well-known/oauth-authorization-server")
        named = {name: url for name, url in told.items() if name.endswith(("endpoint", "_uri"))}
        named["service_documentation"] = told["service_documentation"]
        found = {}
        for name, url in named.items():
            assert url.startswith(f"{issuer}/")
            path = urlsplit(url).path
            post = name in ("token_endpoint", "revocation_endpoint")
            answer = await world.anonymous.request("POST" if post else "GET", f"http://test{path}")
            found[name] = answer.status_code
        assert found == {
            "authorization_endpoint": 400,  # our page: no program is named
            "token_endpoint": 400,
            "revocation_endpoint": 400,
            "jwks_uri": 200,
            "service_documentation": 200,
        }

    async def test_names_every_grant_and_no_other(self, told: dict[str, Any], portal: Portal):
        for grant in (*told["grant_types_supported"], "password", "implicit"):
            _, error = refused(await portal.posts(TOKEN, {"grant_type": grant}))
            supported = grant in told["grant_types_supported"]
            assert (error != "unsupported_grant_type") == supported

    async def test_names_scopes_challenges_and_responses_that_are_taken(
        self, told: dict[str, Any], browser: Browser, portal: Portal
    ):
        assert set(told["scopes_supported"]) == set(Permission)
        assert told["response_types_supported"] == ["code"]
        for method in told["code_challenge_methods_supported"]:
            asked = portal.request(
                scope=" ".join(told["scopes_supported"]), code_challenge_method=method
            )
            assert (await browser.opens("/oauth/authorize", asked)).status == 200
        assert told["authorization_response_iss_parameter_supported"] is True

    async def test_names_the_proofs_that_other_tests_use(self, told: dict[str, Any]):
        ways = {"none": "none", "secret": "client_secret_basic", "key": "private_key_jwt"}
        for endpoint in ("token", "revocation"):
            named = told[f"{endpoint}_endpoint_auth_methods_supported"]
            assert sorted(named) == sorted(ways.values())
            algorithms = told[f"{endpoint}_endpoint_auth_signing_alg_values_supported"]
            assert algorithms == ["ES256"]

    async def test_names_languages_that_are_spoken(
        self, told: dict[str, Any], browser: Browser, portal: Portal
    ):
        for language in told["ui_locales_supported"]:
            page = await browser.opens("/oauth/authorize", portal.request(ui_locales=language))
            assert page.response.headers["content-language"] == language


class TestRefusals:
    @pytest.mark.parametrize(
        "grant",
        [
            "password",
            "implicit",
            "urn:ietf:params:oauth:grant-type:device_code",
            "urn:ietf:params:oauth:grant-type:token-exchange",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "Authorization_Code",
            "mật khẩu",
        ],
    )
    async def test_of_grants_that_are_not_offered(self, portal: Portal, grant: str):
        form: dict[str, str | None] = {"grant_type": grant, "username": "a", "password": "b"}
        assert refused(await portal.posts(TOKEN, form)) == (400, "unsupported_grant_type")

    async def test_of_a_program_that_acts_only_for_people(self, portal: Portal):
        asked: dict[str, str | None] = {"grant_type": "client_credentials"}
        assert refused(await portal.posts(TOKEN, asked)) == (400, "unauthorized_client")

    @pytest.mark.parametrize("name", ["grant_type", "code", "client_id", "code_verifier"])
    async def test_of_parameters_given_twice(self, world: World, portal: Portal, name: str):
        """RFC 6749, 3.2."""
        form = {
            "grant_type": "authorization_code",
            "client_id": portal.name,
            "code": "x",
            "code_verifier": portal.verifier,
        }
        twice: dict[str, Any] = form | {name: [form[name], form[name]]}
        answer = await world.anonymous.post(TOKEN, data=twice)
        assert refused(answer) == (400, "invalid_request")
        two: dict[str, Any] = {"token": ["a", "b"], "client_id": portal.name}
        answer = await world.anonymous.post(REVOKE, data=two)
        assert refused(answer) == (400, "invalid_request")

    async def test_of_a_body_that_is_no_form(self, world: World):
        answer = await world.anonymous.post(TOKEN, json={"grant_type": "client_credentials"})
        assert refused(answer) == (400, "invalid_request")

    async def test_of_parameters_in_the_address(self, world: World, portal: Portal):
        """RFC 6749, 3.2: secrets in addresses end up in logs."""
        asked = {"grant_type": "refresh_token", "client_id": portal.name, "refresh_token": "x"}
        answer = await world.anonymous.post(TOKEN, params=asked)
        assert refused(answer) == (400, "invalid_request")
