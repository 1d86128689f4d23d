"""Who may change which model draws, name paths and start downloads: the owner, nobody else.

The owner is whoever sits at the computer that runs the app: the connection comes from this
computer itself, under a local name, and no proxy or tunnel has forwarded it. So a phone in the
same network, or a visitor of a hosted app, is not the owner. The settings decide otherwise:
`STIMAGE_OWNER=1` makes every visitor the owner (for an app behind one's own password),
`STIMAGE_OWNER=0` nobody.
"""

from __future__ import annotations

import ipaddress
import re

import streamlit as st

from stimage.config import config

FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
HOST = re.compile(r"(?P<name>[a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?", re.I)


def is_owner() -> bool:
    """Whether this visitor may choose, import, download and remove models."""
    setting = config().owner
    if setting is not None:
        return setting
    headers = {name.lower(): value for name, value in st.context.headers.items()}
    forwarded = any(name in headers for name in FORWARDED)
    address = st.context.ip_address  # None for Streamlit's own spellings of this computer
    here = address is None or is_loopback(address)
    return here and is_local_host(headers.get("host", "")) and not forwarded


def is_local_host(host: str) -> bool:
    """Whether a Host header names this computer: a local name, and a port at most."""
    found = HOST.fullmatch(host)
    name = found["name"].strip("[]").lower() if found else ""
    return name == "localhost" or is_loopback(name)


def is_loopback(address: str) -> bool:
    """Whether an address is this computer's own, as IPv4, IPv6 or one inside the other."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (mapped or found).is_loopback
