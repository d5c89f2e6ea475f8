"""What a program may send somebody with: nobody is sent where the program is not known to be."""

from typing import Any
from urllib.parse import urlencode

import pytest

from app.access.models import Client
from tests.oauth.browser import Browser
from tests.oauth.people import change
from tests.oauth.programs import Portal
from tests.world import World

AUTHORIZE = "/oauth/authorize"


def elsewhere(registered: str) -> dict[str, str | None]:
    """Addresses that are nearly the registered one (RFC 9700, 2.1 and 4.1)."""
    scheme, _, rest = registered.partition("://")
    host, _, path = rest.partition("/")
    return {
        "another host": f"{scheme}://{host}.evil.example/{path}",
        "another scheme": f"http://{rest}",
        "another port": f"{scheme}://{host}:8443/{path}",
        "another path": f"{scheme}://{host}/elsewhere",
        "a path below": f"{registered}/below",
        "a path climbed": f"{registered}/../{path}",
        "a slash more": f"{registered}/",
        "a query more": f"{registered}?x=1",
        "a fragment more": f"{registered}#x",
        "another case": f"{scheme}://{host.upper()}/{path}",
        "somebody in front": f"{scheme}://{host}@evil.example/{path}",
        "credentials": f"{scheme}://a:b@{host}/{path}",
        "a backslash": f"{scheme}://evil.example\\@{host}/{path}",
        "an escape": registered.replace("signed-in", "signed%2Din"),
        "a space": f"{registered} ",
        "a line": f"{registered}\r\nLocation: https://evil.example",
        "a script": "javascript:alert(1)",
        "nothing": "",
        "none": None,
    }


class TestAddress:
    @pytest.mark.parametrize("how", elsewhere("https://a.example/signed-in"))
    async def test_that_is_not_the_programs_own_is_never_gone_to(
        self, browser: Browser, portal: Portal, how: str
    ):
        address = elsewhere(portal.redirect_uri)[how]
        page = await browser.opens(AUTHORIZE, portal.request(redirect_uri=address))
        stays_here(browser)
        assert "This link is not right" in page.said

    async def test_that_is_given_twice_is_never_gone_to(self, browser: Browser, portal: Portal):
        for second in ("https://evil.example/", portal.redirect_uri):
            asked = [*portal.request().items(), ("redirect_uri", second)]
            await browser.opens(AUTHORIZE, asked)
            stays_here(browser)
            await browser.opens(AUTHORIZE, asked[::-1])
            stays_here(browser)

    async def test_of_another_program_is_never_gone_to(
        self, browser: Browser, portal: Portal, other_portal: Portal
    ):
        theirs = other_portal.redirect_uri
        await browser.opens(AUTHORIZE, portal.request(redirect_uri=theirs))
        stays_here(browser)

    async def test_that_is_wrong_is_told_to_nobody_whatever_else_is_wrong(
        self, browser: Browser, portal: Portal
    ):
        wrong = portal.request(redirect_uri="https://evil.example/", response_type="token")
        await browser.opens(AUTHORIZE, wrong)
        stays_here(browser)

    async def test_may_be_any_that_is_registered(self, browser: Browser, portal: Portal):
        second = f"{portal.redirect_uri}/too"
        page = await browser.opens(AUTHORIZE, portal.request(redirect_uri=second))
        assert page.status == 200

    async def test_keeps_its_own_query(self, world: World, browser: Browser, portal: Portal):
        own = f"{portal.redirect_uri}?tenant=a%20b"
        await change(world, Client, Client.id == portal.id, redirect_uris=[own])
        asked = portal.request(redirect_uri=own, response_type="token")
        await browser.opens(AUTHORIZE, asked)
        assert browser.sent_to.startswith(f"{own}&error=")
        assert browser.answer["tenant"] == "a b"


