"""Who looks at a page: which visitor, at which address, and whether it is the owner.

The owner may change which model draws, name paths and start downloads; nobody else. The owner is
whoever opened an address with the token (`stimage.ui.gateway.owner`). The settings decide
otherwise: `STIMAGE_OWNER=1` makes every visitor the owner (for an app behind one's own password),
`STIMAGE_OWNER=0` nobody.
"""

from __future__ import annotations

import streamlit as st

from stimage.config import config
from stimage.ui.gateway import owner
from stimage.ui.gateway.client import LOOPBACK
from stimage.ui.gateway.middleware import VISITOR_COOKIE


def is_owner() -> bool:
    """Whether this visitor may choose, import, download and remove models."""
    setting = config().owner
    if setting is not None:
        return setting
    return owner.is_cookie(_cookie(owner.cookie_name()))


def visitor() -> str:
    """Return the unguessable name that all tabs of this browser share; "" if it keeps none."""
    return _cookie(VISITOR_COOKIE)


def address() -> str:
    """Return where this visitor comes from."""
    return st.context.ip_address or LOOPBACK


def _cookie(name: str) -> str:
    value = st.context.cookies.get(name)
    return value if isinstance(value, str) else ""  # Streamlit's AppTest has no browser
