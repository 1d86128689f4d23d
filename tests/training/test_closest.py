"""The honest measure: a true drawing is good, a blob is not, and the spread is compared."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from stimage.training.evaluation.closest import (
    GOOD_DB,
    Asked,
    closest,
    fresh_sentences,
    measure,
    table,
    variety,
)
from stimage.training.export import MODEL
from stimage.training.scenes.captions import caption
from stimage.training.scenes.draw import draw
from stimage.training.scenes.plan import Plan, Thing
from stimage.training.scenes.sentences import plan_of, true_plans

FOX = Plan((Thing("fox"),), place="beach")


def picture(plan):
    return Image.fromarray(np.round(draw(plan) * 255).astype(np.uint8))


@pytest.mark.parametrize(
    "plan",
    [
        FOX,
        Plan((Thing("fox"),), place="snow", verb="sleep", style="neon", variant=2, shift=(1, 0)),
        Plan((Thing("cat", "gray"), Thing("car", "red")), place="city", relation="left of"),
        Plan((Thing("star"),), count=4, plain="blue", style="pencil sketch"),
    ],
)
def test_a_true_drawing_finds_itself(plan):
    db, found = closest(picture(plan), plan)
    assert db > 60
    assert draw(found) == pytest.approx(draw(plan))


def test_a_blob_and_another_noun_are_not_good():
    blob = picture(FOX).filter(ImageFilter.GaussianBlur(12))
    assert closest(blob, FOX)[0] < GOOD_DB
    assert closest(picture(Plan((Thing("rocket"),), place="beach")), FOX)[0] < GOOD_DB


def test_the_worst_thing_of_a_picture_decides():
    pair = Plan((Thing("fox"), Thing("owl")), place="beach", relation="left of")
    pixels = np.asarray(picture(pair)).copy()
    pixels[:, 64:] = 128  # where the owl stands
    assert closest(Image.fromarray(pixels), pair)[0] < GOOD_DB


def test_what_a_sentence_leaves_open_takes_every_value():
    assert len(list(true_plans(FOX))) == 4 * 3
    assert {p.things[0].color for p in true_plans(Plan((Thing("cat"),), place="sea"))} == {
        "orange",
        "black",
        "white",
        "gray",
    }
    grounds = {p.place or p.plain for p in true_plans(Plan((Thing("fox"),)))}
    assert len(grounds) == 20  # ten places and ten plain colors


def test_sentences_of_the_dice_are_read():
    asked = {one.prompt: one.plan for one in fresh_sentences(60, MODEL)}
    assert len(asked) > 50
    for prompt, plan in asked.items():
        big = " big " in prompt or " small " in prompt
        assert (plan is None) <= big, prompt  # only sizes are outside of the trained world
        if plan is not None:
            assert plan.things[0].noun in caption(plan)
    assert any(plan and plan.verb for plan in asked.values())
    assert any(plan and plan.relation for plan in asked.values())


def test_a_word_that_no_scene_shows_is_outside():
    words = {"subject": "fox", "number": "two", "verb": "sleep", "character": "big"}
    assert plan_of(words, {}) is None
    assert plan_of({"subject": "fox"}, {"place": "in the forest", "light": "at night"}) is None


def test_a_model_that_draws_the_true_picture_is_good_in_every_row():
    sentences = [Asked("a fox on the beach", FOX), Asked("a big fox sleeps", None)]
    values = measure(lambda _prompt, _seed: picture(FOX), sentences)
    rows = table(sentences, values)
    assert rows["all sentences"] == {"good": 0.5, "n": 2}
    assert rows["inside the trained world"] == {"good": 1.0, "n": 1}
    assert rows["style: none"]["good"] == 1.0


def test_the_training_s_own_spread_has_no_distance_and_one_picture_has_most():
    middle = [p for p in true_plans(FOX) if p.shift == (0, 0)]
    spread = [picture(p) for p in true_plans(FOX)] + [picture(p) for p in middle]
    assert variety(spread, FOX) == pytest.approx(0.0)
    assert variety([picture(FOX)] * 8, FOX) == pytest.approx(1 - 1 / 8)
