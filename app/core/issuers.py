"""Outside identity providers whose access tokens are accepted, as an operator describes them."""

import tomllib
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

OutsideRole = Literal[
    "academy_admin", "academy_staff", "auditor", "instructor", "coordinator", "viewer"
]
"""Not of learners and programs: these have a record, or an account, of their own here."""


def secure_url(url: str) -> str:
    """The URL, if what is read there can be believed; else a ValueError."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname)):
        raise ValueError("must begin with https:// (http:// only on this very host)")
    if not parts.hostname or parts.username is not None or parts.fragment:
        raise ValueError("must name a host, and neither a user nor a fragment")
    return url


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


SecureUrl = Annotated[str, AfterValidator(secure_url)]
Named = Annotated[str, Field(min_length=1)]


class IssuerSettings(BaseModel):
    """One provider. What its claims are not mapped to, they do not grant."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: SecureUrl
    """As its tokens say it in `iss`, to the letter."""
    jwks_uri: SecureUrl | None = None
    """Where its keys are; unsaid, its discovery document tells (OpenID Connect Discovery, 4)."""
    audience: Named
    """What this service is called there: tokens name it in `aud`."""
    algorithms: tuple[Literal["RS256", "ES256"], ...] = Field(("RS256", "ES256"), min_length=1)
    role_claim: Named
    """A path with dots leads into an object: `realm_access.roles`."""
    organization_claim: Named
    name_claim: Named = "name"
    roles: dict[str, OutsideRole] = Field(min_length=1)
    """A value of the role claim, and the role it grants."""
    organizations: dict[str, Named] = Field(min_length=1)
    """A value of the organisation claim, and the code of the organisation."""


def read_issuers(given: Any) -> Any:
    """What the TOML file of that path says; anything but a path is left to be validated."""
    if not isinstance(given, str | Path):
        return given
    said = tomllib.loads(Path(given).read_text("utf-8"))
    if said.keys() != {"issuers"}:
        raise ValueError("the file consists of [[issuers]] tables")
    return said["issuers"]
