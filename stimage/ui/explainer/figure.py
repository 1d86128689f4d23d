"""One small component for every figure of the explainer: sprites, native controls, no model.

The frames of a figure lie side by side in one picture; a control only moves it. So a key press
costs nothing but the browser's own work, and the server is never asked.
"""

from __future__ import annotations

from typing import Any

import msgspec
import streamlit as st

from stimage.explainer.manifest import Figure, figures, made_line
from stimage.i18n import text
from stimage.ui.layout import asset

STATIC = "app/static/explainer/"
HTML = '<figure class="figure"></figure>'


def show_figure(name: str) -> bool:
    """Show the figure `name`; where it was not made yet, show nothing and return False."""
    figure = figures().get(name)
    if figure is None:
        return False
    component = st.components.v2.component(
        "stimage_figure", html=HTML, css=asset("figure.css"), js=asset("figure.js")
    )
    component(data=_data(name, figure), key=f"figure-{name}")
    return True


def _data(name: str, figure: Figure) -> dict[str, Any]:
    shown: dict[str, Any] = msgspec.to_builtins(figure)
    shown["files"] = [STATIC + file for file in figure.files]
    return shown | {"name": name, "made": made_line(figure.made), "words": _words()}


def _words() -> dict[str, str]:
    """Return what the script says itself, in the language of the page."""
    return {
        "missing": text("figure.missing"),
        "back": text("figure.back"),
        "on": text("figure.on"),
        "play": text("figure.play"),
        "stop": text("figure.stop"),
    }
