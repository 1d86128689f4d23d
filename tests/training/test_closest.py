"""The honest measure: a true drawing is good, a blob is not, and the spread is compared."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageFilter

from stimage.training.evaluation.closest import (
    GOOD_DB,
    Asked,
    fresh_sentences,
    measure,
    table,
    variety,
)
from stimage.training.evaluation.true_drawings import closest
from stimage.training.export import MODEL
from stimage.training.scenes.captions import caption
from stimage.training.scenes.draw import draw
from stimage.training.scenes.plan import Plan, Thing
from stimage.training.scenes.sentences import colors, grounds, layouts, looks
from tests.support.drawings import needs_drawings

FOX = Plan((Thing("fox"),), place="beach")
PAIR = Plan((Thing("fox"), Thing("owl")), place="beach", relation="left of")


def picture(plan):
    return Image.fromarray(np.round(draw(plan) * 255).astype(np.uint8))


@needs_drawings
@pytest.mark.parametrize(
    ("asked", "untold", "looks_like"),
    [
        (FOX, {"variant": 5, "layout": 30}, {"drawing": 1, "mirrored": True}),
        (replace(FOX, count=2, style="pixel art"), {"variant": 2, "layout": 3}, {"drawing": 2}),
        (Plan((Thing("car"),), place="city"), {"layout": 11}, {"color": "green", "mirrored": True}),
    ],
)
def test_a_true_drawing_finds_itself(asked, untold, looks_like):
    true = replace(asked, things=(replace(asked.things[0], **looks_like),), **untold)
    db, found = closest(picture(true), asked)
    assert db > 40
    assert draw(found) == pytest.approx(draw(true), abs=1e-5)


@needs_drawings
def test_two_things_are_found_each_in_its_own_look():
    things = (Thing("fox", drawing=1), Thing("owl", drawing=2, mirrored=True))
    assert closest(picture(replace(PAIR, things=things, layout=20, variant=3)), PAIR)[0] > 40


@needs_drawings
def test_a_blob_and_another_noun_are_not_good():
    blob = picture(FOX).filter(ImageFilter.GaussianBlur(24))
    assert closest(blob, FOX)[0] < GOOD_DB
    assert closest(picture(Plan((Thing("rocket"),), place="beach", layout=20)), FOX)[0] < GOOD_DB


@needs_drawings
def test_the_worst_thing_of_a_picture_decides():
    pixels = np.asarray(picture(PAIR)).copy()
    pixels[:, 112:] = 128  # where the owl stands
    assert closest(Image.fromarray(pixels), PAIR)[0] < GOOD_DB


def test_what_a_sentence_leaves_open_takes_every_value():
    assert {one.place for one in grounds(FOX)} == {"beach"}
    assert len({one.variant for one in grounds(FOX)}) == 12
    open_ = Plan((Thing("fox"),))
    assert len({one.place or one.plain for one in grounds(open_)}) == 16 + 11
    assert all(one.place not in ("space", "sea") for one in grounds(replace(open_, light="fog")))
    assert len({one.layout for one in layouts(FOX)}) > 20
    said, unsaid, farmer = Thing("fox", "red"), Thing("fox"), Thing("farmer")
    assert [one.color for one in colors(said, said)] == ["red"]
    assert {None, "red", "purple"} <= {one.color for one in colors(unsaid, unsaid)}
    assert {one.color for one in colors(farmer, farmer)} == {None}


@needs_drawings
def test_a_person_may_have_any_skin_color():
    assert len({one.drawing for one in looks(Thing("pilot"), Thing("pilot"))}) >= 20


def test_sentences_of_the_dice_are_read_in_the_words_of_the_model_that_ships():
    asked = {one.prompt: one.plan for one in fresh_sentences(60, MODEL)}
    assert len(asked) > 50
    for prompt, plan in asked.items():
        assert plan is not None, prompt
        assert plan.things[0].noun in caption(plan)
        assert bool(plan.things[0].size) == bool({"big", "small"} & {*prompt.lower().split()[:3]})
    assert any(plan.verb for plan in asked.values())
    assert any(plan.relation for plan in asked.values())


@needs_drawings
def test_a_model_that_draws_the_true_picture_is_good_in_every_row():
    sentences = [Asked("a fox on the beach", FOX), Asked("a fox juggles", None)]
    values = measure(lambda _prompt, _seed: picture(FOX), sentences)
    rows = table(sentences, values)
    assert rows["all sentences"] == {"good": 0.5, "n": 2}
    assert rows["inside the trained world"] == {"good": 1.0, "n": 1}
    assert rows["style: none"]["good"] == 1.0


@needs_drawings
def test_a_smaller_picture_is_measured_too():
    small = picture(FOX).resize((128, 128), Image.Resampling.BOX)
    assert GOOD_DB < closest(small, FOX)[0] < 50


@needs_drawings
def test_a_model_that_draws_one_picture_for_every_seed_has_no_variety():
    same = variety([picture(FOX)], FOX)
    looks_like = (Thing("fox"), Thing("fox", drawing=1, mirrored=True))
    ways = [
        replace(FOX, things=(thing,), variant=variant, layout=layout)
        for thing, variant, layout in zip(looks_like, (0, 5), (0, 33), strict=True)
    ]
    assert same > 0.6
    assert variety(map(picture, ways), FOX) < same - 0.1
