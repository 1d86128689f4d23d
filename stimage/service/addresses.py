"""Internet addresses: who counts as one when turns are taken."""

from __future__ import annotations

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
HOME_PREFIX = 64  # bits of an IPv6 address that are the same for everybody behind one router


def person(address: str) -> str:
    """Return what stands for the person at an address: of an IPv6 one, the /64 of their router."""
    found = parsed(address)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, HOME_PREFIX), strict=False))
    return str(found or address)


def parsed(address: str) -> Address | None:
    """Return an address, an IPv4 one that is written inside IPv6 as IPv4; None for other text."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found
