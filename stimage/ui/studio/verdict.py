"""What the discriminator of our GAN says of finished pictures: two bars, and the best one first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from stimage.i18n import text
from stimage.images.own_chunks import read_opinion
from stimage.opinion import Opinion
from stimage.paths import SHIPPED
from stimage.service.api import JobSnapshot, JobState
from stimage.ui.groups import follow, picture_or_state, wanted
from stimage.ui.inside.variants import apart
from stimage.ui.service import get_service
from stimage.ui.state import VisitState

CHAPTER = "how_it_works#forger"


def opinions(jobs: Sequence[JobSnapshot], visit: VisitState) -> dict[str, Opinion]:
    """Return by job id what the judge has said of the pictures of a batch; nothing before."""
    found = [get_service().snapshot(job_id) for job_id in visit.groups.get(_name(jobs), ())]
    said: dict[str, Opinion] = {}
    for judged in found:
        if judged is not None and judged.state == JobState.DONE:
            for job, again in zip(jobs, apart(judged), strict=False):
                opinion = read_opinion(again.png or b"")
                if opinion is not None:
                    said[job.id] = opinion
    return said


def best_first(jobs: Sequence[JobSnapshot], said: dict[str, Opinion]) -> list[JobSnapshot]:
    """Return pictures in the order in which the judge likes them; what it does not know is last."""
    unasked = Opinion()
    told = {job.id: said.get(job.id, unasked) for job in jobs}
    return sorted(jobs, key=lambda job: (not told[job.id].known, -told[job.id].score))


def ask(jobs: Sequence[JobSnapshot], visit: VisitState) -> None:
    """Offer to ask the judge about the pictures of a batch; once asked, say that it looks."""
    first, *others = jobs
    in_use = get_service().status().name
    if in_use not in SHIPPED or first.model not in SHIPPED:
        return
    label = text("verdict.ask_best" if others else "verdict.ask")
    about, icon = text("verdict.ask_help"), ":material/gavel:"
    if not wanted(visit, _name(jobs), label, f"judge_{first.id}", about=about, icon=icon):
        return
    drawn = [
        replace(job.request, model=first.model, judged=True, dice_seed="")
        for job in (first, *others)
    ]
    asked = replace(drawn[0], variants=tuple(drawn[1:]))
    follow(visit, _name(jobs), [asked], _while_it_looks)


def _while_it_looks(judging: list[JobSnapshot]) -> None:
    for job in judging:
        if picture_or_state(job, text("verdict.waiting")) is not None:
            st.markdown(text("verdict.who", chapter=CHAPTER))


def bars(job: JobSnapshot, said: dict[str, Opinion]) -> None:
    """Show how sure the judge is of a picture, once it has spoken."""
    opinion = said.get(job.id)
    if opinion is None:
        return
    if not opinion.known:
        st.info(text("verdict.unknown"))
        return
    for name in ("real", "fit"):
        share = getattr(opinion, name)
        st.progress(share, text=text(f"verdict.{name}", share=share))


def _name(jobs: Sequence[JobSnapshot]) -> str:
    return f"judged {jobs[0].id}"
