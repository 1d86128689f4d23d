"""Inside this picture, without a browser: each part shows, and nothing is drawn until it opens."""

from __future__ import annotations

import io
import time

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from stimage.explainer.chapters import chapters
from stimage.i18n import text
from stimage.paths import ROOT
from stimage.request import Limits, Request
from stimage.service import fair_queue
from stimage.ui.inside import page as inside_page
from stimage.ui.inside.parts import CHAPTERS
from stimage.ui.inside.pictures import brightest, difference, overlay
from stimage.ui.inside.variants import MAX_WORDS, variants_of
from tests.support.services import finish, until
from tests.support.tiny_gan import save_tiny_gan


def open_inside(**address):
    page = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    for name, value in address.items():
        page.query_params[name] = value
    page.switch_page("pages/inside.py").run()
    assert not page.exception
    return page


def settle(page):
    """Look again and again, as the page does by itself."""
    visit = page.session_state.visit
    end = time.monotonic() + 60
    while set(visit.groups) != visit.groups_over:
        assert time.monotonic() < end
        page.run()
    page.run()
    assert not page.exception
    return page


@pytest.fixture
def job(fresh_service):
    asked = Request(prompt="a fox in snow", seed=1, num_inference_steps=3)
    [found] = finish(fresh_service, fresh_service.submit([asked], "somebody"))
    return found


def test_each_part_shows_what_happened_for_this_prompt_and_seed(job):
    page = settle(open_inside(job=job.id))
    assert [header.value for header in page.header] == [
        text(f"inside.{part}") for part in ("tokens", "moments", "attention", "guidance", "words")
    ]
    alts = [image.proto.imgs[0].alt for image in page.image]
    assert all(alts)
    for word in ("fox", "snow"):
        assert text("inside.without_alt", word=word) in alts
        assert any(alt.startswith(f"Map for the word “{word}”") for alt in alts)
    for scale in ("0", "1", "7.5", "12"):
        assert text("inside.guided_alt", scale=scale) in alts
    page.select_slider(key="inside_step").set_value(3).run()
    assert text("inside.now_alt", prompt="a fox in snow", step=3) in [
        image.proto.imgs[0].alt for image in page.image
    ]


def test_a_small_model_draws_all_but_the_picture_itself_in_one_batch(fresh_service, job):
    page = settle(open_inside(job=job.id))
    [together] = page.session_state.visit.groups[f"others {job.id}"]
    asked = fresh_service.snapshot(together).request
    assert [each.guidance_scale for each in (asked, *asked.variants)] == [7.5, 0, 1, 12, 7.5, 7.5]


def test_looking_inside_draws_once_and_touches_no_picture_of_the_visit(fresh_service, job):
    page = settle(open_inside(job=job.id))
    visit = page.session_state.visit
    before = dict(visit.groups)
    page.run()
    assert visit.groups == before
    assert visit.job_ids == []
    assert fresh_service.snapshot(job.id).png == job.png


@pytest.mark.parametrize("asked", [{}, {"job": "no-such-job"}, {"job": "../../etc"}])
@pytest.mark.usefixtures("fresh_service")
def test_an_address_without_a_finished_picture_leads_to_the_studio(asked):
    page = open_inside(**asked)
    assert page.info[0].value == text("inside.no_picture")
    assert not page.header
    assert page.session_state.visit.groups == {}


def test_a_slow_model_draws_more_only_when_asked(job, monkeypatch):
    monkeypatch.setattr(inside_page, "SLOW_SECONDS", 0.0)
    page = settle(open_inside(job=job.id))
    assert list(page.session_state.visit.groups) == [f"traced {job.id}"]
    page.button(key="inside_more").click().run()
    until(lambda: len(page.run().session_state.visit.groups) == 3)


def test_a_full_queue_is_a_sentence_and_the_picture_stays(job, monkeypatch):
    monkeypatch.setattr(fair_queue, "MAX_QUEUED", 0)
    monkeypatch.setattr(fair_queue, "MAX_RESERVED", 0)
    page = open_inside(job=job.id)
    assert page.warning[0].value.replace("\\", "") == text("queue_full")
    assert len(page.image) == 1


@pytest.mark.parametrize(
    ("guidance", "scales"), [(4.0, [0, 1, 12]), (1.0, [0, 12]), (12.0, [0, 1])]
)
def test_the_other_scales_are_none_words_alone_and_the_strongest(guidance, scales):
    asked = Request(prompt="a fox", guidance_scale=guidance)
    assert [each.guidance_scale for each in variants_of(asked).guided] == scales


def test_a_model_without_scales_is_drawn_with_no_other():
    asked = Request(prompt="a fox", limits=Limits(guidance="none"))
    assert variants_of(asked).guided == ()


def test_each_word_that_means_a_thing_is_left_out_once_and_few_of_them():
    asked = Request(prompt="a red fox, red snow in the dark cold forest", seed=7)
    without = variants_of(asked).without
    assert list(without) == ["red", "fox", "snow", "dark"]
    assert len(without) == MAX_WORDS
    assert without["fox"].prompt == "a red red snow in the dark cold forest"
    assert {each.seed for each in without.values()} == {7}
    assert variants_of(Request(prompt="fox")).without == {}


def test_the_color_lies_where_the_word_counted():
    file = io.BytesIO()
    Image.new("RGB", (90, 90), "white").save(file, "PNG")
    attention = np.zeros((9, 9), dtype=np.float32)
    attention[7, 1] = 0.001
    with Image.open(io.BytesIO(overlay(file.getvalue(), attention))) as image:
        values = np.asarray(image).astype(int)
    red, _, blue = values[75, 15]
    assert red > 2 * blue
    assert len(set(values[15, 75])) == 1
    assert brightest(attention) == "bottom-left"


def test_difference_is_0_for_the_same_and_1_for_black_against_white():
    files = []
    for color in ("black", "white"):
        file = io.BytesIO()
        Image.new("RGB", (8, 8), color).save(file, "PNG")
        files.append(file.getvalue())
    assert difference(files[0], files[0]) == 0
    assert difference(*files) == 1


def test_each_part_leads_to_a_chapter_that_is_there():
    assert set(CHAPTERS.values()) <= {chapter.anchor for chapter in chapters()}


def test_what_is_drawn_stays_when_the_model_turns_out_to_be_slow(job, monkeypatch):
    page = settle(open_inside(job=job.id))
    monkeypatch.setattr(inside_page, "SLOW_SECONDS", 0.0)
    page.run()
    assert text("inside.without_alt", word="fox") in [
        image.proto.imgs[0].alt for image in page.image
    ]


class TestWithAGan:
    @pytest.fixture
    def model_in_pages(self, tmp_path):
        return save_tiny_gan(tmp_path / "gan").path

    def test_one_step_has_tokens_and_a_sentence_and_draws_nothing(self, fresh_service):
        [job] = finish(fresh_service, fresh_service.submit([Request(prompt="a fox")], "ann"))
        page = open_inside(job=job.id)
        assert [header.value for header in page.header] == [text("inside.tokens")]
        assert page.info[0].value == text("inside.one_step")
        assert page.session_state.visit.groups == {}
