"""The settings behind one button, a picture's in one line, and the line about a kept seed."""

from __future__ import annotations

from typing import Any

import streamlit as st

from stimage.i18n import text
from stimage.models.catalog import Entry
from stimage.request import MAX_IMAGES, MAX_PROMPT_CHARS, MAX_SEED
from stimage.service.api import JobSnapshot
from stimage.ui import form
from stimage.ui.markdown import plain
from stimage.ui.studio.live import live_switch

BOUND: dict[str, Any] = {"bind": "query-params", "persist_state": "session"}


def settings_button(entry: Entry) -> None:
    """Draw the button and what opens under it; the limits are those of the model in use."""
    with st.popover(text("studio.settings"), icon=":material/tune:", key="settings"):
        st.number_input(
            text("studio.seed"),
            0,
            MAX_SEED,
            value=None,
            step=1,
            key="seed",
            placeholder=text("studio.new_each_time"),
            help=text("studio.seed_help", most=MAX_SEED),
            **BOUND,
        )
        st.text_input(
            text("studio.negative_prompt"),
            max_chars=MAX_PROMPT_CHARS,
            key="negative_prompt",
            help=text("studio.negative_prompt_help"),
            **BOUND,
        )
        note = st.empty()
        if entry.limits.max_steps > 1:
            st.slider(
                text("studio.steps"),
                1,
                entry.limits.max_steps,
                entry.steps,
                key="steps",
                help=text("studio.steps_help"),
                **BOUND,
            )
        scale = _guidance(entry)
        if not entry.limits.heeds_negative_prompt(scale):
            note.caption(_no_negative_prompt(entry))
        label = text("studio.pictures")
        st.slider(label, 1, MAX_IMAGES, key="pictures", persist_state="session")
        live_switch(entry)


def _guidance(entry: Entry) -> float:
    """Draw the slider, if the model knows guidance, and return the scale."""
    if entry.limits.guidance == "none":
        return entry.guidance_scale
    return st.slider(
        text("studio.guidance"),
        0.0,
        entry.limits.max_guidance_scale,
        entry.guidance_scale,
        step=0.5,
        format="%.1f",
        key="guidance",
        help=text("studio.guidance_help"),
        **BOUND,
    )


def _no_negative_prompt(entry: Entry) -> str:
    if entry.limits.guidance == "classifier_free":
        return text("studio.negative_prompt_unheeded")
    return text("studio.negative_prompt_never_heeded", model=plain(entry.title))


def settings_line(job: JobSnapshot) -> str:
    """Name what is needed to draw a picture again, and how long it took."""
    request = job.request
    parts = [
        text("studio.with_seed", seed=request.seed),
        text("studio.with_steps", count=request.num_inference_steps),
    ]
    if request.guidance_scale is not None:
        parts.append(text("studio.with_guidance", guidance=f"{request.guidance_scale:g}"))
    if request.negative_prompt:
        parts.append(text("studio.without", words=request.negative_prompt))
    return " · ".join([*parts, job.model, text("studio.took", seconds=job.seconds)])


def kept_seed_line() -> None:
    """Say that a seed is kept, where one is, and offer to let it go."""
    seed = form.kept_seed()
    if seed is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="kept_seed"):
        st.caption(text("studio.kept_seed", seed=seed), width="content")
        st.button(
            text("studio.release_seed"), type="tertiary", on_click=form.keep_seed, args=(None,)
        )
