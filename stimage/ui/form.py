"""The widgets whose values make a request. Streamlit keeps them under the short field names."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from stimage.models.catalog import Entry
from stimage.request import MAX_IMAGES, MAX_SEED, Request, new_seed

FIELDS = ("prompt", "negative_prompt", "seed", "steps", "guidance")


def prompt_in_box() -> str:
    """Return what stands in the box."""
    return str(st.session_state.get("prompt") or "")


def negative_prompt() -> str:
    """Return what stands in the field for what should not be in the picture."""
    return str(st.session_state.get("negative_prompt") or "")


def put_into_box(prompt: str) -> None:
    """Replace what stands in the box."""
    st.session_state.prompt = prompt


def kept_seed() -> int | None:
    """Return the seed that every picture gets; None for a new one each time."""
    seed: int | None = st.session_state.get("seed")
    return seed


def keep_seed(seed: int | None) -> None:
    """Give every picture from now on this seed; None for a new one each time."""
    st.session_state.seed = seed


def fill_in(request: Request) -> None:
    """Put a request into the box and the settings, without its seed."""
    values = request.to_mapping(short=True)
    st.session_state["negative_prompt"] = values.get("negative_prompt", "")
    for name in ("prompt", "steps", "guidance"):
        if name in values:
            st.session_state[name] = values[name]


def wanted_requests(entry: Entry, dice_seed: str = "") -> list[Request]:
    """Return one request for each picture that box and settings ask for.

    Args:
        entry: the model in use.
        dice_seed: the code of the dice that wrote what stands in the box, if one did.

    Raises:
        InvalidRequest: for the first value that is wrong.
    """
    values = {name: st.session_state.get(name) for name in FIELDS} | {"dice_seed": dice_seed}
    first = Request.from_mapping(values, entry.limits)
    kept = kept_seed()
    seeds = [
        new_seed() if kept is None else (first.seed + number) % (MAX_SEED + 1)
        for number in range(_pictures())
    ]
    return [replace(first, seed=seed) for seed in seeds]


def _pictures() -> int:
    asked = st.session_state.get("pictures", 1)
    return max(1, min(asked, MAX_IMAGES)) if isinstance(asked, int) else 1
