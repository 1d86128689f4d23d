"""One small component for every figure of the explainer: sprites, native controls, no model.

The frames of a figure lie side by side in one picture; a control only moves it. So a key press
costs nothing but the browser's own work, and the server is never asked.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from stimage import paths
from stimage.explainer.manifest import figures, made_line

STATIC = "app/static/explainer/"
HTML = '<figure class="figure"></figure>'


def show_figure(name: str) -> bool:
    """Show the figure `name`; where it was not made yet, show nothing and return False."""
    figure = figures().get(name)
    if figure is None:
        return False
    here = paths.ASSETS
    component = st.components.v2.component(
        "stimage_figure",
        html=HTML,
        css=(here / "figure.css").read_text("utf-8"),
        js=(here / "figure.js").read_text("utf-8"),
    )
    component(data=_data(name, figure), key=f"figure-{name}")
    return True


def _data(name: str, figure: dict[str, Any]) -> dict[str, Any]:
    shown = {key: value for key, value in figure.items() if key not in ("made", "files")}
    files = [STATIC + file for file in figure.get("files", ())]
    return {"name": name, **shown, "files": files, "made": made_line(figure["made"])}
