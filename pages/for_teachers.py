"""For teachers: plans for lessons, and what to print."""

from stimage.ui.explainer.teachers import page

page()
