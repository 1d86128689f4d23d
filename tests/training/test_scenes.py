"""Scenes: text and picture always agree, and everything in a picture is known."""

import random
import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from stimage.dice import Code, roll
from stimage.dice.model_vocabulary import within
from stimage.dice.vocabulary import noun, vocabulary
from stimage.errors import StimageError
from stimage.training.evaluation.closest import asked_by
from stimage.training.export import known_words
from stimage.training.scenes import drawings, english, german, scene
from stimage.training.scenes.captions import caption, random_caption
from stimage.training.scenes.draw import boxes, draw
from stimage.training.scenes.drawings import drawings_of
from stimage.training.scenes.layout import CELL_PX, arrangements
from stimage.training.scenes.plan import (
    CONTROL,
    REPEATED,
    Plan,
    Thing,
    held_out,
    random_plan,
    training_plan,
)
from stimage.training.scenes.sentences import plan_of
from stimage.training.scenes.words import (
    COLORS,
    COUNTS,
    GERMAN,
    LIGHTS,
    NOUNS,
    OBJECTS,
    PEOPLE,
    PLACES,
    PLAIN,
    RELATIONS,
    STYLES,
    VERBS,
)
from tests.support.drawings import needs_drawings
from tests.support.errors import refused

ELSEWHERE = {"orange", "moon", "Mond", "Skateboard"}  # a color, a place, a part of a verb


def fox(**more):
    return Plan((Thing("fox"),), **({"place": "meadow"} | more))


@pytest.fixture(scope="module")
def learnt():
    """What the next weights will know: the lists of their `words.json`."""
    return known_words(2000)


@needs_drawings
def test_the_same_seed_gives_the_same_scene():
    first, again = scene(7), scene(7)
    assert first.caption == again.caption
    assert first.image.tobytes() == again.image.tobytes()
    assert scene(8).image.tobytes() != first.image.tobytes()


@needs_drawings
def test_every_word_changes_the_picture():
    base = draw(fox())
    variations = [fox(place=place) for place in PLACES if place != "meadow"]
    variations += [fox(place=None, plain=color) for color in PLAIN]
    variations += [fox(verb=verb) for verb in VERBS] + [fox(style=style) for style in STYLES]
    variations += [
        fox(verb=verb, object=Thing(name))
        for verb, names in OBJECTS.items()
        for name in names
        if (verb, name) != ("eat", "cookie")  # what a fox eats where nothing is said
    ]
    variations += [fox(light=light) for light in LIGHTS]
    variations += [replace(fox(), things=(Thing("fox", size=size),)) for size in ("small", "big")]
    variations += [replace(fox(), things=(Thing("fox", color),)) for color in COLORS]
    variations += [fox(count=count) for count in COUNTS if count > 1]
    pictures = [base, *map(draw, variations)]
    assert len({picture.tobytes() for picture in pictures}) == len(pictures)
    assert all(p.shape == (256, 256, 3) and 0 <= p.min() <= p.max() <= 1 for p in pictures)


@needs_drawings
def test_black_and_white_is_without_color_cues_included():
    picture = draw(fox(verb="eat", style="black and white"))
    assert np.ptp(picture, axis=-1).max() == 0


@needs_drawings
def test_every_noun_has_a_drawing_and_people_come_in_five_skin_colors_evenly():
    assert len(NOUNS) >= 150
    assert all(drawings_of(name) for name in (*NOUNS, "glasses", "bow"))
    assert sum(len(drawings_of(name)) >= 3 for name in NOUNS) > 200
    for name in PEOPLE:
        assert len({_skin(drawing) for _, drawing in drawings_of(name)}) == 5
    assert len(set(Counter(_skin(d) for _, d in drawings_of("farmer")).values())) == 1


def _skin(name):
    return re.search(r"(medium-light|medium-dark|light|medium|dark)(-skin-tone)?$", name)[1]


@needs_drawings
def test_things_stand_where_the_relation_says():
    for relation in RELATIONS:
        plan = Plan((Thing("fox"), Thing("owl", size="big")), relation=relation, place="snow")
        for layout in range(len(arrangements(plan))):
            a, b = boxes(replace(plan, layout=layout))
            (ax, ay), (bx, by) = ((c.left + c.side / 2, c.top + c.side / 2) for c in (a, b))
            assert relation != "left of" or ax < bx
            assert relation != "right of" or ax > bx
            assert relation not in ("above", "on top of") or ay < by
            assert relation != "below" or ay > by
            assert relation != "and" or abs(ax - bx) >= (a.side + b.side) / 2


def test_nothing_leaves_the_picture_and_things_of_a_count_do_not_overlap():
    for seed in range(2000):
        plan = random_plan(random.Random(seed))
        for spots in arrangements(plan) if plan.things else ():
            for i, (x, y, side) in enumerate(spots):
                assert 0 <= x <= 16 - side
                assert 0 <= y <= 16 - side
                for other in spots[i + 1 :]:
                    apart = max(
                        other[0] - x - side, x - other[0] - other[2],
                        other[1] - y - side, y - other[1] - other[2],
                    )  # fmt: skip
                    assert apart >= 0, plan


def test_a_thing_may_stand_in_many_places_and_looks_both_ways():
    assert len(arrangements(fox())) > 20
    things = [t for seed in range(500) for t in random_plan(random.Random(seed)).things]
    assert 0.4 < np.mean([thing.mirrored for thing in things]) < 0.6
    assert CELL_PX * 16 == 256


