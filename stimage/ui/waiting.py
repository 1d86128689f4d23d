"""On pages that show no pictures: says now and then that somebody still waits for some."""

from __future__ import annotations

import streamlit as st

from stimage.ui.service import get_service
from stimage.ui.state import visit_state

LOOK_SECONDS = 20.0  # well within the minute after which a queued job is dropped


def keep_waiting() -> None:
    """Look after this visit's jobs as long as the page is open and one is not over."""
    visit = visit_state()
    if all(job.over for job in visit.jobs()):
        return

    @st.fragment(run_every=LOOK_SECONDS)
    def look() -> None:
        for job_id in visit.job_ids:
            get_service().watch(job_id)

    look()
