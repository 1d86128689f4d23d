"""The studio's own protocol: submit, look, cancel; what a page needs while it does not wait."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import flask

from stimage.errors import InvalidRequest, StimageError
from stimage.models.folder import is_plain_name
from stimage.server.answers import comment, event, json, stream
from stimage.server.doors import read
from stimage.server.errors import ClientGone
from stimage.server.images_api import served
from stimage.server.orders import Orders
from stimage.service import protocol
from stimage.service.api import ImageService


class Jobs:
    """Answers for jobs and the model in use; each method is an operation of the document."""

    def __init__(self, service: ImageService, orders: Orders) -> None:
        self._service, self._orders = service, orders

    def submit(self) -> flask.Response:
        """Queue a batch."""
        asked = read(protocol.NewJobs)
        limits = served(self._service).limits
        requests = [protocol.request_of(each, limits) for each in asked.requests]
        visitor = asked.visitor or secrets.token_urlsafe(16)
        address = asked.address or flask.request.remote_addr or ""
        ids = self._service.submit(requests, visitor, address)
        return json(protocol.JobsQueued(ids=ids, visitor=visitor), 202)

    def job(self, job_id: str) -> flask.Response:
        """Return how a job stands."""
        unwatched = flask.request.args.get("watch") == "false"
        look = self._service.snapshot if unwatched else self._service.watch
        job = look(job_id)
        if job is None:
            raise StimageError("job_unknown")
        return json(protocol.view_of(job))

    def events(self, job_id: str) -> flask.Response:
        """Return each state of a job, one after the other."""
        if self._service.snapshot(job_id) is None:
            raise StimageError("job_unknown")
        waiting = self._orders.follow(job_id)

        def states() -> Iterator[bytes]:
            try:
                for job in waiting.changes(job_id):
                    view = None if job is None else protocol.view_of(job)
                    yield comment("still here") if view is None else event("job", view)
            except ClientGone:
                return

        return stream(states(), waiting.leave)

    def cancel(self, job_id: str) -> flask.Response:
        """Stop a job."""
        self._service.cancel(job_id, read(protocol.Cancel).visitor)
        return self.job(job_id)

    def status(self) -> flask.Response:
        """Return how the model in use stands."""
        return json(protocol.status_view(self._service.status()))

    def use_model(self) -> flask.Response:
        """Let another model draw."""
        name = read(protocol.ModelChoice).name
        if not is_plain_name(name) and name != self._service.status().name:
            raise InvalidRequest("not_a_model_name", field="name")
        self._service.use_model(name)
        return self.status()
