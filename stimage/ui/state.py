"""What one visit remembers: who it is, its jobs, what it was told. Nothing of it is on disk."""

from __future__ import annotations

import secrets
import time

import streamlit as st

from stimage.errors import StimageError
from stimage.request import MAX_SEED, Limits, Request
from stimage.service.local import Job
from stimage.ui.service import get_studio
from stimage.ui.studio import texts

MAX_PICTURES = 12  # of a visit stay on the page
DOUBLE_CLICK_SECONDS = 0.8


def begin_visit(limits: Limits) -> None:
    """On the first run of a visit: take up what the address asks for."""
    state = st.session_state
    if "visitor" in state:
        return
    state.visitor = secrets.token_urlsafe(16)
    state.jobs = []  # the newest wish first
    state.problem = problem_of_address(limits)
    state.notice = ""
    state.submitted = (0.0, "")  # when, and which prompt
    asked = st.query_params.get_all("job")[:MAX_PICTURES]
    found = [job for job_id in asked if (job := get_studio().job(job_id)) is not None]
    if asked and not found:
        state.notice = texts.FORGOTTEN
    state.jobs = found
    if found and not st.query_params.get("prompt"):
        state.prompt = found[0].request.prompt


def problem_of_address(limits: Limits) -> str:
    """Return what is wrong with the prompt and numbers in the address, or nothing."""
    asked = st.query_params
    try:
        Request(
            prompt=asked.get("prompt") or texts.PLACEHOLDER,
            negative_prompt=asked.get("negative_prompt", ""),
            seed=_whole(asked.get("seed") or "0"),
            num_inference_steps=_whole(asked.get("steps") or "1"),
            guidance_scale=_number(asked.get("guidance") or "0"),
            limits=limits,
        )
    except StimageError as error:
        return str(error)
    return ""


def submit(requests: list[Request]) -> None:
    """Hand requests to the studio as one wish, and keep their jobs; say why if it can't be."""
    state = st.session_state
    now, prompt = time.monotonic(), requests[0].prompt
    before, old_prompt = state.submitted
    if prompt == old_prompt and now - before < DOUBLE_CLICK_SECONDS:
        return
    state.problem = state.notice = ""
    try:
        jobs = get_studio().submit_all(requests, state.visitor)
    except StimageError as error:
        state.problem = str(error)
        return
    state.submitted = (now, prompt)
    state.jobs = jobs + state.jobs
    state.examples_open = None


def forget_old() -> None:
    """Forget what ended without a picture before the latest wish, and all but the last pictures."""
    jobs = st.session_state.jobs
    latest = latest_wish()
    kept = [job for job in jobs if job in latest or job.state not in ("failed", "cancelled")]
    too_old = [job for job in kept if job.over][MAX_PICTURES:]
    st.session_state.jobs = [job for job in kept if job not in too_old]


def latest_wish() -> list[Job]:
    """Return the jobs that were submitted together last."""
    jobs: list[Job] = st.session_state.jobs
    return [job for job in jobs if job.wish == jobs[0].wish]


def show_in_address() -> None:
    """Keep the ids of the latest wish in the address: a reload finds its jobs again.

    Streamlit drops them at every switch of pages, so each run sets them.
    """
    ids = [job.id for job in latest_wish()]
    if ids != st.query_params.get_all("job"):
        st.query_params["job"] = ids


def request_again(job: Job, seed: int) -> Request:
    """Return the job's request with another seed."""
    old = job.picture.request if job.picture else job.request
    return Request(
        prompt=old.prompt,
        negative_prompt=old.negative_prompt,
        seed=seed % (MAX_SEED + 1),
        num_inference_steps=old.num_inference_steps,
        guidance_scale=old.guidance_scale,
        scheduler=old.scheduler,
        dice_seed=old.dice_seed,
        limits=old.limits,
    )


def _whole(text: str) -> int:
    """Return the number, or the text itself so that `Request` refuses it with a sentence."""
    return int(text) if text.lstrip("-").isdecimal() and len(text) < 20 else text  # type: ignore[return-value]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return text  # type: ignore[return-value]
