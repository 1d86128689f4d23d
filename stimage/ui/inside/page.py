"""Inside this picture: what happened for this prompt and seed. Nothing is drawn until it opens."""

from __future__ import annotations

import streamlit as st

from stimage.i18n import text
from stimage.images.own_chunks import read_trace
from stimage.models.prompt_words import tokens_of
from stimage.service.api import JobSnapshot, JobState
from stimage.ui.groups import QUICK_STEPS, follow, picture_or_state, wanted
from stimage.ui.inside import parts
from stimage.ui.inside.variants import Variants, apart, variants_of
from stimage.ui.layout import PICTURE_WIDTH, begin_page
from stimage.ui.markdown import plain
from stimage.ui.models.in_use import model_in_use
from stimage.ui.service import get_service
from stimage.ui.state import VisitState, visit_state

SLOW_SECONDS = 5.0  # a picture that takes longer is drawn again only when a person asks


def page() -> None:
    """Draw the page for the job that the address names."""
    begin_page("nav.inside", "inside.css")
    visit = visit_state()
    st.title(text("inside.title"), anchor=False)
    job = _asked_for()
    if job is None:
        st.info(text("inside.no_picture"))
        st.page_link("streamlit_app.py", label=text("inside.to_studio"), icon=":material/brush:")
        return
    st.query_params["job"] = job.id
    st.markdown(text("inside.intro", prompt=plain(job.request.prompt), seed=job.request.seed))
    with st.container(width=PICTURE_WIDTH, key="inside_picture"):
        alt = text("studio.picture_of", prompt=job.request.prompt)
        st.image(job.png or b"", alt=alt, output_format="PNG", width="stretch")
    st.page_link(
        "streamlit_app.py",
        label=text("inside.back"),
        icon=":material/arrow_back:",
        query_params={"job": job.id},
    )
    folder, entry = model_in_use()
    if job.model != entry.name:
        st.info(plain(text("inside.other_model", model=job.model)))
        return
    parts.tokens(tokens_of(job.request.prompt, folder))
    if folder.is_gan:
        st.info(text("inside.one_step"))
        return
    _parts(job, visit)


def _asked_for() -> JobSnapshot | None:
    """Return the finished job of the address."""
    asked = st.query_params.get("job", "")
    job = get_service().snapshot(asked) if asked else None
    return job if job is not None and job.state == JobState.DONE else None


def _parts(job: JobSnapshot, visit: VisitState) -> None:
    """Show each part as soon as it is drawn; what a small model draws fast comes as one batch."""
    seconds = get_service().status().picture_seconds.get(job.model, job.seconds)
    name = f"others {job.id}"
    quick = seconds <= SLOW_SECONDS or name in visit.groups
    variants = variants_of(job.request, QUICK_STEPS) if quick else variants_of(job.request)
    follow(visit, f"traced {job.id}", [variants.traced], lambda jobs: _traced(jobs, job))
    if quick:
        follow(visit, name, variants.together, lambda jobs: _others(jobs, variants))
        return
    label = text("inside.draw_more", seconds=seconds)
    if not wanted(visit, f"inside {job.id}", label, "inside_more"):
        return
    without = list(variants.without.values())
    follow(visit, f"guided {job.id}", variants.guided, lambda jobs: parts.guidance(jobs, job))
    follow(visit, f"without {job.id}", without, lambda jobs: _words(jobs, variants, job))


def _traced(jobs: list[JobSnapshot], job: JobSnapshot) -> None:
    for traced in jobs:
        png = picture_or_state(traced, text("inside.drawing"))
        trace = None if png is None else read_trace(png)
        if png is not None and trace is not None:
            parts.moments(trace, png, job.request.prompt)
            parts.attention(trace, png)


def _others(jobs: list[JobSnapshot], variants: Variants) -> None:
    for together in jobs:
        if picture_or_state(together, text("inside.drawing_others")) is None:
            continue
        own, *pictures = apart(together)
        st.markdown(text("inside.quick", count=variants.own.num_inference_steps))
        parts.guidance(pictures[: len(variants.guided)], own)
        _words(pictures[len(variants.guided) :], variants, own)


def _words(jobs: list[JobSnapshot], variants: Variants, own: JobSnapshot) -> None:
    parts.words(dict(zip(variants.without, jobs, strict=False)), own)
