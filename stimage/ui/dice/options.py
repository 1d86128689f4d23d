"""What else the dice can do, behind one button: codes, the count, spaCy's view, one's own text."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from stimage.dice import Roll
from stimage.dice.counting import count_sentences
from stimage.dice.custom_text import MAX_CHARS
from stimage.dice.tagger import read
from stimage.dice.visit import problem_of
from stimage.errors import InvalidRequest
from stimage.i18n import say, sentence, text
from stimage.ui import form
from stimage.ui.state import VisitState

PARTS_OF_SPEECH = ("NOUN", "VERB", "ADJ", "NUM", "ADP")

Throw = Callable[[VisitState], None]


def options(shown: Roll, visit: VisitState, throw: Throw) -> None:
    """Draw the button and what opens under it.

    Args:
        shown: the sentence in the box.
        visit: whose dice it is.
        throw: puts a new sentence into the box.
    """
    with st.popover(text("dice.options"), key="dice_options"):
        _code(visit)
        if st.button(text("dice.how_many"), key="dice_count"):
            count = count_sentences(visit.dice.words(shown.code))
            st.markdown(text("dice.sentences", count=count))
        if st.button(text("dice.read"), help=text("dice.read_help"), key="dice_read"):
            _read(shown)
        _custom_text(visit, throw)


def _code(visit: VisitState) -> None:
    st.text_input(
        text("dice.code"),
        help=text("dice.code_help"),
        key="dice_code",
        max_chars=300,
        on_change=_take_code,
        args=(visit,),
    )
    if visit.dice.code_problem is not None:
        st.warning(say(visit.dice.code_problem))


def _take_code(visit: VisitState) -> None:
    typed = str(st.session_state.dice_code or "")
    visit.dice.code_problem = problem_of(lambda: visit.dice.take_code(typed))
    if visit.dice.code_problem is None:
        form.put_into_box(visit.dice.text)


def _read(shown: Roll) -> None:
    """Show the sentence as spaCy reads it, with the words that it takes for something else."""
    names = {pos: text(f"dice.pos.{pos}") for pos in PARTS_OF_SPEECH}
    colors = {pos: f"var(--dice-{pos})" for pos in PARTS_OF_SPEECH}
    try:
        with st.spinner(text("dice.reading")):
            reading = read(shown.parts, colors, names)
    except InvalidRequest as error:
        st.warning(sentence(error))
        return
    st.html(reading.html)
    if not reading.otherwise:
        st.caption(text("dice.read_all"))
        return
    words = text("dice.word_list_joint").join(f"“{word}”" for word in reading.otherwise)
    st.caption(text("dice.read_otherwise", words=words))


def _custom_text(visit: VisitState, throw: Throw) -> None:
    st.text_area(
        text("dice.custom"),
        help=text("dice.custom_help"),
        key="dice_text",
        height=120,
        max_chars=MAX_CHARS,
    )
    with st.container(horizontal=True):
        use, arguments = text("dice.custom_use"), (visit, throw)
        st.button(use, key="dice_custom_use", on_click=_use_custom_text, args=arguments)
        if visit.dice.custom is not None:
            stop = text("dice.custom_stop")
            st.button(stop, key="dice_custom_stop", on_click=_stop_custom_text, args=arguments)
    if visit.dice.custom_problem is not None:
        st.warning(say(visit.dice.custom_problem))
    elif visit.dice.custom is not None:
        nouns, verbs = len(visit.dice.custom.nouns), len(visit.dice.custom.verbs)
        st.success(text("dice.custom_words", nouns=nouns, verbs=verbs))


def _use_custom_text(visit: VisitState, throw: Throw) -> None:
    pasted = str(st.session_state.dice_text or "")
    visit.dice.custom_problem = problem_of(lambda: visit.dice.use_custom_text(pasted))
    if visit.dice.custom_problem is None:
        throw(visit)


def _stop_custom_text(visit: VisitState, throw: Throw) -> None:
    visit.dice.custom = None
    throw(visit)
