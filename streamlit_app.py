"""The studio: type a sentence, press Submit, and a picture appears under it."""

from stimage.ui.studio.page import page

page()
