"""Which model draws: what there is, what each needs; choose, import, download, remove."""

from stimage.ui.models.page import page

page()
