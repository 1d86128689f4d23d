"""Which model draws: what there is, what each needs; choose, import, download, remove."""

from __future__ import annotations

import streamlit as st

from stimage.hardware import memory
from stimage.models import library
from stimage.models.catalog import Entry, entries
from stimage.service.tasks import Transfer
from stimage.ui.access import is_owner, may_upload
from stimage.ui.layout import begin_page
from stimage.ui.markdown import plain
from stimage.ui.models import actions as models
from stimage.ui.models import texts
from stimage.ui.models.in_use import model_in_use
from stimage.ui.service import get_studio

STYLE = """
<style>
[class*="st-key-model-"] { gap: .4rem; padding: .9rem 1.1rem; }
[class*="st-key-model-"] h2 { font-size: 1.25rem; padding: 0; }
.st-key-import-box h2 { font-size: 1.5rem; padding-bottom: .5rem; }
</style>
"""


def page() -> None:
    """Draw the page."""
    begin_page("Models")
    st.html(STYLE)
    st.title(texts.TITLE, anchor=False)
    owner = is_owner()
    left = memory.left_mib()
    st.markdown(f"{texts.INTRO} {texts.memory_line(left)}")
    if not owner:
        st.info(texts.VISITOR)
    _, current = model_in_use()
    for source, entry in sorted(models.listed().items(), key=lambda item: item[1] != current):
        _card(source, entry, left, owner=owner)
    if owner:
        _import()


def _said(place: str) -> None:
    """Show what is to be said at a model's card, or at the import, whose place is ""."""
    where, problem = st.session_state.get("model_problem", ("", ""))
    if problem and where == place:
        st.error(plain(problem))
    transfer = models.get_transfers().last
    if transfer is not None and transfer.model == place:
        _progress(transfer)


def _card(source: str, entry: Entry, left: int, *, owner: bool) -> None:
    _, current = model_in_use()
    drawing, here = entry == current, models.can_draw(source)
    with st.container(border=True, key=f"model-{entry.name}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.header(plain(entry.title), anchor=False, width="content")
            if drawing:
                _state_badge()
        if entry.about:
            st.markdown(plain(entry.about))
        seconds = get_studio().picture_seconds.get(entry.name)
        facts = plain(texts.facts(entry, left, here=here, seconds=seconds))
        st.markdown(f":small[{facts} · {_licence(entry)}]")
        problem = get_studio().model_problem
        if drawing and problem:
            st.error(plain(problem))
        if owner:
            _said(source)
            _buttons(source, entry, here=here, drawing=drawing)
        elif not here and not drawing:
            st.caption(texts.NOT_HERE)


@st.fragment(run_every=1.0)
def _state_badge() -> None:
    state = get_studio().model_state
    if state == "loading":
        st.badge(texts.LOADING, icon=":material/hourglass:", color="orange")
    elif state == "failed":
        st.badge(texts.FAILED, icon=":material/error:", color="red")
    else:
        st.badge(texts.IN_USE, icon=":material/brush:", color="green")


def _licence(entry: Entry) -> str:
    name = plain(entry.licence)
    return f"licence [{name}]({entry.licence_url})" if entry.licence_url else f"licence {name}"


def _buttons(source: str, entry: Entry, *, here: bool, drawing: bool) -> None:
    busy = models.get_transfers().running
    with st.container(horizontal=True):
        if here and not drawing:
            st.button(texts.USE, key=f"use-{entry.name}", on_click=models.use, args=(source,))
        if not here and entry in entries() and entry.source:
            st.button(
                texts.DOWNLOAD,
                key=f"download-{entry.name}",
                icon=":material/download:",
                on_click=models.download,
                args=(entry,),
                disabled=busy,
            )
        if here and not drawing and library.is_own(source):
            with st.popover(texts.REMOVE, type="tertiary", key=f"remove-{entry.name}"):
                st.button(
                    texts.REMOVE_SURE,
                    key=f"delete-{entry.name}",
                    on_click=models.remove,
                    args=(entry,),
                )


def _progress(transfer: Transfer) -> None:
    """Show a download or import that runs, or how it ended."""
    was_running = transfer.state == "running"

    @st.fragment(run_every=0.5 if was_running else None)
    def progress() -> None:
        if transfer.state == "running":
            st.progress(transfer.share, text=plain(f"{transfer.title}: {transfer.what}"))
            st.button(texts.STOP, key="stop-transfer", on_click=models.stop)
        elif was_running:
            st.rerun()
        elif transfer.state == "failed":
            st.error(plain(f"{transfer.title}: {transfer.message}"))
        elif transfer.state == "stopped":
            st.info(plain(transfer.message))
        elif library.is_here(transfer.result) and transfer.result != get_studio().model:
            st.success(texts.ready(plain(transfer.title.split(" ", 1)[-1])))

    progress()


def _import() -> None:
    with st.container(key="import-box"):
        st.header(texts.IMPORT, anchor=False)
        _said("")
        st.markdown(texts.IMPORT_HELP)
    busy = models.get_transfers().running
    with st.form("import", border=False, enter_to_submit=True):
        st.text_input(texts.PATH, key="model_path", placeholder=texts.PATH_EXAMPLE)
        st.form_submit_button(texts.IMPORT_BUTTON, on_click=models.import_path, disabled=busy)
    if may_upload():
        upload = st.file_uploader(texts.UPLOAD, type=["safetensors", "ckpt"], key="model_upload")
        if upload is not None:
            st.button(
                texts.IMPORT_BUTTON,
                key="import-upload",
                on_click=models.import_upload,
                args=(upload,),
                disabled=busy,
            )
