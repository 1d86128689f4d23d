"""The studio: type a sentence, press Submit, and a picture appears under it."""

import streamlit as st

from stimage.errors import StimageError
from stimage.models.catalog import Entry
from stimage.ui import state as visit
from stimage.ui.dice import panel as dice
from stimage.ui.layout import begin_page
from stimage.ui.markdown import plain
from stimage.ui.models.in_use import model_in_use
from stimage.ui.studio import drawing, pictures, prompt, settings, texts


def page() -> None:
    """Draw the page."""
    folder, entry = model_in_use()
    begin_page(texts.STUDIO)
    visit.begin_visit(entry.limits)
    visit.forget_old()
    dice.open_link()

    st.title(texts.TITLE, anchor=False)
    text = prompt.prompt_box()
    with st.container(horizontal=True, key="buttons", gap="xsmall"):
        st.button(
            texts.SUBMIT,
            type="primary",
            key="submit",
            shortcut="Ctrl+Enter",
            on_click=_submit,
            args=(entry,),
        )
        dice.dice_button()
        prompt.examples_button()
        settings.settings_button(entry)
        prompt.undo_button()
    settings.kept_seed_line()
    dice.sentence_parts()
    prompt.notes_on_words(text, folder)

    if st.session_state.problem:
        st.error(plain(st.session_state.problem), icon=":material/error:")
    if st.session_state.notice:
        st.info(st.session_state.notice)

    if prompt.examples_open():
        prompt.examples()
    jobs = st.session_state.jobs
    drawing.drawing_cards(jobs)
    if jobs:
        newest = visit.latest_wish()
        pictures.latest(newest)
        pictures.earlier([job for job in jobs if job not in newest])
        visit.show_in_address()


def _submit(entry: Entry) -> None:
    """Ask the studio for what box and settings say."""
    try:
        requests = settings.wanted_requests(entry, dice.dice_seed())
    except StimageError as error:
        st.session_state.problem = str(error)
        return
    visit.submit(requests)
