"""How AI image generation works: the chapters of `stimage.explainer`."""

from stimage.ui.explainer.page import page

page()
