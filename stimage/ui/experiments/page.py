"""Experiments with the model in use: guess first, then see. Each is drawn when it is opened."""

from __future__ import annotations

import streamlit as st

from stimage.i18n import text
from stimage.service.api import ModelState
from stimage.ui.away import say_if_away
from stimage.ui.experiments import noise, words
from stimage.ui.experiments.experiment import Experiment, prepared
from stimage.ui.groups import QUICK_STEPS
from stimage.ui.layout import begin_page
from stimage.ui.models.in_use import model_in_use
from stimage.ui.service import get_service
from stimage.ui.state import VisitState, visit_state

EXPERIMENTS = (
    Experiment("back", "noise", 3, noise.send_back),
    Experiment("morph", "seed", 3, noise.morph),
    Experiment("word", "attention", 3, words.change_word),
    Experiment("break", "limits", 3, words.break_it),
    Experiment("paint", "generating", 3, noise.paint),
    Experiment("guess", "generating", 3, words.guess),
)


def page() -> None:
    """Draw the page."""
    begin_page("nav.experiments", "inside.css")
    visit = visit_state()
    st.title(text("experiments.title"), anchor=False)
    st.markdown(text("experiments.intro", steps=QUICK_STEPS))
    say_if_away(visit)
    away = get_service().status().state == ModelState.AWAY
    folder, entry = model_in_use()
    obstacle = "one_step" if folder.is_gan else "no_model" if away or entry.error else ""
    for experiment in EXPERIMENTS:
        with st.container(border=True, key=f"experiment_{experiment.name}"):
            _experiment(experiment, visit, obstacle)


def _experiment(experiment: Experiment, visit: VisitState, obstacle: str) -> None:
    """Show title and question; what comes after the answer, only then."""
    name = experiment.name
    st.header(text(f"experiments.{name}.title"), anchor=name)
    numbers = range(1, experiment.options + 1)
    options = [text(f"experiments.{name}.option_{number}") for number in numbers]
    ask = text(f"experiments.{name}.ask")
    if st.radio(ask, options, index=None, key=f"predict_{name}") is None:
        return
    if obstacle:
        st.info(text(f"experiments.{obstacle}"))
        prepared(name)
    else:
        experiment.run(visit)
    told, chapter = text(f"experiments.{name}.told"), text("inside.chapter")
    st.markdown(f"{told} [{chapter}](how_it_works#{experiment.chapter})")
