"""A program written with somebody else's library, against the service as an operator runs it."""

from collections.abc import AsyncIterator
from pathlib import Path
from time import time
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from cryptography.hazmat.primitives import serialization
from joserfc.jwk import ECKey

from app.access.tokens import SigningKey
from app.core.database.serving import Urls
from tests import service as services
from tests.conftest import SECRET
from tests.oauth.browser import Browser
from tests.oauth.people import Person
from tests.oauth.programs import Portal, Program
from tests.service import Service
from tests.world import World


@pytest.fixture(scope="module")
async def service(
    urls: Urls, app: Any, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Service]:
    """Known by its own address, so that what its metadata names is really there."""
    port = services.free_port()
    log = tmp_path_factory.mktemp("service") / "log"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(services, "free_port", lambda: port)
        settings = {
            "DATABASE_URL": urls.service,
            "BANGGIAO_SECRET_KEY": SECRET,
            "BANGGIAO_WORKER": "0",  # others may have one of their own in this database
        }
        settings["BANGGIAO_PUBLIC_URL"] = f"http://127.0.0.1:{port}"
        service = Service(Path(log), **settings)
    async with service:
        yield service


@pytest.fixture
async def metadata(service: Service) -> AuthorizationServerMetadata:
    """As the library finds it by the issuer's address, and finds it right."""
    async with httpx.AsyncClient() as client:
        found = await client.get(f"{service.url}/.well-known/oauth-authorization-server")
    metadata = AuthorizationServerMetadata(found.json())
    assert metadata.issuer == service.url
    for claim in metadata.REGISTRY_KEYS:
        if claim in metadata and claim != "issuer" and not claim.endswith(("endpoint", "_uri")):
            getattr(metadata, f"validate_{claim}")()
    return metadata


class Library:
    """The library's client for one of our programs."""

    def __init__(self, program: Program, proof: str, issuer: str, **given: Any) -> None:
        self.program, self.proof, self.issuer = program, proof, issuer
        method = {"none": "none", "secret": "client_secret_basic", "key": "private_key_jwt"}[proof]
        secret = {"none": None, "secret": program.secret, "key": foreign(program.key)}[proof]
        self.client = AsyncOAuth2Client(
            program.name,
            secret,
            token_endpoint_auth_method=method,
            revocation_endpoint_auth_method=method,
            code_challenge_method="S256",
            **given,
        )

    @property
    def signing(self) -> AsyncOAuth2Client:
        """For one more request: the library would use the name of an assertion again."""
        if self.proof == "key":
            claims = {"exp": int(time()) + 60}
            self.client.register_client_auth_method(
                PrivateKeyJWT(self.issuer, claims=claims, alg="ES256")
            )
        return self.client


def foreign(key: SigningKey) -> ECKey:
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return ECKey.import_key(
        key._private_key.private_bytes(pem, pkcs8, serialization.NoEncryption())
    )


@pytest.mark.parametrize("proof", ["none", "secret", "key"])
async def test_signs_somebody_in_stays_signed_in_and_signs_out(
    world: World, service: Service, metadata: AuthorizationServerMetadata, linh: Person, proof: str
):
    portal = await Portal(world, proof).opened()
    library = Library(
        portal,
        proof,
        service.url,
        scope="learners:read me:read",
        redirect_uri=portal.redirect_uri,
    )
    async with library.client:
        verifier = generate_token(48)
        address, state = library.client.create_authorization_url(
            metadata["authorization_endpoint"], code_verifier=verifier
        )
        headers = {"Accept-Language": "vi"}
        async with httpx.AsyncClient(base_url=service.url, headers=headers) as line:
            browser = Browser(line)
            await browser.opens(address)
            await browser.signs_in(linh)
            told = await browser.allows()
        assert told["iss"] == metadata["issuer"]

        token = await library.signing.fetch_token(
            metadata["token_endpoint"],
            authorization_response=browser.sent_to,
            state=state,
            code_verifier=verifier,
        )
        assert token["scope"].split() == ["learners:read", "me:read"]
        learners = f"{service.url}/v1/learners"
        assert (await library.client.get(learners)).status_code == 200
        assert (await library.client.post(learners, json={})).status_code == 403

        renewed = await library.signing.refresh_token(metadata["token_endpoint"])
        assert renewed["refresh_token"] != token["refresh_token"]
        assert (await library.client.get(learners)).status_code == 200

        revoked = await library.signing.revoke_token(
            metadata["revocation_endpoint"], renewed["refresh_token"], "refresh_token"
        )
        assert revoked.status_code == 200
        assert (await library.client.get(learners)).status_code == 401
        with pytest.raises(OAuthError, match="invalid_grant"):
            await library.signing.refresh_token(metadata["token_endpoint"])


@pytest.mark.parametrize("proof", ["secret", "key"])
async def test_calls_by_itself(
    world: World, service: Service, metadata: AuthorizationServerMetadata, proof: str
):
    program = Program(world)
    await program.register(await world.organization("hanoi"), "learners:read")
    library = Library(program, proof, service.url)
    async with library.client:
        token = await library.signing.fetch_token(
            metadata["token_endpoint"], grant_type="client_credentials"
        )
        assert token["scope"] == "learners:read"
        assert (await library.client.get(f"{service.url}/v1/learners")).status_code == 200
        refusal = await library.signing.revoke_token(
            metadata["revocation_endpoint"], token["access_token"]
        )
        with pytest.raises(OAuthError, match="unsupported_token_type"):
            library.client.parse_response_token(refusal)


async def test_is_told_of_a_refusal(
    world: World, service: Service, metadata: AuthorizationServerMetadata, linh: Person
):
    portal = await Portal(world).opened()
    library = Library(portal, "none", service.url, redirect_uri=portal.redirect_uri)
    async with library.client:
        address, state = library.client.create_authorization_url(
            metadata["authorization_endpoint"], code_verifier=generate_token(48)
        )
        async with httpx.AsyncClient(base_url=service.url) as line:
            browser = Browser(line)
            await browser.opens(address)
            await browser.signs_in(linh)
            assert await browser.denies() == {
                "error": "access_denied",
                "error_description": "It was not allowed.",
                "state": state,
                "iss": service.url,
            }
        assert urlsplit(browser.sent_to).netloc == urlsplit(portal.redirect_uri).netloc
