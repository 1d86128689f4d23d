"""The same sentence drawn by the other model that ships, beside the picture."""

from __future__ import annotations

import streamlit as st

from stimage.i18n import text
from stimage.models import catalog, library
from stimage.models.catalog import Entry
from stimage.paths import SHIPPED
from stimage.request import Request
from stimage.service.api import JobSnapshot
from stimage.ui.groups import follow, picture_or_state, wanted
from stimage.ui.markdown import plain
from stimage.ui.service import get_service
from stimage.ui.state import VisitState
from stimage.ui.studio.settings import settings_line


def comparison(job: JobSnapshot, visit: VisitState) -> None:
    """Offer to draw a finished picture's sentence with the other model; once asked, show both."""
    other = _other_model(job)
    if other is None:
        return
    name, label = f"compare {job.id}", text("studio.compare", model=plain(other.title))
    about, icon = text("studio.compare_help"), ":material/compare:"
    if not wanted(visit, name, label, f"compare_{job.id}", about=about, icon=icon):
        return
    asked = Request(prompt=job.request.prompt, seed=job.request.seed, model=other.name)
    waiting = text("studio.compare_waiting", model=plain(other.title))
    follow(visit, name, [asked], lambda jobs: _side_by_side([job, *jobs], waiting))


def _other_model(job: JobSnapshot) -> Entry | None:
    """Return the model to compare with, where both ship and one of them is in use."""
    if get_service().status().name not in SHIPPED or job.model not in SHIPPED:
        return None
    name = next(name for name in SHIPPED if name != job.model)
    return catalog.entry(name) if library.is_installed(name) else None


def _side_by_side(jobs: list[JobSnapshot], waiting: str) -> None:
    with st.container(key="comparison"):
        st.header(text("studio.compared"), anchor=False)
        with st.grid("auto", min_column_width=150):
            for job in jobs:
                with st.container():
                    _compared(job, waiting)


def _compared(job: JobSnapshot, waiting: str) -> None:
    png = picture_or_state(job, waiting)
    if png is not None:
        alt = text("studio.compared_picture", model=job.model, prompt=job.request.prompt)
        st.image(png, alt=alt, output_format="PNG", width="stretch")
        st.caption(plain(settings_line(job)))
