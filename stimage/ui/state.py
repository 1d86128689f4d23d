"""What one visit remembers: who it is, its jobs, what it was told. Nothing of it is on disk."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st

from stimage.dice.visit import DiceState
from stimage.errors import Message, StimageError
from stimage.request import Request
from stimage.service.api import JobSnapshot, JobState
from stimage.ui import access
from stimage.ui.service import get_service

MAX_PICTURES = 12  # of a visit stay on the page
DOUBLE_CLICK_SECONDS = 0.8


@dataclass
class VisitState:
    """One visit. Jobs are known by their ids only; what widgets hold stays with the widgets.

    Attributes:
        visitor: unguessable; the service takes turns by it, and cancels for it.
        job_ids: the newest batch first.
        problem: an error to show above the pictures.
        notice: something else to say there.
        examples_open: None as long as the person has not chosen.
        seen_prompt: what stood in the box when its content was last looked at.
        undo: what the dice, an example or another button replaced in the box.
        models_problem: the card on the models page at which something went wrong ("" for the
            import), and what.
        groups: ids of jobs that are no pictures of the visit, by what they were drawn for.
        groups_over: those of which nothing will change any more.
        live_typed: what was typed last while pictures follow it, and what stood in the box then.
        live_drawn: the request of the last such picture, and its job.
        wanted: the groups that a person has asked for.
    """

    visitor: str = field(default_factory=lambda: access.visitor() or secrets.token_urlsafe(16))
    job_ids: list[str] = field(default_factory=list)
    problem: Message | None = None
    notice: Message | None = None
    examples_open: bool | None = None
    seen_prompt: str = ""
    undo: str = ""
    submitted: tuple[float, str] = (0.0, "")  # when, and which prompt
    dice: DiceState = field(default_factory=DiceState)
    models_problem: tuple[str, Message | None] = ("", None)
    groups: dict[str, list[str]] = field(default_factory=dict)
    groups_over: set[str] = field(default_factory=set)
    live_typed: tuple[str, str] = ("", "")
    live_drawn: tuple[Request | None, str] = (None, "")
    wanted: set[str] = field(default_factory=set)

    def jobs(self) -> list[JobSnapshot]:
        """Return how this visit's jobs stand; those the service has forgotten are left out."""
        found = [get_service().snapshot(job_id) for job_id in self.job_ids]
        return [job for job in found if job is not None]

    def submit(self, requests: Sequence[Request]) -> None:
        """Hand requests to the service as one batch; remember why if it can't be."""
        now, prompt = time.monotonic(), requests[0].prompt
        before, old_prompt = self.submitted
        if prompt == old_prompt and now - before < DOUBLE_CLICK_SECONDS:
            return
        self.problem = self.notice = None
        try:
            ids = get_service().submit(requests, self.visitor, access.address())
        except StimageError as error:
            self.problem = error.message
            return
        self.submitted = (now, prompt)
        self.job_ids = ids + self.job_ids
        self.examples_open = None

    def forget_old(self) -> None:
        """Forget what ended without a picture before the latest batch, and all but the last."""
        jobs = self.jobs()
        latest = latest_batch(jobs)
        ended = (JobState.FAILED, JobState.CANCELLED)
        kept = [job for job in jobs if job in latest or job.state not in ended]
        too_old = [job for job in kept if job.over][MAX_PICTURES:]
        self.job_ids = [job.id for job in kept if job not in too_old]


def latest_batch(jobs: list[JobSnapshot]) -> list[JobSnapshot]:
    """Return the jobs that were submitted together last."""
    return [job for job in jobs if job.batch == jobs[0].batch]


def visit_state() -> VisitState:
    """Return what this visit remembers; a new visit remembers nothing."""
    if "visit" not in st.session_state:
        st.session_state.visit = VisitState()
    state: VisitState = st.session_state.visit
    return state
