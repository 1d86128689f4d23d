"""The dice on the page: one button, and under the box the sentence it wrote, word by word."""

from __future__ import annotations

import html
from collections.abc import Sequence
from itertools import groupby

import streamlit as st

from stimage.dice import Code, Part, Roll, parse, roll
from stimage.dice.custom_text import OwnWords
from stimage.dice.model_vocabulary import vocabulary_of
from stimage.dice.vocabulary import Vocabulary, vocabulary
from stimage.errors import InvalidRequest
from stimage.models import catalog
from stimage.request import MAX_PROMPT_CHARS
from stimage.ui.dice import options as dice_options
from stimage.ui.dice import texts as dice_texts
from stimage.ui.dice.style import STYLE
from stimage.ui.models.in_use import model_in_use

SHIPPED = "stimage-mini"
MAX_SEEN = 500  # sentences of a visit that do not come again
MAX_TRIES = 100


def dice_button() -> None:
    """Draw the button that puts a new sentence into the box."""
    st.button(
        dice_texts.DICE,
        icon=":material/casino:",
        help=dice_texts.DICE_HELP,
        key="dice_button",
        on_click=throw,
    )


def sentence_parts() -> None:
    """Under the box: the dice's sentence in colors, each word with re-roll and lock."""
    shown = roll_in_box()
    _keep_in_address(shown)
    if shown is None:
        return
    st.html(STYLE)
    with st.container(horizontal=True, key="dice_words", vertical_alignment="center"):
        for slot, group in groupby(shown.parts, key=lambda part: part.slot):
            _draw(slot, list(group), shown)
    with st.container(horizontal=True, key="dice_footer", vertical_alignment="center"):
        own = st.session_state.get("dice_own") is not None
        line = dice_texts.OWN_LINE if own else dice_texts.code_line(shown.code.seed)
        st.caption(line, width="content")
        _add_button(shown)
        dice_options.options(shown, words_of(shown.code), _take_code, throw)


def roll_in_box() -> Roll | None:
    """Return the roll whose sentence stands in the box, unless the person has changed it."""
    state = st.session_state
    rolled: Roll | None = state.get("dice_roll")
    if rolled is None or state.get("prompt") != _joined(state.get("dice_kept", ""), rolled):
        return None
    return rolled


def dice_seed() -> str:
    """Return the dice's code for `Request.dice_seed`: "" when the box holds no dice sentence."""
    rolled = roll_in_box()
    own = rolled is not None and st.session_state.get("dice_own") is not None
    return "" if rolled is None or own or st.session_state.dice_kept else str(rolled.code)


def open_link() -> None:
    """Put the sentence of `?dice=` into an empty box. Call it before the box is drawn."""
    state, code = st.session_state, st.query_params.get("dice")
    if not code or "dice_roll" in state:
        return
    state.dice_roll = None
    try:
        rolled = _roll(parse(code))
    except InvalidRequest as error:
        state.problem = str(error)
        return
    asked = state.get("prompt") or st.query_params.get("prompt") or rolled.text
    if asked == rolled.text:
        show(rolled)


def throw() -> None:
    """Roll until a sentence and a subject come that this visit has not just seen."""
    state = st.session_state
    old = roll_in_box()
    folder, _ = model_in_use()
    locks = old.code.locks if old else {}
    # A locked word stays even where a link brought it that the model in use can't draw.
    small = old.code.small if old and locks else (folder / "words.json").is_file()
    seen, recent = _memory("dice_seen"), _memory("dice_subjects")
    try:
        rolled = _roll(Code(small=small, locks=locks))
    except InvalidRequest:  # other words are in use than those that were locked
        locks = {}
        rolled = _roll(Code(small=small))
    for _ in range(MAX_TRIES):
        fresh = rolled.text not in seen
        if fresh and ("subject" in locks or rolled.plan["subject"] not in recent):
            break
        rolled = _roll(Code(small=small, locks=locks))
    if old is None:
        state.dice_kept = ""
    show(rolled)


