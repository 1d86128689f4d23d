"""Which model draws: what there is, what each needs; choose, import, download, remove."""

from __future__ import annotations

import streamlit as st

from stimage.hardware import memory
from stimage.i18n import say, text
from stimage.models import library
from stimage.models.catalog import Entry, entries
from stimage.service.api import ModelState
from stimage.service.tasks import TaskKind, TaskSnapshot, TaskState
from stimage.ui.access import is_owner
from stimage.ui.layout import begin_page
from stimage.ui.markdown import plain
from stimage.ui.models import actions, facts
from stimage.ui.models.in_use import model_in_use
from stimage.ui.service import get_service
from stimage.ui.state import VisitState, visit_state
from stimage.ui.waiting import keep_waiting


def page() -> None:
    """Draw the page."""
    begin_page("nav.models", "models.css")
    visit, owner = visit_state(), is_owner()
    st.title(text("models.title"), anchor=False)
    left = memory.left_mib()
    memory_line = text("models.memory_left", left=facts.amount(left))
    st.markdown(f"{text('models.intro')} {memory_line}")
    if not owner:
        st.info(text("models.visitor"))
    _, current = model_in_use()
    for source, entry in sorted(actions.listed().items(), key=lambda item: item[1] != current):
        _card(source, entry, left, visit, owner=owner)
    if owner:
        _import(visit)
    keep_waiting()


def _said(place: str, visit: VisitState) -> None:
    """Show what is to be said at a model's card, or at the import, whose place is ""."""
    where, problem = visit.models_problem
    if problem is not None and where == place:
        st.error(plain(say(problem)))
    task = actions.get_tasks().last
    if task is not None and task.model == place:
        _progress(task)


def _card(source: str, entry: Entry, left: int, visit: VisitState, *, owner: bool) -> None:
    _, current = model_in_use()
    status = get_service().status()
    drawing, here = entry == current, actions.can_draw(source)
    with st.container(border=True, key=f"model-{actions.key_of(source)}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.header(plain(entry.title), anchor=False, width="content")
            if drawing:
                _state_badge()
        if entry.about:
            st.markdown(plain(say(entry.about)))
        seconds = status.picture_seconds.get(entry.name)
        if entry.error is not None:
            st.error(plain(say(entry.error)))
        else:
            line = plain(facts.line(entry, left, here=here, seconds=seconds))
            st.markdown(f":small[{line} · {_license(entry)}]")
        if drawing and status.error is not None and entry.error is None:
            st.error(plain(say(status.error)))
        if owner:
            _said(source, visit)
            _buttons(source, entry, visit, here=here, drawing=drawing)
        elif not here and not drawing and entry.error is None:
            st.caption(text("models.not_here"))


@st.fragment(run_every=1.0)
def _state_badge() -> None:
    state = get_service().status().state
    if state == ModelState.LOADING:
        st.badge(text("models.loading"), icon=":material/hourglass:", color="orange")
    elif state in (ModelState.FAILED, ModelState.AWAY):
        st.badge(text("models.failed"), icon=":material/error:", color="red")
    else:
        st.badge(text("models.in_use"), icon=":material/brush:", color="green")


def _license(entry: Entry) -> str:
    name = plain(entry.license)
    linked = f"[{name}]({entry.license_url})" if entry.license_url else name
    return text("models.license", name=linked)


def _buttons(source: str, entry: Entry, visit: VisitState, *, here: bool, drawing: bool) -> None:
    busy, key = actions.get_tasks().running, actions.key_of(source)
    with st.container(horizontal=True):
        if here and not drawing:
            use, arguments = actions.use, (source, visit)
            st.button(text("models.use"), key=f"use-{key}", on_click=use, args=arguments)
        if not here and entry in entries() and entry.source:
            st.button(
                text("models.download"),
                key=f"download-{key}",
                icon=":material/download:",
                on_click=actions.download,
                args=(entry, visit),
                disabled=busy,
            )
        if (not drawing or entry.error is not None) and library.is_own(source):
            with st.popover(text("models.remove"), type="tertiary", key=f"remove-{key}"):
                st.button(
                    text("models.remove_sure"),
                    key=f"delete-{key}",
                    on_click=actions.remove,
                    args=(entry, visit),
                )


def _progress(task: TaskSnapshot) -> None:
    """Show a download or import that runs, or how it ended."""
    was_running = task.state == TaskState.RUNNING

    @st.fragment(run_every=0.5 if was_running else None)
    def progress() -> None:
        now = actions.get_tasks().last or task
        if now.state == TaskState.RUNNING:
            stage = text("models.running", task=_name_of(now), stage=text(now.stage))
            st.progress(now.share, text=plain(stage))
            st.button(text("models.stop"), key="stop-task", on_click=actions.stop)
        elif was_running:
            st.rerun()
        else:
            _ended(now)

    progress()


def _ended(task: TaskSnapshot) -> None:
    if task.state == TaskState.FAILED and task.message is not None:
        problem = say(task.message)
        st.error(plain(text("models.ended", task=_name_of(task), problem=problem)))
    elif task.state == TaskState.CANCELLED and task.message is not None:
        st.info(plain(say(task.message)))
    elif library.is_installed(task.result) and task.result != get_service().status().name:
        button = text("models.use")
        st.success(text("models.ready", title=plain(task.label), button=button))


def _name_of(task: TaskSnapshot) -> str:
    downloads = task.kind == TaskKind.DOWNLOAD
    return text("models.downloading" if downloads else "models.importing", name=task.label)


def _import(visit: VisitState) -> None:
    with st.container(key="import-box"):
        st.header(text("models.import"), anchor=False)
        _said("", visit)
        st.markdown(text("models.import_help"))
    busy = actions.get_tasks().running
    begin = text("models.import_button")
    with st.form("import", border=False, enter_to_submit=True):
        hint = text("models.path_example")
        st.text_input(text("models.path"), key="model_path", placeholder=hint)
        act, arguments = actions.import_path, (visit,)
        st.form_submit_button(begin, on_click=act, args=arguments, disabled=busy)
