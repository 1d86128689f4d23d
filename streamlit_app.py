"""The studio: type a sentence, press Submit, and a picture appears under it."""

from streamlit.starlette import App

from stimage.ui.gateway.start import server_settings
from stimage.ui.studio.page import page

if __name__ == "__main__":  # each visit runs this file as its script
    page()
else:  # the server imports it, once
    app = App(__file__, **server_settings())
