"""The owner's token, as Jupyter has one: whoever opens an address with it is the owner.

The address leaves the address bar at once; a cookie that no script and no other site can read
stays until the browser closes. Nothing else makes an owner: no address, no Host, no header.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from functools import cache

import streamlit as st

from stimage.config import config

PARAMETER = "token"  # of the address


@cache
def token() -> str:
    """Return the token of this process: the one that the settings name, or a new one."""
    return config().token or secrets.token_urlsafe(32)


def is_token(text: str) -> bool:
    """Whether this is the token. Takes as long for a near miss as for a far one."""
    return hmac.compare_digest(text.encode(), token().encode())


def cookie_name() -> str:
    """Return the name of the owner's cookie; browsers share cookies between ports."""
    return f"stimage-owner-{st.get_option('server.port')}"


def cookie() -> str:
    """Return what the owner's cookie holds: made from the token, and not the token itself."""
    return hmac.new(token().encode(), b"the cookie of the owner", hashlib.sha256).hexdigest()


def is_cookie(text: str) -> bool:
    """Whether this is what the owner's cookie holds."""
    return hmac.compare_digest(text.encode(), cookie().encode())
