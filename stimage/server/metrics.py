"""What an operator's Prometheus asks: requests, pictures by how they ended, the queue, seconds."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import flask
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily

from stimage.request import Request
from stimage.service.api import ImageService, JobSnapshot, JobState, ModelState, ModelStatus

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300, 600)  # of a picture


class Metered:
    """An `ImageService` that counts what goes through it."""

    def __init__(self, service: ImageService) -> None:
        """Count from nothing, with a registry of its own."""
        self._service = service
        self._open: dict[str, None] = {}  # ids of jobs that were not over when last looked at
        self._lock = threading.Lock()
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "stimage_requests", "Answered requests.", ["route", "status"], registry=self.registry
        )
        self._pictures = Counter(
            "stimage_pictures", "Pictures by how they ended.", ["state"], registry=self.registry
        )
        self._seconds = Histogram(
            "stimage_picture_seconds",
            "How long drawing a picture took.",
            registry=self.registry,
            buckets=SECONDS,
        )
        self.registry.register(self)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Look at every job that was open, and yield how many are open now. For the registry."""
        jobs = [self.snapshot(job_id) for job_id in list(self._open)]
        states = [job.state for job in jobs if job is not None]
        family = GaugeMetricFamily("stimage_jobs", "Jobs that are not over.", labels=["state"])
        for state in (JobState.QUEUED, JobState.RUNNING):
            family.add_metric([state], states.count(state))
        yield family
        ready = self._service.status().state is ModelState.READY
        yield GaugeMetricFamily("stimage_model_ready", "Whether the model is loaded.", value=ready)

    def answered(self, response: flask.Response) -> flask.Response:
        """Count a request by the pattern of its route; an unknown address is no pattern."""
        rule = flask.request.url_rule
        self._requests.labels(rule.rule if rule else "none", response.status_code).inc()
        return response

    def text(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self.registry)

    # What an `ImageService` does

    def submit(self, requests: Sequence[Request], visitor: str, address: str = "") -> list[str]:
        """See `ImageService.submit`."""
        ids = self._service.submit(requests, visitor, address)
        with self._lock:
            self._open.update(dict.fromkeys(ids))
        return ids

    def snapshot(self, job_id: str) -> JobSnapshot | None:
        """See `ImageService.snapshot`."""
        return self._seen(job_id, self._service.snapshot(job_id))

    def watch(self, job_id: str) -> JobSnapshot | None:
        """See `ImageService.watch`."""
        return self._seen(job_id, self._service.watch(job_id))

    def cancel(self, job_id: str, visitor: str) -> None:
        """See `ImageService.cancel`."""
        self._service.cancel(job_id, visitor)

    def status(self) -> ModelStatus:
        """See `ImageService.status`."""
        return self._service.status()

    def use_model(self, name: str) -> None:
        """See `ImageService.use_model`."""
        self._service.use_model(name)

    def close(self) -> None:
        """See `ImageService.close`."""
        self._service.close()

    def _seen(self, job_id: str, job: JobSnapshot | None) -> JobSnapshot | None:
        with self._lock:
            if job_id in self._open and (job is None or job.over):
                del self._open[job_id]
                self._pictures.labels("forgotten" if job is None else job.state.value).inc()
                if job is not None and job.state is JobState.DONE:
                    self._seconds.observe(job.seconds)
        return job
