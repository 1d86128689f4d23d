"""What every page begins with: its title, its style, and the row of links."""

from __future__ import annotations

from functools import cache

import streamlit as st

from stimage import paths
from stimage.i18n import text

PICTURE_WIDTH = 420  # pixels on the page, of a picture on its way and of the finished one
HOUR = 3600.0  # seconds
PAGES = (
    ("streamlit_app.py", "nav.studio", ":material/brush:"),
    ("pages/how_it_works.py", "nav.how_it_works", ":material/school:"),
    ("pages/experiments.py", "nav.experiments", ":material/science:"),
    ("pages/models.py", "nav.models", ":material/deployed_code:"),
)


def begin_page(name: str, *styles: str) -> None:
    """Name the browser tab, set the style and draw the row of links. First call of each page.

    Args:
        name: the key of the page's name.
        styles: what the page needs besides, files of `assets/`.
    """
    title = text("nav.title", page=text(name))
    st.set_page_config(page_title=title)
    for file in ("layout.css", *styles):
        style(file)
    away_notice()
    with st.container(horizontal=True, key="navigation", gap="small"):
        for page, label, icon in PAGES:
            st.page_link(page, label=text(label), icon=icon)


@st.fragment(run_every=HOUR)
def away_notice() -> None:
    """Have ready what `layout.css` shows while the server is away.

    Of a page that has a timer, such as this, the browser asks for a run when the server is back.
    """
    st.html(f'<p class="away" role="status">{text("page.away")}</p>')


def style(file: str) -> None:
    """Put a style sheet of `assets/` into the page."""
    st.html(f"<style>{asset(file)}</style>")


@cache
def asset(file: str) -> str:
    """Return a file of `assets/`."""
    return (paths.ASSETS / file).read_text(encoding="utf-8")
