"""German captions: articles, cases, plurals and endings as a native speaker says them."""

import random
from dataclasses import replace

import pytest

from stimage.training.scenes.captions import german_caption
from stimage.training.scenes.german import NUMBERS, adjective, many, noun, one, sentence
from stimage.training.scenes.plan import Plan, Thing, random_plan
from stimage.training.scenes.words import (
    COUNTS,
    GERMAN,
    GERMAN_COLORS,
    GERMAN_PHRASES,
    GERMAN_VERBS,
    LIGHTS,
    NOUNS,
    OBJECTS,
    PLACES,
    PLAIN,
    RELATIONS,
    SIZES,
    STYLES,
    VERBS,
)

FOX = Plan((Thing("fox"),), place="snow")


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (FOX, "ein Fuchs im Schnee"),
        (replace(FOX, things=(Thing("cat", "red", "small"),)), "eine kleine rote Katze im Schnee"),
        (replace(FOX, things=(Thing("horse", "brown"),)), "ein braunes Pferd im Schnee"),
        (replace(FOX, things=(Thing("owl", "purple"),)), "eine lila Eule im Schnee"),
        (replace(FOX, count=3, verb="sleep"), "drei Füchse schlafen im Schnee"),
        (
            Plan((Thing("mouse", "white"), Thing("lion", "yellow")), relation="left of"),
            "eine weiße Maus links von einem gelben Löwen",
        ),
        (
            Plan((Thing("dog"), Thing("cow", "black")), relation="on top of", light="night"),
            "ein Hund auf einer schwarzen Kuh bei Nacht",
        ),
        (
            replace(FOX, verb="wear", object=Thing("hat", "green"), style="watercolor"),
            "ein Fuchs trägt einen grünen Hut im Schnee, Aquarell",
        ),
        (
            replace(FOX, verb="hold", object=Thing("flower", "red"), place="desert"),
            "ein Fuchs hält eine rote Blume in der Wüste",
        ),
        (replace(FOX, place=None, plain="orange"), "ein Fuchs auf orangefarbenem Hintergrund"),
        (replace(FOX, verb="skate", count=2), "zwei Füchse fahren Skateboard im Schnee"),
    ],
)
def test_the_plain_caption(plan, said):
    assert german_caption(plan) == said


def test_the_dative_of_nouns_and_adjectives():
    assert one(Thing("bear", "blue"), "dative", None) == "einem blauen Bären"
    assert one(Thing("princess"), "dative", None) == "einer Prinzessin"
    assert many(Thing("dog", "red"), 2, "dative", None) == "zwei roten Hunden"
    assert many(Thing("car"), 3, "dative", None) == "drei Autos"
    assert many(Thing("cat"), 4, "dative", None) == "vier Katzen"
    assert one(Thing("fox"), "nominative", None, "schlafend") == "ein schlafender Fuchs"
    assert adjective("lila-", "en") == "lila"


def test_a_picture_of_something_asks_for_the_dative():
    plan = replace(FOX, count=2, style="watercolor")
    texts = {sentence(plan, random.Random(seed)) for seed in range(200)}
    assert "ein Aquarell von zwei Füchsen im Schnee" in texts
    assert "zwei Füchse im Schnee, Aquarell" in texts
    assert not any("von zwei Füchse " in text for text in texts)


def test_every_word_of_the_scenes_has_its_forms():
    assert {*NOUNS} <= {*GERMAN}
    for name in GERMAN:
        assert noun(name).article in ("der", "die", "das")
        assert noun(name).singular[0].isupper()
        assert noun(name).plural[0].isupper()
    assert {*VERBS, *OBJECTS} == {*GERMAN_VERBS}
    assert all(len(forms.split(", ")) == 3 for forms in GERMAN_VERBS.values())
    assert {*PLAIN} <= {*GERMAN_COLORS}
    assert {*PLACES, *LIGHTS, *RELATIONS, *STYLES, *SIZES} == {*GERMAN_PHRASES}
    assert {*NUMBERS} == {n for n in COUNTS if n > 1}


def test_feminine_nouns_decline_in_no_case_but_the_plural():
    for name in GERMAN:
        forms = noun(name)
        assert forms.article != "die" or forms.oblique == forms.singular
        assert forms.many("dative").endswith(("n", "s"))


def test_no_caption_fails_or_has_two_spaces():
    for seed in range(1500):
        rng = random.Random(seed)
        text = sentence(random_plan(rng), rng)
        assert text.strip() == text
        assert "  " not in text
