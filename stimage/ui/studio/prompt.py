"""The box, what can be put into it, and what is said about the words in it."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from stimage.i18n import text
from stimage.models.folder import ModelFolder
from stimage.models.prompt_words import marks, unknown_words, words_beyond_limit
from stimage.request import MAX_PROMPT_CHARS
from stimage.ui import form
from stimage.ui.markdown import plain
from stimage.ui.state import VisitState
from stimage.ui.studio.examples import EXAMPLES, FOLDER


def prompt_box(visit: VisitState) -> str:
    """Draw the box and return what stands in it."""
    return st.text_area(
        text("studio.prompt"),
        key="prompt",
        max_chars=MAX_PROMPT_CHARS,
        placeholder=text("studio.placeholder"),
        label_visibility="collapsed",
        height=84,
        on_change=_note_typing,
        args=(visit,),
        bind="query-params",
        persist_state="session",
    )


def _note_typing(visit: VisitState) -> None:
    """Remember what a person typed, so that only a replacement of it offers Undo."""
    visit.seen_prompt, visit.undo = form.prompt_in_box(), ""


def undo_button(visit: VisitState) -> None:
    """Offer what the dice, an example or another button replaced."""
    now = form.prompt_in_box()
    if now != visit.seen_prompt:
        visit.undo, visit.seen_prompt = visit.seen_prompt.strip(), now
    if visit.undo:
        st.button(
            text("studio.undo"),
            icon=":material/undo:",
            help=text("studio.undo_help"),
            type="tertiary",
            key="undo_button",
            on_click=form.put_into_box,
            args=(visit.undo,),
        )


def examples_button(visit: VisitState) -> None:
    """Draw the button that opens and closes the examples."""
    st.button(
        text("studio.examples"),
        icon=":material/lightbulb:",
        help=text("studio.examples_help"),
        key="examples_button",
        on_click=_open_or_close_examples,
        args=(visit,),
    )


def _open_or_close_examples(visit: VisitState) -> None:
    visit.examples_open = not examples_open(visit)


def examples_open(visit: VisitState) -> bool:
    """Whether the examples show: while nothing is drawn yet, or when the person opened them."""
    return not visit.job_ids if visit.examples_open is None else visit.examples_open


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
                on_click=form.put_into_box,
                args=(example.prompt,),
            )


def notes_on_words(prompt: str, model: ModelFolder) -> None:
    """Name what the model will not use of the prompt, and of what should not be in the picture."""
    for icon, note in _notes(prompt, model):
        st.caption(f":material/{icon}: {plain(note)}")
    for icon, note in _notes(form.negative_prompt(), model):
        said = text("studio.in_negative_prompt", field=text("studio.negative_prompt"), note=note)
        st.caption(f":material/{icon}: {plain(said)}")


def _notes(prompt: str, model: ModelFolder) -> Iterator[tuple[str, str]]:
    if unknown := unknown_words(prompt, model):
        yield "help", text("studio.never_saw", words=", ".join(unknown))
    if unread := marks(prompt):
        yield "format_quote", text("studio.marks", marks=" ".join(unread))
    if beyond := words_beyond_limit(prompt, model):
        yield "content_cut", text("studio.too_many_words", words=" ".join(beyond))
