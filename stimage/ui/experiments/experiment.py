"""What every experiment is made of, and how its pictures are shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from stimage import paths
from stimage.errors import InvalidRequest
from stimage.i18n import say, text
from stimage.request import Request
from stimage.service.api import JobSnapshot
from stimage.ui.groups import QUICK_STEPS, follow, picture_or_state
from stimage.ui.markdown import plain
from stimage.ui.models.in_use import model_in_use
from stimage.ui.state import VisitState

BUSY_PLACE = 4  # with so many pictures before ours, a prepared run is shown meanwhile
Show = Callable[[list[JobSnapshot]], None]


@dataclass(frozen=True, slots=True)
class Experiment:
    """One thing to try.

    Attributes:
        name: of its sentences: "experiments.<name>.title", ".ask", ".option_1" and on, ".told".
        chapter: the anchor of the chapter that explains it.
        options: how many answers its question has.
        run: draws its controls and has its pictures drawn.
    """

    name: str
    chapter: str
    options: int
    run: Callable[[VisitState], None]


def draw(visit: VisitState, name: str, key: str, requests: Sequence[Request], show: Show) -> None:
    """Have the pictures of one try drawn, once for each `key`; show a prepared run meanwhile.

    They are drawn in at most `QUICK_STEPS`, whatever the requests say.
    """
    steps = min(QUICK_STEPS, model_in_use()[1].steps)
    quick = [_with_steps(request, steps) for request in requests]

    def show_all(jobs: list[JobSnapshot]) -> None:
        show(jobs)
        if any(not job.over and job.place >= BUSY_PLACE for job in jobs):
            prepared(name)

    follow(visit, f"{name} {key}", quick, show_all)


def _with_steps(request: Request, steps: int) -> Request:
    variants = tuple(replace(each, num_inference_steps=steps) for each in request.variants)
    return replace(request, num_inference_steps=steps, variants=variants)


def draw_row(
    visit: VisitState, name: str, key: str, requests: Sequence[Request], captions: Sequence[str]
) -> None:
    """Have pictures drawn and show them side by side, each with its caption."""
    draw(visit, name, key, requests, lambda jobs: row(jobs, captions))


def row(jobs: list[JobSnapshot], captions: Sequence[str]) -> None:
    """Show pictures side by side."""
    with st.grid("auto", min_column_width=150):
        for job, caption in zip(jobs, captions, strict=False):
            with st.container():
                png = picture_or_state(job, plain(caption))
                if png is not None:
                    picture(png, caption)


def picture(image: bytes, caption: str, kind: str = "PNG") -> None:
    """Show one picture; its caption is its alternative text, too."""
    st.image(image, alt=caption, output_format="JPEG" if kind == "JPEG" else "PNG", width="stretch")
    st.caption(plain(caption))


def prepared(name: str) -> None:
    """Show a run that was drawn before, where there is one."""
    file = paths.EXPERIMENTS / f"{name}.webp"
    if file.is_file():
        about = text(f"experiments.{name}.prepared")
        st.image(str(file), alt=about)
        st.caption(text("experiments.prepared", about=about))


def request_or_sentence(prompt: str, seed: int) -> Request | None:
    """Return a request for what a person typed; say what is wrong with it, if it is none."""
    try:
        return Request(prompt=prompt, seed=seed)
    except InvalidRequest as error:
        st.error(plain(say(error.message)), icon=":material/error:")
        return None
