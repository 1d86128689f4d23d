"""Drawings a page needs beside the visit's pictures: once for each visit, in the queue like any."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from stimage.errors import StimageError
from stimage.i18n import say
from stimage.request import Request
from stimage.service.api import JobSnapshot, JobState
from stimage.ui import access
from stimage.ui.markdown import plain
from stimage.ui.service import get_service
from stimage.ui.state import VisitState

LOOK_SECONDS = 0.2  # a small model needs less than a second
LOOK_SLOW_SECONDS, SLOW_SECONDS = 0.5, 2.0  # with a model that takes longer for a picture
QUICK_STEPS = 10  # of what is drawn so that nobody waits long
TURNS = "-inside"  # a queue of their own: these push no picture of the visit out


def wanted(
    visit: VisitState, name: str, label: str, key: str, *, about: str | None = None, icon: str = ""
) -> bool:
    """Return whether a person has asked for a group; until then, draw the button that asks.

    Args:
        visit: remembers it by `name`.
        name: of the group.
        label: of the button.
        key: likewise.
        about: what stands beside it when one points at it.
        icon: of Material Symbols.
    """
    if name not in visit.wanted:
        ask, args = visit.wanted.add, (name,)
        st.button(label, key=key, help=about, icon=icon or None, on_click=ask, args=args)
    return name in visit.wanted


def follow(
    visit: VisitState,
    name: str,
    requests: Sequence[Request],
    show: Callable[[list[JobSnapshot]], None],
) -> None:
    """Have a group drawn once, and show how it stands until nothing will change any more.

    Args:
        visit: remembers the ids by `name`.
        name: of the group.
        requests: as many as fit one batch; for none, nothing happens.
        show: draws what is there; called again and again, in a fragment of its own.
    """
    if not requests:
        return
    pending = name not in visit.groups_over

    @st.fragment(run_every=_look_seconds() if pending else None)
    def group() -> None:
        jobs = _drawn(visit, name, requests)
        show(jobs)
        over = bool(jobs) and all(job.over for job in jobs)
        if over == pending:
            (visit.groups_over.add if over else visit.groups_over.discard)(name)
            st.rerun()

    group()


def _look_seconds() -> float:
    status = get_service().status()
    seconds = status.picture_seconds.get(status.name, 0.0)
    return LOOK_SLOW_SECONDS if seconds > SLOW_SECONDS else LOOK_SECONDS


def _drawn(visit: VisitState, name: str, requests: Sequence[Request]) -> list[JobSnapshot]:
    """Return how a group stands; submit it if the service does not know all of it.

    Where it can't be queued, say why and return nothing.
    """
    found = [get_service().watch(job_id) for job_id in visit.groups.get(name, ())]
    if not found or None in found:
        try:
            ids = get_service().submit(requests, visit.visitor + TURNS, access.address())
        except StimageError as error:
            st.warning(plain(say(error.message)), icon=":material/hourglass_empty:")
            return []
        visit.groups[name] = ids
        found = [get_service().watch(job_id) for job_id in ids]
    return [job for job in found if job is not None]


def picture_or_state(job: JobSnapshot, waiting: str) -> bytes | None:
    """Return the finished picture; while there is none, show what it waits for, or what failed."""
    if job.state == JobState.DONE:
        return job.png
    if job.error is not None:
        st.error(plain(say(job.error)), icon=":material/error:")
    elif not job.over:
        st.skeleton(height=120)
        st.caption(waiting)
    return None