class TestProgram:
    @pytest.mark.parametrize(
        "name", [None, "", "nobody", "x" * 500, "tên lạ", "'; drop table clients", "\u202e"]
    )
    async def test_that_is_unknown_sends_nobody_anywhere(
        self, browser: Browser, portal: Portal, name: str | None
    ):
        await browser.opens(AUTHORIZE, portal.request(client_id=name))
        stays_here(browser)

    async def test_that_is_revoked_sends_nobody_anywhere(
        self, world: World, browser: Browser, portal: Portal
    ):
        async with world.session() as session:
            client = await session.get_one(Client, portal.id)
            client.revoked_at = client.created_at
        await browser.opens(AUTHORIZE, portal.request())
        stays_here(browser)

    async def test_that_is_named_twice_sends_nobody_anywhere(self, browser, portal, other_portal):
        asked = [*portal.request().items(), ("client_id", other_portal.name)]
        await browser.opens(AUTHORIZE, asked)
        stays_here(browser)

    async def test_that_has_no_address_sends_nobody_anywhere(self, world, browser, portal):
        await change(world, Client, Client.id == portal.id, redirect_uris=[])
        await browser.opens(AUTHORIZE, portal.request())
        stays_here(browser)
        await browser.opens(AUTHORIZE, portal.request(redirect_uri=None))
        stays_here(browser)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no challenge": ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
    "an empty challenge": ({"code_challenge": ""}, "invalid_request"),
    "a short challenge": ({"code_challenge": "x" * 42}, "invalid_request"),
    "a long challenge": ({"code_challenge": "x" * 44}, "invalid_request"),
    "a challenge of other characters": ({"code_challenge": "=" * 43}, "invalid_request"),
    "the plain method": ({"code_challenge_method": "plain"}, "invalid_request"),
    "no method, which means plain": ({"code_challenge_method": None}, "invalid_request"),
    "the method in small letters": ({"code_challenge_method": "s256"}, "invalid_request"),
    "the implicit grant": ({"response_type": "token"}, "unsupported_response_type"),
    "a hybrid": ({"response_type": "code token"}, "unsupported_response_type"),
    "an id token": ({"response_type": "id_token"}, "unsupported_response_type"),
    "nothing": ({"response_type": None}, "unsupported_response_type"),
    "an unknown scope": ({"scope": "learners:read everything"}, "invalid_scope"),
    "OpenID Connect": ({"scope": "openid"}, "invalid_scope"),
    "a request object": ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
    "a request elsewhere": (
        {"request_uri": "http://169.254.169.254/"},
        "request_uri_not_supported",
    ),
    "a state without end": ({"state": "x" * 2001}, "invalid_request"),
}


class TestRequest:
    @pytest.mark.parametrize("what", WRONG)
    async def test_that_is_wrong_is_told_to_the_program(
        self, browser: Browser, portal: Portal, what: str
    ):
        changed, error = WRONG[what]
        asked = portal.request(**changed)
        await browser.opens(AUTHORIZE, asked)
        told = browser.answer
        assert browser.sent_to.startswith(f"{portal.redirect_uri}?error=")
        assert set(told) == {"error", "error_description", "state", "iss"}
        assert (told["error"], told["state"]) == (error, asked["state"])
        assert told["iss"] == "http://127.0.0.1:8000"
        assert told["error_description"].isascii()

    @pytest.mark.parametrize(
        "name", ["state", "scope", "response_type", "code_challenge", "code_challenge_method", "x"]
    )
    async def test_with_a_parameter_given_twice_is_told_to_the_program(
        self, browser: Browser, portal: Portal, name: str
    ):
        asked = portal.request(scope="learners:read") | {"x": "1"}
        await browser.opens(AUTHORIZE, [*asked.items(), (name, asked[name])])
        assert browser.answer["error"] == "invalid_request"

    async def test_with_unknown_parameters_is_none_the_worse(self, browser, portal):
        page = await browser.opens(AUTHORIZE, portal.request(nonce="1", prompt="login"))
        assert page.status == 200

    async def test_carries_its_state_unharmed(self, browser: Browser, portal: Portal):
        state = "a&b=c#d?e+f%20g é 中\r\nSet-Cookie: x=1"
        await browser.opens(AUTHORIZE, portal.request(state=state, response_type="token"))
        assert browser.answer["state"] == state
        assert "set-cookie" not in browser.page.response.headers

    async def test_is_made_with_get(self, browser: Browser, portal: Portal):
        body = urlencode(portal.request())
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await browser.client.post(AUTHORIZE, content=body, headers=headers)
        assert answer.status_code == 405


def stays_here(browser: Browser) -> None:
    assert browser.page.status == 400
    assert "location" not in browser.page.response.headers
    assert not browser.page.forms
    assert "evil.example" not in browser.page.html
