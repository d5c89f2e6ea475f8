"""Where messages may go: nobody may have this service knock on doors that only it can reach.

A name is judged by all the addresses that it has at the moment of sending, and the connection goes
to one that was judged; so a name that is another address a moment later gains nothing.
"""

import asyncio
import re
import socket
from concurrent.futures import Executor
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NEVER = tuple(
    map(
        ip_network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
            *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24"),
            *("192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24"),
            *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
            "168.63.129.16/32",  # a cloud's own, in every machine
            *("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"),
        ),
    )
)
"""After the registries of special addresses (RFC 6890); of IPv6 within the global unicast block."""
_GLOBAL_UNICAST = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")
_NUMBER = re.compile(r"(0[xX][0-9a-fA-F]*|[0-9]+)\.?")


class NotAllowed(Exception):
    """The address is not one that messages go to."""


def check_url(url: str, networks: tuple[Network, ...]) -> SplitResult:
    """What can be told without asking for the name. Raises NotAllowed."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise NotAllowed from error
    if (
        parts.scheme not in (("https", "http") if networks else ("https",))
        or parts.username is not None
        or parts.password is not None
        or not re.fullmatch(r"[a-z0-9._-]+|[0-9a-f:.]+", host)
        or port == 0
        or parts.netloc.startswith("[") != (":" in host)
        or parts.fragment
        or "\\" in url
    ):
        raise NotAllowed
    if _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]) or ":" in host:
        check(_literal(host), networks, secure=parts.scheme == "https")
    return parts


def _literal(host: str) -> Address:
    """Numbers have more forms than one; all but the usual one are there to deceive."""
    try:
        return ip_address(host)
    except ValueError as error:
        raise NotAllowed from error


def check(address: Address, networks: tuple[Network, ...], *, secure: bool) -> None:
    """Raises NotAllowed. Without TLS, messages go only where the operator allows."""
    within = _within(address)
    if any(within in network for network in networks):
        return
    if not secure or any(within in network for network in _NEVER):
        raise NotAllowed
    if isinstance(within, IPv6Address) and within not in _GLOBAL_UNICAST:
        raise NotAllowed


def _within(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, where it does."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


async def resolved(
    parts: SplitResult, networks: tuple[Network, ...], threads: Executor
) -> list[Address]:
    """All the addresses of the name, each of which may be sent to. Raises NotAllowed, or OSError
    when there are none."""
    host, port = parts.hostname or "", parts.port or 443

    def ask() -> list[str]:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return [str(each[4][0]).partition("%")[0] for each in found]

    texts = await asyncio.get_running_loop().run_in_executor(threads, ask)
    addresses = [ip_address(each) for each in dict.fromkeys(texts)]
    for address in addresses:
        check(address, networks, secure=parts.scheme == "https")
    if not addresses:
        raise NotAllowed
    return addresses
