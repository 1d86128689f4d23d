"""Experiments with the words: change one, break it, guess the prompt."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from stimage.i18n import text
from stimage.images.own_chunks import read_trace
from stimage.request import MAX_PROMPT_CHARS, Request
from stimage.service.api import JobSnapshot
from stimage.ui.experiments.experiment import draw, draw_row, picture, request_or_sentence, row
from stimage.ui.groups import picture_or_state
from stimage.ui.inside.pictures import overlay
from stimage.ui.inside.variants import apart
from stimage.ui.markdown import plain
from stimage.ui.service import get_service
from stimage.ui.state import VisitState

THINGS = ("horse", "dog", "car", "boat", "castle", "penguin")
HARD = ("five apples on the beach", "no cat on the beach", "a purple apple on a green background")
SECRETS = (  # what is drawn, and what it might be
    ("a boat under the sea", ("an octopus under the sea", "a boat on the beach", "a car at night")),
    ("a penguin in the snow", ("a ghost at night", "a panda in the snow", "a sheep in the meadow")),
    ("a dragon in the mountains", ("a tree in the forest", "a castle at night", "a frog at night")),
)
SEED = 1


def change_word(visit: VisitState) -> None:
    """Change one word of a prompt; picture and map change together."""
    label = text("experiments.word.choose")
    thing = st.selectbox(label, THINGS[1:], key="word_thing")
    things = (THINGS[0], thing)
    first, second = (
        Request(prompt=f"a {each} on the beach", seed=SEED, trace=True) for each in things
    )
    together = [replace(first, variants=(second,))]
    draw(visit, "word", thing, together, lambda jobs: _with_maps(jobs, things))


def _with_maps(jobs: list[JobSnapshot], things: tuple[str, str]) -> None:
    pictures = [picture for job in jobs for picture in apart(job)]
    with st.grid("auto", min_column_width=150):
        for job, thing in zip(pictures, things, strict=False):
            with st.container():
                png = picture_or_state(job, plain(job.request.prompt))
                if png is None:
                    continue
                picture(png, job.request.prompt)
                trace = read_trace(png)
                for word in trace.words if trace is not None else ():
                    if trace is not None and word.text == thing:
                        layer = overlay(png, trace.map_of(word))
                        picture(layer, text("experiments.word.map", word=thing))


def break_it(visit: VisitState) -> None:
    """Find a prompt at which the model fails; all tries of the visit stay."""
    chosen = st.radio(text("experiments.break.hard"), HARD, index=None, key="break_hard")
    typed = st.text_input(
        text("experiments.break.own"), key="break_own", max_chars=MAX_PROMPT_CHARS
    )
    prompt = typed or chosen
    asked = request_or_sentence(prompt, seed=SEED) if prompt else None
    if prompt and asked is not None:
        with st.container(width=320):
            draw_row(visit, "break", prompt, [asked], [prompt])
    _gallery(visit, prompt or "")


def _gallery(visit: VisitState, now: str) -> None:
    names = [name for name in visit.groups if name.startswith("break ") and name != f"break {now}"]
    tries = [get_service().snapshot(job_id) for name in names for job_id in visit.groups[name]]
    done = [job for job in tries if job is not None and job.png is not None]
    if done:
        st.markdown(f"**{text('experiments.break.gallery')}**")
        row(done, [job.request.prompt for job in done])


def guess(visit: VisitState) -> None:
    """Guess the prompt of a picture that is not finished; fewer steps give more points."""
    number = int(st.session_state.setdefault("guess_round", 0)) % len(SECRETS)
    secret, others = SECRETS[number]
    asked = Request(prompt=secret, seed=SEED + number, trace=True)
    draw(visit, "guess", str(number), [asked], lambda jobs: _guess(jobs, number, secret, others))


def _guess(jobs: list[JobSnapshot], number: int, secret: str, others: tuple[str, ...]) -> None:
    png = picture_or_state(jobs[0], text("experiments.guess.wait")) if jobs else None
    trace = None if png is None else read_trace(png)
    if png is None or trace is None:
        return
    steps = [moment.step for moment in trace.moments]
    step = st.select_slider(text("experiments.guess.steps"), steps, key=f"guess_step_{number}")
    shown = next(moment for moment in trace.moments if moment.step == step)
    with st.container(width=240):
        picture(shown.now, text("experiments.guess.half", step=step, total=trace.steps), "JPEG")
    options = sorted([secret, *others])
    label = text("experiments.guess.which")
    answer = st.radio(label, options, index=None, key=f"guess_answer_{number}")
    if answer is None:
        return
    points = trace.steps - step if answer == secret else 0
    st.markdown(text("experiments.guess.points", prompt=secret, count=points))
    with st.container(width=240):
        picture(png, secret)
    if st.button(text("experiments.guess.next"), key=f"guess_next_{number}"):
        st.session_state.guess_round = number + 1
        st.rerun()
