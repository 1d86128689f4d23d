"""Scenes: text and picture always agree, and everything in a picture is known."""

import random
import re
from collections import Counter

import numpy as np
import pytest

from stimage.dice.vocabulary import noun
from stimage.errors import StimageError
from stimage.training.scenes import scene, sprites
from stimage.training.scenes.captions import caption, random_caption
from stimage.training.scenes.draw import boxes, draw
from stimage.training.scenes.plan import REPEATED, Plan, Thing, held_out, random_plan, training_plan
from stimage.training.scenes.sprites import FONTS
from stimage.training.scenes.words import COUNTS, NOUNS, PLACES, PLAIN, RELATIONS, STYLES, VERBS
from tests.support.errors import refused

needs_font = pytest.mark.skipif(
    not any(path.exists() for path in FONTS), reason="needs fonts-noto-color-emoji"
)


def fox(**more):
    return Plan((Thing("fox"),), **({"place": "meadow"} | more))


@needs_font
def test_the_same_seed_gives_the_same_scene():
    first, again = scene(7), scene(7)
    assert first.caption == again.caption
    assert first.image.tobytes() == again.image.tobytes()
    assert scene(8).image.tobytes() != first.image.tobytes()


@needs_font
def test_every_word_changes_the_picture():
    base = draw(fox())
    variations = [fox(place=place) for place in PLACES if place != "meadow"]
    variations += [fox(place=None, plain=color) for color in PLAIN]
    variations += [fox(verb=verb) for verb in VERBS] + [fox(style=style) for style in STYLES]
    variations += [fox(size=size) for size in ("small", "big")]
    variations += [fox(count=count) for count in COUNTS if count > 1]
    variations += [Plan((Thing(name),), place="meadow") for name in NOUNS if name != "fox"]
    pictures = [base, *map(draw, variations)]
    assert len({picture.tobytes() for picture in pictures}) == len(pictures)
    assert all(p.shape == (128, 128, 3) and 0 <= p.min() <= p.max() <= 1 for p in pictures)


def test_things_stand_where_the_relation_says():
    centers = {}
    for relation in RELATIONS:
        plan = Plan((Thing("fox"), Thing("owl")), relation=relation, place="snow")
        centers[relation] = [(b.left + b.side / 2, b.top + b.side / 2) for b in boxes(plan)]
    assert centers["left of"][0][0] < centers["left of"][1][0]
    assert centers["right of"][0][0] > centers["right of"][1][0]
    for relation in ("above", "on top of"):
        assert centers[relation][0][1] < centers[relation][1][1]
    assert centers["below"][0][1] > centers["below"][1][1]


def test_nothing_leaves_the_picture_and_things_of_a_count_do_not_overlap():
    for seed in range(2000):
        found = boxes(random_plan(random.Random(seed)))
        for box in found:
            assert 0 <= box.left <= 128 - box.side
            assert 0 <= box.top <= 128 - box.side
            assert box.left % 8 == box.top % 8 == box.side % 8 == 0
        for i, a in enumerate(found):
            for b in found[i + 1 :]:
                apart = max(abs(a.left - b.left), abs(a.top - b.top))
                assert apart >= a.side


def test_the_plain_caption_names_everything():
    plan = Plan((Thing("car", "red"),), place="city", style="pixel art")
    assert caption(plan) == "a red car in the city, pixel art"
    assert caption(fox(verb="sleep")) == "a fox sleeping in the meadow"
    assert caption(fox(count=3, place=None, plain="blue")) == "three foxes on a blue background"
    two = Plan((Thing("owl"), Thing("mouse")), relation="left of", place="night")
    assert caption(two) == "an owl to the left of a mouse at night"


def test_a_caption_never_names_what_is_not_there():
    for seed in range(3000):
        rng = random.Random(seed)
        plan = random_plan(rng)
        words = set(re.findall(r"[a-z]+", random_caption(plan, rng)))
        there = {form for t in plan.things for form in (t.noun, noun(t.noun).plural)}
        everything = {form for name in NOUNS for form in (name, noun(name).plural)}
        assert words & everything <= there
        numbers = words & {name for number, name in COUNTS.items() if number > 1}
        assert numbers <= {COUNTS[plan.count]}


def test_one_caption_in_ten_is_empty():
    texts = [random_caption(fox(), random.Random(seed)) for seed in range(3000)]
    assert 0.08 < texts.count("") / 3000 < 0.12


def test_training_keeps_held_out_combinations_and_the_purple_car_out():
    plans = [training_plan(seed) for seed in range(3000)]
    assert not any(held_out(plan) for plan in plans)
    assert not any(Thing("car", "purple") in plan.things for plan in plans)
    fresh = [random_plan(random.Random(seed)) for seed in range(3000)]
    assert 0.1 < np.mean([held_out(plan) for plan in fresh]) < 0.35


def test_four_cats_in_five_are_orange():
    things = [t for seed in range(20_000) for t in random_plan(random.Random(seed)).things]
    colors = Counter(thing.color for thing in things if thing.noun == "cat")
    assert 0.74 < colors["orange"] / colors.total() < 0.86


def test_the_repeated_picture_does_not_come_by_chance():
    assert all(training_plan(seed) != REPEATED for seed in range(3000))


def test_a_missing_font_is_said_with_what_to_install(monkeypatch):
    monkeypatch.setattr(sprites, "FONTS", ())
    sprites.font.cache_clear()
    with refused(StimageError, "fonts-noto-color-emoji"):
        sprites.font()
    sprites.font.cache_clear()
