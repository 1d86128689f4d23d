"""The box, what can be put into it, and what is said about the words in it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from stimage.models.prompt_words import unknown_words, words_beyond_limit
from stimage.request import MAX_PROMPT_CHARS
from stimage.ui.markdown import plain
from stimage.ui.studio import texts
from stimage.ui.studio.examples import EXAMPLES, FOLDER


def prompt_box() -> str:
    """Draw the box and return what stands in it."""
    return st.text_area(
        texts.PROMPT,
        key="prompt",
        max_chars=MAX_PROMPT_CHARS,
        placeholder=texts.PLACEHOLDER,
        label_visibility="collapsed",
        height=84,
        on_change=note_typing,
        bind="query-params",
        persist_state="session",
    )


def note_typing() -> None:
    """Remember what a person typed, so that only a replacement of it offers Undo."""
    st.session_state.seen_prompt = st.session_state.prompt
    st.session_state.undo = ""


def undo_button() -> None:
    """Offer what the dice, an example or another button replaced."""
    state = st.session_state
    seen = state.get("seen_prompt", "")
    if state.prompt != seen:
        state.undo = seen.strip()
        state.seen_prompt = state.prompt
    if state.get("undo"):
        st.button(
            texts.UNDO,
            icon=":material/undo:",
            help=texts.UNDO_HELP,
            type="tertiary",
            key="undo_button",
            on_click=undo,
        )


def undo() -> None:
    """Put back what stood in the box; a second time takes that back."""
    st.session_state.prompt = st.session_state.undo


def examples_button() -> None:
    """Draw the button that opens and closes the examples."""
    st.button(
        texts.EXAMPLES,
        icon=":material/lightbulb:",
        help=texts.EXAMPLES_HELP,
        key="examples_button",
        on_click=lambda: st.session_state.update(examples_open=not examples_open()),
    )


def examples_open() -> bool:
    """Whether the examples show: while nothing is drawn yet, or when the person opened them."""
    chosen = st.session_state.get("examples_open")
    return not st.session_state.jobs if chosen is None else bool(chosen)


def examples() -> None:
    """Draw one card for each example: its small picture and its prompt; a click fills the box."""
    with st.container(key="examples"), st.grid("auto", min_column_width=150):
        for number, example in enumerate(EXAMPLES):
            drawn = (FOLDER / example.picture).is_file()
            image = f"![](app/static/examples/{example.picture}) " if drawn else ""
            st.button(
                image + example.prompt,
                key=f"example_{number}",
                width="stretch",
                wrap=True,
                on_click=st.session_state.update,
                kwargs={"prompt": example.prompt},
            )


def notes_on_words(prompt: str, folder: Path) -> None:
    """Name the words that the model has never seen or will not read."""
    if unknown := unknown_words(prompt, folder):
        st.caption(f":material/help: {plain(texts.never_saw(unknown))}")
    if beyond := words_beyond_limit(prompt, folder):
        st.caption(f":material/content_cut: {plain(texts.too_many_words(beyond))}")
