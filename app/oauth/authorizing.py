"""What a program asks for when it sends somebody to sign in (RFC 6749, 4.1.1; RFC 7636, 4.3)."""

from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlencode
from uuid import UUID

from pydantic import BaseModel

from app.access.permissions import ALWAYS, Permission
from app.core.config import Settings
from app.core.database.sessions import Database
from app.oauth.clients import KnownClient, client_named
from app.oauth.errors import InvalidClient
from app.oauth.grants import CHALLENGE

LONGEST_STATE = 2000


class Asked(BaseModel):
    """A request that is right, of a program that is known, to an address of its own."""

    client: str
    within: UUID | None
    """The organisation that the program reaches no further than."""
    redirect_uri: str
    challenge: str
    scope: str
    state: str | None

    def answer(self, settings: Settings, **parameters: str) -> str:
        return answer(settings, self.redirect_uri, self.state, **parameters)


class WrongAddress(Exception):
    """Nobody is sent anywhere: the program, or the address to come back to, is not known."""


class WrongRequest(Exception):
    """The program is told, at its own address (RFC 6749, 4.1.2.1)."""

    def __init__(self, redirect_uri: str, state: str | None, error: str, description: str) -> None:
        super().__init__(error)
        self.redirect_uri, self.state = redirect_uri, state
        self.error, self.description = error, description


async def asked(database: Database, settings: Settings, given: Sequence[tuple[str, str]]) -> Asked:
    """The request in the query of /oauth/authorize. Raises WrongAddress and WrongRequest."""
    once = dict(given)
    times = Counter(name for name, _ in given)
    repeated = {name for name, count in times.items() if count > 1}
    client = await _client(database, settings, once, repeated)
    redirect_uri, state = once["redirect_uri"], once.get("state")

    def wrong(error: str, description: str) -> WrongRequest:
        return WrongRequest(redirect_uri, state, error, description)

    if repeated or len(state or "") > LONGEST_STATE:
        raise wrong("invalid_request", "Give each parameter once, and a short state.")
    if once.get("response_type") != "code":
        raise wrong("unsupported_response_type", "Ask for response_type=code.")
    for objects in ("request", "request_uri"):
        if objects in once:
            raise wrong(f"{objects}_not_supported", "Give the parameters themselves.")
    challenge = once.get("code_challenge", "")
    if once.get("code_challenge_method") != "S256" or not CHALLENGE.fullmatch(challenge):
        raise wrong("invalid_request", "Send a code_challenge of the method S256 (RFC 7636).")
    scopes, most = set(once.get("scope", "").split()), set(client.scopes) or set(Permission)
    if not scopes <= most | ALWAYS:
        raise wrong("invalid_scope", f"Ask for some of: {' '.join(sorted(most))}.")
    return Asked(
        client=client.name,
        within=client.within,
        redirect_uri=redirect_uri,
        challenge=challenge,
        scope=" ".join(sorted(scopes or client.scopes)),
        state=state,
    )


async def _client(
    database: Database, settings: Settings, once: dict[str, str], repeated: set[str]
) -> KnownClient:
    if repeated & {"client_id", "redirect_uri"}:
        raise WrongAddress
    try:
        client = await client_named(database, settings, once.get("client_id", ""))
    except InvalidClient as error:
        raise WrongAddress from error
    if once.get("redirect_uri") not in client.redirect_uris:  # letter by letter (RFC 9700, 2.1)
        raise WrongAddress
    return client


def answer(settings: Settings, redirect_uri: str, state: str | None, **parameters: str) -> str:
    """Where the browser goes back to; `iss` tells the program who answers (RFC 9207)."""
    told = parameters | ({} if state is None else {"state": state}) | {"iss": settings.public_url}
    separator = "&" if "?" in redirect_uri else "?"
    return f"{redirect_uri}{separator}{urlencode(told)}"
