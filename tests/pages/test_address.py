"""Addresses of the studio: links that fill it, reloads, and what may not be in one."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stimage.i18n import text
from stimage.ui import state
from tests.support.services import pixels
from tests.support.studio_page import captions, jobs_of, open_page, submit, wait

pytestmark = pytest.mark.usefixtures("fresh_service")


@pytest.fixture(autouse=True)
def _every_click_counts(monkeypatch):
    monkeypatch.setattr(state, "DOUBLE_CLICK_SECONDS", 0.0)


@pytest.fixture
def page():
    return open_page()


def test_a_link_fills_the_box_and_the_settings_and_draws_nothing():
    page = open_page(prompt="a fox in snow", seed="7", steps="3", guidance="2")
    assert page.text_area(key="prompt").value == "a fox in snow"
    assert page.number_input(key="seed").value == 7
    assert page.slider(key="steps").value == 3
    assert jobs_of(page) == []


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ({"seed": "-1"}, "The seed must be from 0"),
        ({"seed": "9" * 30}, "The seed"),
        ({"seed": "--5"}, "The seed must be a whole number"),
        ({"steps": "--5"}, "The number of steps must be a whole number"),
        ({"guidance": "1e999"}, "The guidance must be a number"),
        ({"seed": "cat"}, "The seed must be a whole number"),
        ({"steps": "5000"}, "The number of steps must be from 1 to 50"),
        ({"guidance": "1e9"}, "The guidance must be from 0 to 12"),
        ({"guidance": "nan"}, "The guidance must be a number"),
        ({"prompt": "x" * 400}, "Shorten it by 100"),
        ({"prompt": "a\x00b", "seed": "½"}, "The seed"),
    ],
)
def test_a_link_with_an_impossible_value_is_answered_with_a_sentence(address, sentence):
    page = open_page(**address)
    assert sentence in page.error[0].value.replace("\\", "")
    wait(submit(page, "a fox"))
    assert len(page.image) == 1


@pytest.mark.parametrize(
    "address",
    [
        {"prompt": "a fox", "seed": "7", "steps": "--5"},
        {"prompt": "a fox", "negative_prompt": "x" * 400, "seed": "7"},
        {"seed": ["1", "2"]},
        {"prompt": ["a fox", "a cat"]},
        {"guidance": ["1", "2"], "seed": "7"},
        {"seed": "1_0"},
    ],
)
def test_a_wrong_address_is_taken_whole_or_not_at_all(address):
    page = open_page(**address)
    assert "must be" in page.error[0].value or "Shorten it" in page.error[0].value
    assert page.text_area(key="prompt").value == ""
    assert page.number_input(key="seed").value is None
    page.run()
    assert not page.exception


@settings(derandomize=True, deadline=None, max_examples=15, suppress_health_check=list(HealthCheck))
@given(
    st.dictionaries(
        st.sampled_from(["prompt", "negative_prompt", "seed", "steps", "guidance", "job", "dice"]),
        st.text(min_size=1, max_size=8) | st.lists(st.text(max_size=4), min_size=2, max_size=2),
        min_size=1,
    )
)
def test_no_address_breaks_the_page(address):
    page = open_page(**address)
    page.run()
    page.text_area(key="prompt").set_value("a fox").run()
    assert not page.exception


def test_a_link_can_reproduce_the_picture():
    first = jobs_of(wait(submit(open_page(), steps=4, guidance=2.0)))[0]
    address = next(code.value for code in open_page(job=first.id).code)
    asked = dict(pair.split("=") for pair in address.split("?")[1].split("&"))
    page = open_page(**{name: value.replace("+", " ") for name, value in asked.items()})
    page.button(key="submit").click().run()
    wait(page)
    again = jobs_of(page)[0]
    assert pixels(again) == pixels(first)


def test_a_reload_finds_the_job_and_its_sentence_again(page):
    wait(submit(page))
    again = open_page(job=jobs_of(page)[0].id)
    assert len(again.image) == 1
    assert again.text_area(key="prompt").value == "a fox in snow"
    assert text("studio.seen_by_link") in captions(again)
    assert text("studio.seen_by_link") not in captions(page)


def test_an_address_of_a_forgotten_picture_is_answered_with_a_sentence():
    assert open_page(job="no-such-job").info[0].value == text("studio.forgotten")


def test_another_visitor_sees_nothing_of_the_pictures(page):
    wait(submit(page))
    assert not open_page().image