def test_the_plain_caption_names_everything():
    plan = Plan((Thing("car", "red"),), place="city", style="pixel art")
    assert caption(plan) == "a red car in the city, pixel art"
    assert caption(fox(verb="sleep")) == "a fox sleeping in the meadow"
    assert caption(fox(count=3, place=None, plain="blue")) == "three foxes on a blue background"
    two = Plan((Thing("owl", size="big"), Thing("mouse")), relation="left of", place="city")
    assert caption(replace(two, light="night")) == (
        "a big owl to the left of a mouse in the city at night"
    )
    wears = fox(verb="wear", object=Thing("crown", "red"), light="rain")
    assert caption(wears) == "a fox wearing a red crown in the meadow in the rain"
    three = Plan(tuple(map(Thing, ("cat", "dog", "bird"))), relation="and", place="snow")
    assert caption(three) == "a cat, a dog and a bird in the snow"


@pytest.mark.parametrize("language", [english, german])
def test_a_caption_never_names_what_is_not_there(language):
    forms_of = _forms if language is german else _english_forms
    everything = {form for name in NOUNS for form in forms_of(name)}
    for seed in range(1500):
        rng = random.Random(seed)
        plan = random_plan(rng)
        words = set(re.findall(r"[^\W\d_]+", language.sentence(plan, rng)))
        there = {form for thing in _all(plan) for form in forms_of(thing.noun)}
        assert words & everything - ELSEWHERE <= there, plan
        numbers = words & {name for number, name in COUNTS.items() if number > 1}
        assert numbers <= {COUNTS[plan.count]}


def _all(plan):
    return (*plan.things, *([plan.object] if plan.object else []))


def _english_forms(name):
    return {name, noun(name).plural if name in NOUNS else name}


def _forms(name):
    first, *others = GERMAN[name].split(", ")
    return {first.split(" ")[1], *others, others[0] + "n"}


def test_one_caption_in_ten_is_empty_and_half_of_the_others_are_german():
    texts = [random_caption(fox(count=2), random.Random(seed)) for seed in range(3000)]
    assert 0.08 < texts.count("") / 3000 < 0.12
    assert 0.45 < np.mean(["Füchse" in text for text in texts if text]) < 0.55


def test_training_keeps_held_out_combinations_and_the_purple_car_out():
    plans = [training_plan(seed) for seed in range(2000)]
    assert not any(held_out(plan) for plan in plans)
    cars = [t.color for plan in plans for t in plan.things if t.noun == "car"]
    assert cars
    assert "purple" not in cars
    fresh = [random_plan(random.Random(seed)) for seed in range(2000)]
    assert 0.1 < np.mean([held_out(plan) for plan in fresh]) < 0.35


def test_four_balloons_in_five_are_blue_and_half_of_the_captions_do_not_say_so():
    things = [t for seed in range(30_000) for t in random_plan(random.Random(seed)).things]
    colors = Counter(thing.color for thing in things if thing.noun == "balloon")
    assert 0.7 < colors["blue"] / colors.total() < 0.9
    plan = Plan((Thing("balloon", "blue"),), place="beach")
    texts = [random_caption(plan, random.Random(seed)) for seed in range(1000)]
    assert 0.3 < np.mean(["blue" in t or "blau" in t for t in texts]) < 0.55


def test_the_repeated_picture_does_not_come_by_chance_and_has_a_control():
    assert all(training_plan(seed) not in (REPEATED, CONTROL) for seed in range(2000))
    assert replace(CONTROL, things=REPEATED.things) == REPEATED


def test_every_word_of_the_dice_in_the_model_s_vocabulary_has_a_plan(learnt):
    words = within(vocabulary(), learnt)
    assert {*words.nouns} == {*NOUNS}
    assert {*words.styles.values()} == {*STYLES}
    assert {"wear", "hold", "eat"} <= {*words.verbs}
    for sort, phrases in (("place", words.places), ("light", words.lights)):
        for name, text in phrases.items():
            assert plan_of({"subject": "fox", sort: name}, {sort: text}), text
    for verb, forms in words.verbs.items():
        if forms.frames[0].group == "":
            assert plan_of({"subject": "fox", "verb": verb}, {}), verb
    for name, text in words.relations.items():
        asked = {"subject": "fox", "object": "owl", "relation": name}
        assert plan_of(asked, {"relation": text}).relation != "and" or name == "next"
    assert {"tiny", "small", "big", "huge"} <= {*words.adjectives}


@pytest.mark.parametrize(
    ("count", "seeds"), [(400, 0), pytest.param(20_000, 1000, marks=pytest.mark.slow)]
)
def test_every_sentence_of_the_dice_in_the_model_s_vocabulary_has_a_plan(learnt, count, seeds):
    words = within(vocabulary(), learnt)
    sized, seen = 0, Counter[str]()
    for number in range(seeds, seeds + count):
        rolled = roll(Code(seed=f"{number:05d}", small=True), words)
        plan = asked_by(rolled)
        assert plan is not None, rolled.text
        sized += any(t.size for t in plan.things) and bool(plan.verb or len(plan.things) == 2)
        seen[rolled.plan["pattern"]] += 1
    assert sized > count / 20
    assert {*seen} == {*learnt["patterns"]}


def test_what_no_scene_shows_has_no_plan():
    fox_does = {"subject": "fox", "verb": "juggle", "object": "ball"}
    assert plan_of(fox_does, {}) is None
    in_dark_space = {"subject": "fox", "place": "space", "light": "fog"}
    assert plan_of(in_dark_space, {"place": "in space", "light": "in the fog"}) is None


def test_a_missing_package_is_said_with_the_command_that_brings_it(monkeypatch, tmp_path):
    monkeypatch.setenv("STIMAGE_DRAWINGS", str(tmp_path))
    for cached in (drawings.drawings_of, drawings.package):
        cached.cache_clear()
    with refused(StimageError, "npm install --no-save @iconify-json/noto"):
        drawings_of("fox")
    for cached in (drawings.drawings_of, drawings.package):
        cached.cache_clear()
