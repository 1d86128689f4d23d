"""A small picture that follows what a person types, by the model that needs one step."""

from __future__ import annotations

import time

import streamlit as st

from stimage.config import GAN_MODEL
from stimage.errors import InvalidRequest, StimageError
from stimage.i18n import text
from stimage.models import catalog, library
from stimage.models.catalog import Entry
from stimage.paths import SHIPPED
from stimage.request import Request
from stimage.service.api import JobSnapshot, JobState
from stimage.ui import access, form
from stimage.ui.groups import TURNS
from stimage.ui.layout import asset
from stimage.ui.markdown import plain
from stimage.ui.service import get_service
from stimage.ui.state import VisitState

SEED = 1  # unless one is kept: the words alone change the picture
WIDTH = 160  # pixels on the page
LOOK_SECONDS, PATIENCE_SECONDS = 0.03, 60.0  # the model may have to be loaded first


def live_switch(entry: Entry) -> None:
    """Offer to draw while one types; on from the start where the model in use needs one step."""
    if _can_follow():
        st.toggle(
            text("live.switch"),
            value=entry.limits.max_steps == 1,
            key="live",
            help=text("live.help"),
            persist_state="session",
        )


def live_picture(visit: VisitState) -> None:
    """Show the picture of what stands in the box, a moment after the last key."""
    if _can_follow() and st.session_state.get("live"):
        _follow_typing(visit)


def _can_follow() -> bool:
    in_use = get_service().status().name
    return in_use in SHIPPED and library.is_installed(GAN_MODEL)


@st.fragment
def _follow_typing(visit: VisitState) -> None:
    component = st.components.v2.component("stimage_typing", js=asset("typing.js"))
    typed = component(key="typing", default={"typed": ""}, on_typed_change=lambda: None).typed
    seed = form.kept_seed()
    try:
        asked = Request(
            prompt=_words(visit, str(typed or "")),
            seed=SEED if seed is None else seed,
            model=GAN_MODEL,
        )
    except InvalidRequest:  # nothing is typed, or too much: the page says so at Submit
        return
    if asked.prompt == visit.submitted[1]:
        return
    job = _drawn(visit, asked)
    if job is not None and job.png is not None:
        alt = text("live.alt", prompt=asked.prompt)
        st.image(job.png, alt=alt, output_format="PNG", width=WIDTH)
        st.caption(text("live.by", model=plain(catalog.entry(GAN_MODEL).title)))


def _words(visit: VisitState, typed: str) -> str:
    """Return what stands in the box: what was typed last, or what came into it since."""
    last, before = visit.live_typed
    in_box = form.prompt_in_box()
    if typed != last:
        visit.live_typed = (typed, in_box)
        return typed
    return typed if in_box == before else in_box


def _drawn(visit: VisitState, asked: Request) -> JobSnapshot | None:
    """Return the picture of a request; None where others are waiting."""
    service, visitor = get_service(), visit.visitor + TURNS
    before, job_id = visit.live_drawn
    known = service.snapshot(job_id) if asked == before else None
    if known is None or known.state != JobState.DONE:
        try:
            [job_id] = service.submit([asked], visitor, access.address())
        except StimageError:  # the queue is full
            return None
        visit.live_drawn = (asked, job_id)
    pause, end = st.empty(), time.monotonic() + PATIENCE_SECONDS
    try:
        while (job := service.watch(job_id)) is not None and not job.over:
            if job.place > 0 or time.monotonic() > end:
                return None
            time.sleep(LOOK_SECONDS)
            pause.empty()  # when the person types on, Streamlit ends the run here
    finally:
        service.cancel(job_id, visitor)
    return job
