"""From a plan to English, in many wordings; and the one plain wording that tests use."""

from __future__ import annotations

import random

from stimage.dice.english import article
from stimage.dice.vocabulary import noun, verb
from stimage.training.scenes.plan import Plan, Thing
from stimage.training.scenes.words import COUNTS, PLACES, RELATIONS, STYLES

PRAISE = ("cute", "nice", "beautiful", "funny", "happy", "pretty")
OPENINGS = ("a picture of", "an image of", "a photo of", "a drawing of", "there is")
DROP_PART, DROP_ALL, JUNK = 0.15, 0.10, 0.05


def caption(plan: Plan) -> str:
    """Return the plain complete caption: "a red car in the city, pixel art"."""
    subject, ground = _subject(plan, None), _ground(plan, None)
    suffix = f", {plan.style}" if plan.style else ""
    return " ".join(part for part in (subject, ground) if part) + suffix


def random_caption(plan: Plan, rng: random.Random, *, complete: bool = False) -> str:
    """Return one of many wordings.

    Unless it is to be complete, one in ten is empty, one in seven leaves something out.
    """
    if not complete and rng.random() < DROP_ALL:
        return ""
    subject, ground, style = _subject(plan, rng), _ground(plan, rng), plan.style
    if not complete and subject and rng.random() < DROP_PART:
        subject, ground, style = rng.choice(
            ((subject, "", style), (subject, ground, None), (subject, "", None))
        )
    if subject and rng.random() < JUNK:
        subject = f"{rng.choice(OPENINGS)} {subject}"
    if ground and subject and rng.random() < 0.15:
        text = f"{ground}, {subject}"
    else:
        text = " ".join(part for part in (subject, ground) if part)
    text = _with_style(text, style, rng)
    return text + "." if rng.random() < 0.15 else text


def _with_style(text: str, style: str | None, rng: random.Random) -> str:
    if style is None:
        return text
    wordings = STYLES[style]
    if rng.random() < 0.3 and text:
        return f"{wordings[0]} of {text}"
    return f"{text}, {wordings[-1]}" if text else wordings[-1]


def _one(thing: Thing, plan: Plan, rng: random.Random | None) -> str:
    words = [thing.noun]
    if thing.color and not (thing.noun == "cat" and rng and rng.random() < 0.5):
        words.insert(0, thing.color)
    if plan.size and not (rng and rng.random() < 0.1):
        words.insert(0, plan.size)
    if rng and rng.random() < JUNK:
        words.insert(0, rng.choice(PRAISE))
    if rng and rng.random() < 0.1:
        return "the " + " ".join(words)
    return f"{article(words[0])} {' '.join(words)}"


def _subject(plan: Plan, rng: random.Random | None) -> str:
    if not plan.things:
        return ""
    if len(plan.things) == 2:
        assert plan.relation is not None
        wordings = RELATIONS[plan.relation]
        relation = rng.choice(wordings) if rng else wordings[0]
        link = "is " if rng and relation != "and" and rng.random() < 0.2 else ""
        first, second = (_one(thing, plan, rng) for thing in plan.things)
        return f"{first} {link}{relation} {second}"
    if plan.count == 1:
        return _doing(_one(plan.things[0], plan, rng), plan, rng, plural=False)
    thing = plan.things[0]
    named = thing.color and not (thing.noun == "cat" and rng and rng.random() < 0.5)
    words = [COUNTS[plan.count], thing.color if named else "", noun(thing.noun).plural]
    return _doing(" ".join(word for word in words if word), plan, rng, plural=True)


def _doing(who: str, plan: Plan, rng: random.Random | None, *, plural: bool) -> str:
    if plan.verb is None:
        return who
    forms = verb(plan.verb)
    simple, be = (forms.base, "are") if plural else (forms.third, "is")
    wordings = (forms.gerund, f"{be} {forms.gerund}", simple)
    return f"{who} {rng.choice(wordings) if rng else wordings[0]}"


def _ground(plan: Plan, rng: random.Random | None) -> str:
    if plan.place:
        wordings = PLACES[plan.place]
        return rng.choice(wordings) if rng else wordings[0]
    return f"on {article(str(plan.plain))} {plan.plain} background"
