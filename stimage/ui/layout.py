"""What every page begins with: its title, a few rules of style, and the row of links."""

import streamlit as st

from stimage.ui.studio import texts

# Streamlit's own theme lives in .streamlit/config.toml; here only what it can't say.
STYLE = """
<style>
.stMainBlockContainer { padding-top: 1.25rem; padding-bottom: 4rem; }
.stAppHeader { background: transparent; }
.stAppHeader, .stAppHeader * { pointer-events: none; }  /* it lies over the row of links */
.stAppHeader button, .stAppHeader button * { pointer-events: auto; }
.st-key-navigation a { padding-inline: .6rem; }
.stMainBlockContainer h1 { font-size: 2rem; padding-block: .75rem .25rem; }
.st-key-earlier h2 { font-size: 1.2rem; padding-block: 1rem .5rem; }
.st-key-submit kbd { color: #fff; opacity: 1; }
[data-testid="stSliderThumbValue"] { color: inherit; }
button[kind="tertiary"]:is(:hover, :active, :focus),
button[kind="tertiary"]:is(:hover, :active, :focus) * {
  color: inherit;  /* the theme's own shade is too dark on the dark page */
}
.st-key-examples .stButton, .st-key-examples .stElementContainer { height: 100%; }
.st-key-examples button {
  height: 100%; border-radius: 1rem; padding: .6rem; align-items: flex-start;
}
.st-key-examples button :is(div, span) { width: 100%; }
.st-key-examples button img {
  display: block; width: 100%; max-height: none; height: auto; aspect-ratio: 1; object-fit: cover;
  border-radius: .6rem; margin-bottom: .4rem;
}
[class*="st-key-drawing_"] .stSkeleton { aspect-ratio: 1; height: auto !important; }
:is([class*="st-key-drawing_"], .st-key-picture, .st-key-earlier) .stImage img {
  width: 100%; aspect-ratio: 1; object-fit: contain;  /* nothing jumps when a picture comes */
}
@media (max-width: 640px) {
  .st-key-submit kbd { display: none; }
  .st-key-submit { flex: 1 1 100% !important; }
  .st-key-submit button { width: 100%; }
}
</style>
"""
PAGES = (
    ("streamlit_app.py", texts.STUDIO, ":material/brush:"),
    ("pages/how_it_works.py", texts.HOW_IT_WORKS, ":material/school:"),
    ("pages/models.py", texts.MODELS, ":material/deployed_code:"),
)


def begin_page(title: str) -> None:
    """Name the browser tab, set the style and draw the row of links. First call of each page."""
    st.set_page_config(page_title=f"{title} · Stimage", page_icon=":material/brush:")
    st.html(STYLE)
    with st.container(horizontal=True, key="navigation", gap="small"):
        for page, label, icon in PAGES:
            st.page_link(page, label=label, icon=icon)
