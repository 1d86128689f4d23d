"""Everything about a picture but its sentence, behind one button. An empty seed is a new one."""

from __future__ import annotations

import streamlit as st

from stimage.models.catalog import Entry
from stimage.request import MAX_IMAGES, MAX_PROMPT_CHARS, MAX_SEED, Request, new_seed
from stimage.ui.studio import texts


def settings_button(entry: Entry) -> None:
    """Draw the button and what opens under it; the limits are those of the model in use."""
    with st.popover(texts.SETTINGS, icon=":material/tune:", key="settings"):
        st.number_input(
            texts.SEED,
            0,
            MAX_SEED,
            value=None,
            step=1,
            key="seed",
            placeholder=texts.NEW_EACH_TIME,
            help=texts.SEED_HELP,
            bind="query-params",
            persist_state="session",
        )
        st.text_input(
            texts.NEGATIVE_PROMPT,
            max_chars=MAX_PROMPT_CHARS,
            key="negative_prompt",
            help=texts.NEGATIVE_PROMPT_HELP,
            bind="query-params",
            persist_state="session",
        )
        if entry.limits.max_steps > 1:
            st.slider(
                texts.STEPS,
                1,
                entry.limits.max_steps,
                entry.steps,
                key="steps",
                help=texts.STEPS_HELP,
                bind="query-params",
                persist_state="session",
            )
        if entry.limits.max_guidance_scale > 0:
            st.slider(
                texts.GUIDANCE,
                0.0,
                entry.limits.max_guidance_scale,
                entry.guidance_scale,
                step=0.5,
                format="%.1f",
                key="guidance",
                help=texts.GUIDANCE_HELP,
                bind="query-params",
                persist_state="session",
            )
        st.slider(texts.PICTURES, 1, MAX_IMAGES, key="pictures", persist_state="session")


def kept_seed_line() -> None:
    """Say that a seed is kept, where one is, and offer to let it go."""
    seed = st.session_state.get("seed")
    if seed is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="kept_seed"):
        st.caption(texts.kept_seed(seed), width="content")
        st.button(texts.RELEASE_SEED, type="tertiary", on_click=release_seed)


def release_seed() -> None:
    """Let every picture have a new seed again."""
    st.session_state.seed = None


def wanted_requests(entry: Entry, dice_seed: str = "") -> list[Request]:
    """Return one request for each picture that box and settings ask for.

    Args:
        entry: the model in use.
        dice_seed: the code of the dice that wrote what stands in the box, if one did.

    Raises:
        InvalidRequest: with a sentence.
    """
    state = st.session_state
    kept = state.get("seed")
    return [
        Request(
            prompt=state.get("prompt") or "",
            negative_prompt=state.get("negative_prompt") or "",
            seed=new_seed() if kept is None else (kept + number) % (MAX_SEED + 1),
            num_inference_steps=state.get("steps"),
            guidance_scale=state.get("guidance"),
            dice_seed=dice_seed,
            limits=entry.limits,
        )
        for number in range(min(state.get("pictures", 1), MAX_IMAGES))
    ]
