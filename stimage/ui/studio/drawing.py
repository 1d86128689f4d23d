"""Pictures on their way: place, preview, step, seconds left, Cancel. Looks often near the end."""

from __future__ import annotations

import streamlit as st

from stimage.i18n import say, text
from stimage.service.api import JobSnapshot, JobState, ModelState
from stimage.ui import form
from stimage.ui.layout import PICTURE_WIDTH
from stimage.ui.markdown import plain
from stimage.ui.service import get_service

FAST_SECONDS, SLOW_SECONDS = 0.12, 0.5  # between two looks
SOON_SECONDS = 6.0
MINUTES_FROM = 90  # seconds


def pace(jobs: list[JobSnapshot]) -> float | None:
    """Return how many seconds to wait before looking again; None when all jobs are over."""
    active = [job for job in jobs if not job.over]
    if not active:
        return None
    soon = any(
        job.place == 0 and (job.seconds_left is None or job.seconds_left < SOON_SECONDS)
        for job in active
    )
    return FAST_SECONDS if soon else SLOW_SECONDS


def drawing_cards(jobs: list[JobSnapshot], visitor: str) -> None:
    """Show every batch that is not finished, the oldest first, until one of its jobs is over.

    Args:
        jobs: those the visit knows.
        visitor: who looks; Cancel is for who asked.
    """
    active = [job for job in jobs if not job.over]
    seconds = pace(active)
    if seconds is None:
        return

    @st.fragment(run_every=seconds)
    def cards() -> None:
        watched = [get_service().watch(job.id) for job in active]
        known = [job for job in watched if job is not None and not job.over]
        if len(known) < len(active) or pace(known) != seconds:
            st.rerun()
        for batch in dict.fromkeys(job.batch for job in reversed(known)):
            drawing_card([job for job in known if job.batch == batch], visitor)

    cards()


def drawing_card(jobs: list[JobSnapshot], visitor: str) -> None:
    """Show one batch: the job whose turn it is, and how many follow."""
    job, prompt = jobs[0], jobs[0].request.prompt
    with st.container(key=f"drawing_{job.batch}", width=PICTURE_WIDTH):
        if job.preview:
            alt = text("studio.preview_of", prompt=prompt)
            st.image(job.preview, alt=alt, width="stretch")
        else:
            st.skeleton(height=PICTURE_WIDTH)
        if prompt != form.prompt_in_box():
            st.caption(plain(prompt))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            share = job.step / job.total if job.total else 0.0
            st.progress(share, text=_status_of_batch(jobs))
            if job.visitor == visitor:
                st.button(
                    text("studio.cancel"),
                    icon=":material/close:",
                    key=f"cancel_{job.batch}",
                    on_click=_cancel,
                    args=([each.id for each in jobs], visitor),
                )


def _status_of_batch(jobs: list[JobSnapshot]) -> str:
    status = _status(jobs[0])
    if len(jobs) == 1:
        return status
    return text("studio.still_to_come", status=status, count=len(jobs) - 1)


def _status(job: JobSnapshot) -> str:
    """Say in a few words what happens with a job."""
    status = _state(job)
    return text("studio.restarted", status=status) if job.restarts else status


def _state(job: JobSnapshot) -> str:
    model = get_service().status()
    if model.state == ModelState.AWAY and model.error is not None:
        return say(model.error)
    if job.state == JobState.RUNNING:
        return _progress(job)
    if job.place == 0 and model.state == ModelState.LOADING:
        return text("studio.loading")
    if job.place == 0:
        return text("studio.next_in_line")
    return text("studio.before_yours", count=job.place)


def _progress(job: JobSnapshot) -> str:
    left = job.seconds_left
    if job.step == 0:
        return text("studio.pure_noise")
    if left is None:
        return text("studio.step", step=job.step, total=job.total)
    if left >= MINUTES_FROM:
        minutes = round(left / 60)
        return text("studio.step_minutes", step=job.step, total=job.total, minutes=minutes)
    seconds = max(1, round(left))
    return text("studio.step_seconds", step=job.step, total=job.total, seconds=seconds)


def _cancel(ids: list[str], visitor: str) -> None:
    """Stop jobs, the queued ones first so that none of them begins."""
    for job_id in reversed(ids):
        get_service().cancel(job_id, visitor)
