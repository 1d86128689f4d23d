"""Draw through the service as a page does: submit, and look again and again."""

from __future__ import annotations

import time
from collections.abc import Callable

from stimage.i18n import say
from stimage.request import Request
from stimage.service.api import ImageService, JobSnapshot


def draw(
    service: ImageService,
    request: Request,
    visitor: str = "benchmark",
    *,
    look: Callable[[JobSnapshot], None] = lambda _job: None,
    every_seconds: float = 0.02,
) -> JobSnapshot:
    """Return the finished job.

    Args:
        service: draws.
        request: what to draw.
        visitor: who asks.
        look: called with the job at every look.
        every_seconds: between two looks.

    Raises:
        SystemExit: with a sentence, if there is no picture.
    """
    [name] = service.submit([request], visitor)
    while (job := service.watch(name)) is not None and not job.over:
        look(job)
        time.sleep(every_seconds)
    if job is None or job.png is None:
        raise SystemExit(say(job.error) if job and job.error else "There is no picture.")
    return job
