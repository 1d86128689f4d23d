"""English captions."""

from __future__ import annotations

import random

from stimage.dice.english import article
from stimage.dice.vocabulary import verb, vocabulary
from stimage.training.scenes.plan import Plan, Thing
from stimage.training.scenes.words import (
    COUNTS,
    LIGHTS,
    PLACES,
    RELATIONS,
    SIZE_WORDS,
    STYLES,
    VERBS,
)

PRAISE = ("cute", "nice", "beautiful", "funny", "happy", "pretty")
OPENINGS = ("a picture of", "an image of", "a photo of", "a drawing of", "there is")
JUNK = 0.05
WITHOUT_ARTICLE = ("glasses",)
Rng = random.Random | None  # None: the plain wording


def sentence(plan: Plan, rng: Rng) -> str:
    """Return a caption of all that a plan tells; the plain one without `rng`."""
    subject, ground = _subject(plan, rng), _ground(plan, rng)
    if subject and rng and rng.random() < JUNK:
        subject = f"{rng.choice(OPENINGS)} {subject}"
    if ground and subject and rng and rng.random() < 0.15:
        text = f"{ground}, {subject}"
    else:
        text = " ".join(part for part in (subject, ground) if part)
    return _with_style(text, plan.style, rng)


def _with_style(text: str, style: str | None, rng: Rng) -> str:
    if style is None:
        return text
    wordings = STYLES[style]
    if rng and rng.random() < 0.3 and text:
        return f"{wordings[0]} of {text}"
    return f"{text}, {wordings[-1]}" if text else wordings[-1]


def _words(thing: Thing, rng: Rng) -> list[str]:
    """Return what stands before a noun, without an article."""
    words = [thing.color] if thing.color else []
    if thing.size:
        words.insert(0, _one_of(SIZE_WORDS[thing.size], rng))
    if rng and rng.random() < JUNK:
        words.insert(0, rng.choice(PRAISE))
    return words


def _one(thing: Thing, rng: Rng) -> str:
    words = [*_words(thing, rng), thing.noun]
    if thing.noun in WITHOUT_ARTICLE:
        return " ".join(words)
    if rng and rng.random() < 0.1:
        return "the " + " ".join(words)
    return f"{article(words[0])} {' '.join(words)}"


def _subject(plan: Plan, rng: Rng) -> str:
    if not plan.things:
        return ""
    who = [_one(thing, rng) for thing in plan.things]
    if len(who) == 3:
        return f"{who[0]}, {who[1]} and {who[2]}"
    if len(who) == 2:
        assert plan.relation is not None
        relation = "and" if plan.verb else _one_of(RELATIONS[plan.relation], rng)
        link = "is " if rng and relation != "and" and rng.random() < 0.2 else ""
        return _doing(f"{who[0]} {link}{relation} {who[1]}", plan, rng, plural=True)
    if plan.count == 1:
        return _doing(who[0], plan, rng, plural=False)
    thing = plan.things[0]
    plural = vocabulary().nouns[thing.noun].plural
    words = [COUNTS[plan.count], *_words(thing, rng), plural]
    return _doing(" ".join(words), plan, rng, plural=True)


def _doing(who: str, plan: Plan, rng: Rng, *, plural: bool) -> str:
    if plan.verb is None:
        return who
    what = f" {_one(plan.object, rng)}" if plan.object else ""
    if what and plan.verb != "eat" and rng and rng.random() < 0.3:
        return f"{who} {'in' if plan.verb == 'wear' else 'with'}{what}"
    forms = verb(_one_of(VERBS.get(plan.verb, (plan.verb,)), rng))
    simple, be = (forms.base, "are") if plural else (forms.third, "is")
    wordings = (forms.gerund, f"{be} {forms.gerund}", simple)
    return f"{who} {_one_of(wordings, rng)}{what}"


def _ground(plan: Plan, rng: Rng) -> str:
    parts = [_one_of(PLACES[plan.place], rng)] if plan.place else []
    parts += [f"on {article(plan.plain)} {plan.plain} background"] if plan.plain else []
    parts += [_one_of(LIGHTS[plan.light], rng)] if plan.light else []
    return " ".join(parts)


def _one_of(wordings: tuple[str, ...], rng: Rng) -> str:
    return rng.choice(wordings) if rng else wordings[0]
