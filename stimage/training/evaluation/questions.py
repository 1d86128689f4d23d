"""What the detector is asked about a picture, and which plans each question fits."""

from __future__ import annotations

from collections.abc import Callable

from stimage.training.networks.detector import Detections
from stimage.training.scenes.plan import Plan


def single(plan: Plan, detections: Detections) -> bool:
    """The surest thing found is the noun."""
    return bool(detections.things) and detections.things[0][0] == plan.things[0].noun


def both(plan: Plan, detections: Detections) -> bool:
    """Both nouns are found."""
    return {t.noun for t in plan.things} <= {t[0] for t in detections.things}


def count(plan: Plan, detections: Detections) -> bool:
    """Exactly as many of the noun are found as were asked for, and nothing else."""
    return [t[0] for t in detections.things] == [plan.things[0].noun] * plan.count


def relation(plan: Plan, detections: Detections) -> bool:
    """Both nouns are found and stand to each other as asked for, by at least 2 cells."""
    where = {noun: (x, y) for noun, x, y, _ in reversed(detections.things)}
    if not both(plan, detections):
        return False
    (x0, y0), (x1, y1) = (where[t.noun] for t in plan.things)
    rules = {
        "left of": x1 - x0 >= 2,
        "right of": x0 - x1 >= 2,
        "above": y1 - y0 >= 2,
        "on top of": y1 - y0 >= 2,
        "below": y0 - y1 >= 2,
    }
    return rules[str(plan.relation)]


def place(plan: Plan, detections: Detections) -> bool:
    """The place or the plain color is the one asked for."""
    return detections.ground == (plan.place or f"plain {plan.plain}")


def verb_cue(plan: Plan, detections: Detections) -> bool:
    """The cue of the verb is there."""
    return detections.act == plan.verb


def style(plan: Plan, detections: Detections) -> bool:
    """The style is the one asked for."""
    return detections.look == plan.style


Judge = Callable[[Plan, Detections], bool]
Wanted = Callable[[Plan], bool]


def _alone(plan: Plan) -> bool:
    return len(plan.things) == 1 and plan.count == 1


QUESTIONS: dict[str, tuple[Wanted, Judge]] = {
    "single noun": (lambda p: _alone(p) and not (p.verb or p.style or p.size), single),
    "two nouns": (lambda p: len(p.things) == 2 and not p.style, both),
    "count": (lambda p: len(p.things) == 1 and not (p.verb or p.style or p.size), count),
    "place": (lambda p: _alone(p) and not p.style, place),
    "verb": (lambda p: _alone(p) and bool(p.verb) and not p.style, verb_cue),
    "relation": (lambda p: len(p.things) == 2 and p.relation != "and" and not p.style, relation),
    "style": (lambda p: _alone(p) and bool(p.style), style),
}
