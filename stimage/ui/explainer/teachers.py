"""For teachers: goals, plans, what to prepare, and what to print."""

from __future__ import annotations

import streamlit as st

from stimage.explainer.lessons import for_teachers
from stimage.ui.layout import begin_page


def page() -> None:
    """Draw the page."""
    begin_page("nav.for_teachers", "explainer.css")
    st.markdown(for_teachers(chapters="how_it_works", lessons="app/static/lessons/"))
