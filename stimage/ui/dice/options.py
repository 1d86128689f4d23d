"""What else the dice can do, behind one button: codes, the count, spaCy's view, one's own text."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from stimage.dice import Roll
from stimage.dice.counting import count_sentences
from stimage.dice.custom_text import MAX_CHARS, own_words
from stimage.dice.tagger import read
from stimage.dice.vocabulary import Vocabulary, vocabulary
from stimage.errors import InvalidRequest
from stimage.ui.dice import texts as dice_texts
from stimage.ui.dice.style import COLORS


def options(
    shown: Roll,
    words: Vocabulary,
    take_code: Callable[[str], None],
    throw: Callable[[], None],
) -> None:
    """Draw the button and what opens under it.

    Args:
        shown: the sentence in the box.
        words: what the dice now draws from.
        take_code: puts the sentence of a code into the box, or raises `InvalidRequest`.
        throw: puts a new sentence into the box.
    """
    state = st.session_state
    with st.popover(dice_texts.OPTIONS, key="dice_options"):
        st.text_input(
            dice_texts.CODE,
            help=dice_texts.CODE_HELP,
            key="dice_code",
            max_chars=300,
            on_change=_try,
            args=("dice_code_problem", lambda: take_code(state.dice_code)),
        )
        if state.get("dice_code_problem"):
            st.warning(state.dice_code_problem)
        if st.button(dice_texts.HOW_MANY, key="dice_count"):
            st.markdown(dice_texts.how_many(count_sentences(words)))
        if st.button(dice_texts.READ, help=dice_texts.READ_HELP, key="dice_read"):
            _read(shown)
        st.text_area(
            dice_texts.OWN,
            help=dice_texts.OWN_HELP,
            key="dice_text",
            height=120,
            max_chars=MAX_CHARS,
        )
        with st.container(horizontal=True):
            st.button(
                dice_texts.OWN_USE,
                key="dice_own_use",
                on_click=_try,
                args=("dice_own_problem", lambda: _use_own_text(throw)),
            )
            if state.get("dice_own") is not None:
                st.button(dice_texts.OWN_STOP, key="dice_own_stop", on_click=_stop, args=(throw,))
        if state.get("dice_own_problem"):
            st.warning(state.dice_own_problem)
        elif state.get("dice_own") is not None:
            st.success(dice_texts.own_words(len(state.dice_own.nouns), len(state.dice_own.verbs)))


def _read(shown: Roll) -> None:
    """Show the sentence as spaCy reads it, with the words that it takes for something else."""
    try:
        with st.spinner(dice_texts.READING):
            reading = read(shown.parts, COLORS, dice_texts.PARTS_OF_SPEECH)
    except InvalidRequest as error:
        st.warning(str(error))
        return
    st.html(reading.html)
    st.caption(dice_texts.read_line(reading.otherwise))


def _try(problem: str, action: Callable[[], None]) -> None:
    """Do it, and keep the sentence if it can't be done."""
    st.session_state[problem] = ""
    try:
        action()
    except InvalidRequest as error:
        st.session_state[problem] = str(error)


def _use_own_text(throw: Callable[[], None]) -> None:
    st.session_state.dice_own = own_words(st.session_state.dice_text or "", vocabulary())
    throw()


def _stop(throw: Callable[[], None]) -> None:
    st.session_state.dice_own = None
    throw()
