"""German captions: articles, plurals, cases and the endings of adjectives."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

from stimage.training.scenes.plan import Plan, Thing
from stimage.training.scenes.words import (
    GERMAN,
    GERMAN_COLORS,
    GERMAN_PHRASES,
    GERMAN_VERBS,
)

NUMBERS = {2: "zwei", 3: "drei", 4: "vier", 5: "fünf", 6: "sechs"}
PRAISE = ("süß", "schön", "lustig", "hübsch")
OPENINGS = ("ein Bild von", "eine Zeichnung von", "ein Foto von")  # with the dative
JUNK = 0.05
PLURAL_ONLY_WITHOUT_ENDING = ("n", "s")  # the dative plural adds an n to all other nouns
NOMINATIVE, ACCUSATIVE, DATIVE = "nominative", "accusative", "dative"
ARTICLES = {  # of "ein", by case and gender
    NOMINATIVE: {"der": "ein", "die": "eine", "das": "ein"},
    ACCUSATIVE: {"der": "einen", "die": "eine", "das": "ein"},
    DATIVE: {"der": "einem", "die": "einer", "das": "einem"},
}
ENDINGS = {  # of an adjective after "ein"
    NOMINATIVE: {"der": "er", "die": "e", "das": "es"},
    ACCUSATIVE: {"der": "en", "die": "e", "das": "es"},
    DATIVE: {"der": "en", "die": "en", "das": "en"},
}
STYLED = {  # style -> how a caption may begin with it
    "pixel art": "Pixelkunst von", "pencil sketch": "eine Bleistiftzeichnung von",
    "black and white": "ein Schwarz-Weiß-Bild von", "watercolor": "ein Aquarell von",
    "neon": "ein Neonbild von",
}  # fmt: skip
Rng = random.Random | None  # None: the plain wording


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun with its forms."""

    article: str  # der, die, das
    singular: str
    plural: str
    oblique: str  # the singular in accusative and dative

    def one(self, case: str) -> str:
        """Return the singular in a case."""
        return self.singular if case == NOMINATIVE else self.oblique

    def many(self, case: str) -> str:
        """Return the plural in a case."""
        stays = case != DATIVE or self.plural.endswith(PLURAL_ONLY_WITHOUT_ENDING)
        return self.plural if stays else self.plural + "n"


@cache
def noun(name: str) -> Noun:
    """Return the German noun for an English one."""
    first, plural, *oblique = GERMAN[name].split(", ")
    article, singular = first.split(" ")
    return Noun(article, singular, plural, oblique[0] if oblique else singular)


def adjective(stem: str, ending: str) -> str:
    """Return an adjective with its ending; "lila-" takes none."""
    return stem[:-1] if stem.endswith("-") else stem + ending


def one(thing: Thing, case: str, rng: Rng, doing: str = "") -> str:
    """Return "ein roter Fuchs" in a case; `doing` is a participle: "ein schlafender Fuchs"."""
    forms = noun(thing.noun)
    ending = ENDINGS[case][forms.article]
    said = [adjective(stem, ending) for stem in _stems(thing, rng, doing)]
    return " ".join([ARTICLES[case][forms.article], *said, forms.one(case)])


def many(thing: Thing, count: int, case: str, rng: Rng, doing: str = "") -> str:
    """Return "drei rote Füchse" in a case."""
    ending = "en" if case == DATIVE else "e"
    said = [adjective(stem, ending) for stem in _stems(thing, rng, doing)]
    return " ".join([NUMBERS[count], *said, noun(thing.noun).many(case)])


def _stems(thing: Thing, rng: Rng, doing: str) -> list[str]:
    stems = [rng.choice(PRAISE)] if rng and rng.random() < JUNK else []
    stems += [_phrase(thing.size, rng)] if thing.size else []
    stems += [GERMAN_COLORS[thing.color]] if thing.color else []
    return stems + ([doing] if doing else [])


def sentence(plan: Plan, rng: Rng) -> str:
    """Return a caption of all that a plan tells; the plain one without `rng`."""
    ground = _ground(plan, rng)
    beginning = _beginning(plan, rng)
    subject = _subject(plan, DATIVE if beginning else NOMINATIVE, rng)
    if ground and subject and not beginning and rng and rng.random() < 0.15:
        text = f"{ground}, {subject}"
    else:
        text = " ".join(part for part in (beginning, subject, ground) if part)
    if plan.style is None or (beginning and beginning == STYLED[plan.style]):
        return text
    ending = GERMAN_PHRASES[plan.style]
    return f"{text}, {ending}" if text else ending


def _beginning(plan: Plan, rng: Rng) -> str:
    if rng is None or not plan.things or plan.verb or plan.relation not in (None, "and"):
        return ""  # what follows "von" is a noun in the dative, and nothing else
    if plan.style and rng.random() < 0.4:
        return STYLED[plan.style]
    return rng.choice(OPENINGS) if rng.random() < JUNK else ""


def _subject(plan: Plan, case: str, rng: Rng) -> str:
    if not plan.things:
        return ""
    if len(plan.things) == 3:
        first, second, third = (one(thing, case, rng) for thing in plan.things)
        return f"{first}, {second} und {third}"
    if len(plan.things) == 2:
        return _pair(plan, case, rng)
    thing, plural = plan.things[0], plan.count > 1
    participle = bool(plan.verb and not plan.object and rng and rng.random() < 0.4)
    doing = GERMAN_VERBS[plan.verb].split(", ")[2] if plan.verb and participle else ""
    who = many(thing, plan.count, case, rng, doing) if plural else one(thing, case, rng, doing)
    return who if participle else _doing(who, plan, rng, plural=plural)


def _pair(plan: Plan, case: str, rng: Rng) -> str:
    relation = "und" if plan.verb or case == DATIVE else _phrase(str(plan.relation), rng)
    first = one(plan.things[0], case, rng)
    second = one(plan.things[1], case if relation == "und" else DATIVE, rng)
    return _doing(f"{first} {relation} {second}", plan, rng, plural=True)


def _doing(who: str, plan: Plan, rng: Rng, *, plural: bool) -> str:
    if plan.verb is None:
        return who
    does, do, _ = GERMAN_VERBS[plan.verb].split(", ")
    if plan.object is None:
        return f"{who} {do if plural else does}"
    if plan.verb != "eat" and rng and rng.random() < 0.4:
        return f"{who} mit {one(plan.object, DATIVE, rng)}"
    return f"{who} {do if plural else does} {one(plan.object, ACCUSATIVE, rng)}"


def _ground(plan: Plan, rng: Rng) -> str:
    parts = [_phrase(plan.place, rng)] if plan.place else []
    if plan.plain:
        parts.append(f"auf {adjective(GERMAN_COLORS[plan.plain], 'em')} Hintergrund")
    parts += [_phrase(plan.light, rng)] if plan.light else []
    return " ".join(parts)


def _phrase(name: str, rng: Rng) -> str:
    wordings = GERMAN_PHRASES[name].split(", ")
    return rng.choice(wordings) if rng else wordings[0]
