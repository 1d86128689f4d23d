"""The page Experiments without a browser: guess, then the model draws; nothing before."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from stimage.explainer.chapters import chapters
from stimage.i18n import has_sentence, text
from stimage.paths import ROOT, STATIC
from stimage.ui.experiments import noise, words
from stimage.ui.experiments.page import EXPERIMENTS
from tests.support.services import until
from tests.support.tiny_gan import save_tiny_gan

NAMES = [experiment.name for experiment in EXPERIMENTS]


@pytest.fixture
def page(fresh_service, model_in_pages):
    assert fresh_service.status().name == str(model_in_pages)
    page = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    page.switch_page("pages/experiments.py").run()
    assert not page.exception
    return page


def answer(page, name, number=1):
    """Answer the question of an experiment; wait until what it draws is there."""
    page.radio(key=f"predict_{name}").set_value(text(f"experiments.{name}.option_{number}"))
    return settle(page)


def settle(page):
    page.run()
    visit = page.session_state.visit
    until(lambda: not page.run().exception and set(visit.groups) == visit.groups_over)
    page.run()
    assert not page.exception
    return page


def alts(page):
    return [image.proto.imgs[0].alt for image in page.image]


def test_nothing_is_drawn_before_a_guess(page):
    assert [header.value for header in page.header] == [
        text(f"experiments.{name}.title") for name in NAMES
    ]
    assert page.session_state.visit.groups == {}
    assert not page.image


def test_a_picture_is_sent_back_and_cleaned_with_and_without_words(page):
    answer(page, "back")
    expected = {
        text("experiments.back.picture", prompt=noise.SENT_BACK.prompt),
        text("experiments.back.noised", level=60),
        text("experiments.back.with_words"),
        text("experiments.back.without"),
    }
    assert expected <= set(alts(page))
    page.select_slider(key="back_level").set_value(20)
    settle(page)
    assert text("experiments.back.noised", level=20) in alts(page)


@pytest.mark.parametrize("kind", ["seeds", "words"])
def test_a_slider_morphs(page, kind):
    answer(page, "morph")
    page.radio(key="morph_kind").set_value(kind)
    page.select_slider(key="morph_share").set_value(30)
    settle(page)
    assert text(f"experiments.morph.{kind}_at", share=30) in alts(page)


def test_two_words_stand_side_by_side(page):
    answer(page, "word")
    assert {"a horse on the beach", "a dog on the beach"} <= set(alts(page))
    assert text("experiments.word.map", word="dog") in alts(page)


def test_own_words_are_checked_and_every_try_stays(page):
    answer(page, "break")
    page.text_input(key="break_own").set_value("a cat")
    settle(page)
    page.text_input(key="break_own").set_value("\a").run()
    assert "empty" in page.error[0].value
    page.text_input(key="break_own").set_value("a fox")
    settle(page)
    assert {"a cat", "a fox"} <= set(alts(page))
    assert not page.error


def test_a_cell_takes_the_chosen_color_and_the_painting_is_drawn(page):
    answer(page, "paint")
    assert not page.image
    page.button(key="cell_0").click().run()
    assert page.button(key="cell_0").label == "🟥"
    page.button(key="paint_draw").click()
    settle(page)
    assert alts(page) == [page.text_input(key="paint_prompt").value]


def test_a_painting_has_its_colors_where_they_were_painted():
    cells = "🟥" * 10 + "🟦" * 15
    image = Image.open(io.BytesIO(noise.painting(cells)))
    assert image.getpixel((64, 4)) == noise.PAINTS["🟥"]
    assert image.getpixel((64, 124)) == noise.PAINTS["🟦"]


def test_a_right_guess_gives_the_steps_that_were_not_needed(page):
    answer(page, "guess")
    secret, _ = words.SECRETS[0]
    assert secret not in alts(page)
    page.select_slider(key="guess_step_0").set_value(4).run()
    page.radio(key="guess_answer_0").set_value(secret).run()
    told = [markdown.value for markdown in page.markdown]
    assert text("experiments.guess.points", prompt=secret, count=6) in told
    assert secret in alts(page)


def test_without_a_model_a_prepared_run_is_shown(monkeypatch, tmp_path):
    monkeypatch.setenv("STIMAGE_MODEL", str(tmp_path / "nothing"))
    from streamlit import cache_resource

    from stimage.ui import service

    cache_resource.clear()
    service.shared_service.cache_clear()
    page = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    page.switch_page("pages/experiments.py").run()
    page.radio(key="predict_back").set_value(text("experiments.back.option_1")).run()
    assert not page.exception
    assert page.info[0].value == text("experiments.no_model")
    assert alts(page) == [text("experiments.back.prepared")]


class TestWithAGan:
    @pytest.fixture
    def model_in_pages(self, tmp_path):
        return save_tiny_gan(tmp_path / "gan").path

    def test_what_needs_several_steps_shows_a_prepared_run_and_says_why(self, page):
        answer(page, "back")
        assert page.info[0].value == text("experiments.one_step")
        assert alts(page) == [text("experiments.back.prepared")]


@pytest.mark.parametrize("name", NAMES)
def test_each_experiment_has_its_sentences_and_a_prepared_run(name):
    parts = ("title", "ask", "option_1", "option_2", "option_3", "told", "prepared")
    assert [part for part in parts if not has_sentence(f"experiments.{name}.{part}")] == []
    assert (STATIC / "experiments" / f"{name}.webp").is_file()


def test_each_experiment_leads_to_its_chapter_and_the_chapter_to_it():
    leads = {name: chapter.anchor for chapter in chapters() for name in chapter.head.experiments}
    assert leads == {experiment.name: experiment.chapter for experiment in EXPERIMENTS}
