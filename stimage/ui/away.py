"""What a page says while the back-end that draws for it does not answer."""

from __future__ import annotations

import streamlit as st

from stimage.i18n import say
from stimage.service.api import ModelState
from stimage.ui.markdown import plain
from stimage.ui.service import get_service
from stimage.ui.state import VisitState

LOOK_SECONDS = 2.0


def say_if_away(visit: VisitState) -> None:
    """Say why nothing is drawn, until it is over; a submit that failed meanwhile says no more."""
    if get_service().status().state != ModelState.AWAY:
        return
    visit.problem = None

    @st.fragment(run_every=LOOK_SECONDS)
    def note() -> None:
        status = get_service().status()
        if status.state != ModelState.AWAY:
            st.rerun()
        if status.error is not None:
            st.warning(plain(say(status.error)), icon=":material/cloud_off:")

    note()
