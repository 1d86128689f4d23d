"""Where a visitor comes from.

Behind a proxy every connection comes from the proxy. It names the visitor in `X-Forwarded-For`, and
is believed if `STIMAGE_PROXIES` lists it; from anybody else that header is a claim, no more.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

from stimage.errors import StimageError
from stimage.service.addresses import parsed

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
LOOPBACK = "127.0.0.1"


def networks(text: str) -> list[Network]:
    """Return the addresses and networks of a list such as "127.0.0.1, 10.0.0.0/8".

    Raises:
        StimageError: "not_an_address".
    """
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            found.append(ipaddress.ip_network(part, strict=False))
        except ValueError:
            raise StimageError("not_an_address", text=part) from None
    return found


def client_address(peer: str, forwarded: Sequence[str], proxies: Iterable[Network]) -> str:
    """Return the address a connection comes from, the proxies that are trusted left aside.

    Args:
        peer: who connected, as uvicorn says it. From loopback it has already believed the header.
        forwarded: the lines of `X-Forwarded-For`; each proxy writes the one before it at the end.
        proxies: who is believed.
    """
    named = [_without_port(part) for line in forwarded for part in line.split(",")]
    trusted = list(proxies)
    address = LOOPBACK if peer in named else peer
    while named and _is_in(address, trusted):
        address = named.pop()
    return address


def _is_in(address: str, trusted: list[Network]) -> bool:
    found = parsed(address)
    return found is not None and any(found in network for network in trusted)


def _without_port(part: str) -> str:
    """Return the address of an entry such as "192.0.2.1:443" or "[2001:db8::1]:443"."""
    part = part.strip()
    if part.startswith("["):
        return part[1:].partition("]")[0]
    host, _, _ = part.partition(":")
    return host if part.count(":") == 1 else part
