"""The dice on the page: one button, and under the box the sentence it wrote, word by word."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from itertools import groupby

import streamlit as st

from stimage.dice import Part, Roll
from stimage.dice.visit import problem_of
from stimage.i18n import text
from stimage.request import MAX_PROMPT_CHARS
from stimage.ui import form
from stimage.ui.dice import options
from stimage.ui.layout import style
from stimage.ui.models.in_use import model_in_use
from stimage.ui.state import VisitState

LIKE_PLACES = ("place", "light", "style")  # slots that hold a phrase, not one part of speech


def dice_button(visit: VisitState) -> None:
    """Draw the button that puts a new sentence into the box."""
    st.button(
        text("dice.dice"),
        icon=":material/casino:",
        help=text("dice.dice_help"),
        key="dice_button",
        on_click=throw,
        args=(visit,),
    )


def throw(visit: VisitState) -> None:
    """Put a new sentence into the box."""
    model, _ = model_in_use()
    small = model.words.is_file()
    visit.dice.throw(form.prompt_in_box(), small=small)
    form.put_into_box(visit.dice.text)


def open_link(visit: VisitState) -> None:
    """Put the sentence of `?dice=` into an empty box. Call it before the box is drawn."""
    dice, code = visit.dice, st.query_params.get("dice")
    if not code or dice.link_opened or dice.roll is not None:
        return
    dice.link_opened = True
    problem = problem_of(lambda: dice.take_code(code))
    if problem is not None:
        visit.problem = problem
        return
    asked = form.prompt_in_box() or st.query_params.get("prompt") or dice.text
    if asked == dice.text:
        form.put_into_box(dice.text)


def sentence_parts(visit: VisitState) -> None:
    """Under the box: the dice's sentence in colors, each word with re-roll and lock."""
    dice = visit.dice
    shown = dice.roll_in(form.prompt_in_box())
    _keep_in_address(dice.code_in(form.prompt_in_box()))
    if shown is None:
        return
    style("dice.css")
    with st.container(horizontal=True, key="dice_words", vertical_alignment="center"):
        for slot, group in groupby(shown.parts, key=lambda part: part.slot):
            _word(slot, list(group), shown, visit)
    with st.container(horizontal=True, key="dice_footer", vertical_alignment="center"):
        seed = shown.code.seed
        line = text("dice.custom_line") if dice.custom else text("dice.code_line", seed=seed)
        st.caption(line, width="content")
        _add_button(shown, visit)
        options.options(shown, visit, throw)


def _word(slot: str, parts: Sequence[Part], shown: Roll, visit: VisitState) -> None:
    """Draw a word that grammar added as text, a chosen one as a colored chip."""
    words = " ".join(part.text for part in parts)
    if not slot:
        st.html(f'<span class="dice-word">{html.escape(words)}</span>', width="content")
        return
    locked = slot in shown.code.locks
    label = text(f"dice.label.{slot}")
    with st.container(key=f"dice_chip_{_color(slot, parts)}_{slot}", width="content"):
        st.button(
            words,
            icon=":material/casino:",
            help=text("dice.another", label=label),
            key=f"dice_another_{slot}",
            on_click=_then_show(visit, visit.dice.another),
            args=(slot,),
            disabled=locked,
        )
        with st.container(horizontal=True, vertical_alignment="center", gap=None):
            st.html(f'<span class="dice-label">{html.escape(label)}</span>', width="content")
            st.button(
                text("dice.locked") if locked else text("dice.lock"),
                icon=":material/lock:" if locked else ":material/lock_open:",
                help=text("dice.unlock_help" if locked else "dice.lock_help", word=words),
                key=f"dice_lock_{slot}",
                on_click=_then_show(visit, visit.dice.lock),
                args=(slot,),
                type="tertiary",
            )


def _color(slot: str, parts: Sequence[Part]) -> str:
    """Return the universal part of speech that colors a chip; X for phrases."""
    if slot in LIKE_PLACES:
        return "X"
    return "ADP" if slot == "relation" else parts[-1].pos


def _then_show(visit: VisitState, action: Callable[[str], None]) -> Callable[[str], None]:
    def do(slot: str) -> None:
        action(slot)
        form.put_into_box(visit.dice.text)

    return do


def _add_button(shown: Roll, visit: VisitState) -> None:
    """Offer to keep what stood in the box before, with the sentence after it."""
    typed = visit.undo
    fits = len(typed) + 1 + len(shown.text) <= MAX_PROMPT_CHARS
    if typed and fits and not visit.dice.kept and typed not in visit.dice.seen:
        st.button(
            text("dice.add"),
            icon=":material/add:",
            help=text("dice.add_help"),
            key="dice_add",
            on_click=_add,
            args=(visit, typed),
        )


def _add(visit: VisitState, kept: str) -> None:
    visit.dice.kept = kept
    form.put_into_box(visit.dice.text)


def _keep_in_address(code: str) -> None:
    if code:
        st.query_params["dice"] = code
    elif "dice" in st.query_params:
        del st.query_params["dice"]
