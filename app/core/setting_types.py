"""Settings that are more than a number or a word, and what is wrong with a bad one."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from re import compile as pattern
from typing import Annotated, Any
from urllib.parse import urlsplit

from limits import parse_many
from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode

_ORIGIN = pattern(r"(https?)://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?")
_CUSTOMARY_PORTS = (("http", ":80"), ("https", ":443"))


def _one_rate(written: str) -> str:
    """The library reads several and heeds the first, which would hide a mistake."""
    try:
        rates = parse_many(written)
    except ValueError:
        rates = []
    if len(rates) != 1 or rates[0].amount < 1:
        raise ValueError(f"{written!r} is no rate; write one such as 30/minute")
    return written


def _address(*schemes: str, such_as: str) -> AfterValidator:
    """Of a server; what is wrong is told without the URL, which may hold a password."""

    def checked(secret: SecretStr | None) -> SecretStr | None:
        if secret is not None:
            try:
                url = urlsplit(secret.get_secret_value())
                sound = url.scheme in schemes and bool(url.hostname) and url.port != 0
            except ValueError:
                sound = False
            if not sound:
                raise ValueError(f"write it as {such_as}")
        return secret

    return AfterValidator(checked)


def _location(url: str | None) -> str | None:
    if url is not None:
        parts = urlsplit(url)
        local = parts.scheme == "file" and not parts.netloc and len(parts.path) > 1
        bucket = parts.scheme == "s3" and parts.netloc and "@" not in parts.netloc
        if not (local or bucket) or parts.query or parts.fragment:
            raise ValueError("write it as file:///folder or s3://bucket/prefix")
    return url


def _scanner(url: str | None) -> str | None:
    if url is not None:
        try:
            parts = urlsplit(url)
            tcp = parts.scheme == "tcp" and parts.hostname and parts.port != 0 and not parts.path
        except ValueError:
            raise ValueError("write it as tcp://host:3310") from None
        if not (tcp or (parts.scheme == "unix" and not parts.netloc and len(parts.path) > 1)):
            raise ValueError("write it as tcp://host:3310 or unix:///run/clamd.sock")
    return url


def _separate(given: Any) -> Any:
    return given.replace(",", " ").split() if isinstance(given, str) else given


def _exact_origins(given: list[str]) -> list[str]:
    for origin in given:
        found = _ORIGIN.fullmatch(origin)
        if found is None or (found[1], found[3]) in _CUSTOMARY_PORTS:
            raise ValueError(
                f"{origin!r} is no exact origin; write each as browsers send it, such as"
                " https://daotao.example or http://localhost:5173, without * or a path"
            )
    return given


def _networks(given: Any) -> Any:
    try:
        return tuple(ip_network(each) for each in given)
    except ValueError as error:
        raise ValueError(f"{error}; write networks such as 10.20.0.0/16") from error


Rate = Annotated[str, AfterValidator(_one_rate)]
SharedStore = Annotated[
    SecretStr | None,
    _address(
        *("redis", "rediss", "valkey", "valkeys"),
        such_as="redis://host:6379/0, rediss://, valkey:// or valkeys://",
    ),
]
MailServer = Annotated[
    SecretStr | None,
    _address("smtp", "smtps", such_as="smtp://user:password@host:587 or smtps://"),
]
FilesLocation = Annotated[str | None, AfterValidator(_location)]
Scanner = Annotated[str | None, AfterValidator(_scanner)]
Origins = Annotated[list[str], NoDecode, BeforeValidator(_separate), AfterValidator(_exact_origins)]
"""In the environment, separated by commas."""
Networks = Annotated[
    tuple[IPv4Network | IPv6Network, ...],
    NoDecode,
    BeforeValidator(_networks),
    BeforeValidator(_separate),
]
"""The same."""
