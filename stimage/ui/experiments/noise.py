"""Experiments with the noise: send a picture back, paint the start, morph."""

from __future__ import annotations

import io
from dataclasses import replace

import streamlit as st
from PIL import Image

from stimage import paths
from stimage.i18n import text
from stimage.images.own_chunks import read_trace
from stimage.request import Request
from stimage.service.api import JobSnapshot
from stimage.start import Start
from stimage.ui.experiments.experiment import draw, draw_row, picture, request_or_sentence, row
from stimage.ui.state import VisitState

SENT_BACK = Request(prompt="a castle in the mountains", seed=4)
CASTLE = paths.EXPERIMENTS / "castle.png"  # drawn so by the model that ships
LEVELS = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]  # percent of the way to noise
BALLOON = Request(prompt="a red balloon in the city", seed=1)
OTHER_SEED, OTHER_PROMPT = 2, "a blue balloon in the city"
SHARES = list(range(0, 101, 10))
SIDE = 5  # cells of the painting
PIXELS = 128  # of the painting as a picture
PAINTED_STRENGTH = 0.8
PAINTS = {
    "🟥": (200, 40, 40),
    "🟧": (235, 140, 50),
    "🟨": (240, 215, 80),
    "🟩": (80, 160, 80),
    "🟦": (80, 140, 220),
    "🟪": (140, 80, 170),
    "🟫": (130, 90, 60),
    "⬛": (20, 20, 25),
    "⬜": (245, 245, 245),
}
CANVAS = "🟦🟦🟦🟦🟦" * 2 + "🟦🟦🟥🟦🟦" + "🟩🟩🟥🟩🟩" + "🟩🟩🟩🟩🟩"


def send_back(visit: VisitState) -> None:
    """Noise a picture to a level and let the model clean it, with its words and without."""
    level = st.select_slider(text("experiments.back.level"), LEVELS, value=60, key="back_level")
    castle = CASTLE.read_bytes()
    with st.container(width=200):
        picture(castle, text("experiments.back.picture", prompt=SENT_BACK.prompt))
    start = Start(picture=castle, strength=level / 100)
    cleaned = [
        replace(SENT_BACK, start=start, trace=True),
        replace(SENT_BACK, start=start, guidance_scale=0.0),
    ]
    draw(visit, "back", str(level), cleaned, lambda jobs: _cleaned(jobs, level))


def _cleaned(jobs: list[JobSnapshot], level: int) -> None:
    trace = read_trace(jobs[0].png) if jobs and jobs[0].png else None
    if trace is not None:
        with st.container(width=200):
            picture(trace.moments[0].now, text("experiments.back.noised", level=level), "JPEG")
    row(jobs, [text("experiments.back.with_words"), text("experiments.back.without")])


def paint(visit: VisitState) -> None:
    """Paint blobs; covered with noise, they are the start."""
    cells = st.session_state.setdefault("painting", list(CANVAS))
    label = text("experiments.paint.color")
    color = st.pills(label, list(PAINTS), default="🟥", key="paint_color", required=True)
    for down in range(SIDE):
        with st.container(horizontal=True, gap="xxsmall", key=f"canvas_{down}"):
            for across in range(SIDE):
                place = down * SIDE + across
                st.button(
                    cells[place],
                    key=f"cell_{place}",
                    help=text("experiments.paint.cell", row=down + 1, column=across + 1),
                    on_click=cells.__setitem__,
                    args=(place, color),
                )
    prompt = st.text_input(
        text("experiments.paint.prompt"), "a red car in the meadow", key="paint_prompt"
    )
    if st.button(text("experiments.paint.draw"), key="paint_draw", type="primary"):
        st.session_state.painted = ("".join(cells), prompt)
    if "painted" in st.session_state:
        canvas, words = st.session_state.painted
        asked = request_or_sentence(words, seed=1)
        if asked is not None:
            start = Start(picture=painting(canvas), strength=PAINTED_STRENGTH)
            draw_row(visit, "paint", f"{canvas} {words}", [replace(asked, start=start)], [words])


def painting(cells: str) -> bytes:
    """Return a painting as a blurred PNG.

    Args:
        cells: squares of `PAINTS`, row by row.
    """
    image = Image.new("RGB", (SIDE, SIDE))
    image.putdata([PAINTS[cell] for cell in cells])
    file = io.BytesIO()
    image.resize((PIXELS, PIXELS), Image.Resampling.BICUBIC).save(file, "PNG")
    return file.getvalue()


def morph(visit: VisitState) -> None:
    """Go from one seed to another, or from one prompt to another."""
    kinds = ["seeds", "words"]
    kind = st.radio(
        text("experiments.morph.kind"),
        kinds,
        format_func=lambda name: text(f"experiments.morph.{name}"),
        horizontal=True,
        key="morph_kind",
    )
    share = st.select_slider(text("experiments.morph.share"), SHARES, value=50, key="morph_share")
    mix = share / 100
    ways = {
        "seeds": Start(other_seed=OTHER_SEED, mix=mix),
        "words": Start(other_prompt=OTHER_PROMPT, mix=mix),
    }
    asked = replace(BALLOON, start=ways[kind])
    caption = text(f"experiments.morph.{kind}_at", share=share)
    with st.container(width=320):
        draw_row(visit, "morph", f"{kind} {share}", [asked], [caption])
