"""How AI image generation works: lays out the chapters of `stimage.explainer`.

Everything a reader meets is text, prepared figures and a few questions; no model is needed.
"""

from __future__ import annotations

import msgspec
import streamlit as st

from stimage.explainer.chapters import (
    Chapter,
    Figure,
    Fold,
    FoldKind,
    Heading,
    Myth,
    Prose,
    Question,
    chapters,
)
from stimage.explainer.manifest import picture_of
from stimage.explainer.map import map_html
from stimage.explainer.sources import fact_line
from stimage.i18n import text
from stimage.ui.explainer.figure import show_figure
from stimage.ui.layout import asset, begin_page
from stimage.ui.waiting import keep_waiting


def page() -> None:
    """Draw the page: title, ways through it, and the chapters one after the other."""
    begin_page("nav.how_it_works", "explainer.css")
    script = asset("stay_at_chapter.js")
    st.html(f"<script>{script}</script>", unsafe_allow_javascript=True)
    st.title(text("explainer.title"), anchor=False)
    st.markdown(text("explainer.intro"))
    _contents()
    for number, chapter in enumerate(chapters(), start=1):
        with st.container(key=f"chapter-{chapter.anchor}"):
            _chapter(number, chapter)
    keep_waiting()


def _contents() -> None:
    short = [f"[{c.head.title}](#{c.anchor})" for c in chapters() if c.head.short_path]
    with st.container(key="contents"):
        st.markdown(f"**{text('explainer.short_path')}** " + " → ".join(short))
        with st.expander(text("explainer.all_chapters")):
            st.markdown("\n".join(f"1. [{c.head.title}](#{c.anchor})" for c in chapters()))
        st.page_link(
            "pages/for_teachers.py", label=text("nav.for_teachers"), icon=":material/co_present:"
        )


def _chapter(number: int, chapter: Chapter) -> None:
    st.header(f"{number}. {chapter.head.title}", anchor=chapter.anchor)
    if chapter.head.here is not None:
        st.html(map_html(chapter.head.here))
    for place, block in enumerate(chapter.blocks):
        key = f"{chapter.anchor}-{place}"
        match block:
            case Prose(words):
                st.markdown(words, unsafe_allow_html=True)  # our own text, with foreign words
            case Heading(title, anchor):
                st.subheader(title, anchor=anchor)
            case Figure(name):
                show_figure(name)
            case Question():
                _question(block, key)
            case Fold(kind, words):
                _fold(kind, words, chapter)
            case Myth():
                _myth(block)
    _try_it(chapter)


def _try_it(chapter: Chapter) -> None:
    """Lead to the experiments, and to the studio with all that draws a picture of this page."""
    for name in chapter.head.experiments:
        title = text(f"experiments.{name}.title")
        st.markdown(f"**{text('explainer.experiment')}** [{title}](experiments#{name})")
    drawn = picture_of(chapter.head.prompt, chapter.head.seed)
    if drawn is not None:
        st.page_link(
            "streamlit_app.py",
            label=text("explainer.try_it", prompt=drawn.prompt),
            icon=":material/brush:",
            query_params={name: str(value) for name, value in msgspec.to_builtins(drawn).items()},
        )


def _myth(myth: Myth) -> None:
    with st.expander(myth.claim):
        st.markdown(myth.text)
        if myth.source:
            st.caption(text("explainer.myth_source", source=myth.source))


@st.fragment
def _question(question: Question, key: str) -> None:
    show_me = text("explainer.show_me")
    options = [*question.options, show_me]
    with st.container(border=True, key=f"question-{key}"):
        choice = st.radio(question.ask, options, index=None, key=f"answer-{key}")
        if choice is None:
            return
        if question.right is not None and choice != show_me:
            right = question.options[question.right]
            is_right = choice == right
            st.markdown(
                f"**{text('explainer.right')}**"
                if is_right
                else text("explainer.wrong", answer=right)
            )
        for part in question.answer:
            if isinstance(part, Prose):
                st.markdown(part.text)
            else:
                show_figure(part.name)


def _fold(kind: FoldKind, words: str, chapter: Chapter) -> None:
    with st.expander(text(f"explainer.fold.{kind}")):
        st.markdown(words)
        if kind == FoldKind.SOURCE and chapter.facts:
            st.markdown("\n".join(fact_line(fact) for fact in chapter.facts))