def show(rolled: Roll) -> None:
    """Put a roll into the box and remember it."""
    state = st.session_state
    _memory("dice_seen").append(rolled.text)
    _memory("dice_subjects").append(rolled.plan["subject"])
    del _memory("dice_seen")[:-MAX_SEEN]
    del _memory("dice_subjects")[: -len(words_of(rolled.code).nouns) // 2]
    state.dice_roll = rolled
    state.prompt = _joined(state.setdefault("dice_kept", ""), rolled)


def words_of(code: Code) -> Vocabulary:
    """Return the words a code is rolled from: of the visitor's text, of the small model, or all."""
    own: OwnWords | None = st.session_state.get("dice_own")
    if own is not None:
        return own.words
    return vocabulary_of(catalog.models_folder() / SHIPPED) if code.small else vocabulary()


def _roll(code: Code) -> Roll:
    return roll(code, words_of(code))


def _take_code(text: str) -> None:
    code = parse(text)
    show(_roll(code))


def _another(slot: str) -> None:
    """Re-roll one word until it is another one, and leave the rest."""
    old: Roll = st.session_state.dice_roll
    rolled = old
    for _ in range(MAX_TRIES):
        rolled = _roll(rolled.code.rerolled(slot))
        if rolled.plan.get(slot) != old.plan[slot]:
            break
    show(rolled)


def _lock(slot: str) -> None:
    """Lock the word of a slot, or let it go."""
    old: Roll = st.session_state.dice_roll
    locks = dict(old.code.locks)
    if locks.pop(slot, None) is None:
        locks[slot] = old.plan[slot]
    show(_roll(old.code.locked(locks)))


def _add(kept: str) -> None:
    st.session_state.dice_kept = kept
    show(st.session_state.dice_roll)


def _draw(slot: str, parts: Sequence[Part], shown: Roll) -> None:
    """Draw a word that grammar added as text, a chosen one as a colored chip."""
    text = " ".join(part.text for part in parts)
    if not slot:
        st.html(f'<span class="dice-word">{html.escape(text)}</span>', width="content")
        return
    locked = slot in shown.code.locks
    pos = "X" if slot in ("place", "light", "style") else parts[-1].pos
    pos = "ADP" if slot == "relation" else pos
    label = dice_texts.LABELS[slot]
    with st.container(key=f"dice_chip_{pos}_{slot}", width="content"):
        st.button(
            text,
            icon=":material/casino:",
            help=dice_texts.another(label),
            key=f"dice_another_{slot}",
            on_click=_another,
            args=(slot,),
            disabled=locked,
        )
        with st.container(horizontal=True, vertical_alignment="center", gap=None):
            st.html(f'<span class="dice-label">{html.escape(label)}</span>', width="content")
            st.button(
                dice_texts.LOCKED if locked else dice_texts.LOCK,
                icon=":material/lock:" if locked else ":material/lock_open:",
                help=dice_texts.lock_help(text, locked=locked),
                key=f"dice_lock_{slot}",
                on_click=_lock,
                args=(slot,),
                type="tertiary",
            )


def _add_button(shown: Roll) -> None:
    """Offer to keep what stood in the box before, with the sentence after it."""
    typed = st.session_state.get("undo", "")
    fits = len(typed) + 1 + len(shown.text) <= MAX_PROMPT_CHARS
    if typed and fits and not st.session_state.dice_kept and typed not in _memory("dice_seen"):
        st.button(
            dice_texts.ADD,
            icon=":material/add:",
            help=dice_texts.ADD_HELP,
            key="dice_add",
            on_click=_add,
            args=(typed,),
        )


def _joined(kept: str, rolled: Roll) -> str:
    return f"{kept} {rolled.text}".strip()


def _keep_in_address(shown: Roll | None) -> None:
    code = dice_seed() if shown else ""
    if code:
        st.query_params["dice"] = code
    elif "dice" in st.query_params:
        del st.query_params["dice"]


def _memory(name: str) -> list[str]:
    found: list[str] = st.session_state.setdefault(name, [])
    return found
