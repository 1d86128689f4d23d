"""The studio: type a sentence, press Submit, and a picture appears under it."""

from __future__ import annotations

import streamlit as st

from stimage.errors import InvalidRequest
from stimage.i18n import say, text
from stimage.models.catalog import Entry
from stimage.ui import address, form
from stimage.ui.away import say_if_away
from stimage.ui.dice import panel as dice
from stimage.ui.layout import begin_page
from stimage.ui.markdown import plain
from stimage.ui.models.in_use import model_in_use
from stimage.ui.service import get_service
from stimage.ui.state import VisitState, latest_batch, visit_state
from stimage.ui.studio import drawing, live, pictures, prompt, settings


def page() -> None:
    """Draw the page."""
    folder, entry = model_in_use()
    begin_page("nav.studio", "studio.css")
    is_new = "visit" not in st.session_state
    visit = visit_state()
    if is_new:
        address.take_up(visit, entry.limits)
    visit.forget_old()
    dice.open_link(visit)

    st.title(text("studio.title"), anchor=False)
    typed = prompt.prompt_box(visit)
    _buttons(visit, entry)
    live.live_picture(visit)
    settings.kept_seed_line()
    dice.sentence_parts(visit)
    prompt.notes_on_words(typed, folder)
    say_if_away(visit)
    _messages(visit)
    if prompt.examples_open(visit):
        prompt.examples()
    jobs = visit.jobs()
    drawing.drawing_cards(jobs, visit.visitor)
    if jobs:
        newest = latest_batch(jobs)
        if newest[0].visitor != visit.visitor:
            st.caption(text("studio.seen_by_link"))
        pictures.latest(newest, visit)
        pictures.earlier([job for job in jobs if job not in newest], visit)
        address.keep_jobs(newest)
        if (problem := get_service().status().memory_only) is not None:
            st.caption(plain(say(problem)))


def _buttons(visit: VisitState, entry: Entry) -> None:
    with st.container(horizontal=True, key="buttons", gap="xsmall"):
        st.button(
            text("studio.submit"),
            type="primary",
            key="submit",
            shortcut="Ctrl+Enter",
            on_click=_submit,
            args=(visit, entry),
        )
        dice.dice_button(visit)
        prompt.examples_button(visit)
        settings.settings_button(entry)
        prompt.undo_button(visit)


def _submit(visit: VisitState, entry: Entry) -> None:
    """Ask the service for what box and settings say."""
    try:
        requests = form.wanted_requests(entry, visit.dice.code_in(form.prompt_in_box()))
    except InvalidRequest as error:
        visit.problem = error.message
        return
    visit.submit(requests)


def _messages(visit: VisitState) -> None:
    if visit.problem is not None:
        st.error(plain(say(visit.problem)), icon=":material/error:")
    if visit.notice is not None:
        st.info(say(visit.notice))
