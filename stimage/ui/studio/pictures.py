"""Finished pictures: the latest large, the earlier ones of the visit small."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from stimage.errors import Message
from stimage.i18n import say, text
from stimage.opinion import Opinion
from stimage.request import Request, new_seed
from stimage.service.api import JobSnapshot, JobState
from stimage.ui import form
from stimage.ui.address import link
from stimage.ui.layout import PICTURE_WIDTH
from stimage.ui.markdown import plain
from stimage.ui.state import VisitState
from stimage.ui.studio import verdict
from stimage.ui.studio.comparison import comparison
from stimage.ui.studio.settings import settings_line


def latest(jobs: list[JobSnapshot], visit: VisitState) -> None:
    """Show the finished jobs of the latest batch, and why the others ended."""
    for job in jobs:
        if job.state == JobState.FAILED:
            problem = job.error or Message("drawing_failed")
            st.error(plain(say(problem)), icon=":material/error:")
    if jobs and all(job.state == JobState.CANCELLED for job in jobs):
        st.info(text("studio.cancelled"), icon=":material/block:")
    if done := _done(jobs):
        _finished(done, verdict.opinions(done, visit), visit)
        if all(job.over for job in jobs):
            verdict.ask(done, visit)
    if len(done) == 1:
        comparison(done[0], visit)


def _finished(jobs: list[JobSnapshot], said: dict[str, Opinion], visit: VisitState) -> None:
    """Show finished pictures: one large, several in a grid, the one the judge likes best first."""
    if len(jobs) == 1:
        with st.container(key="picture", width=PICTURE_WIDTH):
            _image(jobs[0])
            verdict.bars(jobs[0], said)
        _settings_and_buttons(jobs[0], visit)
        return
    with st.grid("auto", min_column_width=260):
        for job in verdict.best_first(jobs, said):
            with st.container():
                _image(job)
                verdict.bars(job, said)
                _settings_and_buttons(job, visit)


def earlier(jobs: list[JobSnapshot], visit: VisitState) -> None:
    """Show what the visit drew before, small; the buttons are behind "More"."""
    done = _done(jobs)
    if not done:
        return
    with st.container(key="earlier"):
        st.header(text("studio.earlier"), anchor=False)
        with st.grid("auto", min_column_width=150):
            for job in done:
                with st.container(gap="xsmall"):
                    _image(job)
                    st.caption(plain(job.request.prompt))
                    with st.popover(text("studio.more"), key=f"more_{job.id}", type="tertiary"):
                        _settings_and_buttons(job, visit)


def _done(jobs: list[JobSnapshot]) -> list[JobSnapshot]:
    return [job for job in jobs if job.state == JobState.DONE]


def _image(job: JobSnapshot) -> None:
    """Show the picture as it is, so that its settings stay inside."""
    alt = text("studio.picture_of", prompt=job.request.prompt)
    st.image(job.png or b"", alt=alt, output_format="PNG", width="stretch")


def _settings_and_buttons(job: JobSnapshot, visit: VisitState) -> None:
    """Name the settings; offer the file, the same again, a variation and a link."""
    st.caption(plain(settings_line(job)))
    row = f"buttons_{job.id}"
    with st.container(horizontal=True, vertical_alignment="center", key=row, gap="xsmall"):
        st.download_button(
            text("studio.download"),
            job.png or b"",
            f"stimage-{job.request.seed}.png",
            "image/png",
            key=f"download_{job.id}",
            help=text("studio.download_help"),
            icon=":material/download:",
            on_click="ignore",
        )
        st.button(
            text("studio.same_seed"),
            key=f"again_{job.id}",
            help=text("studio.same_seed_help"),
            icon=":material/replay:",
            on_click=_draw_again,
            args=(job.request, visit),
        )
        st.button(
            text("studio.variation"),
            key=f"variation_{job.id}",
            help=text("studio.variation_help"),
            icon=":material/shuffle:",
            on_click=_draw_variation,
            args=(job.request, visit),
        )
        st.page_link(
            "pages/inside.py",
            label=text("inside.open"),
            icon=":material/search:",
            query_params={"job": job.id},
        )
        with st.popover(text("studio.link"), icon=":material/link:", key=f"link_{job.id}"):
            st.caption(text("studio.link_help"))
            st.code(link(job.request), language=None, wrap_lines=True)


def _draw_again(request: Request, visit: VisitState) -> None:
    """Draw with the same seed, and put everything of it into the box and the settings."""
    form.fill_in(request)
    form.keep_seed(request.seed)
    visit.submit([request])


def _draw_variation(request: Request, visit: VisitState) -> None:
    """Draw with a new seed; the box and the settings follow."""
    form.fill_in(request)
    form.keep_seed(None)
    visit.submit([replace(request, seed=new_seed())])
