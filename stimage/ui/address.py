"""What the address of the studio asks for, and what it keeps so that a reload finds it again."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

import streamlit as st

from stimage.errors import InvalidRequest, Message
from stimage.request import SHORT_NAMES, Limits, Request
from stimage.service.api import JobSnapshot
from stimage.ui.service import get_service
from stimage.ui.state import MAX_PICTURES, VisitState


def take_up(state: VisitState, limits: Limits) -> None:
    """On the first run of a visit: find its jobs again, and say what is wrong in the address.

    Call it before any widget: a request in the address is taken whole or not at all.
    """
    asked = st.query_params.get_all("job")[:MAX_PICTURES]
    found = [job for job_id in asked if (job := get_service().snapshot(job_id)) is not None]
    if asked and not found:
        state.notice = Message("studio.forgotten")
    state.job_ids = [job.id for job in found]
    state.problem = problem_of_address(limits)
    if state.problem is not None:
        for name in SHORT_NAMES.values():
            st.query_params.pop(name, None)
        st.rerun()  # the widgets take their values from the address that a run begins with
    if found and not st.query_params.get("prompt"):
        st.session_state.prompt = found[0].request.prompt


def problem_of_address(limits: Limits) -> Message | None:
    """Return what is wrong with the prompt and numbers in the address."""
    asked: dict[str, object] = {}
    for name in st.query_params:
        values = st.query_params.get_all(name)
        asked[name] = values[0] if len(values) == 1 else values
    try:
        Request.from_mapping({**asked, "prompt": asked.get("prompt") or "…"}, limits)
    except InvalidRequest as error:
        return error.message
    return None


def keep_jobs(jobs: list[JobSnapshot]) -> None:
    """Keep the ids of the latest batch in the address: a reload finds its jobs again.

    Streamlit drops them at every switch of pages, so each run sets them.
    """
    ids = [job.id for job in jobs]
    if ids != st.query_params.get_all("job"):
        st.query_params["job"] = ids


def link(request: Request) -> str:
    """Return the address that fills box and settings with this request."""
    wanted = request.to_mapping(short=True)
    for name in ("scheduler", "dice_seed"):  # no widget holds them
        wanted.pop(name, None)
    here = urlsplit(st.context.url or "")
    base = f"{here.scheme}://{here.netloc}{here.path}" if here.netloc else "/"
    return f"{base}?{urlencode(wanted)}"
