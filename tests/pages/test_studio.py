"""The studio page without a browser: what it shows and what its buttons do."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest
from PIL import Image

from stimage.i18n import text
from stimage.images.png_metadata import read_png
from stimage.paths import ROOT
from stimage.request import MAX_SEED
from stimage.ui import state
from stimage.ui.service import get_service
from stimage.ui.studio.examples import EXAMPLES
from tests.support.services import pixels
from tests.support.studio_page import captions, jobs_of, open_page, submit, wait

pytestmark = pytest.mark.usefixtures("fresh_service")


@pytest.fixture(autouse=True)
def _every_click_counts(monkeypatch):
    monkeypatch.setattr(state, "DOUBLE_CLICK_SECONDS", 0.0)


@pytest.fixture
def page():
    return open_page()


def test_the_first_screen_has_a_box_and_a_button_and_no_picture(page):
    assert page.title[0].value == text("studio.title")
    assert page.text_area(key="prompt").value == ""
    assert page.button(key="submit").label == text("studio.submit")
    assert not page.image
    assert not page.error


def test_submit_draws_one_picture_with_its_seed_under_it(page):
    wait(submit(page))
    assert len(page.image) == 1
    [job] = jobs_of(page)
    assert job.request.prompt == "a fox in snow"
    assert any(f"Seed {job.request.seed} · 20 steps" in caption for caption in captions(page))


def test_the_picture_has_an_alternative_text(page):
    wait(submit(page))
    assert page.image[0].proto.imgs[0].alt == text("studio.picture_of", prompt="a fox in snow")


def test_the_file_to_download_is_a_png_with_its_settings_inside(page):
    wait(submit(page, seed=0))
    [job] = jobs_of(page)
    assert Image.open(io.BytesIO(job.png)).format == "PNG"
    assert read_png(job.png)["seed"] == 0
    assert page.download_button[0].label == text("studio.download")


@pytest.mark.parametrize("prompt", ["", "   ", "\n\t"])
def test_an_empty_box_is_answered_with_a_sentence(page, prompt):
    submit(page, prompt)
    assert "empty" in page.error[0].value
    assert jobs_of(page) == []


def test_an_error_is_gone_after_the_next_submit(page):
    submit(page, "")
    submit(page, "a fox")
    assert not page.error


def test_seed_zero_is_a_seed(page):
    wait(submit(page, seed=0))
    assert jobs_of(page)[0].request.seed == 0


def test_every_picture_has_a_new_seed_unless_one_is_kept(page):
    wait(submit(page, pictures=3))
    seeds = {job.request.seed for job in jobs_of(page)}
    assert len(seeds) == 3


def test_a_negative_prompt_without_effect_is_said_and_not_kept_as_a_setting(page):
    note = text("studio.negative_prompt_unheeded")
    assert note not in captions(page)
    page.text_input(key="negative_prompt").set_value("a cat")
    wait(submit(page, guidance=1.0, steps=1))
    assert note in captions(page)
    assert not any("without" in caption for caption in captions(page))
    wait(submit(page, guidance=2.0))
    assert note not in captions(page)
    assert any("without “a cat”" in caption for caption in captions(page))


def test_several_pictures_of_a_kept_seed_count_on_from_it_and_round_the_end(page):
    wait(submit(page, pictures=2, seed=MAX_SEED))
    assert [job.request.seed for job in jobs_of(page)] == [MAX_SEED, 0]


def test_same_again_gives_the_same_picture_and_keeps_the_seed(page):
    wait(submit(page))
    first = jobs_of(page)[0]
    page.button(key=f"again_{first.id}").click().run()
    wait(page)
    second = jobs_of(page)[0]
    assert second.id != first.id
    assert pixels(second) == pixels(first)
    assert page.number_input(key="seed").value == first.request.seed


def test_a_variation_has_the_same_sentence_and_another_seed(page):
    wait(submit(page, steps=3))
    first = jobs_of(page)[0]
    page.button(key=f"variation_{first.id}").click().run()
    wait(page)
    second = jobs_of(page)[0]
    assert second.request.prompt == first.request.prompt
    assert second.request.num_inference_steps == 3
    assert second.request.seed != first.request.seed
    assert page.number_input(key="seed").value is None


def test_a_kept_seed_is_named_and_can_be_let_go(page):
    page.number_input(key="seed").set_value(42).run()
    assert text("studio.kept_seed", seed=42) in captions(page)
    next(
        button for button in page.button if button.label == text("studio.release_seed")
    ).click().run()
    assert page.number_input(key="seed").value is None


def test_a_second_click_within_a_blink_is_one_submit(page, monkeypatch):
    monkeypatch.setattr(state, "DOUBLE_CLICK_SECONDS", 60.0)
    submit(page)
    page.button(key="submit").click().run()
    assert len(jobs_of(page)) == 1


def test_an_example_fills_the_box_and_undo_brings_back_what_was_typed(page):
    page.text_area(key="prompt").set_value("my own words").run()
    page.button(key="example_0").click().run()
    assert page.text_area(key="prompt").value == EXAMPLES[0].prompt
    page.button(key="undo_button").click().run()
    assert page.text_area(key="prompt").value == "my own words"
    page.button(key="undo_button").click().run()
    assert page.text_area(key="prompt").value == EXAMPLES[0].prompt


def test_an_example_draws_nothing_by_itself(page):
    page.button(key="example_3").click().run()
    assert jobs_of(page) == []


def test_typing_offers_no_undo(page):
    page.text_area(key="prompt").set_value("one").run()
    page.text_area(key="prompt").set_value("two").run()
    assert "undo_button" not in [button.key for button in page.button]


def test_the_examples_close_with_the_first_picture_and_open_again(page):
    wait(submit(page))
    assert "example_0" not in [button.key for button in page.button]
    page.button(key="examples_button").click().run()
    assert "example_0" in [button.key for button in page.button]


def test_unknown_words_are_named_before_submit(page):
    page.text_area(key="prompt").set_value("a xylophone in snow").run()
    assert any("The model never saw: xylophone" in caption for caption in captions(page))
    assert jobs_of(page) == []


def test_known_words_are_not_named(page):
    page.text_area(key="prompt").set_value("a cat in snow").run()
    assert not any("never saw" in caption for caption in captions(page))


def test_words_beyond_the_limit_of_the_model_are_named(page):
    page.text_area(key="prompt").set_value("fox " * 29 + "snow cat").run()
    assert any("stops reading before: snow cat" in caption for caption in captions(page))


def test_what_should_not_be_in_the_picture_gets_the_same_notes(page):
    page.text_input(key="negative_prompt").set_value("a,b," * 20 + "(dog:1.3) BREAK snow").run()
    notes = [caption.replace("\\", "") for caption in captions(page)]
    field = text("studio.negative_prompt")
    for note in ("The model never saw: b, dog", "Read letter by letter", "The model stops reading"):
        assert any(f"{field}. {note}" in caption for caption in notes)
    assert any(caption.endswith("(dog:1.3) BREAK") for caption in notes)
    assert any(caption.endswith("BREAK snow") for caption in notes)


def test_the_last_twelve_pictures_stay_and_no_more(page):
    for number in range(4):
        wait(submit(page, f"a cat {number}", pictures=4, steps=1))
    assert len(jobs_of(page)) == 12
    assert len(page.image) == 12
    assert page.header[0].value == text("studio.earlier")


def test_a_page_switch_loses_nothing(page):
    submit(page, "a cat in snow", seed=3)
    page.switch_page("pages/how_it_works.py").run()
    page.switch_page("streamlit_app.py").run()
    wait(page)
    assert len(page.image) == 1
    assert page.text_area(key="prompt").value == "a cat in snow"
    assert page.number_input(key="seed").value == 3


def test_a_broken_model_folder_is_answered_with_a_sentence(page, tmp_path):
    get_service().use_model(str(tmp_path))
    wait(submit(page))
    assert "not a Stable Diffusion folder" in page.error[0].value.replace("\\", "")
    assert not page.image


def test_a_stopped_picture_is_gone_and_the_next_one_comes(page):
    submit(page, steps=50)
    [job] = jobs_of(page)
    if not job.over:
        page.button(key=f"cancel_{job.batch}").click().run()
    wait(submit(page, "a cat"))
    assert jobs_of(page)[0].state == "done"


def test_markdown_in_a_prompt_is_shown_as_it_was_typed(page):
    wait(submit(page, "**cat** ![x](http://example.org/x.png) :red[fox]"))
    wait(submit(page, "a fox"))
    assert any(r"\!\[x\]" in caption.value for caption in page.caption)
    assert not any("![x]" in caption.value for caption in page.caption)


def test_its_process_paints_the_page_without_numpy_and_draws_without_torch(tiny_folder):
    code = (
        "import sys\nfrom tests.support.studio_page import jobs_of, open_page, submit, wait\n"
        "page = open_page()\n"
        "assert not {'numpy', 'PIL'} & set(sys.modules)\n"
        "page = wait(submit(page, 'a fox', steps=2))\n"
        "assert [job.state for job in jobs_of(page)] == ['done'], jobs_of(page)\n"
        "page.switch_page('pages/how_it_works.py').run()\n"
        "assert page.title and not page.exception\n"
        "heavy = {'torch', 'diffusers', 'transformers', 'spacy', 'pandas'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    environment = os.environ | {"STIMAGE_MODEL": str(tiny_folder)}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, env=environment, timeout=120)
