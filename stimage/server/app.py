"""The Flask app: everything that can be asked over HTTP, over any `ImageService`."""

from __future__ import annotations

import flask

from stimage.errors import Message
from stimage.i18n import Edge, say
from stimage.server.answers import json
from stimage.server.doors import guard
from stimage.server.errors import answer_with_errors
from stimage.server.images_api import Images
from stimage.server.jobs_api import Jobs
from stimage.server.metrics import CONTENT_TYPE, Metered
from stimage.server.openapi import OPERATIONS, document
from stimage.server.orders import Orders
from stimage.server.schemas import Health
from stimage.service.api import ImageService, ModelState


def create_app(service: ImageService, api_key: str = "", cors_origin: str = "") -> flask.Flask:
    """Return the app.

    Args:
        service: draws.
        api_key: the bearer token that is asked for; "": only this computer is served.
        cors_origin: the one site whose pages may ask; "": none.
    """
    app = flask.Flask(__name__, static_folder=None)
    metered = Metered(service)
    orders = Orders(metered)
    guard(app, api_key, cors_origin)
    app.after_request(metered.answered)
    answer_with_errors(app, metered)
    apis = (Images(metered, orders), Jobs(metered, orders), Operator(metered))
    for each in OPERATIONS:
        answers = next(api for api in apis if hasattr(api, each.name))
        rule = each.path.replace("{", "<").replace("}", ">")
        app.add_url_rule(rule, each.name, getattr(answers, each.name), methods=[each.method])
    return app


class Operator:
    """Answers whoever keeps the server running, or wants to know what it can."""

    def __init__(self, metered: Metered) -> None:
        self._metered = metered

    def alive(self) -> flask.Response:
        """Say that the server is up."""
        return json(Health(status="ok"))

    def ready(self) -> flask.Response:
        """Say whether the model can draw; one that is not loaded yet can, once it is asked."""
        status = self._metered.status()
        if status.state not in (ModelState.LOADING, ModelState.FAILED):
            return json(Health(status="ok"))
        error = status.error or Message(f"http.{status.state}")
        return json(Health(status=say(error, Edge.HTTP)), 503)

    def metrics(self) -> flask.Response:
        """Return the figures."""
        return flask.Response(self._metered.text(), content_type=CONTENT_TYPE)

    def openapi(self) -> flask.Response:
        """Return the OpenAPI document."""
        return json(document())

    def docs(self) -> str:
        """Return the page that shows the document."""
        return flask.render_template("docs.html", document=document())
