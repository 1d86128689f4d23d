"""Experiments with the model in use: guess first, then see."""

from stimage.ui.experiments.page import page

page()
