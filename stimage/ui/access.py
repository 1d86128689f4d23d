"""Who may change which model draws, name paths and start downloads: the owner, nobody else.

The owner is whoever sits at the computer that runs the app: the connection comes from this
computer itself, under a local name, and no proxy or tunnel has forwarded it. So a phone in the
same network, or a visitor of a hosted app, is not the owner. The settings decide otherwise:
`STIMAGE_OWNER=1` makes every visitor the owner (for an app behind one's own password),
`STIMAGE_OWNER=0` nobody. Uploads also need `STIMAGE_UPLOADS=1`. On Streamlit Community Cloud
these stand among the app's secrets.
"""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import streamlit as st

LOCAL = {"localhost", "127.0.0.1", "::1"}
FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


def is_owner() -> bool:
    """Whether this visitor may choose, import, download and remove models."""
    setting = os.environ.get("STIMAGE_OWNER", "")
    if setting:
        return setting == "1"
    headers = {name.lower(): value for name, value in st.context.headers.items()}
    host = urlsplit(f"//{headers.get('host', '')}").hostname
    forwarded = any(name in headers for name in FORWARDED)
    return st.context.ip_address is None and host in LOCAL and not forwarded


def may_upload() -> bool:
    """Whether this visitor may send a checkpoint through the browser."""
    return is_owner() and os.environ.get("STIMAGE_UPLOADS") == "1"
