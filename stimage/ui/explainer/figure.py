"""One small component for every figure of the explainer: sprites, native controls, no model.

The frames of a figure lie side by side in one picture; a control only moves it. So a key press
costs nothing but the browser's own work, and the server is never asked.
"""

from __future__ import annotations

import streamlit as st

from stimage.explainer.manifest import figure_data, figures
from stimage.ui.layout import asset

STATIC = "app/static/explainer/"
STUDIO = "./"  # beside this page, wherever the app is served
HTML = '<figure class="figure"></figure>'


def show_figure(name: str) -> bool:
    """Show the figure `name`; where it was not made yet, show nothing and return False."""
    figure = figures().get(name)
    if figure is None:
        return False
    component = st.components.v2.component(
        "stimage_figure", html=HTML, css=asset("figure.css"), js=asset("figure.js")
    )
    # In a list: Streamlit would load pandas, 68 MB, to see whether a dictionary holds tables.
    component(data=[figure_data(name, figure, STATIC, STUDIO)], key=f"figure-{name}")
    return True
