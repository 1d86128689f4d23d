"""What happened inside a finished picture: its tokens, its steps, its words."""

from stimage.ui.inside.page import page

page()
