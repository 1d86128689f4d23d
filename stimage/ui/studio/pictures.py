"""Finished pictures: the latest large, the earlier ones of the visit small."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

import streamlit as st

from stimage.request import Request, new_seed
from stimage.service.local import Job
from stimage.ui.markdown import PICTURE_WIDTH, plain
from stimage.ui.state import request_again, submit
from stimage.ui.studio import texts


def latest(jobs: list[Job]) -> None:
    """Show the finished jobs of the latest wish, and why the others ended."""
    for job in jobs:
        if job.state == "failed":
            st.error(plain(job.problem), icon=":material/error:")
    if jobs and all(job.state == "cancelled" for job in jobs):
        st.info(texts.CANCELLED, icon=":material/block:")
    done = [job for job in jobs if job.state == "done"]
    if len(done) == 1:
        with st.container(key="picture", width=PICTURE_WIDTH):
            image(done[0])
        settings_and_buttons(done[0])
    elif done:
        with st.grid("auto", min_column_width=260):
            for job in done:
                with st.container():
                    image(job)
                    settings_and_buttons(job)


def earlier(jobs: list[Job]) -> None:
    """Show what the visit drew before, small; the buttons are behind "More"."""
    done = [job for job in jobs if job.state == "done"]
    if not done:
        return
    with st.container(key="earlier"):
        st.header(texts.EARLIER, anchor=False)
        with st.grid("auto", min_column_width=150):
            for job in done:
                with st.container(gap="xsmall"):
                    image(job)
                    st.caption(plain(job.request.prompt))
                    with st.popover(texts.MORE, key=f"more_{job.id}", type="tertiary"):
                        settings_and_buttons(job)


def image(job: Job) -> None:
    """Show the picture as it is, so that its settings stay inside."""
    assert job.png is not None
    alt = texts.picture_of(job.request.prompt)
    st.image(job.png, alt=alt, output_format="PNG", width="stretch")


def settings_and_buttons(job: Job) -> None:
    """Name the settings; offer the file, the same again, a variation and a link."""
    assert job.picture is not None
    request = job.picture.request
    line = texts.settings_line(request, job.picture.seconds, job.picture.model)
    st.caption(plain(line))
    with st.container(horizontal=True, key=f"buttons_{job.id}", gap="xsmall"):
        st.download_button(
            texts.DOWNLOAD,
            job.png or b"",
            f"stimage-{request.seed}.png",
            "image/png",
            key=f"download_{job.id}",
            help=texts.DOWNLOAD_HELP,
            icon=":material/download:",
            on_click="ignore",
        )
        st.button(
            texts.SAME_SEED,
            key=f"again_{job.id}",
            help=texts.SAME_SEED_HELP,
            icon=":material/replay:",
            on_click=draw_again,
            args=(job,),
        )
        st.button(
            texts.VARIATION,
            key=f"variation_{job.id}",
            help=texts.VARIATION_HELP,
            icon=":material/shuffle:",
            on_click=draw_variation,
            args=(job,),
        )
        with st.popover(texts.LINK, icon=":material/link:", key=f"link_{job.id}"):
            st.caption(texts.LINK_HELP)
            st.code(link(request), language=None, wrap_lines=True)


def draw_again(job: Job) -> None:
    """Draw with the same seed, and put everything of it into the box and the settings."""
    assert job.picture is not None
    fill_in(job.picture.request)
    st.session_state.seed = job.picture.request.seed
    submit([request_again(job, job.picture.request.seed)])


def draw_variation(job: Job) -> None:
    """Draw with a new seed; the box and the settings follow."""
    assert job.picture is not None
    fill_in(job.picture.request)
    st.session_state.seed = None
    submit([request_again(job, new_seed())])


def fill_in(request: Request) -> None:
    """Put a request into the box and the settings."""
    state = st.session_state
    state.prompt, state.negative_prompt = request.prompt, request.negative_prompt
    state.steps, state.guidance = request.num_inference_steps, request.guidance_scale


def link(request: Request) -> str:
    """Return the address that fills box and settings with this request."""
    asked = {
        "prompt": request.prompt,
        "negative_prompt": request.negative_prompt,
        "seed": request.seed,
        "steps": request.num_inference_steps,
        "guidance": request.guidance_scale,
    }
    here = urlsplit(st.context.url or "")
    base = f"{here.scheme}://{here.netloc}{here.path}" if here.netloc else "/"
    return f"{base}?{urlencode({key: value for key, value in asked.items() if value != ''})}"
