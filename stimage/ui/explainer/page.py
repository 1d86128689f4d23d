"""How AI image generation works: lays out the chapters of `stimage.explainer`.

Everything a reader meets is text, prepared figures and a few questions; no model is needed.
"""

from __future__ import annotations

import streamlit as st

from stimage.explainer.chapters import Chapter, Figure, Fold, Heading, Prose, Question, chapters
from stimage.explainer.facts import Fact
from stimage.ui.explainer.figure import show_figure
from stimage.ui.layout import begin_page

TITLE = "How AI image generation works"
SHOW_ME = "I don't know. Show me."
STYLE = """
<style>
.stMainBlockContainer { max-width: 46rem; }
.stMainBlockContainer h1 { font-size: 2.4rem; text-wrap: balance; }
.stMainBlockContainer h2 { font-size: 1.75rem; text-wrap: balance; }
.stMainBlockContainer h3 { font-size: 1.3rem; }
.stMarkdown p, .stMarkdown li { line-height: 1.65; }
.stMarkdown table { width: 100%; }
[class*="st-key-question-"] [data-testid="stWidgetLabel"] p { font-size: 1.1rem; font-weight: 600; }
[class*="st-key-question-"] [data-testid="stRadioOption"] p { font-size: 1rem; }
[class*="st-key-chapter-"] {
  margin-top: 1rem; padding-top: 2rem;
  border-top: 1px solid color-mix(in srgb, currentColor 18%, transparent);
}
@media print {
  .stAppHeader, .st-key-navigation, .st-key-contents { display: none !important; }
  .stApp, .stAppViewContainer, .stMain {
    position: static !important; overflow: visible !important; height: auto !important;
  }
  .stMainBlockContainer h2 { break-after: avoid; }
}
.stPageLink a, .stPageLink a p { white-space: normal; }
.stPageLink p { text-wrap: pretty; }
</style>
"""
# Figures come late and push the text down: stay at the address's chapter until a person moves.
STAY = """
<script>
const stay = new ResizeObserver(() => {
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
});
stay.observe(document.querySelector(".stMainBlockContainer"));
for (const sign of ["wheel", "touchstart", "pointerdown", "keydown"]) {
  addEventListener(sign, () => stay.disconnect(), { once: true, passive: true });
}
</script>
"""


def page() -> None:
    """Draw the page: title, ways through it, and the chapters one after the other."""
    begin_page("How it works")
    st.html(STYLE)
    st.html(STAY, unsafe_allow_javascript=True)
    st.title(TITLE, anchor=False)
    st.markdown(
        "Every picture on this page was made by our own small model or comes from the pictures "
        "it learned from. Guess before you look: that is how most of it stays in mind."
    )
    _contents()
    for number, chapter in enumerate(chapters(), start=1):
        with st.container(key=f"chapter-{chapter.anchor}"):
            _chapter(number, chapter)


def _contents() -> None:
    short = [f"[{c.title}](#{c.anchor})" for c in chapters() if c.short_path]
    with st.container(key="contents"):
        st.markdown("**In five minutes:** " + " → ".join(short))
        with st.expander("All chapters"):
            st.markdown("\n".join(f"1. [{c.title}](#{c.anchor})" for c in chapters()))


def _chapter(number: int, chapter: Chapter) -> None:
    st.header(f"{number}. {chapter.title}", anchor=chapter.anchor)
    for place, block in enumerate(chapter.blocks):
        key = f"{chapter.anchor}-{place}"
        match block:
            case Prose(text):
                st.markdown(text)
            case Heading(title, anchor):
                st.subheader(title, anchor=anchor)
            case Figure(name):
                show_figure(name)
            case Question():
                _question(block, key)
            case Fold("Sources", text):
                _sources(text, chapter)
            case Fold(title, text):
                st.expander(title).markdown(text)
    if chapter.prompt:
        st.page_link(
            "streamlit_app.py",
            label=f"Try it in the studio: {chapter.prompt}",
            icon=":material/brush:",
            query_params={"prompt": chapter.prompt},
        )


@st.fragment
def _question(question: Question, key: str) -> None:
    options = [*question.options, SHOW_ME]
    with st.container(border=True, key=f"question-{key}"):
        choice = st.radio(question.ask, options, index=None, key=f"answer-{key}")
        if choice is None:
            return
        if question.right is not None and choice != SHOW_ME:
            st.markdown("**Right.**" if choice == options[question.right] else _wrong(question))
        for part in question.answer:
            if isinstance(part, Prose):
                st.markdown(part.text)
            else:
                show_figure(part.name)


def _wrong(question: Question) -> str:
    assert question.right is not None
    return f"**Not quite.** The answer is: {question.options[question.right]}."


def _sources(text: str, chapter: Chapter) -> None:
    with st.expander("Sources"):
        st.markdown(text)
        if chapter.facts:
            st.markdown("\n".join(_fact_line(fact) for fact in chapter.facts))


def _fact_line(fact: Fact) -> str:
    line = (
        f"- **{fact.text}**: {fact.about}. {fact.source}, {fact.section}. Checked {fact.checked}."
    )
    if fact.recheck_after:
        line += f" The law may change: check again by {fact.recheck_after}."
    return line
