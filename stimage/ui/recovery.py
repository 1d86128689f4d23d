"""What a page does when a run of it failed, whatever the reason."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from stimage.errors import StimageError
from stimage.i18n import sentence, text
from stimage.ui.markdown import plain


def recover(error: Exception) -> bool:
    """Say in a sentence that the run failed, and put every widget back.

    A visitor's program may send a widget what no browser sends, text for a number; Streamlit keeps
    it, and would fail at it in every later run. The log has the traceback; the page shows none.

    Returns:
        True: Streamlit need not show the error.
    """
    forget_widgets()
    kind = type(error).__name__
    said = sentence(error) if isinstance(error, StimageError) else text("page.failed", kind=kind)
    st.error(plain(said), icon=":material/error:")
    return True


def forget_widgets() -> None:
    """Empty the state of the session but for the visit.

    Streamlit's own `st.session_state.clear()` reads each value before it goes, and so would fail.
    """
    context = get_script_run_ctx()
    assert context is not None, "a page runs"
    state = context.session_state._state
    state._new_widget_state.states.clear()
    visit = st.session_state.get("visit")
    state.clear()
    if visit is not None:
        st.session_state.visit = visit
