"""The parts of the page, each with the way to its chapter of How it works."""

from __future__ import annotations

from html import escape

import streamlit as st

from stimage.i18n import text
from stimage.service.api import JobSnapshot
from stimage.trace import Token, Trace
from stimage.ui.groups import picture_or_state
from stimage.ui.inside.pictures import brightest, difference, overlay
from stimage.ui.markdown import plain

CHAPTERS = {  # part -> anchor of its chapter
    "tokens": "tokens",
    "moments": "generating",
    "attention": "attention",
    "guidance": "guidance",
    "words": "attention",
}


def _head(part: str) -> None:
    st.header(text(f"inside.{part}"), anchor=part)
    chapter = text("inside.chapter")
    st.markdown(f"{text(f'inside.{part}_about')} [{chapter}](how_it_works#{CHAPTERS[part]})")


def tokens(found: tuple[Token, ...]) -> None:
    """Show the pieces the model reads, with their numbers."""
    if not found:
        return
    _head("tokens")
    marks = (text("inside.start"), *(token.text for token in found[1:-1]), text("inside.end"))
    items = "".join(
        f"<li><b>{escape(mark)}</b> {token.number}</li>"
        for mark, token in zip(marks, found, strict=True)
    )
    st.html(f'<ol class="tokens">{items}</ol>')


def moments(trace: Trace, png: bytes, prompt: str) -> None:
    """Show the picture after a step: what it is, and what is expected in the end."""
    _head("moments")
    steps = [*(moment.step for moment in trace.moments), trace.steps]
    label = text("inside.step_slider", total=trace.steps)
    step = st.select_slider(label, steps, value=steps[len(steps) // 4], key="inside_step")
    shown = {moment.step: (moment.now, moment.expected) for moment in trace.moments}
    now, expected = shown.get(step, (png, png))
    with st.grid(2):
        for kind, image in (("now", now), ("expected", expected)):
            with st.container():
                alt = text(f"inside.{kind}_alt", prompt=prompt, step=step)
                st.image(
                    image,
                    alt=alt,
                    output_format="PNG" if step == trace.steps else "JPEG",
                    width="stretch",
                )
                st.caption(text(f"inside.{kind}"))


def attention(trace: Trace, png: bytes) -> None:
    """Show for each word where its share of the attention is high."""
    _head("attention")
    with st.grid("auto", min_column_width=130):
        for word in trace.words:
            found = trace.map_of(word)
            with st.container():
                where = text(f"inside.place.{brightest(found)}")
                alt = text("inside.attention_alt", word=word.text, place=where)
                st.image(overlay(png, found), alt=alt, output_format="PNG", width="stretch")
                st.caption(plain(text("inside.share", word=word.text, share=found.mean())))


def guidance(jobs: list[JobSnapshot], original: JobSnapshot) -> None:
    """Show the same seed without words and with other guidance, the picture itself among them."""
    if not jobs:
        return
    _head("guidance")
    by_scale = sorted([*jobs, original], key=lambda job: job.request.guidance_scale or 0.0)
    with st.grid("auto", min_column_width=130):
        for job in by_scale:
            with st.container():
                scale = job.request.guidance_scale or 0.0
                key = "inside.scale_none" if scale == 0 else "inside.scale"
                if job is original:
                    key = "inside.scale_own"
                shown = text(key, scale=f"{scale:g}")
                _picture(job, text("inside.guided_alt", scale=f"{scale:g}"), shown)


def words(jobs: dict[str, JobSnapshot], original: JobSnapshot) -> None:
    """Show the picture without each word, and how much of it changed."""
    if not jobs:
        return
    _head("words")
    with st.grid("auto", min_column_width=130):
        for word, job in jobs.items():
            with st.container():
                shown = text("inside.without", word=word)
                if job.png is not None and original.png is not None:
                    share = difference(original.png, job.png)
                    shown = text("inside.without_changed", word=word, share=share)
                _picture(job, text("inside.without_alt", word=word), shown)


def _picture(job: JobSnapshot, alt: str, caption: str) -> None:
    png = picture_or_state(job, plain(caption))
    if png is not None:
        st.image(png, alt=alt, output_format="PNG", width="stretch")
        st.caption(plain(caption))
