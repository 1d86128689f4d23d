"""Pictures on their way: place, preview, step, seconds left, Cancel. Looks often near the end."""

from __future__ import annotations

import streamlit as st

from stimage.service.local import Job
from stimage.ui.markdown import PICTURE_WIDTH, plain
from stimage.ui.service import get_studio
from stimage.ui.studio import texts

FAST_SECONDS, SLOW_SECONDS = 0.12, 0.5  # between two looks
SOON_SECONDS = 6.0


def pace(jobs: list[Job]) -> float | None:
    """Return how many seconds to wait before looking again; None when all jobs are over."""
    active = [job for job in jobs if not job.over]
    if not active:
        return None
    soon = any(
        job.place == 0 and (job.seconds_left is None or job.seconds_left < SOON_SECONDS)
        for job in active
    )
    return FAST_SECONDS if soon else SLOW_SECONDS


def drawing_cards(jobs: list[Job]) -> None:
    """Show every wish that is not finished, the oldest first, until one of its jobs is over."""
    active = [job for job in jobs if not job.over]
    seconds = pace(active)
    if seconds is None:
        return

    @st.fragment(run_every=seconds)
    def cards() -> None:
        watched = [get_studio().job(job.id) or job for job in active]
        if any(job.over for job in watched) or pace(watched) != seconds:
            st.rerun()
        for wish in sorted({job.wish for job in watched}):
            drawing_card([job for job in watched if job.wish == wish])

    cards()


def drawing_card(jobs: list[Job]) -> None:
    """Show one wish: the job whose turn it is, and how many follow."""
    job, prompt = jobs[0], jobs[0].request.prompt
    with st.container(key=f"drawing_{job.wish}", width=PICTURE_WIDTH):
        if job.preview:
            st.image(job.preview, alt=texts.preview_of(prompt), width="stretch")
        else:
            st.skeleton(height=PICTURE_WIDTH)
        text = status(job)
        if len(jobs) > 1:
            text = f"{text}, {texts.still_to_come(len(jobs) - 1)}"
        if prompt != st.session_state.get("prompt"):
            st.caption(plain(prompt))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.progress(job.step / job.total if job.total else 0.0, text=text)
            st.button(
                texts.CANCEL,
                icon=":material/close:",
                key=f"cancel_{job.wish}",
                on_click=cancel,
                args=([each.id for each in jobs],),
            )


def status(job: Job) -> str:
    """Say in a few words what happens with a job."""
    if job.state == "drawing":
        return texts.drawing(job.step, job.total, job.seconds_left)
    if job.place == 0 and get_studio().model_state == "loading":
        return texts.LOADING
    return texts.before_yours(job.place)


def cancel(ids: list[str]) -> None:
    """Stop jobs, the waiting ones first so that none of them begins."""
    for job_id in reversed(ids):
        get_studio().cancel(job_id)
